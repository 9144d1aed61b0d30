"""Two gateways: A relays to B over real HTTP, by every wire that gateways relay by. Either is killed at moments that a seed chooses, and
afterwards both folders are asked, without the gateways' own code, what was lost or bought twice."""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp
import apsw
import av
import numpy as np

from tests.acceptance._gateway import FIXTURES, Gateway, announced, launch, loading

ENDPOINT = "mirror/clip"
LEAVES = FIXTURES / "mirror"
PRICE_MICROS = 50_000
_WINDOW_S = 15.0
_CALLERS = 3
_UNDER_WAY = 12  # jobs of each
_AT_REST_WITHIN_S = 150.0
_FORMS: Mapping[str, Mapping[str, Any]] = {
    "fal": {"provider": "fal", "options": {"callbacks": "open"}},  # fal's own keys are not here
    "reelgate": {"provider": "reelgate"},
    "kling": {"provider": "kling"},
    "kling-2026": {"provider": "kling", "options": {"generation": "2026"}},
    "kling-flat": {"provider": "kling_gateway", "options": {"finds": "yes"}},
}
"""A channel at B for each way in which A can speak to it, by its id."""


@dataclass(slots=True, kw_only=True)
class Mirror:
    """A and B, their folders and ports, and what A's callers were told."""

    folder: Path
    seed: int
    forms: Sequence[str] = tuple(_FORMS)
    database: str = "sqlite"
    answered: list[str] = field(default_factory=list[str])
    kills: Counter[str] = field(default_factory=Counter[str])
    broken_off: int = 0
    lost: int = 0  # times that a job which had been answered was not known
    _gateways: dict[str, Gateway] = field(default_factory=dict[str, Gateway])
    _ports: dict[str, int] = field(default_factory=dict[str, int])
    _over: bool = False

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        write_clip(self.folder / "clip.mp4")
        self._ports = {name: _free_port() for name in "ab"}
        for name in "ba":
            self.start(name)
        self._set_up()
        return self

    def __exit__(self, *_: object) -> None:
        for gateway in self._gateways.values():
            gateway.kill()

    def gateway(self, name: str) -> Gateway:
        """A, or B."""
        return self._gateways[name]

    def start(self, name: str) -> None:
        """Start one of them, at the address that it had before."""
        port, data = self._ports[name], self.folder / name
        own = {"REELGATE_PUBLIC_URL": f"http://127.0.0.1:{port}", "REELGATE_ALLOW_PRIVATE": "127.0.0.0/8", "REELGATE_RENDER_SLOTS": "2"}
        own |= {"REELGATE_DATABASE": self.database} if name == "a" else {"REELGATE_PREVIEW_PRICE": "list"}
        environment = {**own, **loading(LEAVES, FIXTURES / "plugins", self.folder)}
        self._gateways[name] = announced(launch(data, "--port", str(port), environment=environment), data)

    async def live(self, kills: int) -> None:
        """Submit to A all the while, and kill one of the two so many times."""
        chance = random.Random(self.seed)  # noqa: S311 - moments to choose, no secret
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session, asyncio.TaskGroup() as callers:
            for number in range(_CALLERS):
                callers.create_task(self._submit(session, number))
            for _ in range(kills):
                await asyncio.sleep(chance.uniform(0.1, 1.5))
                name = chance.choice("ab")
                await asyncio.to_thread(self._gateways[name].kill)
                self.kills[name] += 1
                await asyncio.sleep(chance.choice((0, 0, 0.5)))
                await asyncio.to_thread(self.start, name)
            await asyncio.sleep(0.5)
            self._over = True

    async def _submit(self, session: aiohttp.ClientSession, number: int) -> None:
        chance, count = random.Random(f"{self.seed} {number}"), 0  # noqa: S311 - no secret
        under_way: deque[str] = deque()
        while not self._over:
            count += 1
            headers = {"Authorization": f"Key {self.gateway('a').key}", "Idempotency-Key": f"{number}-{count}"}
            while not self._over:
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with session.post(
                        f"{self.gateway('a').url}/{ENDPOINT}", json={"prompt": f"a clip {number}-{count}"}, headers=headers
                    ) as answer:
                        told = await answer.json()
                        if answer.status == 200:
                            self.answered.append(told["request_id"])
                            under_way.append(told["request_id"])
                            break
                self.broken_off += 1
                await asyncio.sleep(0.05)
            if len(under_way) > _UNDER_WAY:  # else the queue grows with every kill, and takes as long again to end
                await self._end(session, under_way.popleft())
            await asyncio.sleep(chance.uniform(0.05, 0.5))

    async def _end(self, session: aiohttp.ClientSession, job_id: str) -> None:
        """Ask for a job's status until it has ended or the killing is over."""
        status = ""
        while not self._over and status != "COMPLETED":
            a = self.gateway("a")
            with suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(f"{a.url}/{ENDPOINT}/requests/{job_id}/status", headers={"Authorization": f"Key {a.key}"}) as answer:
                    status = (await answer.json()).get("status", "")
                    self.lost += answer.status == 404
            await asyncio.sleep(0.2)

    def rest(self) -> None:
        """Wait until every job of both has ended."""
        asyncio.run(self._rest())

    async def _rest(self) -> None:
        async with asyncio.timeout(_AT_REST_WITHIN_S):
            for name in "ab":
                while True:
                    jobs = (await asyncio.to_thread(self.gateway(name).state))["jobs"]
                    if not jobs["queued"] and not jobs["running"]:
                        break
                    await asyncio.sleep(0.2)

    def _set_up(self) -> None:
        a, b = self.gateway("a"), self.gateway("b")
        for form in self.forms:
            body = {"id": form, "address": b.url, "secrets": {"api_key": b.key}, "window_s": _WINDOW_S, **_FORMS[form]}
            answer = a.call("POST", "/admin/v1/channels", body, key=a.admin_key)
            assert answer.status == 201, answer.body

    # -- what was lost, and what was bought twice --------------------------------------------------------------------
    def faults(self) -> list[str]:
        """All that is wrong once both are at rest; stops them on the way."""
        told = [f"{name}: {each}" for name in "ab" for each in self.gateway(name).state()["breaches"]]
        told += [f"{name} left with status {status}" for name in "ab" if (status := self.gateway(name).stop())]
        sold = self._sold()
        return [*told, *self._faults_of_answers(), *self._faults_of_attempts(sold), *self._faults_of_money(sold)]

    def ends(self) -> Counter[tuple[str, str]]:
        """How A's jobs ended, by channel."""
        return Counter((state, channel) for state, channel in _ask(self.folder / "a", "select state, channel from job"))

    def _sold(self) -> dict[str, list[tuple[str, str]]]:
        """B's jobs, with their states, by the token under which A bought them."""
        sold: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        question = """select job.id, job.state, job.external_id, job.callback, idempotency.key
            from job left join idempotency on idempotency.job_id = job.id"""
        for job_id, state, external_id, callback, key in _ask(self.folder / "b", question):
            token = external_id or key or str(callback or "").rpartition("/")[2]
            sold[token].append((job_id, state))
        return sold

    def _faults_of_answers(self) -> Iterator[str]:
        if self.lost:
            yield f"{self.lost} times an answered job was not known"
        states = dict(_ask(self.folder / "a", "select id, state from job"))
        for job_id in set(self.answered):
            if job_id not in states:
                yield f"answered job {job_id} is gone"
            elif states[job_id] in ("queued", "running"):
                yield f"answered job {job_id} is {states[job_id]} at rest"
        videos = "select job.id from job left join blob on blob.name = job.video_blob where job.state = 'done' and blob.name is null"
        yield from (f"job {job_id} is done and has no video" for (job_id,) in _ask(self.folder / "a", videos))

    def _faults_of_attempts(self, sold: Mapping[str, list[tuple[str, str]]]) -> Iterator[str]:
        of_job: defaultdict[str, list[str]] = defaultdict(list)
        known: set[str] = set()
        for token, job_id in _ask(self.folder / "a", "select token, job_id from attempt"):
            known.add(token)
            of_job[job_id] += [each for each, _ in sold.get(token, ())]
        for token, jobs in sold.items():
            if len(jobs) > 1:
                yield f"attempt {token} was bought {len(jobs)} times"
            if token not in known:
                yield f"B sold {jobs[0][0]} to nobody that A knows"
        for job_id, bought in of_job.items():
            if len(bought) > 1:
                yield f"job {job_id} was bought {len(bought)} times"

    def _faults_of_money(self, sold: Mapping[str, list[tuple[str, str]]]) -> Iterator[str]:
        """What A pays is what B earns: by the costs of A's jobs, those that are only possible among them."""
        revenue = _ask(self.folder / "b", "select coalesce(sum(amount), 0) from entry where kind = 'revenue'")[0][0]
        made = sum(state == "done" for jobs in sold.values() for _, state in jobs)
        if revenue != made * PRICE_MICROS:
            yield f"B earned {revenue} for {made} videos"
        owed = _ask(self.folder / "a", "select coalesce(sum(amount), 0) from entry where kind = 'payable'")[0][0]
        possible = _ask(self.folder / "a", "select count(*) from job where state = 'unknown' and late_video is null")[0][0]
        if not revenue <= owed <= revenue + possible * PRICE_MICROS:
            yield f"A owes {owed} and B earned {revenue}, with {possible} jobs whose end nobody knows"
        earned = _ask(self.folder / "a", "select coalesce(sum(amount), 0) from entry where kind = 'revenue'")[0][0]
        done = _ask(self.folder / "a", "select count(*) from job where state = 'done'")[0][0]
        if earned != done * PRICE_MICROS:
            yield f"A earned {earned} for {done} videos"


def write_clip(path: Path) -> None:
    """A clip of five seconds that is quick to copy."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24, options={"preset": "ultrafast", "crf": "40"})
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for number in range(120):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _ask(data: Path, question: str) -> list[tuple[Any, ...]]:
    database = apsw.Connection(str(data / "store.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return list(database.execute(question))
    finally:
        database.close()
