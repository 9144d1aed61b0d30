"""Where the verbs of a memory store are at home: what it holds, who watches it, whether it is open."""

from __future__ import annotations

from reelgate.domain.errors import NotFound, Unready
from reelgate.storage._hub import Hub
from reelgate.storage._rule import NO_ACCOUNT
from reelgate.storage.memory.shelf import Shelf


class Room:
    """What every group of verbs shares. A store is made of such groups."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self._hub = Hub()
        self._closed = False

    def _check_account(self, account: str) -> None:
        self._check_open()
        if account not in self.shelf.accounts:
            raise NotFound(NO_ACCOUNT)

    def _check_open(self) -> None:
        if self._closed:
            raise Unready("The store is closed.")
