"""What a caller may learn afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from reelgate.domain.errors import NotFound
from reelgate.domain.identity import new_id, write_base32
from reelgate.domain.job import JobState
from reelgate.gateway.accounts import OWNER, Principal
from tests.house import Lodger, open_lodging

CALLER = Principal(OWNER, "key_1", "live")
STRANGER = Principal("mallory", "key_2", "live")


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
