"""The one way out to addresses that came from outside: pictures of callers, videos of upstreams.

`domain/address.py` judges texts and IP addresses; this file judges sockets. A name is looked up once for each hop, all
its answers must be in reach, the connection goes to one of the judged answers and to nothing else, and it is judged
again where the socket is made and where the peer is known. There is no second look-up that could answer otherwise, no
proxy, no cookie, no credential and no decompression.

What the caller hears never tells refused from closed from slow: one sentence, and only at full steps of a tenth of a
second. The reason goes to our log as a few words that hold nothing of the address.
"""

from __future__ import annotations

import asyncio
import errno
import math
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeAlias, TypeVar

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError
from aiohttp.tracing import Trace
from yarl import URL

from reelgate.domain.address import Address, IpAddress, NotAllowed, Reach, read_address, redirected
from reelgate.domain.clock import Clock, SystemClock
from reelgate.domain.errors import Fault, GatewayError, Refused
from reelgate.domain.media import Foreign

T = TypeVar("T")
_SocketPlace: TypeAlias = tuple[int, int, int, str, tuple[Any, ...]]  # as socket.getaddrinfo gives it
Lookup: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]
"""`lookup(name)`: every IP address of that name, as text; `OSError` where there is none."""

PICTURE_BYTES = 30_000_000
PICTURE_S = 20.0


class FetchFailed(GatewayError):
    """The address could not be fetched."""

    code = "file_download_error"

    def __init__(self, reason: str) -> None:
        """`reason` is for our log alone; the message is the same for all of them."""
        self.reason = reason
        super().__init__("the address could not be fetched")


class Oversized(FetchFailed):
    """What lies at the address is larger than was asked for."""

    code = "file_too_large"

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        super().__init__("too large")


class Reply:
    """What the address answered. `content_type` is its own claim, in lower case without parameters, "" for none."""

    def __init__(self, response: aiohttp.ClientResponse, *, limit_bytes: int, until_s: float) -> None:
        self.status = response.status
        self.content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self.size_bytes = response.content_length
        self._content = response.content
        self._limit_bytes = limit_bytes
        self._until_s = until_s

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it was sent, once; `Oversized` past the limit, `FetchFailed` past the deadline or when it breaks off."""
        if self.size_bytes is not None and self.size_bytes > self._limit_bytes:
            raise Oversized(self._limit_bytes)
        taken_bytes = 0
        while chunk := await self._next():
            taken_bytes += len(chunk)
            if taken_bytes > self._limit_bytes:
                raise Oversized(self._limit_bytes)
            yield chunk

    async def _next(self) -> bytes:
        if asyncio.get_running_loop().time() >= self._until_s:  # bytes that are here already are read without a wait
            raise FetchFailed("too slow")
        with _one_error():
            async with asyncio.timeout_at(self._until_s):
                return await self._content.readany()


class Guard:
    """Fetches what strangers name, from where `reach` admits.

    `lookup` stands in for the system's resolver, `tls` for its certificate authorities.
    """

    def __init__(
        self,
        reach: Reach | None = None,
        *,
        lookup: Lookup | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Clock | None = None,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._reach = reach or Reach()
        self._look_up = lookup or SystemNames().look_up
        self._tls = tls
        self._clock = clock or SystemClock()
        self._pause = pause

    async def download(
        self,
        medium: Foreign,
        into: Callable[[Reply], Awaitable[T]],
        *,
        limit_bytes: int = PICTURE_BYTES,
        deadline_s: float = PICTURE_S,
    ) -> T:
        """Hand what lies at a caller's address to `into`, which consumes `reply.chunks()`, and return its result.

        `Refused` points at the caller's field; its cause is the `FetchFailed` that knows the reason. What `into` raises
        by itself passes through.
        """
        path = (medium.field,) if medium.field else ()
        try:
            async with self.open(medium.url, limit_bytes=limit_bytes, deadline_s=deadline_s) as reply:
                _expect_ok(reply)
                return await into(reply)
        except Oversized as error:
            message = f"the file is larger than {limit_bytes} bytes"
            raise Refused(Fault(path=path, message=message, kind=error.code, limits={"max_size": limit_bytes})) from error
        except FetchFailed as error:
            raise Refused(Fault(path=path, message=error.message, kind=error.code)) from error

    @asynccontextmanager
    async def open(self, url: str, *, limit_bytes: int, deadline_s: float) -> AsyncGenerator[Reply]:
        """GET an address, following at most three redirects; the reply may have any other status.

        `deadline_s` counts from here to the last byte, whatever lies between. `FetchFailed` for every failure, those of
        `chunks()` included.
        """
        began_s = self._clock.monotonic_s()
        until_s = asyncio.get_running_loop().time() + deadline_s
        try:
            async with AsyncExitStack() as held:
                with _one_error():
                    async with asyncio.timeout_at(until_s):
                        response = await self._follow(url, held)
                yield Reply(response, limit_bytes=limit_bytes, until_s=until_s)
        except FetchFailed:
            await self._keep_pace(began_s)
            raise

    async def _follow(self, url: str, held: AsyncExitStack) -> aiohttp.ClientResponse:
        address = read_address(url)
        for _ in range(1 + _REDIRECTS_MAX):
            response = await self._ask(address, held)
            if response.status not in _REDIRECTS:
                return response
            response.close()
            address = redirected(address, response.headers.get("Location", ""))
        raise FetchFailed("too many redirects")

    async def _ask(self, address: Address, held: AsyncExitStack) -> aiohttp.ClientResponse:
        route = _Route(address=address, reach=self._reach, ips=await self._judged(address))
        session = await held.enter_async_context(_session(route, self._tls))
        response = await session.get(URL(address.url, encoded=True), allow_redirects=False)
        held.callback(response.close)
        return response

    async def _judged(self, address: Address) -> tuple[IpAddress, ...]:
        self._reach.check(address)
        answers = [address.host] if address.ip else await self._look_up(address.host)
        ips = tuple(dict.fromkeys(ip_address(each) for each in answers))
        if not ips or not all(self._reach.admits(each, address) for each in ips):
            raise FetchFailed("out of reach")
        return ips[:_TRIED_MAX]

    async def _keep_pace(self, began_s: float) -> None:
        gone_s = self._clock.monotonic_s() - began_s
        steps = max(1, math.ceil(gone_s / _STEP_S))
        await self._pause(steps * _STEP_S - gone_s)


class SystemNames:
    """Asks the system's resolver, in threads of its own.

    The resolver cannot be interrupted, and a stranger's name server may keep it waiting for half a minute. In the
    loop's shared pool a handful of such names would hold up all else that uses it; as daemons these threads do not keep
    the process from leaving either.
    """

    def __init__(self, at_once: int = 32) -> None:
        self._free = asyncio.Semaphore(at_once)

    async def look_up(self, name: str) -> Sequence[str]:
        """Every address of a name; `OSError` where it has none."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def told(found: Sequence[str] | OSError) -> None:
            self._free.release()  # not before the thread is done, though its caller may be gone long since
            if answer.done():
                return
            if isinstance(found, OSError):
                answer.set_exception(found)
            else:
                answer.set_result(found)

        def ask() -> None:
            found = _getaddrinfo(name)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(told, found)

        threading.Thread(target=ask, name="name-lookup", daemon=True).start()
        return await answer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """One address and the judged answers for its host: all that a connection may be made to."""

    address: Address
    reach: Reach
    ips: tuple[IpAddress, ...]

    def passes(self, ip_text: str) -> bool:
        ip = ip_address(ip_text)
        return ip in self.ips and self.reach.admits(ip, self.address)


class _KnownAnswers(AbstractResolver):
    """A resolver that asks nobody: it repeats what was judged."""

    def __init__(self, route: _Route) -> None:
        self._route = route

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        if (host, port) != (self._route.address.host, self._route.address.port):
            raise PermissionError(errno.EACCES, "not the host that was judged")
        return [
            ResolveResult(
                hostname=host,
                host=str(each),
                port=port,
                family=socket.AF_INET if each.version == _IPV4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for each in self._route.ips
        ]

    async def close(self) -> None:
        """Nothing is held."""


class _JudgingConnector(aiohttp.TCPConnector):
    """Makes no socket for an address that was not judged, and sends nothing to a peer that was not."""

    def __init__(self, route: _Route, tls: ssl.SSLContext | None) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # aiohttp leaves the shape of a socket's address open
            resolver=_KnownAnswers(route),
            use_dns_cache=False,
            force_close=True,
            ssl=tls or True,
            socket_factory=self._judged_socket,
        )
        self._route = route

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 -- the signature is aiohttp's
    ) -> Connection:
        connection = await super().connect(req, traces, timeout)
        peer = connection.transport and connection.transport.get_extra_info("peername")
        if not peer or not self._route.passes(peer[0]):
            connection.close()
            raise PermissionError(errno.EACCES, "not the peer that was judged")
        return connection

    def _judged_socket(self, info: _SocketPlace) -> socket.socket:
        family, kind, protocol, _, place = info
        if not self._route.passes(str(place[0])):
            raise PermissionError(errno.EACCES, "not an address that was judged")
        return socket.socket(family, kind, protocol)


def _expect_ok(reply: Reply) -> None:
    if reply.status != _OK:
        raise FetchFailed(f"status {reply.status}")


def _session(route: _Route, tls: ssl.SSLContext | None) -> aiohttp.ClientSession:
    # One session for one hop: nothing of a stranger's server outlives it, no connection, no cookie.
    return aiohttp.ClientSession(
        connector=_JudgingConnector(route, tls),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity", "User-Agent": "Reelgate"},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # the deadline is ours, and one for all
        auto_decompress=False,
        trust_env=False,
    )


@contextmanager
def _one_error() -> Generator[None]:
    # Details are cut off here: texts of the libraries below hold hosts and paths, and those may hold secrets.
    try:
        yield
    except NotAllowed as error:
        raise FetchFailed(error.message) from None
    except TimeoutError:
        raise FetchFailed("too slow") from None
    except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
        raise FetchFailed(type(error).__name__) from None


def _getaddrinfo(name: str) -> Sequence[str] | OSError:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except OSError as error:
        return error
    except UnicodeError:
        return OSError(errno.EINVAL, "no name")
    return [str(place[0]) for *_, place in found]


_OK = 200
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECTS_MAX = 3
_TRIED_MAX = 8  # a name may have a hundred answers; nobody gets us to knock at a hundred doors
_STEP_S = 0.1
_IPV4 = 4
