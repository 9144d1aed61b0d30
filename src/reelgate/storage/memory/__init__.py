"""A store in memory. It keeps every promise of the contract but one: that it outlives the process."""

from __future__ import annotations

from pathlib import Path

from reelgate.contracts.store import Store, StoreDriver, Survey
from reelgate.domain.errors import StoreError
from reelgate.storage.memory.store import MemoryStore

_IN_NO_FOLDER = "a store in memory lives and dies with its gateway: there is nothing in the data folder to read or to copy"


class MemoryDriver:
    """Opens an empty store, every time."""

    name = "memory"

    async def open(self, folder: Path, address: str) -> Store:
        """A new, empty store; nothing is read from the folder or written to it."""
        return MemoryStore()

    async def survey(self, folder: Path) -> Survey:
        """Refused."""
        raise StoreError(_IN_NO_FOLDER)

    async def copy(self, folder: Path, to: Path) -> None:
        """Refused."""
        raise StoreError(_IN_NO_FOLDER)

    async def check(self, folder: Path) -> list[str]:
        """Refused."""
        raise StoreError(_IN_NO_FOLDER)


STORE: StoreDriver = MemoryDriver()
