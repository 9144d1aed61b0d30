"""Reads every file that the books know, and compares it with what they say of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from reelgate.backup.copying import sum_of
from reelgate.backup.manifest import Sum
from reelgate.backup.source import Source
from reelgate.contracts.file import KeptFile
from reelgate.domain.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepLook:
    """What was read, and what is wrong: each file by its name, with words."""

    files: int
    size_bytes: int
    faults: tuple[str, ...]


async def look_deep(source: Source, clock: Clock) -> DeepLook:
    """Read all of it, beside a gateway that runs or not. `StoreError` says why it cannot be done."""
    files = (await source.store.survey(source.folder)).files
    blobs = await source.blobs.open(source.files, "")
    wrong: list[tuple[KeptFile, str]] = []
    size_bytes = 0
    for file in files:
        path = await blobs.local(file.name)
        found = None if path is None else await asyncio.to_thread(_sum_if_there, path)
        if found is None:
            wrong.append((file, "is gone"))
        elif found != Sum(file.size_bytes, file.sha256 or found.sha256):
            wrong.append((file, "is damaged"))
        size_bytes += 0 if found is None else found.size_bytes
    if wrong:
        # What was removed meanwhile because its time was over is not named any more.
        named = {file.name for file in (await source.store.survey(source.folder)).files}
        wrong = [(file, words) for file, words in wrong if file.name in named and not file.is_over(clock.now())]
    return DeepLook(files=len(files), size_bytes=size_bytes, faults=tuple(f"{file.name} {words}" for file, words in wrong))


def _sum_if_there(path: Path) -> Sum | None:
    try:
        return sum_of(path)
    except FileNotFoundError:
        return None
