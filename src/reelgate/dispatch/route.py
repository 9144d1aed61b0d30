"""A session that reaches the judged answers of one address and nothing else, whatever the library below would like to do."""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from reelgate.domain.address import Address, IpAddress, Reach

_SocketPlace: TypeAlias = tuple[int, int, int, str, tuple[Any, ...]]  # as socket.getaddrinfo gives it


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address and the judged answers for its host: all that a connection may be made to."""

    address: Address
    reach: Reach
    ips: tuple[IpAddress, ...]

    def passes(self, ip_text: str) -> bool:
        ip = ip_address(ip_text)
        return ip in self.ips and self.reach.admits(ip, self.address)


def open_session(route: Route, tls: ssl.SSLContext | None) -> aiohttp.ClientSession:
    """A session for one hop: nothing of a stranger's server outlives it, no connection, no cookie."""
    return aiohttp.ClientSession(
        connector=_JudgingConnector(route, tls),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity", "User-Agent": "Reelgate"},
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # the deadline is ours, and one for all
        auto_decompress=False,
        trust_env=False,
    )


class _KnownAnswers(AbstractResolver):
    """A resolver that asks nobody: it repeats what was judged."""

    def __init__(self, route: Route) -> None:
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

    def __init__(self, route: Route, tls: ssl.SSLContext | None) -> None:
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


_IPV4 = 4
