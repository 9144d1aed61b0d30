"""Where stills of kept videos are made: a poster and a small preview, when somebody first asks for one, and kept beside the video.

They are blobs that no row knows: their names follow from the video's, so that whoever may have the video may have them, and they are
swept like all that nobody knows, to be made again for who asks again.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import structlog

from reelgate.contracts.blobs import STILLS, Blobs, Still, still_name
from reelgate.domain.errors import TooLarge, Unready
from reelgate.domain.identity import unguessable

_log = structlog.get_logger(__name__)
_TYPE = "image/webp"
_NEEDS = ("av", "PIL")
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
_LIMIT_S = 30.0
_STILL_MAX = 8 << 20
_WAITING_MAX = 64
_HOPELESS_MAX = 1024
_HOPELESS_FOR_S = 600.0


class Darkroom:
    """Makes stills, one video after the other, so that nobody makes what somebody else is making."""

    def __init__(self, blobs: Blobs, scratch: Path, *, memory_bytes: int) -> None:
        self._blobs, self._scratch, self._memory_bytes = blobs, scratch, memory_bytes
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._hopeless: dict[str, float] = {}  # videos that nothing came of, and until when they are not tried again

    async def still(self, video: str, kind: Still) -> Path | None:
        """Where a still of a kept video lies; None if there can be none. `Unready` if too many are being made, or there is no room."""
        name = still_name(video, kind)
        path = await self._blobs.local(name)
        if path is not None or self._cannot(video):
            return path
        if self._waiting >= _WAITING_MAX:
            raise Unready("too many stills are being made")
        self._waiting += 1
        try:
            async with self._turn:
                if await self._blobs.local(name) is None and not self._cannot(video):
                    await self._make(video)
        finally:
            self._waiting -= 1
        return await self._blobs.local(name)

    def _cannot(self, video: str) -> bool:
        return self._hopeless.get(video, 0.0) > time.monotonic() or any(find_spec(each) is None for each in _NEEDS)

    async def _make(self, video: str) -> None:
        path = await self._blobs.local(video)
        if path is None:
            return
        folder = self._scratch / f"stills-{unguessable()}"
        await asyncio.to_thread(folder.mkdir, parents=True)
        made: dict[Still, Path] = {kind: folder / kind for kind in STILLS}
        try:
            if await self._expose(path, list(made.values())):
                for kind, still in made.items():
                    await self._blobs.put(_read(still), content_type=_TYPE, limit_bytes=_STILL_MAX, name=still_name(video, kind))
            else:
                self._give_up(video)
        except TooLarge:
            self._give_up(video)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _expose(self, path: Path, stills: list[Path]) -> bool:
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        arguments = ("-m", "reelgate.dispatch.exposure", str(self._memory_bytes), str(path), *map(str, stills))
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=environment, start_new_session=True
            )
        except OSError as error:
            raise Unready("no process could be started") from error
        try:
            async with asyncio.timeout(_LIMIT_S):
                said, _ = await process.communicate()
        except TimeoutError:
            return False
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == 0 and all(still.is_file() for still in stills):
            return True
        _log.warning("no_stills", status=process.returncode, said=said[:80].decode("ascii", "replace").strip())
        return False

    def _give_up(self, video: str) -> None:
        self._hopeless[video] = time.monotonic() + _HOPELESS_FOR_S
        if len(self._hopeless) > _HOPELESS_MAX:
            del self._hopeless[next(iter(self._hopeless))]


async def _read(path: Path) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(path.read_bytes)
