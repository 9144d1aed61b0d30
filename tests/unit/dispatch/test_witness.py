"""The store that tells: a line and the figures for each change of a job, and nothing of what a caller sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from prometheus_client import generate_latest
from structlog.testing import LogCapture

from reelgate.contracts.attempt import Cost
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.dispatch.witness import witness
from reelgate.domain.errors import LeaseLost, Unready
from reelgate.domain.job import AttemptState, Failure, Serving
from reelgate.domain.money import Money
from reelgate.metrics import REGISTRY
from reelgate.storage.memory.store import MemoryStore
from tests.alerts import Figures, read_figures
from tests.clock import FakeClock
from tests.story import ANY, BROKEN, PRICE, later, make_blob, make_job, make_video, with_accounts

ENDPOINT = make_job().endpoint


@pytest.fixture
async def store(told: list[Any]) -> AsyncIterator[Store]:
    inner = await with_accounts(await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(Path(), ""))
    yield witness(inner, lambda endpoint: endpoint == ENDPOINT, FakeClock())
    assert await inner.breaches() == []


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """The lines of the log."""
    lines, before = LogCapture(), structlog.get_config()
    structlog.configure(processors=[lines])
    yield lines.entries
    structlog.configure(**before)


def figures() -> Figures:
    """As they are now."""
    return read_figures(generate_latest(REGISTRY).decode())


async def run(store: Store, at: float = 1, **facts: Any) -> Any:
    """A lease of a new job."""
    await store.accept(make_job(serving=Serving.PAID, **facts))
    (lease,) = await store.lease("w", now=later(at), until=later(at + 60), want=ANY, per_account=9)
    return lease


async def test_each_change_is_one_line(store: Store, told: list[Any]) -> None:
    lease = await run(store)
    await store.open_attempt(lease, "t", later(1), channel="acme", model="m")
    await store.close_attempt(lease, "t", AttemptState.FAILED, "no", later(2))
    await store.requeue(lease, later(5), later(3))
    (again,) = await store.lease("w", now=later(6), until=later(60), want=ANY, per_account=9)
    await store.open_attempt(again, "u", later(6), channel="acme", model="m")
    blob = make_blob(again.job)
    await store.complete(again, make_video(blob), blob, render_s=1, at=later(9), cost=Cost(expected=Money(5)))
    jobs = [each for each in told if each["event"] == "job"]
    assert [(each.get("before", ""), each["state"]) for each in jobs] == [
        ("", "queued"),
        ("queued", "running"),
        ("running", "queued"),
        ("queued", "running"),
        ("running", "done"),
    ]
    assert {each["job"] for each in jobs} == {lease.job.id}
    assert jobs[-1]["seconds"] == 3
    assert jobs[-1]["channel"] == "acme"
    assert jobs[-1]["channel_cost"] == "0.000005"
    assert "boat" not in repr(told)


async def test_a_job_that_is_taken_over_did_not_begin_again(store: Store, told: list[Any]) -> None:
    await run(store)
    (again,) = await store.lease("v", now=later(100), until=later(200), want=ANY, per_account=9)
    assert (told[-1]["job"], told[-1]["before"], told[-1]["state"]) == (again.job.id, "running", "running")
    assert "seconds" not in told[-1]


@pytest.mark.parametrize("end", ["failed", "cancelled", "unknown"])
async def test_every_end_is_counted_once_and_its_hold_with_it(store: Store, told: list[Any], end: str) -> None:
    before, lease = figures(), await run(store)
    match end:
        case "failed":
            await store.fail(lease, BROKEN, render_s=None, at=later(2))
        case "cancelled":
            await store.cancel(lease, later(2))
        case _:
            await store.open_attempt(lease, "t", later(1), channel="acme", model="m")
            await store.sent(lease, "t", later(1))
            await store.give_up(lease, Failure(code="upstream_unknown", message="x"), PRICE, later(2))
    after = figures()
    for name, labels, more in (
        ("reelgate_jobs_ended_total", {"state": end, "endpoint": ENDPOINT}, 1),
        ("reelgate_settled_dollars_total", {"outcome": "released"}, 0.35),
    ):
        assert sum(after.values(name, labels)) - sum(before.values(name, labels)) == pytest.approx(more)
    assert told[-1]["state"] == end


async def test_what_the_store_refuses_is_not_told(store: Store, told: list[Any]) -> None:
    lease = await run(store)
    await store.lease("v", now=later(100), until=later(200), want=ANY, per_account=9)
    count, before = len(told), figures()
    with pytest.raises(LeaseLost):
        await store.fail(lease, BROKEN, render_s=None, at=later(101))
    assert len(told) == count
    assert figures().values("reelgate_jobs_ended_total", {}) == before.values("reelgate_jobs_ended_total", {})


async def test_a_cancel_in_the_queue_is_an_end_and_a_second_one_is_not(store: Store, told: list[Any]) -> None:
    job = make_job()
    await store.accept(job)
    await store.request_cancel("ada", job.id, later(3))
    assert (told[-1]["before"], told[-1]["state"]) == ("queued", "cancelled")
    count = len(told)
    await store.request_cancel("ada", job.id, later(4))
    assert len(told) == count


async def test_an_endpoint_that_is_in_no_catalog_becomes_no_label(store: Store) -> None:
    before = figures()
    lease = await run(store, endpoint="anybody/may/say")
    await store.fail(lease, BROKEN, render_s=None, at=later(2))
    labels = {"endpoint": "other", "state": "failed"}
    assert sum(figures().values("reelgate_jobs_ended_total", labels)) - sum(before.values("reelgate_jobs_ended_total", labels)) == 1
    assert "anybody" not in repr(figures())


async def test_the_channel_of_an_end_is_the_one_that_the_job_went_to(store: Store, told: list[Any]) -> None:
    before, lease = figures(), await run(store)
    assert lease.job.channel == "", "it was leased before it was routed"
    await store.open_attempt(lease, "t", later(1), channel="acme-only-here", model="m")
    await store.fail(lease, BROKEN, render_s=None, at=later(2))
    assert told[-1]["channel"] == "acme-only-here"
    labels = {"channel": "acme-only-here", "state": "failed"}
    assert sum(figures().values("reelgate_jobs_ended_total", labels)) - sum(before.values("reelgate_jobs_ended_total", labels)) == 1


async def test_a_store_that_cannot_be_read_afterwards_makes_no_failure_of_what_has_happened(
    store: Store, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = await run(store)

    async def broken(*_: Any) -> Any:
        raise Unready("the disk is gone")

    monkeypatch.setattr(MemoryStore, "job", broken)
    await store.fail(lease, BROKEN, render_s=None, at=later(2))
    assert (told[-1]["job"], told[-1]["state"]) == (lease.job.id, "failed")


async def test_what_was_charged_for_less_than_was_asked_for_is_counted_as_that(store: Store) -> None:
    before, lease = figures(), await run(store)
    blob = make_blob(lease.job)
    await store.open_attempt(lease, "t", later(1))
    await store.complete(lease, make_video(blob), blob, render_s=1, at=later(2), charge=Money(150_000))
    after = figures()
    for outcome, dollars in (("captured", 0.15), ("released", 0.20)):
        labels = {"outcome": outcome}
        name = "reelgate_settled_dollars_total"
        assert sum(after.values(name, labels)) - sum(before.values(name, labels)) == pytest.approx(dollars)


async def test_a_job_that_starts_too_late_is_an_end_as_well(store: Store, told: list[Any]) -> None:
    before = figures()
    await store.accept(make_job(start_by=later(5)))
    await store.overdue(later(9))
    assert (told[-1]["before"], told[-1]["state"], told[-1]["code"]) == ("queued", "failed", "start_timeout")
    labels = {"outcome": "released"}
    name = "reelgate_settled_dollars_total"
    assert sum(figures().values(name, labels)) - sum(before.values(name, labels)) == pytest.approx(0.35)
