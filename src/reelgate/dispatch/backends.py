"""Where pure talk meets the network: one exchange with a channel, its time and its size bounded, and whether any of it was sent."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, Protocol

import aiohttp
import orjson
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDictProxy
from yarl import URL

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import FilePart, HttpCall, HttpReply
from reelgate.dispatch.guard import FetchFailed, Guard
from reelgate.domain.media import Foreign

_IDLE_S = 30.0
_CONNECTIONS = 200


class CallFailed(Exception):
    """There was no reply. `sent`: whether any of the request may have been; False is only said when no connection ever stood.

    Of a call that buys nothing True is said at once. `said` is the kind of failure and nothing of the address, which may hold secrets.
    """

    def __init__(self, said: str, *, sent: bool) -> None:
        self.said, self.sent = said, sent
        super().__init__(said)


class Backend(Protocol):
    """Makes the calls of talks."""

    async def exchange(self, channel: Channel, call: HttpCall, headers: Mapping[str, str], *, timeout_s: float) -> HttpReply:
        """Make one call with these headers, the channel's credential among them; `CallFailed` if there is no whole reply in time."""
        ...


class HttpBackend:
    """Calls over HTTP. A channel's address is the operator's own word and may be private; what came out of a reply goes by the guard.

    A call that buys has a connection of its own: one that was idle may be dead without anybody knowing, and then nobody would know
    either whether the request arrived; it is never sent twice. Redirects are replies, no proxy is taken from the environment.
    """

    def __init__(self, guard: Guard, *, tls: ssl.SSLContext | None = None) -> None:
        self._guard, self._tls = guard, tls
        self._pooled: aiohttp.ClientSession | None = None
        self._single: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close all connections."""
        for session in (self._pooled, self._single):
            if session is not None:
                await session.close()
        self._pooled = self._single = None

    async def exchange(self, channel: Channel, call: HttpCall, headers: Mapping[str, str], *, timeout_s: float) -> HttpReply:
        if isinstance(call.path, Foreign):
            return await self._fetch(call.path, call.reply_bytes, timeout_s)
        # Only of a call that buys does anybody want to know whether it left; watching each connection costs a tenth of a poll.
        state = SimpleNamespace(sent=not call.buys)
        try:
            async with asyncio.timeout(timeout_s), self._request(channel, call, headers, state) as response:
                return HttpReply(status=response.status, body=await _body(response, call.reply_bytes), headers=_lower(response.headers))
        except TimeoutError:
            raise CallFailed("too slow", sent=state.sent) from None
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
            raise CallFailed(type(error).__name__, sent=state.sent) from None

    @asynccontextmanager
    async def open(self, channel: Channel, call: HttpCall, headers: Mapping[str, str]) -> AsyncGenerator[aiohttp.ClientResponse]:
        """A reply whose body the caller reads by itself, in its own time. Raises what aiohttp raises."""
        async with self._request(channel, call, headers, SimpleNamespace(sent=False)) as response:
            yield response

    @asynccontextmanager
    async def _request(
        self, channel: Channel, call: HttpCall, headers: Mapping[str, str], state: SimpleNamespace
    ) -> AsyncGenerator[aiohttp.ClientResponse]:
        body, content_type = _write_body(call)
        response = await self._session(single=call.buys).request(
            call.method,
            _url(channel, call),
            data=body,
            headers={**content_type, **headers, **call.headers},
            allow_redirects=False,
            trace_request_ctx=state,
        )
        try:
            yield response
        finally:
            if response.content.at_eof():
                response.release()
            else:
                response.close()

    async def _fetch(self, address: Foreign, limit_bytes: int, timeout_s: float) -> HttpReply:
        try:
            async with self._guard.open(address.url, limit_bytes=limit_bytes, deadline_s=timeout_s) as reply:
                return HttpReply(status=reply.status, body=b"".join([chunk async for chunk in reply.chunks()]))
        except FetchFailed as error:
            raise CallFailed(error.reason, sent=True) from None

    def _session(self, *, single: bool) -> aiohttp.ClientSession:
        if single:
            self._single = self._single or _open_session(
                aiohttp.TCPConnector(ssl=self._tls or True, force_close=True, limit=0), _watch_connections()
            )
            return self._single
        if self._pooled is None:
            self._pooled = _open_session(
                aiohttp.TCPConnector(ssl=self._tls or True, keepalive_timeout=_IDLE_S, limit=0, limit_per_host=_CONNECTIONS)
            )
        return self._pooled


def _open_session(connector: aiohttp.TCPConnector, *watching: aiohttp.TraceConfig) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Reelgate"},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # the deadline is ours, and one for all
        auto_decompress=False,
        trust_env=False,
        trace_configs=[*watching],
    )
    if watching:
        # It would send GET, PUT and DELETE a second time by itself where a connection broke off: good where that buys nothing, as a
        # connection that was idle may be dead; there is no public word for not doing so.
        session._retry_connection = False  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return session


def _watch_connections() -> aiohttp.TraceConfig:
    """Note when a request gets its connection: from then on bytes of it may be on their way."""

    async def connected(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
        state: SimpleNamespace | None = context.trace_request_ctx
        if state is not None:
            state.sent = True

    watching = aiohttp.TraceConfig()
    watching.on_connection_create_end.append(connected)
    watching.on_connection_reuseconn.append(connected)
    return watching


def _url(channel: Channel, call: HttpCall) -> URL:
    url = URL(f"{(call.origin or channel.address).rstrip('/')}{call.path}", encoded=True)
    return url.update_query(dict(call.query)) if call.query else url


def _write_body(call: HttpCall) -> tuple[bytes | aiohttp.FormData | None, dict[str, str]]:
    if call.parts:
        form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)  # without a file too
        for part in call.parts:
            _add(form, part)
        return form, {}
    if call.json is None:
        return None, {}
    return orjson.dumps(call.json), {"Content-Type": "application/json"}


def _add(form: aiohttp.FormData, part: FilePart) -> None:
    if part.file_name:
        form.add_field(part.name, part.content, filename=part.file_name, content_type=part.content_type or None)
    else:
        form.add_field(part.name, part.content.decode(), content_type=part.content_type or None)


async def _body(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    taken = bytearray()
    while chunk := await response.content.readany():
        taken += chunk
        if len(taken) > limit_bytes:
            raise ValueError("the reply is too large")
    return bytes(taken)


def _lower(headers: CIMultiDictProxy[str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
