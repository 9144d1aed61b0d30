"""What an answer is written with: one write where two would be two packets."""

from __future__ import annotations

import asyncio

from reelgate.server.pen import Pen

LENGTH = (b"content-length", b"4")
TYPE = (b"content-type", b"text/event-stream")


class Paper(asyncio.Transport):
    """A transport that keeps what is written, write by write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def test_a_head_that_tells_its_length_goes_out_with_its_body() -> None:
    paper = Paper()
    pen = Pen(paper)
    for _ in range(2):
        pen.begin([TYPE, LENGTH])
        pen.write(b"head ")
        assert not any(write.endswith(b"head ") for write in paper.writes)
        pen.write(b"bo")
        pen.write(b"dy")
        pen.finish()
    assert paper.writes == [b"head bo", b"dy", b"head bo", b"dy"]


def test_the_head_of_a_stream_does_not_wait() -> None:
    paper = Paper()
    pen = Pen(paper)
    pen.begin([TYPE])
    pen.write(b"head")
    assert paper.writes == [b"head"]


def test_a_head_without_a_body_goes_out_at_the_end() -> None:
    paper = Paper()
    pen = Pen(paper)
    pen.begin([LENGTH])
    pen.write(b"head")
    pen.finish()
    pen.finish()
    assert paper.writes == [b"head"]


def test_a_close_takes_no_head_along() -> None:
    paper = Paper()
    pen = Pen(paper)
    pen.begin([LENGTH])
    pen.write(b"head")
    pen.close()
    assert paper.writes == [b"head"]
    assert pen.is_closing()


def test_what_is_said_before_any_head_does_not_wait() -> None:
    paper = Paper()
    pen = Pen(paper)
    pen.write(b"continue")
    assert paper.writes == [b"continue"]
