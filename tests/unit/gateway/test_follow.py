"""What a caller may learn afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast

import pytest

from reelgate.contracts.store import JobFilter
from reelgate.domain.errors import NotFound
from reelgate.domain.identity import new_id, read_id, write_base32
from reelgate.domain.job import Event, JobState
from reelgate.gateway.accounts import OWNER
from reelgate.gateway.keyring import Principal
from tests.house import Lodger, open_lodging

CALLER = Principal(OWNER, "key_1", "live")
STRANGER = Principal("mallory", "key_2", "live")
TESTER = Principal(OWNER, "key_3", "test")


async def submit(lodger: Lodger, prompt: str = "go") -> str:
    return (await lodger.http.post("/scripted/text", json={"prompt": prompt})).json()["request_id"]


async def test_every_spelling_of_an_id_finds_the_job_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        job, follow = await submit(lodger), lodger.house.gateway.follow
        for spelling in (job, job.upper(), job.replace("-", ""), write_base32(job)):
            assert (await follow.glance(CALLER, spelling)).id == job
            assert (await follow.job(CALLER, spelling)).id == job
            with pytest.raises(NotFound):
                await follow.job(STRANGER, spelling)
        for nothing in ("", "x", "../" + job, new_id(0, 0)):
            with pytest.raises(NotFound):
                await follow.glance(CALLER, nothing)


async def test_steps_go_to_the_end_and_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        job = await submit(lodger)
        steps = [step async for step in lodger.house.gateway.follow.steps(CALLER, job) if step is not None]
        states = [step.glance.state for step in steps]
        assert states[-1] is JobState.DONE
        assert states == sorted(states, key=[JobState.QUEUED, JobState.RUNNING, JobState.DONE].index)
        sequences = [event.sequence for step in steps for event in step.events]
        assert sequences == sorted(set(sequences))


async def test_the_story_begins_now_and_tells_of_every_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        await submit(lodger)
        told: list[str] = []
        listening = asyncio.Event()

        async def listen() -> None:
            async for event in lodger.house.gateway.follow.story(CALLER, -1):
                told.append("" if event is None else event.job_id)
                return

        async with asyncio.timeout(15), asyncio.TaskGroup() as tasks:
            tasks.create_task(listen())
            await asyncio.sleep(0)
            listening.set()
            job = await submit(lodger)
        assert told == [job]


async def test_a_place_in_the_queue_never_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        first, second = await submit(lodger), await submit(lodger)
        follow = lodger.house.gateway.follow
        places = [follow.position(await follow.glance(CALLER, job)) for job in (first, second)]
        assert places == [0, 1]
        await follow.cancel(CALLER, first)
        assert follow.position(await follow.glance(CALLER, first)) == 0
        assert follow.position(await follow.glance(CALLER, second)) <= 1


# -- test keys ---------------------------------------------------------------------------------------------------------------


async def test_who_shows_a_test_key_finds_test_jobs_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        follow, headers = lodger.house.gateway.follow, await lodger.key("test")
        task = {"model_name": "scripted-text", "prompt": "go", "mode": "std", "external_task_id": "order-1"}
        live = read_id((await lodger.http.post("/kling/v1/videos/text2video", json=task)).json()["task_id"])
        test = (await lodger.http.post("/scripted/text", json={"prompt": "go"}, headers=headers)).json()["request_id"]
        assert live is not None
        assert [job.id for job in await follow.jobs(TESTER, JobFilter())] == [test]
        assert [job.id for job in await follow.jobs(CALLER, JobFilter())] == [test, live]
        for verb in (follow.glance, follow.job, follow.job_by_any_id, follow.attempts, follow.events, follow.cancel):
            await verb(TESTER, test)
            with pytest.raises(NotFound):
                await verb(TESTER, live)
            await verb(CALLER, live)
        with pytest.raises(NotFound):
            await follow.job_by_any_id(TESTER, "order-1")
        with pytest.raises(NotFound):
            await anext(follow.steps(TESTER, live))
        assert (await follow.job_by_any_id(CALLER, "order-1")).id == live


async def test_the_story_that_a_test_key_hears_is_of_test_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        follow, headers = lodger.house.gateway.follow, await lodger.key("test")
        live = await submit(lodger)
        test = (await lodger.http.post("/scripted/text", json={"prompt": "go"}, headers=headers)).json()["request_id"]
        for principal, told in ((TESTER, [test]), (CALLER, [live, test])):
            story = cast("AsyncGenerator[Event | None]", follow.story(principal, 0))
            heard = [event.job_id for event in [await anext(story) for _ in told] if event is not None]
            await story.aclose()
            assert heard == told


async def test_a_live_job_s_id_is_as_unknown_to_a_test_key_as_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        live, follow = await submit(lodger), lodger.house.gateway.follow
        for verb in (follow.glance, follow.job):
            with pytest.raises(NotFound) as theirs:
                await verb(TESTER, live)
            with pytest.raises(NotFound) as nobody_s:
                await verb(TESTER, new_id(0, 0))
            assert theirs.value.message == nobody_s.value.message
