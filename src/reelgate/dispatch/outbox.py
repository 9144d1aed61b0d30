"""The outbox: sends webhooks until their receivers have them, or the schedule says that it is enough.

What is owed stands in the store, written together with the change that it tells; here it is only sent. A process that dies on the
way leaves a delivery that is taken again a minute later, with the same id and the same body, so a receiver may hear of a change
twice and never not at all.

What a receiver says is never kept, and what is noted of a try are our own few words: they are shown to the account.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from reelgate.contracts.letter import Scribe
from reelgate.contracts.outbox import Delivery, DeliveryTry
from reelgate.contracts.store import Store
from reelgate.dispatch.guard import Barred, FetchFailed, Guard, Late
from reelgate.dispatch.lanes import Lanes
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Unready
from reelgate.domain.schedule import Verdict, next_try, verdict

_log = structlog.get_logger(__name__)
_TAKEN = timedelta(seconds=60)
_LOOK_EVERY_S = 1.0
_BREATH_S = 0.05  # under load something changes all the time; one look then finds many
_TAKE = 200
_TAKE_PER_ACCOUNT = 50
_JSON = ("Content-Type", "application/json")


class Outbox:
    """Sends the webhooks of one gateway process. `scribes` are found by the name of the face that a job came by.

    `chance` gives numbers from 0 to 1, which spread the tries.
    """

    def __init__(
        self,
        store: Store,
        guard: Guard,
        scribes: Mapping[str, Scribe],
        clock: Clock,
        *,
        chance: Callable[[], float] = random.random,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._store, self._guard, self._scribes, self._clock = store, guard, scribes, clock
        self._chance, self._look_every_s = chance, look_every_s
        self._lanes = Lanes()

    async def run(self) -> None:
        """Send until cancelled; tries that are then under way are cut, and come again."""
        watch = self._store.watch(None)
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    more = await self._look(tasks)
                    await asyncio.sleep(min(_BREATH_S, self._look_every_s))
                    if not more:
                        await watch.wait(self._look_every_s)
        finally:
            watch.close()

    async def _look(self, tasks: asyncio.TaskGroup) -> bool:
        """Take what is due; whether there may be more."""
        try:
            now = self._clock.now()
            full = self._lanes.full(now)
            due = await self._store.due(now=now, until=now + _TAKEN, limit=_TAKE, per_account=_TAKE_PER_ACCOUNT, without=full)
        except Unready as error:
            _log.warning("outbox_unready", why=error.message)
            return False
        except Exception:  # noqa: BLE001 -- one fault must not end the sending of webhooks
            _log.exception("outbox_bug")
            return False
        for delivery in due:
            self._lanes.join(delivery)
        self._begin(tasks)
        most = max(Counter(delivery.account for delivery in due).values(), default=0)
        return len(due) == _TAKE or most == _TAKE_PER_ACCOUNT

    def _begin(self, tasks: asyncio.TaskGroup) -> None:
        while delivery := self._lanes.begin(self._clock.now()):
            tasks.create_task(self._carry(delivery, tasks))

    async def _carry(self, delivery: Delivery, tasks: asyncio.TaskGroup) -> None:
        try:
            await self._send(delivery)
        except Unready as error:
            _log.warning("outbox_unready", delivery=delivery.id, why=error.message)
        except Exception:  # noqa: BLE001 -- one delivery's trouble must not stop the others; it comes again
            _log.exception("outbox_bug", delivery=delivery.id, job=delivery.job_id)
        finally:
            self._lanes.end(delivery)
        self._begin(tasks)

    async def _send(self, delivery: Delivery) -> None:
        at, began_s = self._clock.now(), self._clock.monotonic_s()
        try:
            came = await self._try(delivery, at)
        except Unready:
            raise
        except Exception:  # noqa: BLE001 -- it counts as a try, or it would come again every minute for ever
            _log.exception("webhook_bug", delivery=delivery.id, job=delivery.job_id)
            came = _Came(Verdict.AGAIN, note="it could not be sent")
        took_s = round(self._clock.monotonic_s() - began_s, 3)
        tried = DeliveryTry(number=delivery.step + 1, at=at, status=came.status, note=came.note, took_s=took_s)
        kept = await self._keep(delivery, tried, came.to)
        _log.info(
            "webhook_tried",
            delivery=delivery.id,
            job=delivery.job_id,
            number=tried.number,
            status=came.status,
            to=came.to.value,
            why=came.reason or came.note,
            kept=kept,
        )

    async def _try(self, delivery: Delivery, now: datetime) -> _Came:
        job, scribe = await self._store.job(delivery.account, delivery.job_id), self._scribes.get(delivery.face)
        if job is None or scribe is None:
            return _Came(Verdict.ENDED, note="there is nothing to tell any more")
        letter = await scribe(job, delivery, now)
        try:
            status = await self._guard.post(delivery.url, letter.body, (_JSON, *letter.headers))
        except FetchFailed as error:
            return _Came(Verdict.AGAIN, note=_words_for(error), reason=error.reason)
        to = verdict(status)
        return _Came(to, status, "" if to is Verdict.DELIVERED else f"refused by the receiver: {status}")

    async def _keep(self, delivery: Delivery, tried: DeliveryTry, to: Verdict) -> bool:
        if to is Verdict.DELIVERED:
            return await self._store.delivered(delivery, tried)
        again = next_try(delivery.step + 1, self._clock.now(), self._chance()) if to is Verdict.AGAIN else None
        return await self._store.delivery_failed(delivery, tried, again)


class _Came(NamedTuple):
    """What a try has come to: the receiver's status if there was one, our words for the account, the reason for our log."""

    to: Verdict
    status: int | None = None
    note: str = ""
    reason: str = ""


def _words_for(error: FetchFailed) -> str:
    # Of a name no more is told than that nothing answered: whether it leads inside is nobody's business.
    if isinstance(error, Barred):
        return "the address may not be called"
    return "no answer in time" if isinstance(error, Late) else "no connection to the receiver"
