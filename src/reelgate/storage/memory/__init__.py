"""A store in memory. It keeps every promise of the contract but one: that it outlives the process."""

from __future__ import annotations

from pathlib import Path

from reelgate.contracts.store import Store, StoreDriver
from reelgate.storage.memory.store import MemoryStore


class MemoryDriver:
    """Opens an empty store, every time."""

    name = "memory"

    async def open(self, folder: Path, address: str) -> Store:
        """A new, empty store; nothing is read from the folder or written to it."""
        return MemoryStore()


STORE: StoreDriver = MemoryDriver()
