"""A proxy that ends TLS in front of a gateway, with a path prefix of its own, as operators put one there."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import trustme

PREFIX = "/video/gateway"


@dataclass(slots=True, kw_only=True)
class Proxy:
    """`url` is what callers use. `tells`: it takes its prefix away and says so in headers; else it hands on what it was sent."""

    url: str
    context: ssl.SSLContext
    gateway: str = ""
    tells: bool = False


@contextmanager
def proxy(*, tells: bool) -> Iterator[Proxy]:
    """A proxy on a free port; its gateway is named once it runs."""
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    listening = socket.create_server(("127.0.0.1", 0))
    made = Proxy(url=f"https://localhost:{listening.getsockname()[1]}{PREFIX}", context=trusting, tells=tells)
    loop, over = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(made, listening, serving, over),), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _serve(made: Proxy, listening: socket.socket, serving: ssl.SSLContext, over: asyncio.Event) -> None:
    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _pass_on(made, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            writer.close()

    server = await asyncio.start_server(visit, sock=listening, ssl=serving)
    async with server:
        await over.wait()


async def _pass_on(made: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request and its answer; then the connection ends."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, version = first.split(" ")
    kept = [line for line in lines if not line.lower().startswith(("connection:", "x-forwarded-", "host:" if made.tells else "\n"))]
    if made.tells:
        target = target.removeprefix(PREFIX) or "/"
        outside = urlsplit(made.url)
        kept += [f"Host: {urlsplit(made.gateway).netloc}", "X-Forwarded-Proto: https"]
        kept += [f"X-Forwarded-Host: {outside.netloc}", f"X-Forwarded-Prefix: {PREFIX}"]
    to = urlsplit(made.gateway)
    inward, outward = await asyncio.open_connection(to.hostname, to.port)
    try:
        outward.write("\r\n".join([f"{method} {target} {version}", *kept, "Connection: close", "", ""]).encode("latin-1"))
        async with asyncio.TaskGroup() as ways:
            up = ways.create_task(_copy(reader, outward))
            await _copy(inward, writer)
            up.cancel()
    finally:
        outward.close()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        sink.write(piece)
        await sink.drain()
