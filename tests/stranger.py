"""A caller who speaks ASGI by hand, and so can say what no HTTP client would: for tests of what strangers send."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import orjson

from reelgate.gateway.entrance import App

_PATIENCE_S = 5.0
_STREAM_S = 0.02


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is 0 if nothing came before the caller's patience was over."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def type(self) -> str:
        """The media type, without its parameters."""
        return dict(self.headers).get("content-type", "").partition(";")[0]

    @property
    def json(self) -> Any:
        """The body as JSON; an error if it is none."""
        return orjson.loads(self.body)


async def ask(
    door: App,
    method: str,
    path: str,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes | Sequence[bytes] = b"",
    *,
    patience_s: float = _PATIENCE_S,
    client: str = "203.0.113.7",
) -> Answer:
    """Send one request. `path` goes as a server takes it from the wire, query included; a body in pieces is sent in pieces.

    The caller goes away when a stream has shown something, or its patience is over.
    """
    gone = asyncio.Event()
    heard: list[dict[str, Any]] = []
    pieces = [body] if isinstance(body, bytes) else [*body]
    raw, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw),  # as uvicorn does: what is no UTF-8 becomes U+FFFD
        "raw_path": raw.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in (("host", "gateway.test"), *headers)],
        "client": (client, 50_000),
        "server": ("127.0.0.1", 8000),
        "reelgate.lost": gone.is_set,
    }

    async def receive() -> dict[str, Any]:
        if pieces:
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        heard.append(message)
        if message["type"] == "http.response.start" and (b"content-type", b"text/event-stream; charset=utf-8") in message["headers"]:
            asyncio.get_running_loop().call_later(_STREAM_S, gone.set)

    try:
        async with asyncio.timeout(patience_s):
            await door(scope, receive, send)
    except TimeoutError:
        gone.set()
    if not heard:
        return Answer(0, (), b"")
    told = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in heard[0]["headers"])
    return Answer(heard[0]["status"], told, b"".join(each.get("body", b"") for each in heard[1:]))
