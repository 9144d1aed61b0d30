from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import structlog

from reelgate.app import open_house
from reelgate.contracts.outbox import DeliveryTry
from reelgate.contracts.store import Store
from reelgate.folder import DataFolder
from reelgate.gateway.accounts import OWNER
from reelgate.server import serve
from reelgate.settings import read_settings
from tests.story import accepted, deed, later, make_job, make_key
from tests.unit.cli.conftest import Said, Speak

HOOK = "https://receiver.example.com/hook"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A gateway that sends nothing, and its three jobs: one told in vain, one told, one still to be told."""
    structlog.configure(logger_factory=structlog.testing.CapturingLoggerFactory())
    said: Queue[Any] = Queue()
    thread = threading.Thread(target=lambda: asyncio.run(_live(tmp_path / "data", said)), daemon=True)
    thread.start()
    loop, stop, port, jobs = said.get(timeout=30)
    monkeypatch.setenv("REELGATE_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("REELGATE_KEY", (tmp_path / "data" / "key").read_text().strip())
    yield jobs
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    assert not thread.is_alive()


def listed(said: Said) -> dict[str, Any]:
    """Deliveries by their jobs."""
    assert said.code == 0
    return {each["job_id"]: each for each in json.loads(said.out)}


def test_deliveries_are_listed_newest_first_with_what_was_said_last(speak: Speak, told: list[str]) -> None:
    lines = speak("deliveries", "list").out.splitlines()
    assert lines[0].split() == ["delivery", "job", "told", "state", "tries", "last", "next", "receiver"]
    rows = [line.split() for line in lines[1:]]
    assert [row[1] for row in rows] == told[::-1]
    assert rows[0][2:6] == ["cancelled", "pending", "0", "-"]
    assert rows[1][2:8] == ["cancelled", "delivered", "1", "200", "-", HOOK]
    assert rows[2][2:5] == ["cancelled", "failed", "1"]
    assert "no answer in time" in lines[3]
    assert "whisper" not in "".join(lines)
    assert len(speak("deliveries", "list", "--limit", "1").out.splitlines()) == 2


def test_the_deliveries_of_one_job(speak: Speak, told: list[str]) -> None:
    assert list(listed(speak("deliveries", "list", told[1], "--json"))) == [told[1]]


def test_a_delivery_is_sent_once_more(speak: Speak, told: list[str]) -> None:
    lost = listed(speak("deliveries", "list", "--json"))[told[0]]
    said = speak("deliveries", "replay", lost["id"])
    assert (said.code, said.out, said.err) == (0, "", f"{lost['id']} is sent once more to {HOOK}\n")
    assert listed(speak("deliveries", "list", "--json"))[told[0]]["state"] == "pending"
    assert json.loads(speak("deliveries", "replay", lost["id"], "--json").out)["id"] == lost["id"]


def test_no_deliveries_is_a_sentence(speak: Speak, told: list[str]) -> None:
    (silent,) = [each["id"] for each in json.loads(speak("jobs", "--json").out) if each["id"] not in told]
    said = speak("deliveries", "list", silent)
    assert (said.out, said.err) == ("", "no deliveries\n")


@pytest.mark.parametrize("words", [("list", "none"), ("list", "../jobs"), ("replay", "none"), ("replay", "../x")])
def test_what_is_not_there_is_wrong_input(speak: Speak, told: list[str], words: tuple[str, ...]) -> None:
    said = speak("deliveries", *words)
    assert said.code == 2
    assert not said.out


def test_a_strangers_key_is_refused(speak: Speak, told: list[str]) -> None:
    assert speak("deliveries", "list", "--key", "wrong").code == 3


async def _live(data: Path, said: Queue[Any]) -> None:
    folder, stop = DataFolder(data), asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        async with open_house(read_settings({"database": "memory", "min_free_bytes": 0}), folder) as house, asyncio.TaskGroup() as tasks:
            jobs = await _tell(house.gateway.store)
            app: Any = house.door
            tasks.create_task(serve(app, host="127.0.0.1", port=0, stop=stop, ready=lambda port: said.put((loop, stop, port, jobs))))
    finally:
        folder.close()


async def _tell(store: Store) -> list[str]:
    """Jobs that were cancelled, in vain, heard of, and not yet heard of; and one of which nobody wants to hear."""
    answers: list[tuple[int | None, str] | None] = [(None, "no answer in time"), (200, ""), None]
    jobs: list[str] = []
    await store.add_key(make_key(OWNER, ""), deed())
    for number, answer in enumerate(answers):
        job = await accepted(store, make_job(OWNER, age=number, callback=f"{HOOK}?token=whisper"))
        await store.request_cancel(OWNER, job.id, later(number))
        jobs.append(job.id)
        if answer is None:
            continue
        (delivery,) = await store.due(now=later(number), until=later(number) + timedelta(seconds=30), limit=9, per_account=9)
        status, note = answer
        tried = DeliveryTry(number=0, at=later(number), status=status, note=note, took_s=0.1)
        assert await (store.delivered(delivery, tried) if status else store.delivery_failed(delivery, tried, None))
    await accepted(store, make_job(OWNER))
    return jobs
