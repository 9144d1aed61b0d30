"""What an answer is written with. A head that may wait goes out together with the beginning of its body: two writes are two calls
of the system and two packets, and cost a small answer a fifth of all that it costs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Pen(asyncio.Transport):
    """As much of a transport as an answer uses, over the connection's own."""

    __slots__ = ("_head", "_transport", "_waits")

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._head = b""
        self._waits = False

    def begin(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """What is written next is a head. It waits if it tells the length of its body, for then that is at hand; the first event
        of a stream may be long in coming."""
        self._waits = False
        for name, _ in headers:
            if name == b"content-length":
                self._waits = True
                return

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._waits:
            self._waits = False
            self._head = bytes(data)
        elif self._head:
            data, self._head = self._head + data, b""
            self._transport.write(data)
        else:
            self._transport.write(data)

    def finish(self) -> None:
        """Write a head that had no body to wait for."""
        if self._head:
            self.write(b"")

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self.finish()
        self._transport.close()
