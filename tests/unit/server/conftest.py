"""A server of the test's own, in a thread with the loop that is used in earnest; the test is a client on a bare socket."""

import asyncio
import json
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import pytest
import uvloop

from reelgate.domain.errors import GatewayError
from reelgate.server import Limits, TlsFiles, serve

PATIENT = Limits(head_s=5, body_s=5, idle_s=5, stall_s=5, linger_s=1, grace_s=3)


@dataclass
class Stage:
    """The application under the server, and what it saw."""

    seen: list[str] = field(default_factory=list)
    """Method and path of every request that came through, in order."""
    left: list[str] = field(default_factory=list)
    """Paths of requests whose client was gone before the answer was."""
    sent_bytes: int = 0
    """What `/big` could hand over."""
    held: threading.Event = field(default_factory=threading.Event)
    """`/held` is being answered."""
    release: threading.Event = field(default_factory=threading.Event)
    """Let `/held` answer."""
    stopped: bool = False

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        self.seen.append(f"{scope['method']} {scope['path']}")
        play = {"/stream": self._stream, "/big": self._big, "/held": self._held, "/early": self._early, "/unread": self._unread}
        await play.get(scope["path"], self._echo)(scope, receive, send)

    async def _live(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await receive()
        scope["state"]["greeting"] = "hello"
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.stopped = True
        await send({"type": "lifespan.shutdown.complete"})

    async def _echo(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left.append(scope["path"])
                return
            body += message["body"]
            more = message["more_body"]
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        said = {
            "path": scope["path"],
            "headers": headers,
            "body": body.decode("latin-1"),
            "state": scope["state"],
            "scheme": scope["scheme"],
        }
        await _answer(send, 200, json.dumps(said).encode())

    async def _stream(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream; charset=utf-8")]})
        gone = asyncio.ensure_future(_gone(receive))  # noqa: TID251  # ends with its client
        while not gone.done():
            await send({"type": "http.response.body", "body": b"data: tick\n\n", "more_body": True})
            await asyncio.wait([gone], timeout=0.02)
        self.left.append(scope["path"])

    async def _big(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        size, piece = 64 * 1024 * 1024, bytes(64 * 1024)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
        gone = asyncio.ensure_future(_gone(receive))  # noqa: TID251  # ends with its client
        while self.sent_bytes < size and not gone.done():
            await send({"type": "http.response.body", "body": piece, "more_body": self.sent_bytes + len(piece) < size})
            self.sent_bytes += len(piece)
        if self.sent_bytes < size:
            self.left.append(scope["path"])
        gone.cancel()

    async def _held(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        self.held.set()
        while not self.release.is_set():  # noqa: ASYNC110  # the test sets it from another thread
            await asyncio.sleep(0.01)
        await _answer(send, 200, b'"done"')

    async def _early(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await receive()
        await _answer(send, 413, b'{"detail":"too large"}')

    async def _unread(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        await _answer(send, 401, b'{"detail":"no key"}')


async def _answer(send: Callable[[Any], Any], status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _gone(receive: Callable[[], Any]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Running:
    """A server that runs until it is told to stop."""

    def __init__(
        self, app: Any, limits: Limits, host: str, tls: TlsFiles | None, new_loop: Callable[[], asyncio.AbstractEventLoop]
    ) -> None:
        self._ready: queue.Queue[int | BaseException] = queue.Queue()
        self._loop = new_loop()
        self._stop = asyncio.Event()
        self._settings: dict[str, Any] = {"host": host, "port": 0, "tls": tls, "limits": limits}
        self._thread = threading.Thread(target=self._run, args=(app,))
        self._thread.start()
        port = self._ready.get(timeout=5)
        if isinstance(port, BaseException):
            raise port
        self.port = port

    def _run(self, app: Any) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(serve(app, stop=self._stop, ready=self._ready.put, **self._settings))
        except GatewayError as error:
            self._ready.put(error)

    def tell_to_stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)

    def stop(self) -> None:
        self.tell_to_stop()
        self._thread.join(timeout=15)
        assert not self._thread.is_alive()

    def client(self, host: str = "127.0.0.1") -> "Client":
        return Client(socket.create_connection((host, self.port), timeout=8))


class Client:
    """A client that says just what it is told to, and shows every byte that came back."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._rest = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def over_tls(self, authority: str) -> Self:
        context = ssl.create_default_context(cafile=authority)
        self.connection = context.wrap_socket(self.connection, server_hostname="localhost")
        return self

    def say(self, words: bytes) -> None:
        self.connection.sendall(words)

    def drip(self, words: bytes, every_s: float) -> bytes:
        """Say a byte at a time until the server has something to say; that, or nothing at its end."""
        self.connection.settimeout(every_s)
        for each in words:
            try:
                self.connection.send(bytes([each]))
                return self.connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                return b""
        message = "the server took all of it"
        raise AssertionError(message)

    def until(self, mark: bytes) -> bytes:
        """What comes, to the end of `mark`."""
        while mark not in self._rest:
            piece = self.connection.recv(65536)
            if not piece:
                message = f"the server closed after {self._rest!r}"
                raise AssertionError(message)
            self._rest += piece
        found, self._rest = self._rest.split(mark, 1)
        return found + mark

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """One answer with a Content-Length: status, headers, body."""
        head = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        length = int(headers.get("content-length", "0"))
        while len(self._rest) < length:
            piece = self.connection.recv(65536)
            assert piece, "the server closed in a body"
            self._rest += piece
        body, self._rest = self._rest[:length], self._rest[length:]
        return int(head[0].split(" ")[1]), headers, body

    def said(self) -> Any:
        """The JSON of one answer that must be a 200."""
        status, _, body = self.answer()
        assert status == 200, body
        return json.loads(body)

    def rest(self) -> bytes:
        """All that comes until the server closes; a reset counts as closing."""
        try:
            while piece := self.connection.recv(65536):
                self._rest += piece
        except (ConnectionResetError, ssl.SSLEOFError):
            pass
        found, self._rest = self._rest, b""
        return found


Start = Callable[..., Running]


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.release.set()


@pytest.fixture
def start(stage: Stage) -> Iterator[Start]:
    """`start(limits=…)` runs a server on a free port; it is stopped with the test."""
    running: list[Running] = []

    def start(
        *,
        app: Any = None,
        limits: Limits = PATIENT,
        host: str = "127.0.0.1",
        tls: TlsFiles | None = None,
        new_loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
    ) -> Running:
        running.append(Running(app or stage, limits, host, tls, new_loop))
        return running[-1]

    yield start
    stage.release.set()
    for each in running:
        each.stop()
