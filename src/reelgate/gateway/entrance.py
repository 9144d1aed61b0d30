"""The way in, before any face: one spelling for each path, the public prefix, and calls from pages of other origins."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import orjson

from reelgate.domain.errors import CallerError
from reelgate.gateway.door import Receive, Scope, Send, answer, header
from reelgate.settings import Settings

App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_EXPOSED = (
    b"x-fal-request-id, x-fal-error-type, x-fal-billable-units, x-fal-request-timeout-type, "
    b"x-fal-needs-retry, x-reelgate-replayed, x-reelgate-ended, etag, retry-after"
)
_PREFLIGHT_S = b"86400"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NO_PATH = b'{"detail":"the target of a request is a path that begins with a slash"}'


class Entrance:
    """Wraps the faces.

    A trailing slash never makes a difference and never a redirect, because a redirected POST loses its body with many
    clients. Requests under the path of `REELGATE_PUBLIC_URL` are taken as well as those whose prefix a proxy has removed.
    A target that is no path (`OPTIONS *`) is refused here, as is a caller whose words no face could use at all (its Host). A face
    finds all of them in the scope as "reelgate.faces", for requests that stand for another one.
    """

    def __init__(self, faces: App, settings: Settings) -> None:
        self._faces = faces
        self._prefix = urlsplit(settings.public_url).path.rstrip("/")
        self._origins = frozenset(origin.encode() for origin in settings.cors_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._faces(scope, receive, send)
            return
        path: str = scope["path"]
        if not path.isprintable():
            path = _CONTROL.sub("\ufffd", path)  # patterns stop at a line's end; so marked, it is an unknown path to every face
        if path[:1] != "/":
            await answer(send, 400, _NO_PATH)
            return
        if self._prefix and f"{path}/".startswith(f"{self._prefix}/"):
            path = path[len(self._prefix) :]
        scope["path"] = path.rstrip("/") or "/"
        scope["reelgate.faces"] = self._faces
        origin = header(scope, b"origin")
        if origin is not None:
            allowed = self._allowed(origin)
            if scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method"):
                await answer(send, 204, b"", _preflight(scope, allowed))
                return
            send = _exposing(send, allowed) if allowed else send
        try:
            await self._faces(scope, receive, send)
        except CallerError as error:
            await answer(send, 400, orjson.dumps({"detail": error.message}))

    def _allowed(self, origin: bytes) -> bytes:
        if b"*" in self._origins:
            return b"*"
        return origin if origin in self._origins else b""


def _preflight(scope: Scope, allowed: bytes) -> list[tuple[bytes, bytes]]:
    if not allowed:
        return []
    return [
        (b"access-control-allow-origin", allowed),
        (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, DELETE, OPTIONS"),
        (b"access-control-allow-headers", header(scope, b"access-control-request-headers") or b"*"),
        (b"access-control-max-age", _PREFLIGHT_S),
        (b"vary", b"origin"),
    ]


def _exposing(send: Send, allowed: bytes) -> Send:
    async def exposing(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                *message["headers"],
                (b"access-control-allow-origin", allowed),
                (b"access-control-expose-headers", _EXPOSED),
                (b"vary", b"origin"),
            ]
        await send(message)

    return exposing
