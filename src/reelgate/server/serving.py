"""Listen, serve until told to stop, and leave in time.

uvicorn's own server installs signal handlers, wakes ten times a second, exits the process when a port is taken and waits for
event streams to end by themselves; so only its protocol, its lifespan and its configuration are used.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from uvicorn import Config
from uvicorn._types import ASGI3Application
from uvicorn.lifespan.off import LifespanOff
from uvicorn.lifespan.on import LifespanOn

from reelgate.domain.errors import GatewayError
from reelgate.server.connection import Connection
from reelgate.server.doorway import BACKLOG, Doorway
from reelgate.server.listener import Limits, Listener

_log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 0.02
_CANCELLED_S = 0.5
_APPLICATION_STOP_S = 0.5
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


class CannotListen(GatewayError):
    """The address cannot be listened on."""

    code = "cannot_listen"


class AddressTaken(CannotListen):
    """Another program listens on this address."""

    code = "address_taken"


class CannotStart(GatewayError):
    """The application did not start; its own log says why."""

    code = "cannot_start"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """PEM files: the server's certificate and key, and the certificate of the authority that clients have to trust."""

    certificate: Path
    key: Path
    authority: Path


async def serve(
    app: ASGI3Application,
    *,
    host: str,
    port: int,
    stop: asyncio.Event,
    ready: Callable[[int], None],
    tls: TlsFiles | None = None,
    limits: Limits | None = None,
) -> None:
    """Serve `app` on `host` until `stop` is set, then let running requests finish within `limits.grace_s` and return.

    `ready` is called with the port once connections are taken; port 0 takes a free one. Event streams are cut at the stop,
    without a proper end, so that no client takes it for the end of its job. Signals are the caller's business. Raises
    `AddressTaken`, `CannotListen`, or `CannotStart` if the application's lifespan does not come up.
    """
    listen_on = await _bind(host, port)
    try:
        config = _configuration(app)
        async with _lifespan(config) as app_state:
            listener = Listener(
                app=app,
                config=config,
                limits=limits or Limits(),
                tls=tls is not None,
                loop=asyncio.get_running_loop(),
                app_state=app_state,
            )
            async with _listening(listener, listen_on, tls):
                ready(_port_of(listen_on[0]))
                await stop.wait()
    finally:
        for each in listen_on:
            each.close()


@asynccontextmanager
async def _lifespan(config: Config) -> AsyncGenerator[dict[str, Any]]:
    """Start the application and, at the end, let it stop; yields the state that it shares with every request."""
    lifespan: LifespanOn | LifespanOff = config.lifespan_class(config)
    await lifespan.startup()
    if lifespan.should_exit:
        raise CannotStart
    try:
        yield lifespan.state
    finally:
        try:
            await asyncio.wait_for(lifespan.shutdown(), _APPLICATION_STOP_S)
        except TimeoutError:
            _log.error("application_stop_overdue", waited_s=_APPLICATION_STOP_S)


@asynccontextmanager
async def _listening(listener: Listener, listen_on: list[socket.socket], tls: TlsFiles | None) -> AsyncGenerator[None]:
    """Take connections on these sockets; at the end take no more and see off those that are there."""
    limits = listener.limits
    encrypted: dict[str, Any] = {}
    if tls is not None:
        encrypted = {"ssl": _tls_context(tls), "ssl_handshake_timeout": limits.head_s, "ssl_shutdown_timeout": limits.linger_s}
    doors = [Doorway(each, lambda: Connection(listener), listener.loop, encrypted) for each in listen_on]
    for each in doors:
        each.open()
    try:
        yield
    finally:
        for each in doors:
            each.close()
        await _see_off(listener)


async def _see_off(listener: Listener) -> None:
    """Wait for the requests that run, as long as `grace_s` allows, then cut them."""
    state, loop = listener.state, listener.loop
    until = loop.time() + listener.limits.grace_s
    while (state.connections or state.tasks) and loop.time() < until:
        for connection in _connections(listener):
            connection.shutdown()
        await asyncio.sleep(_LOOK_EVERY_S)
    if not state.connections and not state.tasks:
        return
    _log.warning("requests_cut_at_stop", connections=len(state.connections), requests=len(state.tasks))
    for connection in _connections(listener):
        connection.transport.abort()
    await asyncio.sleep(_LOOK_EVERY_S)
    tasks = list(state.tasks)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_CANCELLED_S)


def _connections(listener: Listener) -> list[Connection]:
    return [each for each in listener.state.connections if isinstance(each, Connection)]


def _configuration(app: ASGI3Application) -> Config:
    config = Config(
        app,
        http=Connection,
        ws="none",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
    config.load()
    return config


def _tls_context(tls: TlsFiles) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(tls.certificate, tls.key)
    except (OSError, ssl.SSLError) as error:
        raise CannotListen(f"the certificate {tls.certificate} and its key cannot be used: {error.strerror or error}") from error
    return context


async def _bind(host: str, port: int) -> list[socket.socket]:
    """A listening socket for each address of the host, all on one port."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise CannotListen(f"the host {host} has no address here: {error.strerror}") from error
    bound: list[socket.socket] = []
    missing: OSError | None = None
    for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
        one_port = _port_of(bound[0]) if bound else port
        try:
            bound.append(_bind_one(family, (address[0], one_port, *address[2:])))
        except OSError as error:
            if error.errno in _NOT_HERE:  # localhost is ::1 too, even where there is no IPv6
                missing = error
                continue
            for each in bound:
                each.close()
            raise _explained(error, host, one_port) from error
    if not bound:
        raise CannotListen(f"the address {host} is none of this machine's") from missing
    return bound


def _bind_one(family: int, address: tuple[Any, ...]) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.settimeout(0)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError:
        bound.close()
        raise
    return bound


def _explained(error: OSError, host: str, port: int) -> CannotListen:
    if error.errno == errno.EADDRINUSE:
        return AddressTaken(f"{host} port {port} is taken by another program: stop it, or choose another with --port (0 takes a free one)")
    if error.errno == errno.EACCES:
        return CannotListen(f"{host} port {port} needs rights that this user lacks: choose one above 1023 with --port")
    return CannotListen(f"{host} port {port} cannot be listened on: {error.strerror}")


def _port_of(bound: socket.socket) -> int:
    return bound.getsockname()[1]
