"""Our own routes for jobs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import Lodger, open_lodging


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        yield lodger


async def submit(gate: Lodger, prompt: str = "go") -> str:
    return (await gate.http.post("/scripted/text", json={"prompt": prompt})).json()["request_id"]


async def test_a_job_is_told_whole(gate: Lodger) -> None:
    job = await gate.ended(await submit(gate))
    assert (job["state"], job["endpoint"], job["engine"], job["serving"]) == ("done", "scripted/text", "scripted", "preview")
    assert job["cost"] == {"amount": "0.000000", "words": "free"}
    assert job["video"]["seconds"] == 5
    assert [each["state"] for each in job["attempts"]] == ["done"]
    assert job["created_at"] <= job["started_at"] <= job["ended_at"]
    assert "prompt" not in json.dumps(job)
    free = {"held": "0.000000", "outcome": "captured", "charged": "0.000000", "refunded": "0.000000"}
    assert job["receipt"] == {**free, "words": "free", "book": None, "since": None}


async def test_jobs_are_listed_newest_first_page_by_page(gate: Lodger) -> None:
    made = [await submit(gate) for _ in range(5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await gate.http.get("/v1/jobs", params=query)).json()
        seen += [job["id"] for job in page["data"]]
        if page["next"] is None:
            break
        query["before"] = page["next"]
    assert seen == list(reversed(made))


async def test_a_list_is_filtered_by_state_and_endpoint(gate: Lodger) -> None:
    await gate.ended(await submit(gate, "fail"))
    await gate.ended(await submit(gate, "go"))
    failed = (await gate.http.get("/v1/jobs", params={"state": "failed", "endpoint": "scripted/text"})).json()["data"]
    assert [job["failure"]["code"] for job in failed] == ["render_failed"]
    assert (await gate.http.get("/v1/jobs", params={"endpoint": "other"})).json()["data"] == []


@pytest.mark.parametrize(
    "query", ["state=odd", "limit=0", "limit=9999", "limit=x", "limit=0000000019999999", "limit=000000001" + "9" * 4500, "before=../x"]
)
async def test_a_filter_that_cannot_be_read_is_named(gate: Lodger, query: str) -> None:
    answer = await gate.http.get(f"/v1/jobs?{query}")
    assert answer.status_code == 422
    assert answer.json()["error"]["faults"][0]["field"] == query.partition("=")[0]


async def test_a_cancel_says_what_came_of_it(gate: Lodger) -> None:
    over = await submit(gate)
    await gate.ended(over)
    assert (await gate.http.post(f"/v1/jobs/{over}/cancel")).json()["cancelled"] == "over"
    running, queued = await submit(gate, "hang"), await submit(gate)
    answer = await gate.http.post(f"/v1/jobs/{queued}/cancel")
    assert (answer.status_code, answer.json()["cancelled"], answer.json()["job"]["state"]) == (200, "now", "cancelled")
    await gate.http.post(f"/v1/jobs/{running}/cancel")
    assert (await gate.ended(running))["state"] == "cancelled"


async def test_the_story_of_a_job_can_be_read_and_streamed(gate: Lodger) -> None:
    job = await submit(gate)
    await gate.ended(job)
    events = (await gate.http.get(f"/v1/jobs/{job}/events")).json()["data"]
    assert [each["state"] for each in events if each["kind"] == "state"] == ["queued", "running", "done"]
    streamed: list[dict[str, Any]] = []
    headers = {"Accept": "text/event-stream", "Last-Event-ID": str(events[0]["sequence"])}
    async with gate.http.stream("GET", f"/v1/jobs/{job}/events", headers=headers) as stream:
        streamed += [json.loads(line[6:]) async for line in stream.aiter_lines() if line.startswith("data: ")]
    assert streamed == events[1:]


async def test_strangers_find_nothing(gate: Lodger) -> None:
    job = await submit(gate)
    stranger = await gate.key(account="mallory")
    assert (await gate.http.get("/v1/jobs", headers=stranger)).json()["data"] == []
    for path in (f"/v1/jobs/{job}", f"/v1/jobs/{job}/events"):
        assert (await gate.http.get(path, headers=stranger)).status_code == 404
    assert (await gate.http.post(f"/v1/jobs/{job}/cancel", headers=stranger)).status_code == 404
    assert (await gate.http.get("/v1/jobs", headers={"Authorization": ""})).status_code == 401


@pytest.mark.parametrize("tail", ["jobs/{job}/events", "events"])
async def test_one_stream_too_many_is_told_to_come_back(gate: Lodger, tail: str) -> None:
    job = await submit(gate)
    await gate.ended(job)
    places = [gate.house.gateway.streams.open("owner") for _ in range(200)]
    asked = {"Accept": "text/event-stream"}
    refused = await gate.http.get(f"/v1/{tail.format(job=job)}", headers=asked)
    assert (refused.status_code, refused.json()["error"]["code"], refused.headers["retry-after"]) == (429, "limited", "5")
    assert (await gate.http.get(f"/v1/jobs/{job}/events")).status_code == 200  # a list is no stream
    with places[0]:
        pass
    for _ in range(3):  # each gives its place back
        assert (await gate.http.get(f"/v1/jobs/{job}/events", headers=asked)).status_code == 200
