"""What every face does at the door: read a body within its limits, and know by which address the caller came."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from ipaddress import ip_address
from typing import Any, TypeAlias

from reelgate.domain.errors import CallerError, TooLarge
from reelgate.settings import Settings

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers: TypeAlias = Iterable[tuple[bytes, bytes]]
_JSON = (b"content-type", b"application/json")


async def read_body(scope: Scope, receive: Receive, limit_bytes: int) -> bytes:
    """The whole body; `TooLarge` as soon as it is announced or found to be larger than the limit."""
    announced = header(scope, b"content-length")
    if announced and announced.isdigit() and int(announced) > limit_bytes:
        raise _too_large(limit_bytes)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _broken_off()
    first: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(first) > limit_bytes:
            raise _too_large(limit_bytes)
        return first
    pieces, size = [first], len(first)
    async for piece in _rest(receive):
        size += len(piece)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        pieces.append(piece)
    return b"".join(pieces)


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of a lower-case name."""
    for key, value in scope["headers"]:
        if key == name:
            return value
    return None


async def answer(send: Send, status: int, body: bytes, headers: Headers = ()) -> None:
    """Send a whole answer; JSON unless the headers name another type."""
    head = [*headers]
    if body:
        for name, _ in head:
            if name == b"content-type":
                break
        else:
            head.append(_JSON)
    head.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


class Doorplate:
    """Knows this gateway's address as a caller reached it.

    `REELGATE_PUBLIC_URL` wins; else the scheme, host and prefix of the request; forwarded headers are believed from trusted
    proxies only, because anybody can send them, and a link in an answer is followed with a key.
    """

    def __init__(self, settings: Settings) -> None:
        self._public = settings.public_url
        self._trusted = settings.trusted_proxies

    def base(self, scope: Scope) -> str:
        """Scheme, host and prefix, without a slash at the end."""
        if self._public:
            return self._public
        scheme, prefix = scope["scheme"], scope.get("root_path", "")
        host = (header(scope, b"host") or b"127.0.0.1").decode("latin-1")
        if self._trusted and self._believes(scope.get("client")):
            scheme = _last(scope, b"x-forwarded-proto") or scheme
            host = _last(scope, b"x-forwarded-host") or host
            prefix = _last(scope, b"x-forwarded-prefix") or prefix
        return f"{scheme}://{host}{prefix.rstrip('/')}"

    def _believes(self, client: tuple[str, int] | None) -> bool:
        if client is None:
            return False
        try:
            address = ip_address(client[0])
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def _last(scope: Scope, name: bytes) -> str:
    # A proxy appends to what it was sent, so the nearest, trusted one wrote the last word.
    value = (header(scope, name) or b"").decode("latin-1").rpartition(",")[2].strip()
    return value if value.isprintable() and " " not in value else ""


async def _rest(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _broken_off()
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


def _broken_off() -> CallerError:
    return CallerError("the body broke off before its end")


def _too_large(limit_bytes: int) -> TooLarge:
    message = f"the body is larger than {limit_bytes} bytes; larger pictures go by an address"
    return TooLarge(message)
