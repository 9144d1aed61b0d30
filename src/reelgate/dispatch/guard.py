"""The one way out to addresses that came from outside: pictures of callers, videos of upstreams, receivers of webhooks.

`domain/address.py` judges texts and IP addresses; this file judges what a name leads to. It is looked up once for each hop,
all its answers must be in reach, the connection goes to one of the judged answers and to nothing else, and `route.py` judges
it again where the socket is made and where the peer is known. There is no second look-up that could answer otherwise, no
proxy, no cookie, no credential and no decompression.

What the caller hears never tells refused from closed from slow: one sentence, and only at full steps of a tenth of a
second. The reason goes to our log as a few words that hold nothing of the address.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from ipaddress import ip_address
from typing import TypeVar

import aiohttp
from aiohttp.http import HttpProcessingError
from yarl import URL

from reelgate.dispatch.names import Lookup, SystemNames
from reelgate.dispatch.route import Route, open_session
from reelgate.domain.address import Address, IpAddress, NotAllowed, Reach, read_address, redirected
from reelgate.domain.clock import Clock, SystemClock
from reelgate.domain.errors import Fault, GatewayError, Refused
from reelgate.domain.media import Foreign

T = TypeVar("T")
Headers = Sequence[tuple[str, str]]

PICTURE_BYTES = 30_000_000
PICTURE_S = 20.0
RECEIVER_BYTES = 4096
RECEIVER_S = 15.0


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


class Barred(FetchFailed):
    """The text alone shows that the address is never called."""


class Late(FetchFailed):
    """There was no answer in time."""

    def __init__(self) -> None:
        super().__init__("too slow")


class Reply:
    """What the address answered. `content_type` is its own claim, in lower case without parameters, "" for none."""

    def __init__(self, response: aiohttp.ClientResponse, *, limit_bytes: int, until_s: float) -> None:
        self.status = response.status
        self.content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self.size_bytes = response.content_length
        self._headers = response.headers
        self._content = response.content
        self._limit_bytes = limit_bytes
        self._until_s = until_s

    def header(self, name: str) -> str:
        """A header as it was sent, "" for none."""
        return self._headers.get(name, "")

    async def chunks(self) -> AsyncGenerator[bytes]:
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
            raise Late
        with _one_error():
            async with asyncio.timeout_at(self._until_s):
                return await self._content.readany()


class Guard:
    """Fetches what strangers name, from where `reach` admits, and calls whom they name.

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
    async def open(self, url: str, *, limit_bytes: int, deadline_s: float, headers: Headers = ()) -> AsyncGenerator[Reply]:
        """GET an address, following at most three redirects; the reply may have any other status. `headers` are sent at every hop, so
        they never hold a key.

        `deadline_s` counts from here to the last byte, whatever lies between. `FetchFailed` for every failure, those of
        `chunks()` included.
        """
        began_s = self._clock.monotonic_s()
        until_s = asyncio.get_running_loop().time() + deadline_s
        try:
            async with AsyncExitStack() as held:
                with _one_error():
                    async with asyncio.timeout_at(until_s):
                        response = await self._follow(url, held, headers)
                yield Reply(response, limit_bytes=limit_bytes, until_s=until_s)
        except FetchFailed:
            await self._keep_pace(began_s)
            raise

    async def post(
        self, url: str, body: bytes, headers: Headers, *, deadline_s: float = RECEIVER_S, limit_bytes: int = RECEIVER_BYTES
    ) -> int:
        """POST to an address once; the status of its answer, whatever that is. A redirect is an answer like any other.

        What else the answer says is read up to `limit_bytes` or the deadline, so that a receiver is not hung up on in the middle of
        a word, and is not kept. `deadline_s` counts from here. `FetchFailed` for every failure before there is a status.
        """
        began_s = self._clock.monotonic_s()
        until_s = asyncio.get_running_loop().time() + deadline_s
        try:
            async with AsyncExitStack() as held:
                with _one_error():
                    async with asyncio.timeout_at(until_s):
                        response = await self._ask(read_address(url), held, body=body, headers=headers)
                await _hear_out(response, limit_bytes, until_s)
                return response.status
        except FetchFailed:
            await self._keep_pace(began_s)
            raise

    async def _follow(self, url: str, held: AsyncExitStack, headers: Headers) -> aiohttp.ClientResponse:
        address = read_address(url)
        for _ in range(1 + _REDIRECTS_MAX):
            response = await self._ask(address, held, headers=headers)
            if response.status not in _REDIRECTS:
                return response
            response.close()
            address = redirected(address, response.headers.get("Location", ""))
        raise FetchFailed("too many redirects")

    async def _ask(
        self, address: Address, held: AsyncExitStack, *, body: bytes | None = None, headers: Headers = ()
    ) -> aiohttp.ClientResponse:
        route = Route(address=address, reach=self._reach, ips=await self._judged(address))
        session = await held.enter_async_context(open_session(route, self._tls))
        method = "GET" if body is None else "POST"
        url = URL(address.url, encoded=True)
        response = await session.request(method, url, data=body, headers=headers, allow_redirects=False)
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


def _expect_ok(reply: Reply) -> None:
    if reply.status != _OK:
        raise FetchFailed(f"status {reply.status}")


async def _hear_out(response: aiohttp.ClientResponse, limit_bytes: int, until_s: float) -> None:
    left_bytes = limit_bytes
    with suppress(TimeoutError, aiohttp.ClientError, HttpProcessingError, OSError):  # the status is there, and it is all that counts
        async with asyncio.timeout_at(until_s):
            while left_bytes > 0 and (chunk := await response.content.read(left_bytes)):
                left_bytes -= len(chunk)


@contextmanager
def _one_error() -> Generator[None]:
    # Details are cut off here: texts of the libraries below hold hosts and paths, and those may hold secrets.
    try:
        yield
    except NotAllowed as error:
        raise Barred(error.message) from None
    except TimeoutError:
        raise Late from None
    except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
        raise FetchFailed(type(error).__name__) from None


_OK = 200
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECTS_MAX = 3
_TRIED_MAX = 8  # a name may have a hundred answers; nobody gets us to knock at a hundred doors
_STEP_S = 0.1
