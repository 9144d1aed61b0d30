"""Channels of the admin API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.house import Lodger

KEY = "a-key-that-nobody-may-see"
NEW: dict[str, Any] = {"id": "main", "provider": "reelgate", "address": "http://127.0.0.1:9", "secrets": {"api_key": KEY}}


async def test_a_channel_is_set_up_changed_paused_and_removed(gate: Lodger) -> None:
    made = await gate.http.post("/admin/v1/channels", json={**NEW, "priority": 2, "reason": "a second gateway"})
    assert made.status_code == 201
    told = made.json()
    assert (told["secrets"], told["priority"], told["state"]) == (["api_key"], 2, "active")
    assert "fal-ai/veo3" in told["offers"]
    assert set(told["without_cost"]) == set(told["offers"])
    changed = await gate.http.patch("/admin/v1/channels/main", json={"weight": 3, "models": {"fal-ai/veo3": "veo-three"}})
    assert (changed.json()["weight"], changed.json()["offers"], changed.json()["priority"]) == (3, ["fal-ai/veo3"], 2)
    paused = await gate.http.post("/admin/v1/channels/main/pause", json={"note": "out of credit"})
    assert (paused.json()["state"], paused.json()["note"]) == ("paused", "out of credit")
    assert (await gate.http.post("/admin/v1/channels/main/resume")).json()["state"] == "active"
    assert [each["id"] for each in (await gate.http.get("/admin/v1/channels")).json()["data"]] == ["main"]
    assert (await gate.http.get("/admin/v1/channels/main")).json()["health"]["running"] == 0
    assert (await gate.http.delete("/admin/v1/channels/main")).json() == {"id": "main", "removed": True}
    assert (await gate.http.get("/admin/v1/channels/main")).status_code == 404


async def test_null_takes_a_bound_away_and_says_nothing_of_what_has_to_be(gate: Lodger) -> None:
    await gate.http.post("/admin/v1/channels", json={**NEW, "per_second": 2, "window_s": 60, "store_outputs": False})
    told = (await gate.http.patch("/admin/v1/channels/main", json={"per_second": None, "store_outputs": None, "weight": 4})).json()
    assert (told["per_second"], told["window_s"], told["store_outputs"], told["weight"]) == (None, 60, False, 4)


async def test_why_a_channel_was_removed_stands_in_the_log(gate: Lodger) -> None:
    await gate.http.post("/admin/v1/channels", json=NEW)
    assert (await gate.http.delete("/admin/v1/channels/main?reason=too%0Adear")).status_code == 422
    assert (await gate.http.delete("/admin/v1/channels/main?reason=too%20dear")).status_code == 200
    log = (await gate.http.get("/admin/v1/audit?subject=main")).json()["data"]
    assert ("channel.remove", "too dear") in {(each["action"], each["reason"]) for each in log}


async def test_a_secret_never_comes_out_again(gate: Lodger) -> None:
    answers = [await gate.http.post("/admin/v1/channels", json=NEW)]
    answers += [await gate.http.get(path) for path in ("/admin/v1/channels", "/admin/v1/channels/main", "/admin/v1/audit")]
    assert all(answer.status_code < 300 and KEY not in answer.text for answer in answers)
    wrong = await gate.http.post("/admin/v1/channels", json={**NEW, "id": "other", "secrets": {"api_key": f"{KEY} with a space"}})
    assert wrong.status_code == 422
    assert KEY not in wrong.text


async def test_a_check_that_fails_says_so_and_costs_nothing(gate: Lodger) -> None:
    await gate.http.post("/admin/v1/channels", json=NEW)
    told = (await gate.http.post("/admin/v1/channels/main/check")).json()
    assert (told["good"], told["cost"]) == (False, "0.000000")
    assert "127.0.0.1" not in told["said"]
    assert (await gate.http.post("/admin/v1/channels/nobody/check")).status_code == 404


async def test_providers_are_listed_with_what_they_need(gate: Lodger) -> None:
    found = {each["name"]: each for each in (await gate.http.get("/admin/v1/providers")).json()["data"]}
    assert found["fal"]["secrets"] == ["api_key"]
    assert found["kling"]["options"].keys() == {"generation"}
    assert found["fal"]["models"] > 40


@pytest.mark.parametrize(
    ("change", "status"),
    [({"provider": "nobody"}, 422), ({"address": "nowhere"}, 422), ({"weight": "3"}, 422), ({"unknown": 1}, 422), ({"secrets": {}}, 422)],
)
async def test_what_cannot_be_is_refused(gate: Lodger, change: dict[str, Any], status: int) -> None:
    assert (await gate.http.post("/admin/v1/channels", json={**NEW, **change})).status_code == status
    assert (await gate.http.get("/admin/v1/channels")).json()["data"] == []


async def test_a_trial_names_its_cost_and_is_bought_by_who_agrees_to_it(gate: Lodger) -> None:
    await gate.http.post("/admin/v1/channels", json={**NEW, "models": {"fal-ai/kling-video/*": ""}})
    trial = (await gate.http.get("/admin/v1/channels/main/trial")).json()
    dearer = (await gate.http.get("/admin/v1/channels/main/trial?endpoint=fal-ai/kling-video/v2/master/text-to-video")).json()
    assert float(trial["cost"]) <= float(dearer["cost"])
    other = await gate.http.post("/admin/v1/channels/main/trial", json={"endpoint": trial["endpoint"], "cost": "0.000001"})
    assert (other.status_code, trial["cost"] in other.json()["error"]["message"]) == (409, True)
    run = await gate.http.post("/admin/v1/channels/main/trial", json={"endpoint": trial["endpoint"], "cost": trial["cost"]})
    assert (run.status_code, run.json()["job"]["serving"]) == (201, "paid")
    job = await gate.house.gateway.store.job("owner", run.json()["job"]["id"])
    assert job is not None
    assert (job.names or {})["only_at"] == "main"


async def test_what_cannot_be_tried_says_so(gate: Lodger) -> None:
    assert (await gate.http.get("/admin/v1/channels/main/trial")).status_code == 404
    await gate.http.post("/admin/v1/channels", json={**NEW, "models": {"fal-ai/veo3/image-to-video": ""}})
    refused = await gate.http.get("/admin/v1/channels/main/trial")
    assert (refused.status_code, "channels costs main" in refused.json()["error"]["message"]) == (404, True)


async def test_costs_are_the_vendor_s_list_price_until_they_are_confirmed(gate: Lodger) -> None:
    await gate.http.post("/admin/v1/channels", json={**NEW, "models": {"fal-ai/veo3": "", "fal-ai/veo3/fast": ""}})
    before = (await gate.http.get("/admin/v1/channels/main/costs")).json()["data"]
    assert {each["endpoint"]: each["confirmed"] for each in before} == {"fal-ai/veo3": False, "fal-ai/veo3/fast": False}
    assert all(each["price"] for each in before)
    after = (await gate.http.post("/admin/v1/channels/main/costs")).json()
    assert (after["confirmed"], {each["confirmed"] for each in after["data"]}) == (2, {True})
    assert [each["price"] for each in after["data"]] == [each["price"] for each in before]
    assert (await gate.http.post("/admin/v1/channels/main/costs")).json()["confirmed"] == 0
    assert (await gate.http.get("/admin/v1/channels/main")).json()["without_cost"] == []
