"""Callers in a closed loop, on a core of their own: wrk where it is installed, else ours. `python -m bench.load` is ours."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import uvloop

from bench.process import cpu_s_of, on_core

CALLERS = 64
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the callers ask: these paths in turn; POST where there is a body, else GET. Each waits `pause_s` between an answer and
    its next question."""

    paths: Sequence[str]
    headers: Mapping[str, str]
    body: bytes = b""
    callers: int = CALLERS
    pause_s: float = 0.0

    def contents(self) -> tuple[bytes, bytes, bytes]:
        """Paths, headers and body as files; a key has no place on a command line."""
        headers = "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        return "\n".join(self.paths).encode(), headers.encode(), self.body

    def written(self) -> list[bytes]:
        """As they go over the wire."""
        headers = {"Host": "127.0.0.1", **self.headers, **({"Content-Length": str(len(self.body))} if self.body else {})}
        rest = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        method = "POST" if self.body else "GET"
        return [f"{method} {path} HTTP/1.1\r\n{rest}\r\n".encode() + self.body for path in self.paths]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One round: how many were answered in how many seconds, and what that took the server."""

    requests: int
    seconds: float
    cpu_s: float
    p50_ms: float
    p99_ms: float

    @property
    def cpu_us(self) -> float:
        """Server CPU for each request, in microseconds."""
        return self.cpu_s / self.requests * 1e6

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """Makes rounds. `folder` is for the files that the callers read."""

    core: int
    folder: Path
    wrk: str = field(default_factory=lambda: shutil.which("wrk") or "")

    @property
    def name(self) -> str:
        """Who calls."""
        return "wrk" if self.wrk else "bench.load"

    def load(self, pid: int, port: int, asked: Asked, seconds: float) -> Load:
        """Let the callers ask for so many seconds. Any refusal or broken connection ends the bench: it would measure nothing."""
        command = self._command(port, asked, seconds)
        before_s = cpu_s_of(pid)
        with on_core(self.core):
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        cpu_s = cpu_s_of(pid) - before_s
        told = json.loads(done.stdout.strip().splitlines()[-1])
        assert not told["refused"], f"{told['refused']} of {told['requests']} requests were refused"
        assert not told["broken"], f"{told['broken']} connections broke"
        assert told["requests"] >= asked.callers, f"{told['requests']} requests are too few to say anything of {asked.callers} callers"
        return Load(requests=told["requests"], seconds=told["seconds"], cpu_s=cpu_s, p50_ms=told["p50_ms"], p99_ms=told["p99_ms"])

    def _command(self, port: int, asked: Asked, seconds: float) -> list[str]:
        files = [self.folder / name for name in ("paths", "headers", "body")]
        for file, content in zip(files, asked.contents(), strict=True):
            file.write_bytes(content)
        told = list(map(str, files))
        if not self.wrk:
            return [sys.executable, "-m", "bench.load", str(port), str(seconds), str(asked.callers), str(asked.pause_s), *told]
        how = ["-t1", f"-c{asked.callers}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", str(_SCRIPT)]
        return [self.wrk, *how, f"http://127.0.0.1:{port}", "--", *told, str(round(asked.pause_s * 1000))]


class _Caller(asyncio.Protocol):
    """Asks, reads one answer with a Content-Length, asks again."""

    def __init__(self, requests: list[bytes], first: int, tally: _Tally, pause_s: float) -> None:
        self._requests, self._at, self._tally, self._pause_s = requests, first, tally, pause_s
        self._asked_at_s = 0.0
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own, of no common ancestry
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return
        self._buffer = b""
        self._tally.refused += head[9:10] != b"2"
        self._tally.took_s.append(time.perf_counter() - self._asked_at_s)
        if self._tally.open and self._pause_s:
            asyncio.get_running_loop().call_later(self._pause_s, self._ask)
        elif self._tally.open:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.broken += self._tally.open

    def _ask(self) -> None:
        self._at = (self._at + 1) % len(self._requests)
        self._asked_at_s = time.perf_counter()
        self._transport.write(self._requests[self._at])


@dataclass(slots=True)
class _Tally:
    open: bool = True
    refused: int = 0
    broken: int = 0
    took_s: list[float] = field(default_factory=list[float])


async def _call(port: int, seconds: float, asked: Asked) -> None:
    requests, tally, loop = asked.written(), _Tally(), asyncio.get_running_loop()
    began_s = time.perf_counter()
    for number in range(asked.callers):
        first = number * len(requests) // asked.callers
        await loop.create_connection(lambda first=first: _Caller(requests, first, tally, asked.pause_s), "127.0.0.1", port)
    await asyncio.sleep(seconds)
    tally.open = False
    took_s = sorted(tally.took_s)
    told = {"requests": len(took_s), "seconds": time.perf_counter() - began_s, "refused": tally.refused, "broken": tally.broken}
    centiles = {"p50_ms": took_s[len(took_s) // 2] * 1000, "p99_ms": took_s[len(took_s) * 99 // 100] * 1000}
    print(json.dumps({**told, **centiles}), flush=True)
    os._exit(0)  # the connections are of no more use


def main(port: str, seconds: str, callers: str, pause_s: str, *files: str) -> None:
    """Call, and print what came of it as JSON."""
    paths, headers, body = (Path(file).read_bytes() for file in files)
    told = dict(line.split(": ", 1) for line in headers.decode().splitlines())
    asked = Asked(paths=paths.decode().splitlines(), headers=told, body=body, callers=int(callers), pause_s=float(pause_s))
    uvloop.run(_call(int(port), float(seconds), asked))


if __name__ == "__main__":
    main(*sys.argv[1:])
