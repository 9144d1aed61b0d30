"""`/metrics`: who may look, what is there, and that each rule of `docs/alerts.md` fires when it should and only then."""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 -- calls an application in this process; nothing goes out
import pytest
from prometheus_client import generate_latest

from reelgate.contracts.provider import HttpCall, Talk
from reelgate.dialects._reply import meaning
from reelgate.dispatch.health import Health
from reelgate.dispatch.relay import UNKNOWN
from reelgate.dispatch.talks import Talks
from reelgate.dispatch.witness import witness
from reelgate.domain.errors import Garbled, Misconfigured, Unready, UpstreamError
from reelgate.domain.money import Money
from reelgate.metrics import REGISTRY
from tests.alerts import Figures, fires, read_figures, rules
from tests.clock import FakeClock
from tests.house import Lodger, open_lodging
from tests.story import make_job
from tests.unit.dispatch.channels import Purse, Wire, make_offer, says
from tests.unit.dispatch.depot import Depot, tell

PROMPT = "canary-of-a-prompt"


async def look(lodger: Lodger) -> Figures:
    """The figures, as an admin sees them."""
    key = (lodger.folder.secret("admin-key") or b"").decode()
    answer = await lodger.http.get("/metrics", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return read_figures(answer.text)


async def test_only_an_admin_key_may_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        assert (await lodger.http.get("/metrics", headers={"Authorization": ""})).status_code == 401
        assert (await lodger.http.get("/metrics", headers=await lodger.key())).status_code in {401, 403}
        assert (await look(lodger)).values("reelgate_workers_alive", {}) == [0]


async def test_jobs_are_counted_by_what_the_catalog_calls_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        before = await look(lodger)
        await lodger.ended((await lodger.http.post("/scripted/text", json={"prompt": PROMPT})).json()["request_id"])
        after = await look(lodger)
        done = {"state": "done", "endpoint": "scripted/text"}
        assert sum(after.values("reelgate_jobs_ended_total", done)) - sum(before.values("reelgate_jobs_ended_total", done)) == 1
        for state in ("queued", "running"):
            name, labels = "reelgate_job_state_seconds_count", {"state": state}
            assert sum(after.values(name, labels)) - sum(before.values(name, labels)) == 1
        assert after.values("reelgate_jobs", {}) == []
        assert PROMPT not in repr(after)
        assert "owner" not in repr(after), "an account is no label"


async def test_jobs_that_are_not_over_and_money_under_way_are_asked_of_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        store: Any = lodger.house.gateway.store
        for endpoint in ("scripted/text", "not/in/the/catalog"):
            job = make_job(account="owner", endpoint=endpoint)
            await store.accept(_of_a_key(job, await store.keys("owner")))
        found = await look(lodger)
        assert set(found.values("reelgate_jobs", {"state": "queued", "endpoint": "scripted/text"})) == {1}
        assert found.values("reelgate_jobs", {"endpoint": "other"}) == [1]
        assert found.values("reelgate_held_dollars", {}) == [pytest.approx(2 * 0.35)]


async def test_the_port_of_its_own_asks_for_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    async with open_lodging(tmp_path, monkeypatch) as lodger:
        aside: Any = lodger.house.side_door
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=aside), base_url="http://side.test") as http:
            assert "reelgate_workers_alive" in (await http.get("/metrics")).text
            assert (await http.get("/v1/jobs")).status_code == 404


# -- the rules -----------------------------------------------------------------------------------------------------------

Trouble = Callable[[Lodger, pytest.MonkeyPatch], Awaitable[None]]


async def _nothing(lodger: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a gateway that works is started with, or without, is its trouble."""


async def _mute_store(lodger: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse() -> None:
        raise Unready("the disk is full")

    monkeypatch.setattr(lodger.house.gateway.store, "check_writable", refuse)


async def _false_books(lodger: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    store: Any = lodger.house.gateway.store
    store.shelf.ledger.balances["owner", "available"] += 1
    await lodger.house.gateway.inspector.look()


async def _sick_channel(lodger: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    health = Health(lodger.house.gateway.clock, random.Random(1))  # noqa: S311 -- the same in every run
    health.ill("acme-main", Misconfigured(said="http 401"))
    monkeypatch.setattr(lodger.house.gateway.dispatch, "health", health.report)


def _asking() -> Talk[None]:
    reply = yield HttpCall("GET", "/")
    raise Garbled if reply.status == 200 else meaning(reply)


async def _talk(*answers: Any) -> None:
    for answer in answers:
        with pytest.raises(UpstreamError):
            await Talks(Wire(answer), Purse(), FakeClock()).hold(make_offer(), _asking())


async def _refused_key(lodger: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    await _talk(says({}, 401))


async def _missing_model(lodger: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    await _talk(says({}, 404))


async def _odd_words(lodger: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    await _talk(*[says({"state": 7})] * 4)


async def _old_job(lodger: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    store: Any = lodger.house.gateway.store
    job = make_job(account="owner", created_at=lodger.house.gateway.clock.now() - timedelta(hours=1))
    await store.accept(_of_a_key(job, await store.keys("owner")))


async def _old_webhook(lodger: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    store: Any = lodger.house.gateway.store
    then = lodger.house.gateway.clock.now() - timedelta(hours=2)
    job = _of_a_key(make_job(account="owner", callback="https://receiver.example/", created_at=then), await store.keys("owner"))
    await store.accept(job)
    await store.request_cancel("owner", job.id, then)


TROUBLES: dict[str, tuple[Trouble, dict[str, Any]]] = {
    "WorkersStopped": (_nothing, {"working": False}),
    "StoreNotWritable": (_mute_store, {}),
    "DiskNearlyFull": (_nothing, {"min_free_bytes": 1 << 60}),
    "BooksDoNotAgree": (_false_books, {}),
    "ChannelSetAside": (_sick_channel, {}),
    "KeyRefused": (_refused_key, {}),
    "ModelNotThere": (_missing_model, {}),
    "RepliesNotUnderstood": (_odd_words, {}),
    "QueueStuck": (_old_job, {"working": False}),
    "WebhooksStuck": (_old_webhook, {"working": False}),
}


@pytest.mark.parametrize("name", TROUBLES)
async def test_a_rule_fires_on_its_trouble_and_not_on_a_gateway_that_is_well(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expression, (trouble, given) = rules()[name], TROUBLES[name]
    async with open_lodging(tmp_path / "well", monkeypatch) as well:
        await well.ended((await well.http.post("/scripted/text", json={"prompt": "go"})).json()["request_id"])
        healthy = await look(well)
        assert not fires(expression, healthy, await look(well))
    async with open_lodging(tmp_path / "ill", monkeypatch, **given) as ill:
        before = await look(ill)
        await trouble(ill, monkeypatch)
        assert fires(expression, before, await look(ill))


def test_the_rule_of_unknown_jobs_fires_when_one_is_given_up() -> None:

    async def story(depot: Depot) -> None:
        store = witness(depot.store, lambda _: True, depot.clock)
        lease = await depot.lease()
        await store.open_attempt(lease, "t", depot.clock.now(), channel="acme-main", model="acme-1")
        await store.sent(lease, "t", depot.clock.now())
        before = read_figures(generate_latest(REGISTRY).decode())
        assert not fires(rules()["JobsUnknown"], before, before)
        await store.give_up(lease, UNKNOWN, Money.dollars("0.30"), depot.clock.now())
        assert fires(rules()["JobsUnknown"], before, read_figures(generate_latest(REGISTRY).decode()))

    tell(story)


def test_there_are_eleven_rules_and_each_has_its_test() -> None:
    assert set(rules()) == {*TROUBLES, "JobsUnknown"}
    assert len(rules()) == 11


@pytest.mark.parametrize("name", [name for name, expression in rules().items() if "increase" in expression])
def test_a_rule_of_a_counter_hears_of_a_series_that_is_born_with_its_event(name: str) -> None:
    expression = rules()[name]
    selector, window, bound = re.findall(r"increase\((.*)\[(\d+[mh])\]\) > (\d+)$", expression)[0]
    assert f"({selector} unless {selector} offset {window}) > {bound} or " in expression
    counter, labels = re.findall(r"([a-z_]+)\{(.*)\}", selector)[0]
    told = frozenset({("channel", "new-main"), tuple(labels.replace('"', "").split("="))})
    born = Figures({(counter, told): float(bound) + 1})
    assert not fires(f"increase({selector}[{window}]) > {bound}", Figures({}), born), "Prometheus knows no growth from nothing"
    assert fires(expression, Figures({}), born)
    assert not fires(expression, born, born)


def test_a_rule_that_this_reader_does_not_know_is_no_pass() -> None:
    with pytest.raises(AssertionError):
        fires("rate(reelgate_jobs[5m]) > 0", Figures({}), Figures({}))


def _of_a_key(job: Any, keys: Any) -> Any:

    return replace(job, key_id=keys[0].id)
