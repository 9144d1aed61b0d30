"""A vendor on the loopback that knows of its API what the vendor's own client, generated from its published description, says of it.

Which calls there are is learned from that client, which is run against the mock before anybody else: method, path, media type and
credential. What may be asked is the client's type of the parameters, closed to every other name. What is answered goes through the
client's model of the answer, closed the same way. A call that does not fit is refused and written down in `strange`.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from tests.vendor_words import FORM, Answer, Asked, Strange, Undescribed, checked, closed_model, read_form

KEY = "k"
"""The secret that the mock knows."""


@dataclass(frozen=True, slots=True)
class Route:
    """How something is asked for: ids in the path by their names, and the media type of a body, "" where there is none."""

    method: str
    path: str
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that a vendor can be asked.

    `ask` makes its client ask, with the name of each of `ids` as its value. `takes` is the client's type of the parameters, of which
    `outside` do not stand in the body or the query. `answer` is told the ids of the path and what was asked.
    """

    ask: Callable[[Any], object]
    answer: Callable[[Mapping[str, str], Mapping[str, Any]], Answer]
    ids: tuple[str, ...] = ()
    takes: type | None = None
    outside: tuple[str, ...] = ()

    def read(self, asked: Asked) -> Mapping[str, Any]:
        """What was asked for; `Strange` if the type of the parameters does not know it."""
        closed = closed_model(self.takes, self.outside)
        if asked.method == "GET" or self.takes is None:
            if asked.body:
                raise Strange(400, "a body where none belongs")
            return checked(lambda: closed.model_validate(asked.query))
        if asked.query:
            raise Strange(400, f"a query where none belongs: {', '.join(asked.query)}")
        if asked.media_type == FORM:
            form = read_form(asked)
            return checked(lambda: closed.model_validate(form, strict=True))
        return checked(lambda: closed.model_validate_json(asked.body, strict=True))


class VendorMock(ThreadingHTTPServer):
    """A vendor. `asked` are the routes that were taken since the client's own calls, `jobs` the records of what was sold, oldest first, and
    `orders` what was asked for. `client_heard` is what the vendor's own client made of the answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.jobs: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, Mapping[str, Any]] = {}
        self.client_heard: dict[str, Any] = {}
        self.routes: dict[Route, str] = {}
        self.asked: list[Route] = []
        self.strange: list[str] = []
        self.promised: list[str] = []
        self._authorization = ""
        self._learned = ""

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def operations(self) -> Mapping[str, Operation]:
        """All that it can be asked, by what our own side calls it."""
        raise NotImplementedError

    def become(self, id: str, **told: Any) -> None:
        """What it says of a job from now on."""
        self.jobs[id] |= told

    def refusal(self, status: int, words: str) -> Answer:
        """How it says no."""
        raise NotImplementedError

    def learn(self, client: Any) -> None:
        """Let the vendor's own client ask everything once."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # OpenAI has announced the end of its own videos
            for name, operation in self.operations().items():
                self._learned = name
                self.client_heard[name] = operation.ask(client)
        self._learned = ""
        assert self.strange == [], "the vendor's own client is not understood"
        assert set(self.routes.values()) == set(self.operations())
        self.forget()

    def forget(self) -> None:
        """Begin a new story."""
        self.jobs.clear()
        self.orders.clear()
        self.asked.clear()
        self.strange.clear()
        self.promised.clear()

    def serve(self, asked: Asked) -> Answer:
        """What it answers to a call."""
        try:
            if self._learned:
                self._note(asked)
            return self._answered(asked)
        except Strange as strange:
            self.strange.append(str(strange))
            return self.refusal(strange.status, str(strange))
        except (ValidationError, Undescribed) as error:
            self.strange.append(f"an answer of its own that the vendor's client does not describe: {error}")
            return Answer(500)

    def _note(self, asked: Asked) -> None:
        ids = self.operations()[self._learned].ids
        path = "/".join(f"{{{each}}}" if each in ids else each for each in asked.path.split("/"))
        self.routes[Route(asked.method, path, asked.media_type)] = self._learned
        self._authorization = asked.headers["authorization"]

    def _answered(self, asked: Asked) -> Answer:
        found = [
            (route, ids) for route in self.routes if (ids := _ids(route.path, asked.path)) is not None and route.method == asked.method
        ]
        if not found:
            raise Strange(404, f"{asked.method} {asked.path}: the vendor's client does not ask for this")
        if asked.headers.get("authorization") != self._authorization:
            raise Strange(401, f"{asked.method} {asked.path}: not the credential of the vendor's client")
        route, ids = found[0]
        if asked.media_type != route.media_type:
            raise Strange(400, f"{route.method} {route.path}: {asked.media_type or 'no body'} instead of {route.media_type or 'none'}")
        name = self.routes[route]
        operation = self.operations()[name]
        self.asked.append(route)
        promised = _target(asked.path, asked.query) in self.promised
        return operation.answer(ids, asked.query if promised else _named(name, lambda: operation.read(asked)))

    def promise(self, path: str, query: Mapping[str, str]) -> str:
        """The address of a page that may then be asked for as it stands."""
        self.promised.append(_target(path, query))
        return f"{self.url}{_target(path, query)}"


@contextmanager
def open_mock(mock: VendorMock) -> Generator[None]:
    """Let it listen for the length of a block."""
    with mock:
        thread = threading.Thread(target=mock.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            mock.shutdown()
            thread.join()


def _ids(pattern: str, path: str) -> dict[str, str] | None:
    """The ids of a path, if it is of this pattern. A word of the pattern is never an id."""
    expected, found = pattern.split("/"), path.split("/")
    if len(expected) != len(found):
        return None
    pairs = list(zip(expected, found, strict=True))
    if any(one != other for one, other in pairs if not one.startswith("{")):
        return None
    return {one[1:-1]: other for one, other in pairs if one.startswith("{")}


def _target(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def _named(name: str, read: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return read()
    except Strange as strange:
        raise Strange(strange.status, f"{name}: {strange}") from None


class _Counter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together

    def _serve(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        parts = urlsplit(self.path)
        body = self.rfile.read(int(headers.get("content-length", "0")))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        assert isinstance(self.server, VendorMock)
        answer = self.server.serve(Asked(method=self.command, path=parts.path, query=query, headers=headers, body=body))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 -- the server looks for these names

    def log_message(self, format: str, *args: Any) -> None:
        """It is silent."""
