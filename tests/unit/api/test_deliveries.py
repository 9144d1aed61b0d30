"""Callers look after their own webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from reelgate.contracts.outbox import DeliveryTry
from reelgate.contracts.store import Accepted
from reelgate.domain.job import JobState
from reelgate.gateway.accounts import OWNER
from reelgate.gateway.face import Gateway
from tests.house import Lodger, open_lodging
from tests.story import make_job

HOOK = "https://receiver.example.com/hook?token=whisper"


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, working=False, preview_price="free") as lodger:
        yield lodger


async def told(gate: Lodger, account: str = OWNER) -> str:
    """A job that was cancelled, which its callback is to hear of."""
    gateway = gate.house.gateway
    now = gateway.clock.now()
    key = (await gateway.store.keys(account))[0]
    outcome = await gateway.store.accept(make_job(account, key_id=key.id, callback=HOOK, created_at=now, updated_at=now))
    assert isinstance(outcome, Accepted), outcome
    await gateway.store.request_cancel(account, outcome.job.id, now)
    return outcome.job.id


async def tried(gateway: Gateway, status: int | None, note: str = "") -> None:
    """One try of everything that is due, and the receiver's answer."""
    now = gateway.clock.now() + timedelta(seconds=1)
    for delivery in await gateway.store.due(now=now, until=now + timedelta(seconds=30), limit=10, per_account=10):
        answer = DeliveryTry(number=0, at=now, status=status, note=note, took_s=0.25)
        if status == 200:
            assert await gateway.store.delivered(delivery, answer)
        else:
            assert await gateway.store.delivery_failed(delivery, answer, None)


async def test_deliveries_are_listed_newest_first_with_their_tries(gate: Lodger) -> None:
    first, second = await told(gate), await told(gate)
    await tried(gate.house.gateway, None, "no answer within 15 s")
    listed = (await gate.http.get("/v1/deliveries")).raise_for_status().json()
    assert listed["object"] == "list"
    assert [each["job_id"] for each in listed["data"]] == [second, first]
    delivery = listed["data"][0]
    assert (delivery["told"], delivery["state"], delivery["next_at"]) == ("cancelled", "failed", None)
    (only,) = delivery["tries"]
    assert (only["number"], only["status"], only["note"], only["took_s"]) == (1, None, "no answer within 15 s", 0.25)
    assert [each["job_id"] for each in (await gate.http.get("/v1/deliveries", params={"limit": 1})).json()["data"]] == [second]


async def test_the_deliveries_of_one_job(gate: Lodger) -> None:
    first, second = await told(gate), await told(gate)
    for job_id, spelled in ((first, first), (second, second.replace("-", ""))):
        listed = (await gate.http.get(f"/v1/jobs/{spelled}/deliveries")).raise_for_status().json()["data"]
        assert [each["job_id"] for each in listed] == [job_id]


async def test_an_address_is_shown_without_its_query(gate: Lodger) -> None:
    await told(gate)
    answer = await gate.http.get("/v1/deliveries")
    assert answer.json()["data"][0]["url"] == "https://receiver.example.com/hook"
    assert "whisper" not in answer.text


async def test_a_delivery_is_sent_once_more(gate: Lodger) -> None:
    await told(gate)
    await tried(gate.house.gateway, 200)
    (before,) = (await gate.http.get("/v1/deliveries")).json()["data"]
    assert before["state"] == "delivered"
    answer = await gate.http.post(f"/v1/deliveries/{before['id']}/replay")
    assert answer.status_code == 202
    again = answer.json()
    assert (again["id"], again["state"], len(again["tries"])) == (before["id"], "pending", 1)
    assert again["next_at"] is not None
    assert JobState(again["told"]) is JobState.CANCELLED
    await tried(gate.house.gateway, 410)
    (after,) = (await gate.http.get("/v1/deliveries")).json()["data"]
    assert [each["status"] for each in after["tries"]] == [200, 410]


async def test_strangers_find_nothing(gate: Lodger) -> None:
    job_id = await told(gate)
    (mine,) = (await gate.http.get("/v1/deliveries")).json()["data"]
    stranger = await gate.key(account="mallory")
    assert (await gate.http.get("/v1/deliveries", headers=stranger)).json()["data"] == []
    unknown = await gate.http.post("/v1/deliveries/nothing/replay")
    replayed = await gate.http.post(f"/v1/deliveries/{mine['id']}/replay", headers=stranger)
    assert (replayed.status_code, replayed.content) == (404, unknown.content)
    assert (await gate.http.get(f"/v1/jobs/{job_id}/deliveries", headers=stranger)).status_code == 404
    assert (await gate.http.get("/v1/deliveries")).json()["data"] == [mine]


async def test_nobody_is_let_in_without_a_key(gate: Lodger) -> None:
    job_id = await told(gate)
    for method, path in (("GET", "/v1/deliveries"), ("GET", f"/v1/jobs/{job_id}/deliveries"), ("POST", "/v1/deliveries/x/replay")):
        assert (await gate.http.request(method, path, headers={"Authorization": ""})).status_code == 401
        assert (await gate.http.request(method, path, headers=await gate.key("admin"))).status_code == 403


@pytest.mark.parametrize("limit", ["0", "201", "x", "-1", "", "1" * 5000])
async def test_a_limit_that_cannot_be_is_named(gate: Lodger, limit: str) -> None:
    for path in ("/v1/deliveries", f"/v1/jobs/{await told(gate)}/deliveries"):
        answer = await gate.http.get(path, params={"limit": limit})
        assert answer.status_code == 422
        assert answer.json()["error"]["faults"][0]["field"] == "limit"
