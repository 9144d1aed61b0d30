"""Numbered migrations, and data folders of every schema there ever was."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from reelgate.contracts.store import Balance, Replay
from reelgate.domain.errors import StoreError
from reelgate.domain.job import AttemptState, JobState
from reelgate.domain.money import Money
from reelgate.storage.sqlite import STORE
from reelgate.storage.sqlite.connection import open_writer
from reelgate.storage.sqlite.migrate import MIGRATIONS, Migration, migrate, read_version
from tests.story import BROKEN, later, make_job, make_rich_job, same_request, take

FOLDERS = Path(__file__).resolve().parents[3] / "fixtures" / "data-folders"
SECOND = Migration(2, "second", "alter table account add column note text not null default ''; create index a on account (note);")
TORN = Migration(3, "torn", "create table half (x); insert into nowhere values (1);")


def unpack(version: str, folder: Path) -> Path:
    """A data folder as a program of that version left it."""
    connection = apsw.Connection(str(folder / "store.sqlite"))
    connection.execute((FOLDERS / version / "store.sql").read_text("utf-8")).fetchall()
    connection.close()
    shutil.copy(FOLDERS / version / "store.json", folder)
    return folder


async def test_a_folder_of_version_1_opens_with_nothing_lost(tmp_path: Path) -> None:
    store = await STORE.open(unpack("v1", tmp_path), "")
    assert await store.breaches() == []
    assert [account.id for account in await store.accounts()] == ["ada", "bob"]
    assert [(key.id, key.mode, key.revoked_at) for key in await store.keys()] == [
        ("key-ada-first", "live", None),
        ("key-bob-second", "test", later(5)),
    ]
    assert await store.balance("ada") == Balance(available=Money(98_950_000), held=Money(350_000))
    assert await store.balance("bob") == Balance(available=Money(1_800_000), held=Money(700_000))
    for name, state in (("done", "done"), ("forgotten", "done"), ("failed", "failed"), ("cancelled", "cancelled"), ("unknown", "unknown")):
        job = await store.job_by_external_id("ada", name)
        assert job is not None
        assert (job.state, job.over) == (JobState(state), True)
        assert [event.message for event in await store.events("ada", job.id) if event.kind == "state"] == ["queued", "running", state]
        assert await store.accept(make_job(), idempotency=same_request(f"key of {name}")) == Replay(job)
    await store.close()


async def test_the_jobs_of_a_folder_of_version_1_are_whole_and_go_on(tmp_path: Path) -> None:
    store = await STORE.open(unpack("v1", tmp_path), "")
    done = await store.job_by_external_id("ada", "done")
    assert done is not None
    assert done.video is not None
    assert (done.deaths, done.render_s, done.video.frames) == (1, 2.5, 120)
    assert [attempt.state for attempt in await store.attempts("ada", done.id)] == [AttemptState.FAILED, AttemptState.DONE]
    assert len(await store.known_blobs()) == 3
    failed = await store.job_by_external_id("ada", "failed")
    assert failed is not None
    assert failed.failure == BROKEN
    rich, wanted = await store.job_by_external_id("bob", "mine-1"), make_rich_job("bob")
    assert rich is not None
    assert (rich.input, rich.dropped, rich.names, rich.quote) == (wanted.input, wanted.dropped, wanted.names, wanted.quote)
    assert await store.expire_leases() == 1
    leases = await take(store, 20)
    assert [lease.job.state for lease in leases] == [JobState.RUNNING] * 3
    assert leases[0].job.cancel_requested_at == later(9)
    await store.cancel(leases[0], later(21))
    assert await store.breaches() == []
    await store.close()


def test_a_later_step_is_applied_once_and_remembered(tmp_path: Path) -> None:
    connection = open_writer(unpack("v1", tmp_path) / "store.sqlite")
    assert migrate(connection, (*MIGRATIONS, SECOND)) == 2
    assert migrate(connection, (*MIGRATIONS, SECOND)) == 2
    assert read_version(connection) == 2
    assert connection.execute("select id, note from account order by id").fetchall() == [("ada", ""), ("bob", "")]
    connection.close()


def test_a_step_that_fails_leaves_the_schema_before_it(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "store.sqlite", create=True)
    with pytest.raises(StoreError, match="schema 3"):
        migrate(connection, (*MIGRATIONS, SECOND, TORN))
    assert read_version(connection) == 2
    assert connection.execute("select 1 from sqlite_schema where name = 'half'").fetchall() == []
    connection.close()


async def test_an_older_program_refuses_a_newer_folder(tmp_path: Path) -> None:
    connection = open_writer(unpack("v1", tmp_path) / "store.sqlite")
    migrate(connection, (*MIGRATIONS, SECOND))
    connection.close()
    before = (tmp_path / "store.sqlite").read_bytes()
    with pytest.raises(StoreError, match=r"schema 2, written by a newer Reelgate; this one knows schemas up to 1"):
        await STORE.open(tmp_path, "")
    assert (tmp_path / "store.sqlite").read_bytes() == before


def test_the_kept_folder_has_the_schema_of_its_version(tmp_path: Path) -> None:
    schema = "select name, sql from sqlite_schema where name not like 'sqlite_%' order by name"
    kept = open_writer(unpack("v1", tmp_path) / "store.sqlite")
    fresh = open_writer(tmp_path / "fresh.sqlite", create=True)
    migrate(fresh, MIGRATIONS[:1])
    spaced = [(name, " ".join(str(sql).lower().split())) for name, sql in fresh.execute(schema).fetchall()]
    assert [(name, " ".join(str(sql).lower().split())) for name, sql in kept.execute(schema).fetchall()] == spaced
    kept.close()
    fresh.close()
