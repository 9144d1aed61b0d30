"""Where the verbs of a store over SQLite are at home: who writes, who reads, who is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from reelgate.storage._hub import Hub
from reelgate.storage.sqlite.connection import ClosedReader, Reader, open_reader, open_writer
from reelgate.storage.sqlite.writer import Writer

T = TypeVar("T")
_BETWEEN_INTERRUPTS_S = 0.01


class Room:
    """What every group of verbs shares. A store is made of such groups, on the event loop it serves."""

    def __init__(self, path: Path) -> None:
        self._hub = Hub()
        self.writer = Writer(lambda: open_writer(path), self._hub.publish)
        self._near = open_reader(path)
        self._far, self._far_lock = open_reader(path), asyncio.Lock()
        self._checker, self._checker_lock = open_reader(path), asyncio.Lock()
        self._closed = False

    async def close(self) -> None:
        await self.writer.close()
        while self._checker_lock.locked():  # who leaves does not wait for a look through all the books
            self._checker.connection.interrupt()
            await asyncio.sleep(_BETWEEN_INTERRUPTS_S)
        async with self._far_lock, self._checker_lock:
            if not self._closed:
                self._closed = True
                self._near, self._far, self._checker = ClosedReader(self._near), ClosedReader(self._far), ClosedReader(self._checker)

    async def _report(self, question: Callable[[Reader], T]) -> T:
        """Ask in a thread, one question at a time."""
        async with self._far_lock:
            return await asyncio.to_thread(question, self._far)

    async def _check(self, question: Callable[[Reader], T]) -> T:
        """Ask what takes long: nobody who wants a list or a report waits for it."""
        async with self._checker_lock:
            return await asyncio.to_thread(question, self._checker)
