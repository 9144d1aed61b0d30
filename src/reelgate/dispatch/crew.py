"""The crew: child processes that render, one clip each at a time, kept warm between clips and replaced when they die."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import structlog

from reelgate.contracts.engine import Order
from reelgate.domain.errors import Broken, Fault, Refused, Unready, WorkerDied
from reelgate.domain.media import Video, dump_input, load_video

_log = structlog.get_logger(__name__)
_LINE_BYTES = 1 << 20
_CLIPS_EACH = 100  # then a fresh process, so that no leak of a decoder grows for ever
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")

Progress = Callable[[float, str], Awaitable[None]]


class Renderer:
    """One child process."""

    def __init__(self, process: Process, limit_s: float) -> None:
        self._process, self._limit_s = process, limit_s
        self._clips = 0
        self._busy = False

    @classmethod
    async def start(cls, *, memory_bytes: int, limit_s: float) -> Renderer:
        """Start one. Its environment holds no secret, because it decodes what strangers send."""
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        arguments = ("-m", "reelgate.dispatch.renderer", str(memory_bytes), str(2 * limit_s))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdin=PIPE, stdout=PIPE, env=environment, limit=_LINE_BYTES, start_new_session=True
        )
        return cls(process, limit_s)

    @property
    def usable(self) -> bool:
        """Whether it may be given another clip: not if it died, nor if it was left in the middle of one."""
        return self._process.returncode is None and not self._busy and self._clips < _CLIPS_EACH

    async def render(self, engine: str, order: Order, folder: Path, progress: Progress) -> Video:
        """Render one clip. `WorkerDied` if the process is killed, runs out of memory or takes too long; `Unready` if the disk is full."""
        self._clips += 1
        self._busy = True
        told = {
            "engine": engine,
            "endpoint": order.endpoint,
            "input": dump_input(order.input),
            "seed": order.seed,
            "discreet": order.discreet,
            "folder": str(folder),
        }
        try:
            async with asyncio.timeout(self._limit_s):
                answer = await self._converse(orjson.dumps(told) + b"\n", progress)
        except TimeoutError:
            message = f"the render took longer than {self._limit_s:.0f} s"
            raise WorkerDied(message) from None
        except (ConnectionError, EOFError) as error:
            raise WorkerDied from error
        self._busy = False
        return _read(answer)

    async def stop(self) -> None:
        """Kill it and wait until it is gone."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _converse(self, order: bytes, progress: Progress) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise EOFError
        stdin.write(order)
        await stdin.drain()
        while True:
            line = await stdout.readline()
            if not line.endswith(b"\n"):
                raise EOFError
            answer = orjson.loads(line)
            if "fraction" not in answer:
                return answer
            await progress(answer["fraction"], answer["line"])


class Crew:
    """As many renderers as there are slots, started when they are first needed."""

    def __init__(self, *, slots: int, memory_bytes: int, limit_s: float) -> None:
        self.slots = slots
        self._memory_bytes, self._limit_s = memory_bytes, limit_s
        self._free = asyncio.Semaphore(slots)
        self._idle: list[Renderer] = []
        self._all: set[Renderer] = set()

    @asynccontextmanager
    async def renderer(self) -> AsyncGenerator[Renderer]:
        """Wait for a slot and have a renderer to oneself. One that is left in the middle of a clip is killed.

        `Unready` if the machine cannot start a process now.
        """
        async with self._free:
            renderer = await self._take()
            try:
                yield renderer
            finally:
                if renderer.usable:
                    self._idle.append(renderer)
                else:
                    await asyncio.shield(self._retire(renderer))

    async def stop(self) -> None:
        """Kill every renderer."""
        for renderer in list(self._all):
            await self._retire(renderer)

    async def _take(self) -> Renderer:
        while self._idle:
            renderer = self._idle.pop()
            if renderer.usable:
                return renderer
            await self._retire(renderer)
        return await self._start()

    async def _start(self) -> Renderer:
        try:
            renderer = await Renderer.start(memory_bytes=self._memory_bytes, limit_s=self._limit_s)
        except OSError as error:  # no descriptor, no process, no memory: not the job's fault, and it may pass
            raise Unready("no process could be started to render in") from error
        self._all.add(renderer)
        return renderer

    async def _retire(self, renderer: Renderer) -> None:
        self._all.discard(renderer)
        await renderer.stop()


def _read(answer: dict[str, Any]) -> Video:
    if "refused" in answer:
        told = answer["refused"]
        raise Refused(Fault(path=tuple(told["path"]), message=told["message"], kind=told["kind"], limits=told["limits"]))
    if "full" in answer:
        raise Unready(answer["full"])
    if "broken" in answer:
        if "trace" in answer:
            _log.error("engine_bug", trace=answer["trace"])
        raise Broken(answer["broken"])
    return load_video(answer["video"])
