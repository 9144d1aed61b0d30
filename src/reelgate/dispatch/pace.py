"""How long jobs have taken lately, and so how long those that wait will wait."""

from __future__ import annotations

from collections import deque
from statistics import median

from reelgate.contracts.dispatch import Forecast

_REMEMBERED = 20
_ENDPOINTS = 1000


class Pace:
    """Remembers the last few jobs of each endpoint, and of all together."""

    def __init__(self) -> None:
        self._of_all: deque[float] = deque(maxlen=_REMEMBERED)
        self._of_endpoint: dict[str, deque[float]] = {}

    def took(self, endpoint: str, seconds: float) -> None:
        """A job of this endpoint ran so long, from its start to its end."""
        if endpoint not in self._of_endpoint and len(self._of_endpoint) >= _ENDPOINTS:
            self._of_endpoint.clear()
        self._of_endpoint.setdefault(endpoint, deque(maxlen=_REMEMBERED)).append(seconds)
        self._of_all.append(seconds)

    def forecast(self, endpoint: str, *, ahead: int, running: int, slots: int) -> Forecast:
        """For a job that is submitted now, with so many ahead of it in the queue and so many under way in so many slots."""
        of_endpoint = self._of_endpoint.get(endpoint)
        run_s = median(of_endpoint) if of_endpoint else None
        if ahead == 0 and running < slots:
            return Forecast(ahead=0, wait_s=0.0, run_s=run_s)
        if not self._of_all:
            return Forecast(ahead=ahead, wait_s=None, run_s=run_s)
        # Those under way are half through on the average, and the slots empty side by side.
        jobs = ahead + min(running, slots) / 2
        return Forecast(ahead=ahead, wait_s=jobs / slots * median(self._of_all), run_s=run_s)
