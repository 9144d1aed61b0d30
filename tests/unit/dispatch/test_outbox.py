"""The outbox, over the memory store and receivers on the loopback that are down, slow, gone or lying. Time moves as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from reelgate.contracts.letter import Letter, Scribe
from reelgate.contracts.outbox import Delivery, DeliveryState, DeliveryTry
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.dispatch import lanes
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.outbox import Outbox
from reelgate.domain.address import Reach, read_ranges
from reelgate.domain.errors import Unready
from reelgate.domain.job import Job, JobState, Notify, Terms
from reelgate.domain.schedule import TRIES
from tests.clock import FakeClock
from tests.story import accepted, finish, later, make_job, take, with_accounts
from tests.unit.dispatch.origin import Answers, Origin, body, opened, serving

PAUSES_S = [0, 5, 30, 120, 300, 600, 1200, 1800, 1800, 3600, 7200, 18_000, 36_000]
NAMES = Answers(hole_example=[["127.0.0.1"]], good_example=[["127.0.0.1"]], inside_example=[["10.0.0.1"]])
YES = body(b"thank you, and here is a secret of mine")


async def scribe(job: Job, delivery: Delivery, now: datetime) -> Letter:
    """Writes the same body for every try, and a new signature."""
    told = {"job": job.id, "told": delivery.told, "prompt": job.input.prompt}
    return Letter(body=orjson.dumps(told), headers=(("webhook-id", delivery.id), ("webhook-timestamp", str(int(now.timestamp())))))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    one = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    await with_accounts(one)
    yield one
    await one.close()


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with serving() as one:
        one.says("/hook", YES)
        yield one


@asynccontextmanager
async def sending(
    store: Store, clock: FakeClock, *, guard: Guard | None = None, faces: dict[str, Scribe] | None = None, look_every_s: float = 0.005
) -> AsyncGenerator[None]:
    """An outbox at work; chance always falls in the middle."""
    scribes = {"fal": scribe} if faces is None else faces
    outbox = Outbox(store, guard or opened(answers=NAMES), scribes, clock, chance=lambda: 0.5, look_every_s=look_every_s)
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(outbox.run())
        yield
        work.cancel()


async def ended(store: Store, url: str, **facts: Any) -> Job:
    """A job that ended at once, with a receiver who wants to hear of it."""
    job = await accepted(store, make_job(**{"callback": url, **facts}))
    await store.request_cancel(job.account, job.id, later(0))
    return job


async def delivery_of(store: Store, job: Job, when: Callable[[Delivery], bool] = lambda _: True) -> Delivery:
    """The job's newest delivery, as soon as that holds for it."""
    watch = store.watch(None)
    try:
        async with asyncio.timeout(10):
            while True:
                newest = next(iter(await store.deliveries(job.account, job.id)), None)
                if newest is not None and when(newest):
                    return newest
                await watch.wait(0.05)
    finally:
        watch.close()


def tried(times: int) -> Callable[[Delivery], bool]:
    return lambda delivery: len(delivery.tries) == times


def is_delivered(delivery: Delivery) -> bool:
    return delivery.state is DeliveryState.DELIVERED


def hanging(origin: Origin, path: str = "/hole") -> asyncio.Event:
    """Let a path answer nothing until the event is set."""
    release = asyncio.Event()

    async def hang(writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.write(YES)

    origin.scripts[path] = hang
    return release


async def test_a_letter_arrives_and_what_became_of_it_is_kept(store: Store, clock: FakeClock, origin: Origin) -> None:
    async with sending(store, clock):
        job = await ended(store, origin.url("/hook?token=hush"))
        delivery = await delivery_of(store, job, is_delivered)
    assert delivery.tries == (DeliveryTry(number=1, at=clock.now(), status=200, note="", took_s=0),)
    (head,), (sent,) = origin.asked, origin.bodies
    assert head.startswith("POST /hook?token=hush HTTP/1.1\r\n")
    assert "\r\nContent-Type: application/json\r\n" in head
    assert f"\r\nwebhook-id: {delivery.id}\r\n" in head
    assert orjson.loads(sent) == {"job": job.id, "told": "cancelled", "prompt": job.input.prompt}


async def test_a_receiver_that_is_down_for_eight_hours_hears_of_it_when_it_is_back(store: Store, clock: FakeClock, origin: Origin) -> None:
    origin.says("/hook", body(b"down", status="503 Service Unavailable"))
    job = await ended(store, origin.url("/hook"))
    went_s = 0
    async with sending(store, clock):
        for number in range(1, TRIES + 1):
            delivery = await delivery_of(store, job, tried(number))
            if is_delivered(delivery):
                break
            assert delivery.next_at is not None
            pause = delivery.next_at - clock.now()
            clock.tick(seconds=pause.total_seconds() - 0.001)  # nothing may happen yet
            await asyncio.gather(*(store.counts() for _ in range(3)))
            clock.tick(seconds=0.001)
            went_s += round(pause.total_seconds())
            if went_s > timedelta(hours=8).total_seconds():
                origin.says("/hook", YES)
    times = [(each.at - later(0)).total_seconds() for each in delivery.tries]
    assert times == pytest.approx(list(accumulate(PAUSES_S))[: len(times)])
    assert [each.status for each in delivery.tries] == [503] * (len(times) - 1) + [200]
    assert {each.note for each in delivery.tries[:-1]} == {"refused by the receiver: 503"}
    assert timedelta(hours=8).total_seconds() < times[-1]
    assert len(set(origin.bodies)) == 1  # always the same letter
    assert len({head.partition("webhook-timestamp: ")[2] for head in origin.asked}) == len(times)  # signed anew each time
    assert len({head.partition("webhook-id: ")[2].split()[0] for head in origin.asked}) == 1


async def test_after_the_last_try_it_is_given_up_and_can_be_replayed(store: Store, clock: FakeClock, origin: Origin) -> None:
    origin.says("/hook", b"")
    job = await ended(store, origin.url("/hook"))
    async with sending(store, clock):
        for number in range(1, TRIES + 1):
            delivery = await delivery_of(store, job, tried(number))
            clock.tick(hours=20)
        assert (delivery.state, delivery.next_at) == (DeliveryState.FAILED, None)
        assert {each.note for each in delivery.tries} == {"no connection to the receiver"}
        assert {each.status for each in delivery.tries} == {None}
        origin.says("/hook", YES)
        await store.replay(job.account, delivery.id, clock.now())
        delivery = await delivery_of(store, job, is_delivered)
    assert len(delivery.tries) == TRIES + 1


async def test_a_receiver_that_never_answers_does_not_delay_the_others(store: Store, clock: FakeClock, origin: Origin) -> None:
    release = hanging(origin)
    for _ in range(40):
        await ended(store, origin.url("/hole", host="hole.example"))
    async with sending(store, clock):
        for _ in range(30):
            await delivery_of(store, await ended(store, origin.url("/hook", host="good.example")), is_delivered)
        assert sum(head.startswith("POST /hole") for head in origin.asked) == 10
        release.set()


class Deaf(Guard):
    """Of receivers below `hole.example` nobody ever hears; all others say yes at once."""

    async def post(self, url: str, *args: Any, **more: Any) -> int:
        if "hole.example" in url:
            await asyncio.Event().wait()
        return 200


async def test_an_account_that_is_owed_much_delays_no_other_and_no_more_of_it_is_taken_than_has_room(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "WAITING", 100)
    for number in range(300):
        await ended(store, f"https://{number}.hole.example/")
    async with sending(store, clock, guard=Deaf()):
        await delivery_of(store, await ended(store, "https://good.example/", account="bob"), is_delivered)
        for _ in range(3):  # and as many looks at least
            await delivery_of(store, await ended(store, "https://good.example/", account="bob"), is_delivered)
        taken = [each for each in await store.deliveries("ada", limit=1000) if each.token]
    assert 50 <= len(taken) <= 125  # what is under way, half of the room, and what one look takes at most


async def test_of_an_account_that_is_owed_much_the_next_are_taken_without_a_pause(store: Store, clock: FakeClock) -> None:
    for number in range(120):
        await ended(store, f"https://{number}.hole.example/")
    lately = await ended(store, "https://good.example/")
    async with sending(store, clock, guard=Deaf(), look_every_s=3600):
        await delivery_of(store, lately, lambda newest: newest.token > 0)


async def test_a_receiver_that_is_too_slow_is_tried_again(store: Store, clock: FakeClock, origin: Origin) -> None:
    class Hasty(Guard):
        async def post(self, *args: Any, **more: Any) -> int:
            return await super().post(*args, **{**more, "deadline_s": 0.05})

    release = hanging(origin)
    job = await ended(store, origin.url("/hole"))
    async with sending(store, clock, guard=Hasty(Reach(opened=read_ranges("127.0.0.0/8")))):
        delivery = await delivery_of(store, job, tried(1))
        release.set()
    assert delivery.tries[0].note == "no answer in time"
    assert delivery.next_at == clock.now() + timedelta(seconds=5)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 410])
async def test_a_redirect_and_gone_end_it_and_are_not_followed(store: Store, clock: FakeClock, origin: Origin, status: int) -> None:
    origin.redirects("/away", "/hook", status)
    async with sending(store, clock):
        delivery = await delivery_of(store, await ended(store, origin.url("/away")), tried(1))
    assert (delivery.state, delivery.next_at) == (DeliveryState.FAILED, None)
    assert delivery.tries[0].status == status
    assert delivery.tries[0].note == f"refused by the receiver: {status}"
    assert len(origin.asked) == 1


@pytest.mark.parametrize("status", [400, 404, 429, 500, 502])
async def test_any_other_refusal_is_tried_again(store: Store, clock: FakeClock, origin: Origin, status: int) -> None:
    origin.says("/no", body(b"no, and why is a secret", status=f"{status} No"))
    async with sending(store, clock):
        delivery = await delivery_of(store, await ended(store, origin.url("/no")), tried(1))
    assert (delivery.state, delivery.next_at) == (DeliveryState.PENDING, clock.now() + timedelta(seconds=5))
    assert delivery.tries[0].note == f"refused by the receiver: {status}"


@pytest.mark.parametrize(
    ("url", "note"),
    [
        ("http://10.0.0.1/hook", "the address may not be called"),
        ("https://me:hush@receiver.example/", "the address may not be called"),
        ("no address at all", "the address may not be called"),
        ("http://inside.example/hook", "no connection to the receiver"),  # as a name that is not there
        ("http://nowhere.example/hook", "no connection to the receiver"),
    ],
)
async def test_an_address_inside_is_not_called_and_that_is_noted(store: Store, clock: FakeClock, url: str, note: str) -> None:
    async with sending(store, clock):
        delivery = await delivery_of(store, await ended(store, url), tried(1))
    assert (delivery.tries[0].status, delivery.tries[0].note) == (None, note)
    assert delivery.state is DeliveryState.PENDING  # the operator may open it yet


async def test_what_a_killed_sender_had_under_way_comes_again_as_it_was(store: Store, clock: FakeClock, origin: Origin) -> None:
    hanging(origin, "/hook")
    job = await ended(store, origin.url("/hook"))
    async with sending(store, clock):
        while not origin.bodies:  # noqa: ASYNC110 -- the receiver has it; there is nothing to wait on
            await asyncio.sleep(0.001)
    assert (await delivery_of(store, job)).tries == ()
    origin.says("/hook", YES)
    async with sending(store, clock):
        other = await ended(store, origin.url("/hook"))
        await delivery_of(store, other, is_delivered)
        assert (await delivery_of(store, job)).tries == ()  # it may still be under way
        clock.tick(seconds=61)
        delivery = await delivery_of(store, job, is_delivered)
    ours = [(head, sent) for head, sent in zip(origin.asked, origin.bodies, strict=True) if job.id in sent.decode()]
    assert len(ours) == 2
    assert ours[0][1] == ours[1][1]
    assert all(f"webhook-id: {delivery.id}" in head for head, _ in ours)


async def test_a_sender_that_was_taken_for_dead_writes_nothing_more(store: Store, clock: FakeClock, origin: Origin) -> None:
    release = hanging(origin)
    job = await ended(store, origin.url("/hole"))
    with capture_logs() as lines:
        async with sending(store, clock):
            while not origin.bodies:  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.001)
            await store.replay(job.account, (await delivery_of(store, job)).id, later(3600))
            release.set()
            while not lines:  # noqa: ASYNC110 -- as above
                await asyncio.sleep(0.001)
    assert [(each["status"], each["kept"]) for each in lines] == [(200, False)]
    assert (await delivery_of(store, job)).tries == ()


async def test_a_receiver_hears_of_the_changes_of_a_job_in_their_order(store: Store, clock: FakeClock, origin: Origin) -> None:
    release = hanging(origin, "/slow")
    job = await accepted(store, make_job(callback=origin.url("/slow"), terms=Terms(notify=Notify.CHANGES)))
    (lease,) = await take(store)
    async with sending(store, clock):
        while not origin.bodies:  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.001)
        await finish(store, lease)
        clock.tick(seconds=1)
        await delivery_of(store, await ended(store, origin.url("/hook")), is_delivered)
        assert [orjson.loads(each)["told"] for each in origin.bodies if job.id in each.decode()] == ["running"]
        release.set()
        await delivery_of(store, job, lambda newest: newest.told is JobState.DONE and is_delivered(newest))
    assert [orjson.loads(each)["told"] for each in origin.bodies if job.id in each.decode()] == ["running", "done"]


async def test_a_face_that_writes_no_letters_ends_it(store: Store, clock: FakeClock, origin: Origin) -> None:
    async with sending(store, clock):
        delivery = await delivery_of(store, await ended(store, origin.url("/hook"), face="own"), tried(1))
    assert (delivery.state, delivery.tries[0].note) == (DeliveryState.FAILED, "there is nothing to tell any more")
    assert origin.asked == []


async def test_a_letter_that_cannot_be_written_counts_as_a_try_and_stops_nobody(store: Store, clock: FakeClock, origin: Origin) -> None:
    async def clumsy(job: Job, delivery: Delivery, now: datetime) -> Letter:
        if job.face == "clumsy":
            raise KeyError(job.input.prompt)
        return await scribe(job, delivery, now)

    async with sending(store, clock, faces={"fal": clumsy, "clumsy": clumsy}):
        lost = await ended(store, origin.url("/hook"), face="clumsy")
        delivery = await delivery_of(store, lost, tried(1))
        await delivery_of(store, await ended(store, origin.url("/hook")), is_delivered)
    assert delivery.tries[0].note == "it could not be sent"
    assert delivery.next_at == clock.now() + timedelta(seconds=5)


class Ailing:
    """A store whose disk is full for the next so many answers of receivers and looks; all else it passes on."""

    def __init__(self, store: Store, *, looks: int = 0, answers: int = 0) -> None:
        self._store, self._looks, self._answers = store, looks, answers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def due(self, **how: Any) -> list[Delivery]:
        self._looks -= 1
        if self._looks >= 0:
            raise Unready if self._looks % 2 else RuntimeError
        return await self._store.due(**how)

    async def delivered(self, delivery: Delivery, done: DeliveryTry) -> bool:
        self._answers -= 1
        if self._answers >= 0:
            raise Unready
        return await self._store.delivered(delivery, done)


async def test_a_store_that_fails_for_a_while_stops_nothing(store: Store, clock: FakeClock, origin: Origin) -> None:
    ailing: Any = Ailing(store, looks=4, answers=1)
    async with sending(ailing, clock):
        job = await ended(store, origin.url("/hook"))
        while not origin.bodies:  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.001)
        await delivery_of(store, await ended(store, origin.url("/hook")), is_delivered)
        assert (await delivery_of(store, job)).tries == ()
        clock.tick(seconds=61)
        await delivery_of(store, job, is_delivered)
    assert len(origin.asked) == 3


async def test_an_idle_outbox_only_reads(store: Store, clock: FakeClock) -> None:
    seen: list[str] = []

    class Overheard(Ailing):
        def __getattr__(self, name: str) -> Any:
            seen.append(name)
            return super().__getattr__(name)

        async def due(self, **how: Any) -> list[Delivery]:
            seen.append("due")
            return await super().due(**how)

    overheard: Any = Overheard(store)
    async with sending(overheard, clock):
        while len(seen) < 5:  # noqa: ASYNC110 -- as above
            await asyncio.sleep(0.001)
    assert set(seen) == {"watch", "due"}


async def test_the_log_has_a_line_for_each_try_and_nothing_of_letter_or_address(store: Store, clock: FakeClock, origin: Origin) -> None:
    with capture_logs() as lines:
        async with sending(store, clock):
            for url in (origin.url("/hook?token=hush"), "http://10.0.0.1/hush", "http://nowhere.example/hush"):
                job = await ended(store, url, input=replace(make_job().input, prompt="a fox at dusk"))
                delivery = await delivery_of(store, job, tried(1))
                line = next(each for each in lines if each.get("job") == job.id)
                assert (line["event"], line["delivery"], line["status"]) == ("webhook_tried", delivery.id, delivery.tries[0].status)
    assert sum(each["event"] == "webhook_tried" for each in lines) == 3
    for word in ("hush", "fox", "secret", "nowhere"):
        assert word not in str(lines)
