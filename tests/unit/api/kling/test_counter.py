"""Kling's counter, through the whole gateway: both envelopes, both generations."""

from __future__ import annotations

import json
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
        assert (answer.status_code, answer.json() | {"request_id": ""}) == (400, unknown.json() | {"request_id": ""})


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"model_name": "kling-v99"}, 404, 1203),
        ({"mode": "ultra"}, 400, 1201),
        ({"mode": "4k"}, 400, 1201),
        ({"duration": "never"}, 400, 1201),
        ({"prompt": "x" * 200}, 400, 1201),
        ({"callback_url": "http://10.0.0.1/"}, 400, 1201),
        ({"external_task_id": 7}, 400, 1201),
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


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/kling/v1/images/generations"),
        ("DELETE", f"{PATH}/x"),
        ("POST", "/v1/videos/identify-face"),
        ("PUT", "/v1/videos/text2video"),
        ("GET", "/proxy/kling/account/costs"),
        ("GET", "/text-to-video/kling-3.0"),
        ("DELETE", "/tasks"),
    ],
)
async def test_other_paths_of_the_vendor_are_said_not_to_be_there(gate: Lodger, method: str, path: str) -> None:
    answer = await gate.http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (404, 1202)
    assert answer.json()["request_id"]


@pytest.mark.parametrize("mount", ["/v1", "/proxy/kling/v1"])
async def test_the_vendor_s_own_mounts_answer_its_own_envelope(gate: Lodger, mount: str) -> None:
    made = (await gate.http.post(f"{mount}/videos/text2video", json=BODY | {"external_task_id": "mine"})).json()
    assert (made["code"], made["message"]) == (0, "SUCCEED")
    assert set(made["data"]) == {"task_id", "task_status", "task_info", "created_at", "updated_at"}
    await gate.ended(made["data"]["task_id"])
    for name in (made["data"]["task_id"], "mine"):
        task = (await gate.http.get(f"{mount}/videos/text2video/{name}")).json()
        assert (task["code"], task["data"]["task_status"]) == (0, "succeed")
    assert (await gate.http.get(f"{PATH}/mine")).json()["code"] == "success"


async def test_the_content_type_does_not_matter(gate: Lodger) -> None:
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", ""):
        answer = await gate.http.post(PATH, content=json.dumps(BODY), headers={"Content-Type": kind} if kind else {})
        assert answer.status_code == 200, kind


async def test_tasks_are_listed_in_pages_newest_first(gate: Lodger) -> None:
    made = [(await create(gate, prompt=f"go {number}"))["task_id"] for number in range(3)]
    first = (await gate.http.get(PATH, params={"pageNum": 1, "pageSize": 2})).json()
    second = (await gate.http.get("/v1/videos/text2video", params={"pageNum": 2, "pageSize": 2})).json()
    assert [each["task_id"] for each in first["data"] + second["data"]] == made[::-1]
    assert (first["code"], second["code"]) == ("success", 0)
    assert (await gate.http.get("/v1/videos/image2video")).json()["data"] == []
    assert (await gate.http.get(PATH, headers=await gate.key(account="mallory"))).json()["data"] == []


async def test_a_watermark_is_answered_where_it_is_asked_for(gate: Lodger) -> None:
    plain = await create(gate)
    marked = await create(gate, watermark_info='{"enabled": "true"}')
    for made, wanted in ((plain, False), (marked, True)):
        await gate.ended(made["task_id"])
        [video] = (await gate.http.get(f"{PATH}/{made['task_id']}")).json()["data"]["task_result"]["videos"]
        assert ("watermark_url" in video) == wanted
    assert "watermark_info" not in [each["field"] for each in marked["reelgate"]["dropped"]]


async def test_the_generation_of_2026_has_words_of_its_own(gate: Lodger) -> None:
    body = {"prompt": "go", "settings": {"duration": 5}, "options": {"external_task_id": "new-1"}}
    made = (await gate.http.post("/text-to-video/scripted-text", json=body)).json()
    assert made["code"] == 0
    assert (made["data"]["status"], made["data"]["external_id"]) == ("submitted", "new-1")
    assert set(made["data"]) == {"id", "status", "create_time", "update_time", "external_id"}
    await gate.ended(made["data"]["id"])
    for asked in ({"task_ids": f"{made['data']['id']},unknown"}, {"external_task_ids": "new-1"}):
        [task] = (await gate.http.get("/tasks", params=asked)).json()["data"]
        assert task["status"] == "succeeded"
        [output] = task["outputs"]
        assert (output["type"], output["duration"]) == ("video", "5.0")
        assert (await gate.http.get(output["url"], headers={"Authorization": ""})).status_code == 200


async def test_tasks_that_are_not_there_are_an_empty_list(gate: Lodger) -> None:
    made = await create(gate)
    unknown = await gate.http.get("/tasks", params={"task_ids": "unknown"})
    assert (unknown.status_code, unknown.json()["data"]) == (200, [])
    stranger = await gate.http.get("/tasks", params={"task_ids": made["task_id"]}, headers=await gate.key(account="mallory"))
    assert stranger.json()["data"] == []


async def test_a_cursor_leads_through_all_tasks(gate: Lodger) -> None:
    made = [(await create(gate, prompt=f"go {number}"))["task_id"] for number in range(3)]
    first = (await gate.http.post("/tasks", json={"limit": 2})).json()
    second = (await gate.http.post("/tasks", json={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["id"] for each in first["data"] + second["data"]] == made[::-1]
    assert second["next_cursor"] == ""
    assert (await gate.http.post("/tasks", json={"end_time": 1_600_000_000})).json()["data"] == []


async def test_a_strict_create_names_what_would_do_nothing(gate: Lodger) -> None:
    answer = await gate.http.post(PATH, json=BODY | {"sparkle": "1"}, headers={"X-Reelgate-Strict": "1"})
    assert (answer.status_code, answer.json()["code"]) == (400, 1201)
    assert "sparkle" in answer.json()["message"]
    assert "sparkle" in [each["field"] for each in (await create(gate, sparkle="1"))["reelgate"]["dropped"]]


async def test_what_nobody_can_make_is_said_and_not_accepted(gate: Lodger) -> None:
    answer = await gate.http.post(PATH, json=BODY | {"prompt": "impossible"})
    assert (answer.status_code, answer.json()["code"]) == (404, 1203)
    assert "the script cannot play this" in answer.json()["message"]
    assert (await gate.http.get(PATH)).json()["data"] == []


async def test_fal_keeps_its_own_under_the_word_kling(gate: Lodger) -> None:
    app = await gate.http.post("/kling/v4/text-to-video", json={})
    assert (app.status_code, set(app.json())) == (404, {"detail", "error_type"})
    queue = await gate.http.get("/kling/v1/requests/01934c5e-7a1b-7c3d-8e9f-0a1b2c3d4e5f/status")
    assert (queue.status_code, queue.json()) == (404, {"status": "NOT_FOUND"})
