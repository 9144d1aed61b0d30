"""A CONNECT proxy that takes fal's names for its own: the way by which an unmodified program, whose hosts are fixed, comes to a
gateway. It ends the TLS of those names under an authority of its own, and lets nobody through to anywhere else."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import trustme

HOSTS: Mapping[str, str] = {"queue.fal.run": "", "fal.run": "/run", "rest.fal.ai": "", "v3.fal.media": ""}
"""Whose names it takes, and what comes before their paths at the gateway."""


@dataclass(slots=True, kw_only=True)
class Tunnel:
    """`url` is for HTTPS_PROXY, `authority` for SSL_CERT_FILE. `seen` are the requests that went through, `refused` the hosts that
    somebody wanted to go to besides."""

    url: str
    authority: Path
    gateway: str
    seen: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find its way."""
        hosts = {"FAL_QUEUE_RUN_HOST": "queue.fal.run", "FAL_RUN_HOST": "fal.run"}
        return {
            "HTTPS_PROXY": self.url,
            "https_proxy": self.url,
            "SSL_CERT_FILE": str(self.authority),
            "NO_PROXY": "",
            "no_proxy": "",
            **hosts,
        }


@contextmanager
def tunnel(gateway: str, folder: Path) -> Iterator[Tunnel]:
    """A tunnel to a gateway over http, on a free port."""
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(serving)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    listening = socket.create_server(("127.0.0.1", 0))
    made = Tunnel(url=f"http://127.0.0.1:{listening.getsockname()[1]}", authority=folder / "authority.pem", gateway=gateway)
    loop, over = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(_serve(made, listening, serving, over),), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _serve(made: Tunnel, listening: socket.socket, serving: ssl.SSLContext, over: asyncio.Event) -> None:
    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            _, authority, _ = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split(" ", 2)
            host = authority.removesuffix(":443")
            if host not in HOSTS:
                made.refused.append(authority)
                writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                return
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            await writer.drain()
            await writer.start_tls(serving)
            await _pass_on(made, host, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()
        finally:
            writer.close()

    server = await asyncio.start_server(visit, sock=listening)
    async with server:
        await over.wait()


async def _pass_on(made: Tunnel, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request and its answer; then the connection ends."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, version = first.split(" ")
    made.seen.append(f"{method} {host}{target.partition('?')[0]}")
    kept = [line for line in lines if not line.lower().startswith(("connection:", "host:"))]
    to = urlsplit(made.gateway)
    inward, outward = await asyncio.open_connection(to.hostname, to.port)
    try:
        told = [f"{method} {HOSTS[host]}{target} {version}", f"Host: {to.netloc}", *kept, "Connection: close", "", ""]
        outward.write("\r\n".join(told).encode("latin-1"))
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
