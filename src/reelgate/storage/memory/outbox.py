"""The outbox: what callbacks are to be told, and what became of the tries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from reelgate.contracts.outbox import TRIES_KEPT, Delivery, DeliveryState, DeliveryTry
from reelgate.domain.job import TERMINAL, Job, JobState
from reelgate.storage._rule import owed, to_the_ms
from reelgate.storage.memory.room import Room


class Outbox(Room):
    """Verbs for deliveries. They lie on the shelf in the order in which they were written."""

    async def due(self, *, now: datetime, until: datetime, limit: int, per_account: int, without: Collection[str] = ()) -> list[Delivery]:
        self._check_open()
        turns = Counter[str]()
        hand: list[tuple[int, Delivery]] = []
        for each in self._ready(now):
            turns[each.account] += 1
            if turns[each.account] <= per_account and each.account not in without:
                hand.append((turns[each.account], each))
        hand.sort(key=lambda pair: pair[0])
        taken = [self._put(replace(each, token=each.token + 1, next_at=until)) for _, each in hand[:limit]]
        return [replace(each, tries=()) for each in taken]

    async def delivered(self, delivery: Delivery, tried: DeliveryTry) -> bool:
        return self._answer(delivery, tried, DeliveryState.DELIVERED, None)

    async def delivery_failed(self, delivery: Delivery, tried: DeliveryTry, next_at: datetime | None) -> bool:
        return self._answer(delivery, tried, DeliveryState.FAILED if next_at is None else DeliveryState.PENDING, next_at)

    async def deliveries(self, account: str, job_id: str = "", limit: int = 50, *, test_only: bool = False) -> list[Delivery]:
        mine = (each for each in self.shelf.deliveries.values() if each.account == account and job_id in {"", each.job_id})
        found = [each for each in mine if not test_only or self.shelf.jobs[each.job_id].test]
        return found[::-1][:limit]

    async def replay(self, account: str, delivery_id: str, at: datetime, *, test_only: bool = False) -> Delivery | None:
        self._check_open()
        found = self.shelf.deliveries.get(delivery_id)
        if found is None or found.account != account or (test_only and not self.shelf.jobs[found.job_id].test):
            return None
        again = self._put(replace(found, state=DeliveryState.PENDING, step=0, token=found.token + 1, next_at=at))
        self._hub.publish((found.job_id,))
        return again

    async def sweep_deliveries(self, before: datetime, limit: int) -> int:
        self._check_open()
        over = [each for each in self.shelf.deliveries.values() if each.state is not DeliveryState.PENDING and each.changed_at < before]
        for each in over[:limit]:
            del self.shelf.deliveries[each.id]
            if each.told in TERMINAL:
                self.shelf.jobs[each.job_id] = replace(self.shelf.jobs[each.job_id], callback=None)
        return len(over[:limit])

    def _ready(self, now: datetime) -> list[Delivery]:
        """All whose time has come and that wait for no older one of their job, the longest first."""
        found: list[tuple[datetime, Delivery]] = []
        untried = set[str]()
        for each in self.shelf.deliveries.values():
            if each.state is not DeliveryState.PENDING:
                continue
            if each.job_id not in untried and each.next_at is not None and each.next_at <= now:
                found.append((each.next_at, each))
            if not each.tries:
                untried.add(each.job_id)
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    def _owe(self, job: Job, told: JobState, at: datetime) -> None:
        """Write the delivery of a change, if the job's callback wants to hear of it and has not yet."""
        delivery = owed(job, told, at)
        before = (each for each in self.shelf.deliveries.values() if each.job_id == job.id and each.told is told)
        if delivery is not None and next(before, None) is None:
            self._put(delivery)

    def _answer(self, delivery: Delivery, tried: DeliveryTry, state: DeliveryState, next_at: datetime | None) -> bool:
        self._check_open()
        found = self.shelf.deliveries.get(delivery.id)
        if found is None or found.token != delivery.token or found.state is not DeliveryState.PENDING:
            return False
        self._put(replace(found, state=state, next_at=next_at, step=found.step + 1, tries=_with(found.tries, tried)))
        self._hub.publish((found.job_id,))
        return True

    def _put(self, delivery: Delivery) -> Delivery:
        kept = self.shelf.deliveries[delivery.id] = to_the_ms(delivery)
        return kept


def _with(tries: tuple[DeliveryTry, ...], tried: DeliveryTry) -> tuple[DeliveryTry, ...]:
    number = tries[-1].number + 1 if tries else 1
    return (*tries, replace(to_the_ms(tried), number=number))[-TRIES_KEPT:]
