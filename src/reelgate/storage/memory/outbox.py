"""The outbox: what callbacks are to be told, and what became of the tries."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reelgate.contracts.outbox import Delivery, DeliveryState, DeliveryTry
from reelgate.domain.job import Job, JobState
from reelgate.storage._rule import owed, to_the_ms
from reelgate.storage.memory.room import Room


class Outbox(Room):
    """Verbs for deliveries. They lie on the shelf in the order in which they were written."""

    async def due(self, *, now: datetime, until: datetime, limit: int) -> list[Delivery]:
        self._check_open()
        found: list[tuple[datetime, Delivery]] = []
        untried = set[str]()
        for each in self.shelf.deliveries.values():
            if each.state is not DeliveryState.PENDING:
                continue
            if each.job_id not in untried and each.next_at is not None and each.next_at <= now:
                found.append((each.next_at, each))
            if not each.tries:
                untried.add(each.job_id)
        chosen = sorted(found, key=lambda pair: pair[0])[:limit]
        return [self._put(replace(each, token=each.token + 1, next_at=until)) for _, each in chosen]

    async def delivered(self, delivery: Delivery, tried: DeliveryTry) -> bool:
        return self._answer(delivery, tried, DeliveryState.DELIVERED, None)

    async def delivery_failed(self, delivery: Delivery, tried: DeliveryTry, next_at: datetime | None) -> bool:
        return self._answer(delivery, tried, DeliveryState.FAILED if next_at is None else DeliveryState.PENDING, next_at)

    async def deliveries(self, account: str, job_id: str = "", limit: int = 50) -> list[Delivery]:
        found = [each for each in self.shelf.deliveries.values() if each.account == account and job_id in {"", each.job_id}]
        return found[::-1][:limit]

    async def replay(self, account: str, delivery_id: str, at: datetime) -> Delivery | None:
        self._check_open()
        found = self.shelf.deliveries.get(delivery_id)
        if found is None or found.account != account:
            return None
        again = self._put(replace(found, state=DeliveryState.PENDING, step=0, token=found.token + 1, next_at=at))
        self._hub.publish((found.job_id,))
        return again

    def _owe(self, job: Job, told: JobState, at: datetime) -> None:
        """Write the delivery of a change, if the job's callback wants to hear of it."""
        delivery = owed(job, told, at)
        if delivery is not None:
            self._put(delivery)

    def _answer(self, delivery: Delivery, tried: DeliveryTry, state: DeliveryState, next_at: datetime | None) -> bool:
        self._check_open()
        found = self.shelf.deliveries.get(delivery.id)
        if found is None or found.token != delivery.token or found.state is not DeliveryState.PENDING:
            return False
        kept = replace(to_the_ms(tried), number=len(found.tries) + 1)
        self._put(replace(found, state=state, next_at=next_at, step=found.step + 1, tries=(*found.tries, kept)))
        self._hub.publish((found.job_id,))
        return True

    def _put(self, delivery: Delivery) -> Delivery:
        kept = self.shelf.deliveries[delivery.id] = to_the_ms(delivery)
        return kept
