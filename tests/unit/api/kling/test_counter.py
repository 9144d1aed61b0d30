"""Kling's first route, through the whole gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import Lodger, open_lodging

PATH = "/kling/v1/videos/text2video"
BODY = {"model_name": "scripted-text", "prompt": "go", "mode": "std", "multi_shot": "false"}


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, preview_price="list") as lodger:
        yield lodger


async def create(gate: Lodger, **changes: Any) -> dict[str, Any]:
    answer = await gate.http.post(PATH, json=BODY | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_task_goes_from_submitted_to_a_video(gate: Lodger) -> None:
    made = await create(gate)
    assert (made["object"], made["code"], made["message"], made["task_info"]) == ("chat.completion", "success", "", {})
    assert made["task_status"] == made["data"]["task_status"] == "submitted"
    assert len(made["task_id"]) == 26
    assert made["created_at"] > 10**12
    await gate.ended(made["task_id"])
    task = (await gate.http.get(f"{PATH}/{made['task_id']}")).json()
    assert task["task_status"] == "succeed"
    [video] = task["data"]["task_result"]["videos"]
    assert video["duration"] == "5.0"
    assert (await gate.http.get(video["url"], headers={"Authorization": ""})).status_code == 200


async def test_a_task_is_found_by_the_caller_s_own_id_which_is_used_once(gate: Lodger) -> None:
    made = await create(gate, external_task_id="order-1")
    found = (await gate.http.get(f"{PATH}/order-1")).json()
    assert found["task_id"] == made["task_id"]
    assert found["task_info"] == {"external_task_id": "order-1"}
    again = await gate.http.post(PATH, json=BODY | {"external_task_id": "order-1"})
    assert (again.status_code, again.json()["code"]) == (400, 1201)


async def test_a_job_has_one_id_behind_both_faces(gate: Lodger) -> None:
    made = await create(gate)
    seen = (await gate.http.get(f"/v1/jobs/{made['task_id']}")).json()
    by_fal = await gate.http.get(f"/scripted/text/requests/{seen['id']}/status")
    assert by_fal.status_code in (200, 202)
    submitted = (await gate.http.post("/scripted/text", json={"prompt": "go"})).json()
    assert (await gate.http.get(f"{PATH}/{submitted['request_id']}")).status_code == 200
    picture = {"prompt": "go", "image_url": "https://example.com/a.png"}
    other = (await gate.http.post("/scripted/picture", json=picture)).json()
    assert (await gate.http.get(f"{PATH}/{other['request_id']}")).status_code == 400


async def test_a_stranger_s_task_answers_as_an_unknown_one(gate: Lodger) -> None:
    made = await create(gate, external_task_id="order-1")
    stranger = await gate.key(account="mallory")
    unknown = await gate.http.get(f"{PATH}/nothing", headers=stranger)
    for task in (made["task_id"], "order-1"):
        answer = await gate.http.get(f"{PATH}/{task}", headers=stranger)
        assert (answer.status_code, answer.json()) == (400, unknown.json())


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"model_name": "kling-v99"}, 404, 1203),
        ({"mode": "ultra"}, 400, 1201),
        ({"duration": "never"}, 400, 1201),
        ({"prompt": "x" * 200}, 400, 1201),
        ({"callback_url": "https://example.com"}, 400, 1201),
    ],
)
async def test_a_refusal_has_the_vendor_s_number(gate: Lodger, changes: dict[str, Any], status: int, code: int) -> None:
    answer = await gate.http.post(PATH, json=BODY | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert answer.json()["request_id"]


@pytest.mark.parametrize(("header", "code"), [("", 1001), ("Bearer nonsense", 1002)])
async def test_a_missing_header_and_a_bad_key_are_told_apart(gate: Lodger, header: str, code: int) -> None:
    answer = await gate.http.post(PATH, json=BODY, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, code)


async def test_an_empty_balance_is_the_vendor_s_429(gate: Lodger) -> None:
    answer = await gate.http.post(PATH, json=BODY, headers=await gate.key(account="poor"))
    assert (answer.status_code, answer.json()["code"]) == (429, 1102)
    assert "$0.35" in answer.json()["message"]


async def test_a_failed_task_says_why(gate: Lodger) -> None:
    made = await create(gate, prompt="refuse")
    await gate.ended(made["task_id"])
    task = (await gate.http.get(f"{PATH}/{made['task_id']}")).json()
    assert task["task_status"] == "failed"
    assert task["data"]["task_status_msg"].startswith("1301")


async def test_other_paths_of_the_vendor_are_said_not_to_be_there(gate: Lodger) -> None:
    answer = await gate.http.post("/kling/v1/videos/lip-sync", json={})
    assert (answer.status_code, answer.json()["code"]) == (404, 1202)
