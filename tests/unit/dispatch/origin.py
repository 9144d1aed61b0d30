"""Servers on the loopback that play a script, name servers whose answers change, and a guard that may reach them."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from reelgate.dispatch.guard import Guard
from reelgate.domain.address import Reach, read_ranges


@dataclass
class Origin:
    """A server on the loopback that plays a script for each path and keeps what it was asked."""

    scripts: dict[str, Callable[[asyncio.StreamWriter], Awaitable[None]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def says(self, path: str, reply: bytes) -> None:
        async def script(writer: asyncio.StreamWriter) -> None:
            writer.write(reply)

        self.scripts[path] = script

    def redirects(self, path: str, location: str, status: int = 302) -> None:
        self.says(path, f"HTTP/1.1 {status} Found\r\nLocation: {location}\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\n\r\n".encode())

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head.decode())
            self.bodies.append(await reader.readexactly(_length(head)))
            path = head.split(b" ")[1].decode().partition("?")[0]
            await self.scripts[path](writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the guard hung up, as it should
        finally:
            writer.close()


def body(payload: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(payload)}", *headers])
    return head.encode() + b"\r\n\r\n" + payload


def _length(head: bytes) -> int:
    found = re.search(rb"\r\nContent-Length: (\d+)", head)
    return int(found[1]) if found else 0


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncGenerator[Origin]:
    origin = Origin()
    server = await asyncio.start_server(origin.answer, host, 0, ssl=tls)
    async with server:
        origin.port = server.sockets[0].getsockname()[1]
        yield origin


class Answers:
    """A name server that gives each look-up of a name the next of its answers, the last one for ever."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked: list[str] = []

    async def look_up(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        answers = self.names.get(name)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass
class Stopwatch:
    """A clock that moves when somebody pauses, or as the test says."""

    now_s: float = 1000.0
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.now_s, UTC)

    def monotonic_s(self) -> float:
        return self.now_s

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds


def opened(ranges: str = "127.0.0.0/8", answers: Answers | None = None, watch: Stopwatch | None = None, **more: Any) -> Guard:
    watch = watch or Stopwatch()
    reach = Reach(opened=read_ranges(ranges))
    return Guard(reach, lookup=(answers or Answers()).look_up, clock=watch, pause=watch.pause, **more)
