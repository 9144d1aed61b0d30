"""Gates: how many submits and uploads a second a key and an account may make, and how many bad keys an address may show.

All is counted in this process and for its own life. A window holds the instants of what it let in, so that a limit holds for any
second or minute, not only for those of a calendar. The library that is kept for this, `limits`, takes 25 µs to ask and count for a
key and its account, runs a thread every 10 ms for it, and reads the machine's clock, which may step back; here it is 4 µs.
"""

from __future__ import annotations

import math
from array import array
from collections import OrderedDict, deque
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Protocol

from reelgate.contracts.account import Limits
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Limited
from reelgate.gateway.door import read_ip

_WINDOWS = 10_000
_WRONG_PER_MINUTE = 20
_MINUTE_S = 60.0
_HOUR_S = 3600.0
_ADDRESSES = 20_000  # a few hundred bytes each
_TEXT_MAX = 64
_V6_NETWORK_BYTES = 8  # a /64 is one subscriber's


class Asker(Protocol):
    """What a gate needs to know of a caller."""

    @property
    def account(self) -> str: ...
    @property
    def key_id(self) -> str: ...
    @property
    def key_limits(self) -> Limits: ...
    @property
    def account_limits(self) -> Limits: ...


class Gates:
    """Holds callers to the rates of their keys and accounts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, str], deque[float]] = {}

    def admit(self, asker: Asker) -> None:
        """Count one submit or upload; `Limited` if the key or the account has made as many in the last second as it may, and then it
        is counted for neither."""
        of_key, of_account = asker.key_limits.per_second, asker.account_limits.per_second
        if of_key is None and of_account is None:
            return
        now_s = self._clock.monotonic_s()
        windows: list[deque[float]] = []
        for whose, name, limit in (("key", asker.key_id, of_key), ("account", asker.account, of_account)):
            if limit is None:
                continue
            window = self._window((whose, name), limit, now_s)
            if len(window) == limit and (limit == 0 or window[0] > now_s - 1):
                message = f"this {whose} may make {limit} submits and uploads a second"
                raise Limited(message, retry_after_s=1)
            windows.append(window)
        for window in windows:
            window.append(now_s)

    def _window(self, name: tuple[str, str], limit: int, now_s: float) -> deque[float]:
        window = self._windows.get(name)
        if window is None or window.maxlen != limit:
            if len(self._windows) >= _WINDOWS:
                self._windows = {each: kept for each, kept in self._windows.items() if kept and kept[-1] > now_s - 1}
            window = self._windows[name] = deque(window or (), maxlen=limit)  # what was let in stays counted when a limit changes
        return window


class BadKeys:
    """Shuts out addresses that have shown twenty bad keys within a minute, but not the keys that were good there in the last hour.

    An IPv6 address stands for its /64. Of the many addresses that a botnet has the oldest are forgotten.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[bytes, array[float]] = OrderedDict()
        self._right: OrderedDict[tuple[bytes, bytes], float] = OrderedDict()

    def check(self, client: str, mark: bytes) -> None:
        """`Limited` if this address is shut out and the key that is known by this mark was not good there."""
        if not self._wrong:
            return
        whence, now_s = _whence(client), self._clock.monotonic_s()
        if self._count(whence, now_s) >= _WRONG_PER_MINUTE and self._right.get((whence, mark), 0.0) <= now_s:
            raise self._shut(whence, now_s)

    def wrong(self, client: str, mark: bytes) -> None:
        """A bad key was shown. `Limited` if that is one too many: what was wrong with it is then not told."""
        whence, now_s = _whence(client), self._clock.monotonic_s()
        self._right.pop((whence, mark), None)
        if self._count(whence, now_s) >= _WRONG_PER_MINUTE:
            raise self._shut(whence, now_s)
        if whence not in self._wrong:
            if len(self._wrong) >= _ADDRESSES:
                self._wrong.popitem(last=False)
            self._wrong[whence] = array("d")
        self._wrong[whence].append(now_s)
        self._wrong.move_to_end(whence)

    def right(self, client: str, mark: bytes) -> None:
        """A good key was shown."""
        name = (_whence(client), mark)
        self._right[name] = self._clock.monotonic_s() + _HOUR_S
        self._right.move_to_end(name)
        if len(self._right) > _ADDRESSES:
            self._right.popitem(last=False)

    def _count(self, whence: bytes, now_s: float) -> int:
        """How many were bad in the last minute; forgets the rest."""
        wrong = self._wrong.get(whence)
        if wrong is None:
            return 0
        while wrong and wrong[0] <= now_s - _MINUTE_S:
            wrong.pop(0)
        if not wrong:
            del self._wrong[whence]
        return len(wrong)

    def _shut(self, whence: bytes, now_s: float) -> Limited:
        retry_after_s = max(1, math.ceil(self._wrong[whence][0] + _MINUTE_S - now_s))
        return Limited("too many keys from this address were wrong", retry_after_s=retry_after_s)


@lru_cache(maxsize=4096)
def _whence(client: str) -> bytes:
    """What an address counts as."""
    address = read_ip(client)
    if address is None:
        return client.encode("utf-8", "replace")[:_TEXT_MAX]
    return address.packed[:_V6_NETWORK_BYTES] if isinstance(address, IPv6Address) else address.packed
