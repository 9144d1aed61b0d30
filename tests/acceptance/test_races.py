"""Many at once: money for three buys three, and one key of a caller's own makes one job, whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.acceptance._gateway import LEAVES_AROUND, Gateway, loading, running, start

pytestmark = pytest.mark.timeout(900)

ENDPOINT = "hasty/clip"
PRICE = "0.05"
MONEY_FOR_THREE = "0.15"
ROUNDS = 100
AT_ONCE = 100
CALLERS = 50


def environment(folder: Path, database: str = "sqlite") -> dict[str, str]:
    return {"REELGATE_PREVIEW_PRICE": "list", "REELGATE_DATABASE": database, **loading(*LEAVES_AROUND, folder)}


@contextmanager
def crowd(folder: Path, database: str = "sqlite") -> Iterator[Gateway]:
    with running(folder / "data", environment=environment(folder, database)) as gateway:
        yield gateway


def body(folder: Path, name: str) -> dict[str, str]:
    return {"prompt": f"{folder / 'journal'} {name}"}


def poor_key(gateway: Gateway, name: str) -> str:
    """The key of a new account that has paid in enough for three."""
    key = gateway.new_key(name)
    paid = gateway.call(
        "POST", f"/admin/v1/accounts/{name}/credit", {"amount": MONEY_FOR_THREE, "reason": "for three"}, key=gateway.admin_key
    )
    assert paid.status in (200, 201), paid.body
    return key


async def ask(session: aiohttp.ClientSession, url: str, key: str, body: dict[str, str], **headers: str) -> tuple[int, Any]:
    async with session.post(f"{url}/{ENDPOINT}", json=body, headers={"Authorization": f"Key {key}", **headers}) as answer:
        return answer.status, await answer.json()


async def spend(gateway: Gateway, folder: Path, keys: list[str]) -> list[list[int]]:
    """The statuses of a hundred submits at once, for each key."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as session:
        told = [
            await asyncio.gather(*(ask(session, gateway.url, key, body(folder, f"{number}-{each}")) for each in range(AT_ONCE)))
            for number, key in enumerate(keys)
        ]
    return [sorted(status for status, _ in answers) for answers in told]


def test_of_a_hundred_submits_at_once_on_money_for_three_three_are_taken(tmp_path: Path) -> None:
    with crowd(tmp_path) as gateway:
        keys = [poor_key(gateway, f"poor-{number}") for number in range(ROUNDS)]
        for statuses in asyncio.run(spend(gateway, tmp_path, keys)):
            assert statuses == [200] * 3 + [402] * (AT_ONCE - 3)
        assert gateway.state()["breaches"] == []


async def insist(gateway: Gateway, folder: Path, count: int) -> list[set[str]]:
    """The jobs that fifty callers were given for one key of their own, a set for each key."""
    made: list[set[str]] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CALLERS)) as session:
        for number in range(count):
            calls = [
                ask(session, gateway.url, gateway.key, body(folder, f"key-{number}"), **{"Idempotency-Key": f"k{number}"})
                for _ in range(CALLERS)
            ]
            answers = await asyncio.gather(*calls)
            assert {status for status, _ in answers} == {200}
            made.append({told["request_id"] for _, told in answers})
    return made


def test_a_key_of_their_own_that_fifty_use_at_once_makes_one_job(tmp_path: Path) -> None:
    with crowd(tmp_path) as gateway:
        made = asyncio.run(insist(gateway, tmp_path, ROUNDS))
        assert [len(jobs) for jobs in made] == [1] * ROUNDS
        assert len(set().union(*made)) == ROUNDS


class _Mortal:
    """A gateway that is killed and comes back, and where it answers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.gateway = start(folder / "data", environment=environment(folder))
        self.back = asyncio.Event()
        self.back.set()

    async def die_and_return(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        self.back.clear()
        await asyncio.to_thread(self.gateway.kill)
        self.gateway = await asyncio.to_thread(start, self._folder / "data", environment=environment(self._folder))
        self.back.set()


async def insist_until_answered(mortal: _Mortal, folder: Path, name: str) -> tuple[str, bool]:
    """The job of one caller who asks under one key until there is an answer; whether it had to ask again."""
    again = False
    while True:
        await mortal.back.wait()
        gateway = mortal.gateway
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
                status, told = await ask(session, gateway.url, gateway.key, body(folder, name), **{"Idempotency-Key": name})
        except (aiohttp.ClientError, TimeoutError):
            again = True
            await asyncio.sleep(0.01)
            continue
        assert status == 200, told
        return told["request_id"], again


async def die_in_the_crowd(folder: Path, rounds: int) -> tuple[list[set[str]], int, dict[str, Any]]:
    mortal, made, broken = _Mortal(folder), list[set[str]](), 0
    try:
        for number in range(rounds):
            async with asyncio.TaskGroup() as tasks:
                callers = [tasks.create_task(insist_until_answered(mortal, folder, f"dies-{number}")) for _ in range(CALLERS)]
                tasks.create_task(mortal.die_and_return(secrets.randbelow(60) / 1000))
            made.append({caller.result()[0] for caller in callers})
            broken += sum(caller.result()[1] for caller in callers)
        return made, broken, await asyncio.to_thread(mortal.gateway.state)
    finally:
        mortal.gateway.kill()


def test_the_same_across_a_kill(tmp_path: Path, large: bool) -> None:
    rounds = ROUNDS if large else 8
    made, broken, state = asyncio.run(die_in_the_crowd(tmp_path, rounds))
    assert [len(jobs) for jobs in made] == [1] * rounds
    assert len(set().union(*made)) == rounds
    assert broken > 0, "no kill met a request"
    assert state["breaches"] == []


def test_a_store_that_looks_before_it_writes_is_found_out(tmp_path: Path) -> None:
    with crowd(tmp_path, "looks_first") as gateway:
        (statuses,) = asyncio.run(spend(gateway, tmp_path, [poor_key(gateway, "poor")]))
        assert statuses.count(200) > 3
        (jobs,) = asyncio.run(insist(gateway, tmp_path, 1))
        assert len(jobs) > 1
