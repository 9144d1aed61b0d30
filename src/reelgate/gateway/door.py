"""What every face does at the door: read a body within its limits, and know by which address the caller came."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Self, TypeAlias

from reelgate.domain.errors import CallerError, TooLarge, Unready
from reelgate.settings import Settings

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers: TypeAlias = Iterable[tuple[bytes, bytes]]
_JSON = (b"content-type", b"application/json")
_SMALL = 1 << 16  # a body that is not counted
_ALL_BODIES = 128 << 20  # a body is held three to four times while it is read, parsed and decoded
_LENGTH_DIGITS = 18
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~@:+%-]+)*/?")
_ADDRESS_MAX = 255
_FORWARDED_MAX = 256  # far more than a chain of proxies of ours writes
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")


class Budget:
    """How many bytes of large bodies all requests together may hold, so that many callers at once cannot use up the memory.

    A body that is alone always has its room: only `limit_bytes` of its own request bounds it.
    """

    def __init__(self, limit_bytes: int = _ALL_BODIES) -> None:
        self.limit_bytes, self.taken_bytes = limit_bytes, 0

    def share(self) -> Share:
        """The part of one request: `with budget.share() as share: …` gives it back when the request has been handled."""
        return Share(self)


class Share:
    """What one request has taken of the budget."""

    __slots__ = ("_budget", "_taken_bytes")

    def __init__(self, budget: Budget) -> None:
        self._budget, self._taken_bytes = budget, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._taken_bytes:
            self._budget.taken_bytes -= self._taken_bytes
            self._taken_bytes = 0

    def hold(self, size_bytes: int) -> None:
        """See to it that so much is taken for a body, from 64 KiB on; `Unready` if the others have left too little."""
        more = size_bytes - self._taken_bytes
        if size_bytes <= _SMALL or more <= 0:
            return
        self.check(size_bytes)
        self._taken_bytes = size_bytes
        self._budget.taken_bytes += more

    def check(self, size_bytes: int) -> None:
        """`Unready` if a body of this size would find no room now."""
        others = self._budget.taken_bytes - self._taken_bytes
        if size_bytes > _SMALL and others and others + size_bytes > self._budget.limit_bytes:
            raise Unready("too many large bodies are under way; nothing was accepted")


async def read_body(scope: Scope, receive: Receive, limit_bytes: int, share: Share | None = None) -> bytes:
    """The whole body; `TooLarge` as soon as it is announced or found to be larger than the limit.

    A large body takes from its `share` what has come of it, and is refused at the start where what it announces has no room.
    """
    announced = header(scope, b"content-length")
    if announced and announced.isdigit():
        _check_announced(announced, limit_bytes, share)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _broken_off()
    first: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(first) > limit_bytes:
            raise _too_large(limit_bytes)
        if share is not None:
            share.hold(len(first))
        return first
    pieces, size = [first], len(first)
    async for piece in _rest(receive):
        size += len(piece)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        if share is not None:
            share.hold(size)
        pieces.append(piece)
    return b"".join(pieces)


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of a lower-case name."""
    for key, value in scope["headers"]:
        if key == name:
            return value
    return None


def loss(scope: Scope) -> Callable[[], bool]:
    """Tells, whenever it is called, whether the caller was gone before the answer to this request was written whole; never, where
    the server cannot tell."""
    told: Callable[[], bool] | None = scope.get("reelgate.lost")
    return bool if told is None else told


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
        self._first_stranger = lru_cache(maxsize=4096)(self._find_stranger)  # the same callers come again and again

    def base(self, scope: Scope) -> str:
        """Scheme, host and prefix, without a slash at the end; `CallerError` if the request's words for them are none."""
        if self._public:
            return self._public
        scheme, prefix = scope["scheme"], scope.get("root_path", "")
        host = (header(scope, b"host") or b"127.0.0.1").decode("latin-1")
        if self._trusted and self._believes(scope.get("client")):
            scheme = _last(scope, b"x-forwarded-proto") or scheme
            host = _last(scope, b"x-forwarded-host") or host
            prefix = _last(scope, b"x-forwarded-prefix") or prefix
            _check_forwarded(scheme, prefix)
        if len(host) > _ADDRESS_MAX or not _HOST.fullmatch(host):
            raise CallerError("the Host header is not a name or an address with a port")
        return f"{scheme}://{host}{prefix.rstrip('/')}"

    def client(self, scope: Scope) -> str:
        """The address from which the caller comes; "" if the server cannot tell.

        Behind trusted proxies it is the right-most one of X-Forwarded-For that is no such proxy: what stands to the left of it may
        have been written by anybody.
        """
        peer: tuple[str, int] | None = scope.get("client")
        if peer is None:
            return ""
        if not self._trusted:
            return peer[0]
        told = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        return self._first_stranger(peer[0], told[-_FORWARDED_MAX:])

    def _find_stranger(self, peer: str, told: bytes) -> str:
        words = told.decode("latin-1").split(",")
        if len(told) == _FORWARDED_MAX:
            del words[0]  # it may have been cut
        client = peer
        while words and self._believes((client, 0)):
            address = read_ip(_without_port(words.pop().strip()))
            if address is None:
                break
            client = str(address)
        return client

    def _believes(self, client: tuple[str, int] | None) -> bool:
        address = None if client is None else read_ip(client[0])
        return address is not None and any(address in network for network in self._trusted)


def read_ip(text: str) -> IPv4Address | IPv6Address | None:
    """An IP address, where one of IPv4 that is written as one of IPv6 is the former; None if it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def _check_announced(length: bytes, limit_bytes: int, share: Share | None) -> None:
    if len(length) > _LENGTH_DIGITS or int(length) > limit_bytes:
        raise _too_large(limit_bytes)
    if share is not None:
        share.check(int(length))


def _last(scope: Scope, name: bytes) -> str:
    # A proxy appends to what it was sent, so the nearest, trusted one wrote the last word.
    return (header(scope, name) or b"").decode("latin-1").rpartition(",")[2].strip()


def _without_port(word: str) -> str:
    # Some proxies write the port of the connection as well.
    found = _WITH_PORT.fullmatch(word)
    return word if found is None else found[1] or found[2]


def _check_forwarded(scheme: str, prefix: str) -> None:
    if scheme not in {"http", "https"}:
        raise CallerError("the X-Forwarded-Proto header is neither http nor https")
    if len(prefix) > _ADDRESS_MAX or not _PREFIX.fullmatch(prefix):
        raise CallerError("the X-Forwarded-Prefix header is not a path")


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
