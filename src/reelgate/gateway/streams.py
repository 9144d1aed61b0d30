"""How many event streams are open: each holds a connection and a watch for as long as its reader likes."""

from __future__ import annotations

from collections import Counter
from typing import Self

from reelgate.domain.errors import Limited
from reelgate.metrics import STREAMS

_PER_ACCOUNT = 200
_IN_ALL = 10_000
_RETRY_S = 5


class Streams:
    """Counts the open event streams of this process."""

    def __init__(self, per_account: int = _PER_ACCOUNT, in_all: int = _IN_ALL) -> None:
        self._per_account, self._in_all = per_account, in_all
        self._opened: Counter[str] = Counter()
        self._count = 0

    def open(self, account: str) -> Place:
        """A place for one stream, taken at once; `Limited` if there is none. Leaving it as a context gives it back."""
        if self._opened[account] >= self._per_account:
            message = f"{self._per_account} event streams of this account are open, which is as many as may be"
            raise Limited(message, retry_after_s=_RETRY_S)
        if self._count >= self._in_all:
            raise Limited("as many event streams are open as this gateway takes", retry_after_s=_RETRY_S)
        self._opened[account] += 1
        self._count += 1
        STREAMS.inc()
        return Place(self, account)

    def close(self, account: str) -> None:
        """Give one place of the account back."""
        self._count -= 1
        STREAMS.dec()
        self._opened[account] -= 1
        if not self._opened[account]:
            del self._opened[account]


class Place:
    """The place of one stream."""

    def __init__(self, streams: Streams, account: str) -> None:
        self._streams, self._account = streams, account
        self._left = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._left:
            self._left = True
            self._streams.close(self._account)
