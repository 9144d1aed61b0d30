"""Wakes those who wait for a job to change. It lives in one event loop and costs one future a waiter, no task.

It knows of changes made through this process only: whoever shares a store with other processes looks again by the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class Hub:
    """Who watches what. `publish` is called on the event loop, after the change is durable."""

    def __init__(self) -> None:
        self._of_job: dict[str, set[HubWatch]] = {}
        self._of_any: set[HubWatch] = set()

    def watch(self, job_id: str | None) -> HubWatch:
        """Begin to watch one job, or all of them."""
        watch = HubWatch(self, job_id)
        self._watchers_of(job_id).add(watch)
        return watch

    def publish(self, job_ids: Iterable[str]) -> None:
        """Wake everybody who watches one of these jobs."""
        woken = False
        for job_id in job_ids:
            woken = True
            for watch in self._of_job.get(job_id, ()):
                watch.wake()
        if woken:
            for watch in self._of_any:
                watch.wake()

    def leave(self, watch: HubWatch) -> None:
        """Forget a watch; a second time does nothing."""
        self._of_any.discard(watch)
        job_id = watch.job_id
        if job_id is not None and job_id in self._of_job:
            self._of_job[job_id].discard(watch)
            if not self._of_job[job_id]:
                del self._of_job[job_id]

    def __len__(self) -> int:
        """How many watch."""
        return len(self._of_any) + sum(map(len, self._of_job.values()))

    def _watchers_of(self, job_id: str | None) -> set[HubWatch]:
        return self._of_any if job_id is None else self._of_job.setdefault(job_id, set())


class HubWatch:
    """One who waits. It remembers a change that came while nobody was waiting, so that none is lost."""

    __slots__ = ("_changed", "_hub", "_waiter", "job_id")

    def __init__(self, hub: Hub, job_id: str | None) -> None:
        self.job_id = job_id
        self._hub = hub
        self._changed = False
        self._waiter: asyncio.Future[None] | None = None

    async def wait(self, timeout_s: float) -> bool:
        """Return as soon as something has changed since the last `wait`; False at the time-out, or when the watch is closed."""
        if not self._changed and timeout_s > 0:
            loop = asyncio.get_running_loop()
            self._waiter = waiter = loop.create_future()
            alarm = loop.call_later(timeout_s, _finish, waiter)
            try:
                await waiter
            finally:
                alarm.cancel()
                self._waiter = None
        changed, self._changed = self._changed, False
        return changed

    def wake(self) -> None:
        """Something has changed."""
        self._changed = True
        _finish(self._waiter)

    def close(self) -> None:
        """Stop watching; whoever waits is let go."""
        self._hub.leave(self)
        _finish(self._waiter)


def _finish(waiter: asyncio.Future[None] | None) -> None:
    if waiter is not None and not waiter.done():
        waiter.set_result(None)
