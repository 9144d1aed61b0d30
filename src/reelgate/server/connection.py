"""One client's connection: uvicorn's HTTP/1.1 protocol with the deadlines, limits and manners that it lacks.

A connection is always in one of four states, and each has its patience: a head is under way (`head_s`), a body is under way
(`body_s`), the application answers (none: that is our own time), nothing is asked (`idle_s`). A client that does not read
what it asked for has `stall_s`, whatever else goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import CoroutineType
from typing import Any
from urllib.parse import unquote

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, parse_url
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from reelgate.server.deadline import Deadline
from reelgate.server.listener import Listener
from reelgate.server.pen import Pen
from reelgate.server.refusal import (
    BUSY,
    GARBAGE,
    HEAD_LIMIT_BYTES,
    LINE_LIMIT_BYTES,
    LONG_FRAMING,
    LONG_HEAD,
    LONG_LINE,
    Refusal,
    judge,
    judge_size,
)

_FRAMING_LIMIT_BYTES = 32 * 1024
_DRAIN_LIMIT_BYTES = 64 * 1024 * 1024
_WRITE_BUFFER_BYTES = 64 * 1024

_OFFERS = frozenset({b"upgrade", b"http2-settings"})
_TLS_HANDSHAKE = 0x16


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, stricter. A server that stops calls `shutdown`, as often as it likes."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener.config, listener.state, listener.app_state, listener.loop)
        self._listener = listener
        self._limits = listener.limits
        self._deadline = Deadline(listener.loop, self._expire)

        self._answer: Answer | None = None  # the one being written, or the last one
        self._waiting: deque[Answer] = deque()  # requests that came while another was answered
        self._refusal: Refusal | None = None

        self._in_head = True  # in the head of a request or before it, else in its body
        self._timed = True  # whether the head or body under way has its deadline
        self._has_content = False  # whether something of the body under way has come
        self._deaf = False  # it is over: what still comes is dropped, for a reset would take our last words with it
        self._piece_bytes = 0
        self._head_bytes = 0  # of the head under way, but for what came in one piece with the request before
        self._framing_bytes = 0  # of the body under way, since the last that was content: chunk sizes, extensions, trailers
        self._brought_bytes = 0  # of the body under way, since its deadline was last set
        self._drained_bytes = 0  # of a body that came after its answer
        self._unread_bytes = 0  # what the client had not read when we last looked

    # What the transport calls.

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._pen = Pen(transport)
        transport.set_write_buffer_limits(high=_WRITE_BUFFER_BYTES)
        if len(self.connections) > self._limits.connections:
            self._deaf = True
            transport.write(BUSY.response())
            transport.close()
            return
        self._deadline.allow(self._limits.head_s)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._piece_bytes = len(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self._feed_much(data)
                return
        else:
            self._framing_bytes += len(data)
        try:  # as `_feed` does; a call less for every request
            self.parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as end:
            self._end_feeding(data, end)
            return
        if self._head_bytes or not self._in_head:
            self._wait_for_rest()

    def connection_lost(self, exc: Exception | None) -> None:
        self._deaf = True
        self._deadline.drop()
        self._waiting.clear()
        if self._answer is not None:
            self._answer.give_up()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._deadline.allow(self._limits.stall_s)
        self.loop.call_soon(self._look_at_unread)  # what the kernel takes at once is no progress of the client

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._answering is None:
            self._deadline.allow(self._limits.idle_s)
        elif self._in_head:
            self._deadline.lift()
        else:
            self._deadline.allow(self._limits.body_s)

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:  # a trailer must not become a header of a request that was judged already
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        parser, headers = self.parser, self.headers
        method, version, named = parser.get_method(), parser.get_http_version(), dict(headers)
        self._refusal = judge(method, version, headers, named)
        if self._refusal is None and (self._piece_bytes > LINE_LIMIT_BYTES or self._head_bytes > LINE_LIMIT_BYTES):
            self._refusal = judge_size(self.url, headers)
        if self._refusal is not None:
            raise ValueError(self._refusal.detail)
        self._describe(method, version)
        if parser.should_upgrade():
            return  # the parser stops after this head, and `_decline_upgrade` goes on
        self._in_head = self._timed = self._has_content = False
        self._framing_bytes = self._drained_bytes = self._brought_bytes = 0
        self.expect_100_continue = b"expect" in named and named[b"expect"].lower() == b"100-continue"
        self._begin(keep_alive=version == "1.1" and parser.should_keep_alive())

    def on_body(self, body: bytes) -> None:
        self._framing_bytes = 0
        self._has_content = True
        self._brought_bytes += len(body)
        if self.cycle.response_complete:
            self._drained_bytes += len(body)
            if self._drained_bytes > _DRAIN_LIMIT_BYTES:
                self._close()
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._in_head:
            return  # it offers an upgrade, and is read again
        self._in_head, self._timed = True, False
        self._head_bytes = 0
        cycle = self.cycle
        if cycle is None or cycle.response_complete:  # pyright: ignore[reportUnnecessaryComparison]  # uvicorn begins with None
            self._deadline.allow(self._limits.idle_s)
            return
        if not self.flow.write_paused:  # a request sent ahead does not excuse a client that does not read
            self._deadline.lift()
        cycle.more_body = False
        cycle.message_event.set()

    # What the answer and the server call.

    def on_response_complete(self) -> None:
        self._pen.finish()
        self.flow.resume_reading()
        if self.transport.is_closing():
            self._deaf = True
            self._deadline.allow(self._limits.stall_s)
        elif self._waiting:
            self._start(self._waiting.popleft())
        elif not self._in_head:
            if self.expect_100_continue and not self._has_content:
                self._close()  # the client was never told to send its body: what comes next could be either
        elif not self._head_bytes and not self.flow.write_paused:
            self._deadline.allow(self._limits.idle_s)

    def shutdown(self) -> None:
        """Close if nothing is being answered, cut an event stream, and let any other answer be the last one."""
        answer = self._answering
        if answer is None:
            if not self.transport.is_closing():
                self.transport.close()
        elif answer.event_stream or answer.scope.get("reelgate.awaited"):
            self.transport.abort()  # no closing chunk: a clean end would mean "finished" to the client
        else:
            answer.keep_alive = False
            self._waiting.clear()

    # The rest is ours.

    @property
    def _answering(self) -> Answer | None:
        answer = self._answer
        return None if answer is None or answer.response_complete else answer

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as end:
            self._end_feeding(data, end)
            return
        if self._head_bytes or not self._in_head:
            self._wait_for_rest()

    def _end_feeding(self, data: bytes, end: HttpParserError | HttpParserUpgrade) -> None:
        if isinstance(end, HttpParserUpgrade):
            self._decline_upgrade(data[end.args[0] :])
        else:
            self._refuse_garbage(data)

    def _wait_for_rest(self) -> None:
        """A head or a body is there in part: give it its time, once."""
        if self._framing_bytes > _FRAMING_LIMIT_BYTES:
            self._refuse(LONG_FRAMING)
        elif not self._timed:
            self._timed = True
            self._deadline.allow(self._limits.head_s if self._in_head else self._limits.body_s)

    def _feed_much(self, data: bytes) -> None:
        """Feed what completes a head of the greatest size; if it is not complete then, refuse it."""
        room = max(0, HEAD_LIMIT_BYTES - (self._head_bytes - len(data)))
        self._feed(data[:room])
        if self._deaf:
            return
        if self._in_head and self._head_bytes:
            self._refuse(LONG_LINE if not self.headers and len(self.url) > LINE_LIMIT_BYTES else LONG_HEAD)
        else:
            self._feed(data[room:])

    def _describe(self, method: bytes, version: str) -> None:
        """Complete the ASGI scope that uvicorn began."""
        target = parse_url(self.url)
        raw_path = target.path or b"/"  # an absolute target may come without one
        path = raw_path.decode("ascii")
        scope = self.scope
        scope["method"] = method.decode("ascii")
        scope["http_version"] = version
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["query_string"] = target.query or b""

    def _begin(self, *, keep_alive: bool) -> None:
        """Start the answer, or let it wait for the one that is being written."""
        answer = Answer(
            scope=self.scope,
            transport=self._pen,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        answer.pen = self._pen
        own: dict[str, Any] = self.scope  # pyright: ignore[reportAssignmentType]  # uvicorn lists the keys that ASGI knows
        own["reelgate.lost"] = answer.lost
        self.cycle = answer
        before = self._answer
        if before is None or before.response_complete:
            self._start(answer)
        else:
            self.flow.pause_reading()
            self._waiting.append(answer)

    def _start(self, answer: Answer) -> None:
        self._answer = answer
        self._start_asgi_task(answer, self._listener.app)

    def _decline_upgrade(self, rest: bytes) -> None:
        """Read the request again without its offer to speak another protocol.

        Java's client makes that offer with the first request of a connection, a POST included. The parser takes all that
        follows such a head for the other protocol: a body would be lost, or read as the next request.
        """
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode("ascii"))]
        for name, value in self.headers:
            kept = _without_offers(value) if name == b"connection" else value
            if name not in _OFFERS and (kept or name != b"connection"):
                lines.append(b"%b: %b" % (name, kept))
        self.parser = HttpRequestParser(self)
        self._feed(b"\r\n".join(lines) + b"\r\n\r\n")
        if rest:
            self.data_received(rest)

    def _refuse_garbage(self, data: bytes) -> None:
        if self._answer is None and data[0] == _TLS_HANDSHAKE and not self._listener.tls:
            self._listener.advise_tls(self.client[0] if self.client else "")
            self._close()
        else:
            self._refuse(self._refusal or GARBAGE)

    def _refuse(self, refusal: Refusal) -> None:
        """Say why the request cannot be taken, unless another answer would be mistaken for it, and end the connection."""
        self._deaf = True
        self._waiting.clear()
        answer = self._answering
        if answer is None:
            if self._in_head:
                self._say_last(refusal)
            else:
                self._close()
        elif self._in_head or answer is not self.cycle:
            answer.keep_alive = False
        elif answer.response_started:
            self.transport.abort()
        else:
            answer.give_up()
            self._say_last(refusal)

    def _say_last(self, refusal: Refusal) -> None:
        self.transport.write(refusal.response())
        if self.transport.can_write_eof():
            self.flow.resume_reading()
            self.transport.write_eof()
            self._deadline.allow(self._limits.linger_s)
        else:
            self._close()

    def _close(self) -> None:
        self._deaf = True
        self.transport.close()
        self._deadline.allow(self._limits.linger_s)

    def _look_at_unread(self) -> None:
        if self.flow.write_paused:
            self._unread_bytes = self.transport.get_write_buffer_size()

    def _expire(self) -> None:
        unread_bytes = self.transport.get_write_buffer_size()
        if unread_bytes and unread_bytes != self._unread_bytes:
            self._unread_bytes = unread_bytes
            self._deadline.allow(self._limits.stall_s)
        elif unread_bytes or self.transport.is_closing():
            self.transport.abort()
        elif self._answering is not None and (self._in_head or self.flow.read_paused):
            self._deadline.allow(self._limits.head_s)  # the client waits for us, not we for it
        elif not self._in_head and self._brought_bytes >= self._limits.body_bytes:
            self._brought_bytes = 0  # a large file over a thin line: it goes on as long as it comes on
            self._deadline.allow(self._limits.body_s)
        else:
            self._close()


_send = RequestResponseCycle.send


class Answer(RequestResponseCycle):
    """One request and its answer, which remembers how it began."""

    pen: Pen  # what `transport` is, by its own name
    _first_message: Any = None

    def send(self, message: Any) -> CoroutineType[Any, Any, None]:
        if not self.response_started:
            self._first_message = message
            self.pen.begin(message.get("headers", ()))
        return _send(self, message)  # not `super`: this runs twice in every request

    @property
    def event_stream(self) -> bool:
        """Whether this is a stream of events, which has no end that is worth waiting for."""
        headers = self._first_message.get("headers", ()) if self.response_started else ()
        return any(name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers)

    def lost(self) -> bool:
        """Whether the client was gone before its answer was written whole; a submit must not be made again for it."""
        return self.disconnected

    def give_up(self) -> None:
        """Tell the application, if it has not finished, that nobody listens any more."""
        self.disconnected = self.disconnected or not self.response_complete
        self.message_event.set()


def _without_offers(connection: bytes) -> bytes:
    tokens = [token.strip() for token in connection.split(b",")]
    return b", ".join(token for token in tokens if token.lower() not in _OFFERS)
