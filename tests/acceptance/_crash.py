"""Kills a gateway again and again under load, and then looks for what was lost, done twice or left over."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import apsw
import psutil

from tests.acceptance._gateway import LEAVES_AROUND, Gateway, announced, launch, loading, start

T = TypeVar("T")

ENDPOINT = "hasty/clip"
SLOTS = 2
CALLERS = 4
_MOMENTS = ("in the start", "at any time", "in a request", "in a request")
_OUTLIVES_S = 2.0
_LOOK_EVERY_S = 0.02
_AT_REST_WITHIN_S = 120.0
_ANSWER_WITHIN_S = 10.0


@dataclass(slots=True, kw_only=True)
class Record:
    """What the callers were told."""

    answered: dict[str, str] = field(default_factory=dict[str, str])  # id → the name in the prompt
    of_key: dict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))
    taken_back: set[str] = field(default_factory=set[str])  # or tried to: the gateway may have died before it answered
    broken_off: int = 0
    other_answers: Counter[int] = field(default_factory=Counter[int])


@dataclass(slots=True, kw_only=True)
class Siege:
    """One data folder under load, killed at moments that a seed chooses."""

    folder: Path
    seed: int
    database: str = "sqlite"
    record: Record = field(default_factory=Record)
    survivors: list[str] = field(default_factory=list[str])
    kills: int = 0
    on_their_way: int = 0  # requests that have no answer yet
    _url: str = ""
    _up: asyncio.Event = field(default_factory=asyncio.Event)
    _asking: asyncio.Event = field(default_factory=asyncio.Event)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def journal(self) -> Path:
        """Where the engine writes what it begins."""
        return self.folder / "journal"

    @property
    def environment(self) -> dict[str, str]:
        """Priced jobs, so that holds are real; the folder stands in PYTHONPATH, by which its workers are known."""
        own = {"REELGATE_PREVIEW_PRICE": "list", "REELGATE_RENDER_SLOTS": str(SLOTS), "REELGATE_DATABASE": self.database}
        return {**own, **loading(*LEAVES_AROUND, self.folder)}

    async def run(self, kills: int) -> None:
        """Kill so many times under load; afterwards nobody submits any more and nothing runs."""
        chance = random.Random(self.seed)  # noqa: S311 - moments to choose, no secret
        async with self._load():
            for number in range(kills):
                await self._live_and_die(chance, chance.choice(_MOMENTS if number else _MOMENTS[1:]))

    async def run_through(self, deed: Callable[[Gateway], Awaitable[T]]) -> T:
        """Do something beside a gateway under load, and kill it afterwards."""
        async with self._load():
            process = launch(self.data, environment=self.environment)
            try:
                gateway = await asyncio.to_thread(announced, process, self.data)
                self._url = gateway.url
                self._up.set()
                return await deed(gateway)
            finally:
                process.kill()
                self._up.clear()
                process.communicate()
                self.kills += 1
                self._over.set()

    async def answered(self, count: int) -> None:
        """Return when so many submits have been answered."""
        async with asyncio.timeout(_AT_REST_WITHIN_S):
            while len(self.record.answered) < count:  # noqa: ASYNC110 -- four callers write there
                await asyncio.sleep(_LOOK_EVERY_S)

    @asynccontextmanager
    async def _load(self) -> AsyncGenerator[None]:
        """Callers, for the length of a block."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_WITHIN_S)) as session, asyncio.TaskGroup() as callers:
            for number in range(CALLERS):
                callers.create_task(_Caller(self, session, number).call())
            yield
            self._over.set()

    async def _live_and_die(self, chance: random.Random, moment: str) -> None:
        process = launch(self.data, environment=self.environment)
        try:
            if moment == "in the start":
                await asyncio.sleep(chance.uniform(0.05, 1.2))
            else:
                gateway = await asyncio.to_thread(announced, process, self.data)
                self._url = gateway.url
                self._up.set()
                await asyncio.sleep(chance.uniform(0.05, 2.0))
            if moment == "in a request":
                await self._in_a_request(chance)
        finally:
            process.kill()
            self._up.clear()
            process.communicate()
        self.kills += 1
        self.survivors += await self._survivors()

    async def _in_a_request(self, chance: random.Random) -> None:
        """Return while a request is on its way: a quick machine may have answered the first one that was waited for."""
        while True:
            self._asking.clear()
            await self._asking.wait()
            await asyncio.sleep(chance.uniform(0, 0.006))
            if self.on_their_way:
                return

    async def _survivors(self) -> list[str]:
        """Render processes that are still there when their time is over."""
        left = await asyncio.to_thread(outliving, renderers(self.folder))
        return [f"render process {process.pid} outlived its gateway" for process in left]

    def rest(self) -> Gateway:
        """Start once more and wait until every job has ended."""
        gateway = start(self.data, environment=self.environment)
        try:
            asyncio.run(_at_rest(gateway))
        except BaseException:
            gateway.kill()
            raise
        return gateway

    @contextmanager
    def asking(self) -> Generator[None]:
        """A request is on its way, for the length of a block."""
        self._asking.set()
        self.on_their_way += 1
        try:
            yield
        finally:
            self.on_their_way -= 1

    async def wait_until_up(self) -> str:
        """The address, once there is one; empty when the siege is over."""
        async with asyncio.TaskGroup() as either:
            waits = [either.create_task(self._up.wait()), either.create_task(self._over.wait())]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for each in waits:
                each.cancel()
        return "" if self.over else self._url

    @property
    def over(self) -> bool:
        """Whether nobody submits any more."""
        return self._over.is_set()


class _Caller:
    """Submits, now with a key of its own and now without, takes some back, and remembers what it was told."""

    def __init__(self, siege: Siege, session: aiohttp.ClientSession, number: int) -> None:
        self._siege, self._session, self._number = siege, session, number
        self._record = siege.record
        self._chance = random.Random(f"{siege.seed} {number}")  # noqa: S311 - no secret
        self._keys: list[tuple[str, str]] = []
        self._mine: list[str] = []

    async def call(self) -> None:
        count = 0
        while await self._siege.wait_until_up():
            count += 1
            name = f"{self._number}-{count}"
            if count % 2:
                await self._ask(name)
            else:
                await self._insist(name, f"key-{name}")
            if self._keys and self._chance.random() < 0.2:
                await self._insist(*self._chance.choice(self._keys))
            if self._mine and self._chance.random() < 0.15:
                await self._take_back(self._chance.choice(self._mine[-5:]))
            await asyncio.sleep(self._chance.uniform(0.02, 0.3))

    async def _insist(self, name: str, key: str) -> None:
        """Ask under one key until there is an answer, as a careful program does."""
        while await self._siege.wait_until_up():
            told = await self._ask(name, {"Idempotency-Key": key})
            if told is not None:
                self._record.of_key[key].add(told)
                if (name, key) not in self._keys:
                    self._keys.append((name, key))
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _ask(self, name: str, headers: dict[str, str] | None = None) -> str | None:
        body = {"prompt": f"{self._siege.journal} {name}"}
        told = await self._exchange("POST", f"/{ENDPOINT}", body, headers)
        if told is None:
            return None
        self._record.answered[told["request_id"]] = name
        self._mine.append(told["request_id"])
        return told["request_id"]

    async def _take_back(self, job_id: str) -> None:
        self._record.taken_back.add(job_id)
        await self._exchange("PUT", f"/{ENDPOINT}/requests/{job_id}/cancel")

    async def _exchange(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any] | None:
        url = await self._siege.wait_until_up()
        if not url:
            return None
        key = (self._siege.data / "key").read_text().strip()
        headers = {"Authorization": f"Key {key}", **(headers or {})}
        try:
            with self._siege.asking():
                async with self._session.request(method, f"{url}{path}", json=body, headers=headers) as answer:
                    told = await answer.json()
        except (aiohttp.ClientError, TimeoutError):
            self._record.broken_off += 1
            return None
        if answer.status not in (200, 202):
            self._record.other_answers[answer.status] += 1
            return None
        return told


def renderers(folder: Path) -> list[psutil.Process]:
    """The render processes whose environment names this folder."""
    return [process for process in psutil.process_iter() if _renders_for(process, str(folder))]


def outliving(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those of them that are still there two seconds from now."""
    _, left = psutil.wait_procs(processes, timeout=_OUTLIVES_S)
    return [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def _renders_for(process: psutil.Process, folder: str) -> bool:
    try:
        return (
            "reelgate.dispatch.renderer" in process.cmdline()
            and folder in process.environ().get("PYTHONPATH", "")
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


async def _at_rest(gateway: Gateway) -> None:
    async with asyncio.timeout(_AT_REST_WITHIN_S):
        while True:
            jobs = (await asyncio.to_thread(gateway.state))["jobs"]
            if not jobs["queued"] and not jobs["running"]:
                return
            await asyncio.sleep(0.1)


def find_faults(siege: Siege, gateway: Gateway, *, restored: bool = False) -> list[str]:
    """All that is wrong after a siege, from a gateway at rest, which is stopped on the way. `restored`: what was begun since the backup
    is begun again."""
    over_the_wire = [*gateway.state()["breaches"], *_faults_of_answers(siege.record, gateway)]
    status = gateway.stop()
    return [
        *over_the_wire,
        *([] if status == 0 else [f"the gateway left with status {status}"]),
        *siege.survivors,
        *_faults_of_keys(siege.record),
        *_faults_of_books(siege),
        *_faults_of_files(siege),
        *([] if restored else _faults_of_renders(siege)),
    ]


def _faults_of_answers(record: Record, gateway: Gateway) -> Iterator[str]:
    """Every submit that was answered is there, has ended, and has its own video if it was made."""
    for job_id, name in record.answered.items():
        status = gateway.call("GET", f"/{ENDPOINT}/requests/{job_id}/status")
        if status.status != 200 or status.json.get("status") != "COMPLETED":
            yield f"answered submit {job_id} is gone or has not ended: {status.status}"
            continue
        result = gateway.call("GET", f"/{ENDPOINT}/requests/{job_id}")
        if result.status == 499 and job_id in record.taken_back:
            continue
        if result.status != 200:
            yield f"job {job_id} answers {result.status}"
        elif gateway.call("GET", result.json["video"]["url"].replace(_base(result.json), gateway.url), key=None).body != content_of(name):
            yield f"the file of job {job_id} is not its video"


def _base(result: dict[str, Any]) -> str:
    """The address that the gateway had when the job was submitted; it has another one at every start."""
    return result["video"]["url"].partition("/files/")[0]


def _faults_of_keys(record: Record) -> Iterator[str]:
    for key, jobs in record.of_key.items():
        if len(jobs) != 1:
            yield f"{key} made {len(jobs)} jobs"


def _faults_of_books(siege: Siege) -> Iterator[str]:
    """What the database itself says, asked without the gateway's own code."""
    database = apsw.Connection(str(siege.data / "store.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        for question, words in _QUESTIONS.items():
            for row in database.execute(question):
                yield words.format(*row)
    finally:
        database.close()


_QUESTIONS = {
    "select id, state from job where state in ('queued', 'running')": "job {} is {} at rest",
    """select job.id, count(event.sequence) from job
        left join event on event.job_id = job.id and event.kind = 'state' and event.state not in ('queued', 'running')
        group by job.id having count(event.sequence) <> 1""": "job {} has {} events of an end",
    """select job.id, count(txn.id) from job left join txn on txn.job_id = job.id and txn.kind in ('captured', 'released')
        group by job.id having count(txn.id) <> 1""": "job {} was settled {} times",
    "select id from job where id not in (select job_id from settlement)": "job {} has no settlement",
    """select job.id, job.state, count(blob.name) from job left join blob on blob.job_id = job.id
        group by job.id having count(blob.name) <> (job.state = 'done')""": "job {}, {}, has {} kept videos",
    "select account, held from balance where held <> 0": "{} has {} held at rest",
    "select sum(amount) from entry having sum(amount) <> 0": "the books are off by {}",
    """select balance.account, balance.available from balance where available <> (
        select coalesce(sum(case txn.kind when 'credit' then amount else -amount end), 0) from entry join txn on txn.id = entry.txn_id
        where (txn.kind = 'credit' and entry.account = balance.account)
            or (txn.kind = 'captured' and entry.kind = 'revenue'))""": "{} has {}, which is not what came less what was captured",
    "select job_id from attempt where closed_at is null": "job {} has an open attempt at rest",
    """select id from job where state = 'done'
        and id not in (select job_id from attempt where state = 'done')""": "job {} has no attempt that made it",
    "select job_id, count(*) from attempt where state = 'done' group by job_id having count(*) > 1": "job {} was made by {} attempts",
}


def _faults_of_files(siege: Siege) -> Iterator[str]:
    """Every kept video is whole on the disk, and what no row knows is no more than the kills can have left."""
    database = apsw.Connection(str(siege.data / "store.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        rows = {name: (size, sha256) for name, size, sha256 in database.execute("select name, size_bytes, sha256 from blob")}
    finally:
        database.close()
    files = {path.name: path for path in (siege.data / "blobs").glob("??/*")}
    for name, facts in rows.items():
        content = files[name].read_bytes() if name in files else b""
        if (len(content), hashlib.sha256(content).hexdigest()) != facts:
            yield f"the file {name} is not what its row says"
    orphans = len(files.keys() - rows.keys())
    if orphans > siege.kills * SLOTS:
        yield f"{orphans} files that no row knows, after {siege.kills} kills"


def _faults_of_renders(siege: Siege) -> Iterator[str]:
    """An attempt's row is durable before its work begins, so no job was begun more often than it has rows."""
    database = apsw.Connection(str(siege.data / "store.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
    question = "select input ->> 'prompt', count(attempt.token) from job left join attempt on attempt.job_id = job.id group by job.id"
    try:
        attempts = {prompt.partition(" ")[2]: count for prompt, count in database.execute(question)}
    finally:
        database.close()
    begun = Counter(siege.journal.read_text().split()) if siege.journal.exists() else Counter[str]()
    for name, times in begun.items():
        if times > attempts.get(name, 0):
            yield f"{name} was begun {times} times and has {attempts.get(name, 0)} rows of attempts"


def content_of(name: str) -> bytes:
    """The file that the hasty engine makes of a prompt."""
    return hashlib.sha256(name.encode()).digest() * 1024
