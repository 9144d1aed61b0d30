"""A direct call: one request, and its answer is the video."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.store import JobFilter
from reelgate.domain.job import JobState
from tests.house import Lodger, open_lodging

RUN = "/run/scripted/text"


@pytest.fixture
async def open_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        yield lodger


async def test_the_answer_is_the_output_itself(open_gate: Lodger) -> None:
    answer = await open_gate.http.post(RUN, json={"prompt": "go"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["video"]["content_type"] == "video/mp4"
    assert (await open_gate.http.get(answer.json()["video"]["url"])).status_code == 200
    job = await open_gate.ended(answer.headers["x-fal-request-id"])
    assert job["state"] == "done"


@pytest.mark.parametrize(("prompt", "status"), [("refuse", 422), ("fail", 500)])
async def test_a_job_that_fails_is_answered_with_its_error(open_gate: Lodger, prompt: str, status: int) -> None:
    answer = await open_gate.http.post(RUN, json={"prompt": prompt})
    assert answer.status_code == status
    assert answer.headers["x-fal-request-id"]
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/run/no/such", "POST", 404), (RUN, "GET", 405), ("/run", "POST", 404), (f"{RUN}/stream", "POST", 404)]
)
async def test_what_is_not_there_is_said_in_fal_s_words(open_gate: Lodger, path: str, method: str, status: int) -> None:
    answer = await open_gate.http.request(method, path, json={"prompt": "go"})
    assert answer.status_code == status
    assert isinstance(answer.json()["detail"], str)


async def test_where_no_more_may_wait_nothing_is_bought(open_gate: Lodger) -> None:
    gateway = open_gate.house.gateway
    places = [gateway.streams.open("owner") for _ in range(200)]
    answer = await open_gate.http.post(RUN, json={"prompt": "go"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert await gateway.store.jobs("owner", JobFilter()) == []
    for place in places:
        with place:
            pass
    assert (await open_gate.http.post(RUN, json={"prompt": "go"})).status_code == 200


async def test_a_caller_that_goes_and_comes_back_gets_the_video_it_has_bought(open_gate: Lodger) -> None:
    """As fal's clients do when a connection breaks: the same request again, without a key."""
    gone = asyncio.Event()
    store = open_gate.house.gateway.store
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_run(open_gate, {"prompt": "wait 1 go"}, gone))
        watch = store.watch(None)
        while not await store.jobs("owner", JobFilter(states=frozenset({JobState.RUNNING}))):
            await watch.wait(1)
        gone.set()
        again = await open_gate.http.post(RUN, json={"prompt": "wait 1 go"})
    watch.close()
    assert again.status_code == 200
    assert again.headers["x-reelgate-replayed"] == "true"
    assert len(await store.jobs("owner", JobFilter())) == 1
    third = await open_gate.http.post(RUN, json={"prompt": "wait 1 go"})
    assert "x-reelgate-replayed" not in third.headers
    assert len(await store.jobs("owner", JobFilter())) == 2


async def _run(lodger: Lodger, body: dict[str, Any], gone: asyncio.Event) -> None:
    """One call whose connection is lost when `gone` is set, as the server tells it to an application."""

    async def faces(scope: Any, receive: Any, send: Any) -> None:
        scope["reelgate.lost"] = gone.is_set
        await lodger.house.door(scope, receive, send)

    import httpx  # noqa: TID251 -- calls an application in this process; nothing goes out

    async with httpx.AsyncClient(transport=httpx.ASGITransport(faces), base_url="http://gateway.test", headers=lodger.http.headers) as http:
        await http.post(RUN, json=body)
