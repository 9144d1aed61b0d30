"""How many second tries there may be: when every channel fails, trying again must not multiply what all of them are asked."""

from __future__ import annotations

_SHARE = 0.2  # second tries for each first one
_MOST = 10.0  # saved up


class RetryBudget:
    """Each first try earns a fifth of a second one; at most ten are saved up, and as many are there at the start."""

    def __init__(self) -> None:
        self._left = _MOST

    def earn(self) -> None:
        """A job is tried for the first time."""
        self._left = min(_MOST, self._left + _SHARE)

    def spend(self) -> bool:
        """A job wants to be tried once more; False if it has to wait."""
        if self._left < 1:
            # A trickle all the same: with no first tries coming, those that wait would wait for ever.
            self._left += _SHARE / 2
            return False
        self._left -= 1
        return True
