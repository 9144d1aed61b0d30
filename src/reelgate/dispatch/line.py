"""The published order of the queue: who would start before whom if nobody else came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Line:
    """Places of queued jobs, as last published. A caller never sees a place greater than one seen before."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._shown: dict[str, int] = {}
        self._joined = 0

    def publish(self, job_ids: Sequence[str]) -> None:
        """Take over a new order, first to start first."""
        self._places = {job_id: place for place, job_id in enumerate(job_ids)}
        self._shown = {job_id: place for job_id, place in self._shown.items() if job_id in self._places}
        self._joined = 0

    def join(self) -> None:
        """One more job was accepted since the order was published."""
        self._joined += 1

    def leave(self, job_ids: Iterable[str]) -> None:
        """These have started; those behind them move up when the order is published next."""
        for job_id in job_ids:
            if self._places.pop(job_id, None) is None:
                self._joined = max(0, self._joined - 1)

    def __len__(self) -> int:
        return len(self._places) + self._joined

    def position(self, job_id: str, accepted_at: int) -> int:
        """Jobs ahead of this one; `accepted_at` is what its submit was answered."""
        place = min(self._places.get(job_id, accepted_at), self._shown.get(job_id, accepted_at))
        self._shown[job_id] = place
        return place
