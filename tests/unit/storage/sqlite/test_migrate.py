"""Numbered migrations, and data folders of every schema there ever was."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest
from structlog.testing import capture_logs

from reelgate.contracts.account import Balance
from reelgate.contracts.file import Uploaded
from reelgate.contracts.ledger import Posted
from reelgate.contracts.outbox import DeliveryState
from reelgate.contracts.store import JobFilter, Replay
from reelgate.domain.errors import StoreError
from reelgate.domain.job import AttemptState, JobState
from reelgate.domain.media import Dropped, forgotten
from reelgate.domain.money import Money
from reelgate.storage.sqlite import STORE
from reelgate.storage.sqlite.connection import Database, Row, open_writer
from reelgate.storage.sqlite.migrate import MIGRATIONS, Migration, migrate, read_version
from tests.story import (
    BROKEN,
    EVERY_CHANGE,
    collect,
    deed,
    later,
    make_account,
    make_job,
    make_part,
    make_rich_job,
    make_try,
    same_request,
    take,
)

FOLDERS = Path(__file__).resolve().parents[3] / "fixtures" / "data-folders"
NEXT = len(MIGRATIONS) + 1
LATER = Migration(NEXT, "later", "alter table account add column note text not null default ''; create index a on account (note);")
STRAY = Migration(
    NEXT, "stray", "insert into attempt (token, job_id, number, engine, state, opened_at, note) values ('t', 'nobody', 1, '', '', 0, '');"
)
TORN = Migration(NEXT + 1, "torn", "create table half (x); insert into nowhere values (1);")


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
        assert await store.accept(make_job(key_id="key-ada-first"), idempotency=same_request(f"key of {name}")) == Replay(job)
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
    assert migrate(connection, (*MIGRATIONS, LATER)) == NEXT
    assert migrate(connection, (*MIGRATIONS, LATER)) == NEXT
    assert read_version(connection) == NEXT
    assert connection.execute("select id, note from account order by id").fetchall() == [("ada", ""), ("bob", "")]
    connection.close()


def test_a_step_that_fails_leaves_the_schema_before_it(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "store.sqlite", create=True)
    with pytest.raises(StoreError, match=f"schema {NEXT + 1}"):
        migrate(connection, (*MIGRATIONS, LATER, TORN))
    assert read_version(connection) == NEXT
    assert connection.execute("select 1 from sqlite_schema where name = 'half'").fetchall() == []
    connection.close()


def test_a_step_that_leaves_a_row_without_the_one_it_refers_to_is_taken_back(tmp_path: Path) -> None:
    connection = open_writer(unpack("v1", tmp_path) / "store.sqlite")
    migrate(connection)
    before = _rows(connection)
    with pytest.raises(StoreError, match="nothing was changed"):
        migrate(connection, (*MIGRATIONS, STRAY))
    assert read_version(connection) == NEXT - 1
    assert _rows(connection) == before
    connection.close()


def test_after_a_step_references_are_looked_after_again(tmp_path: Path) -> None:
    connection = open_writer(unpack("v1", tmp_path) / "store.sqlite")
    for migrations in (MIGRATIONS, (*MIGRATIONS, STRAY)):
        with suppress(StoreError):
            migrate(connection, migrations)
        with pytest.raises(apsw.ConstraintError, match="FOREIGN KEY"):
            connection.execute("delete from job")
    connection.close()


def test_no_row_of_version_1_is_lost_or_changed_on_the_way_to_version_2(tmp_path: Path) -> None:
    connection = open_writer(unpack("v1", tmp_path) / "store.sqlite")
    before, jobs = _rows(connection), connection.execute("select rowid, * from job order by rowid").fetchall()
    columns = [str(column[1]) for column in connection.execute("pragma table_info(job)").fetchall()]
    migrate(connection, MIGRATIONS[:2])
    after = _rows(connection)
    for table in before.keys() - {"job", "key", "schema_version"}:
        assert after[table] == before[table], table
    assert [row[:-1] for row in after["key"]] == before["key"]
    assert jobs
    assert [_chosen(row, connection, columns) for row in connection.execute("select rowid, * from job order by rowid").fetchall()] == jobs
    assert connection.execute("select count(*) from job where coalesce(unused, terms, fingerprint) is not null").fetchall() == [(0,)]
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    references = connection.execute("select \"table\" from pragma_foreign_key_list('attempt')").fetchall()
    assert references == [("job",)]
    connection.close()


def test_no_row_of_version_2_is_lost_or_changed_on_the_way_to_version_3(tmp_path: Path) -> None:
    connection = open_writer(unpack("v2", tmp_path) / "store.sqlite")
    before = _rows(connection)
    migrate(connection, MIGRATIONS[:3])
    after = _rows(connection)
    for table in before.keys() - {"job", "txn", "schema_version"}:
        assert _begins(after[table], before[table]), table
    assert sorted(row[:38] for row in after["job"]) == sorted(before["job"])
    assert [(row[0], row[1], row[3], row[4], row[6]) for row in after["txn"]] == before["txn"]
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert connection.execute("select \"table\" from pragma_foreign_key_list('entry')").fetchall() == [("txn",)]
    with pytest.raises(apsw.ConstraintError, match="append-only"):
        connection.execute("update hold set day = ''")
    connection.close()


async def test_what_came_with_version_3_is_told_of_what_was_there(tmp_path: Path) -> None:
    store = await STORE.open(unpack("v2", tmp_path), "")
    assert await store.breaches() == []
    assert await store.accounts() == [make_account("ada"), make_account("bob")]
    assert {key.scopes for key in await store.keys()} == {frozenset({"read", "write"})}
    for name in ("ada", "bob"):
        balance, statement = await store.balance(name), await store.statement(name, later(-1), later(1000))
        assert statement.closing == balance.available.micros + balance.held.micros
        captured = -sum(line.change for line in statement.lines if line.kind == "captured")
        spent = await store.spent(name)
        assert spent.micros == captured + balance.held.micros > 0
        assert await store.spent(name, line="key-1", day="2026-01-01") == spent
        assert [each.captured for each in await store.usage([], later(-1), later(1000), name)] == ([captured] if captured else [])
    rich = await store.job_by_external_id("bob", "mine-1")
    assert rich is not None
    assert [job.id for job in await store.jobs("bob", JobFilter(test_only=True))] == [rich.id]
    assert [event.job_id for event in await store.account_events("bob", 0, test_only=True)] == [rich.id]
    assert await store.audit() == []
    await store.close()


async def test_a_folder_of_version_3_has_its_money(tmp_path: Path) -> None:
    store = await STORE.open(unpack("v3", tmp_path), "")
    carl = await store.account("carl")
    assert carl is not None
    assert (carl.book, carl.currency, carl.time_zone, carl.limits.concurrency) == ("friends", "CNY", "Asia/Shanghai", 2)
    first, second = await store.keys("carl")
    assert (first.expires_at, first.networks, second.line, second.last_used_at) == (later(86_400), ("10.0.0.0/8",), first.id, later(20))
    lines = (await store.statement("carl", later(-1), later(1000))).lines
    assert [(line.kind, line.change, line.note) for line in lines] == [
        ("credit", 3_000_000, "a top-up"),
        ("credit", 2_000_000, "a gift"),
        ("debit", -1_000_000, "a mistake"),
        ("captured", -300_000, ""),
        ("captured", -120_000, ""),
        ("refund", 100_000, "too dark"),
    ]
    assert {line.book for line in lines if line.job_id} == {"friends"}
    again = await store.credit("carl", Money.dollars("3"), deed(), reference="invoice 1")
    assert isinstance(again, Posted)
    assert again.replayed
    assert await store.spent("carl", line=first.id) == Money(320_000)
    assert (await store.prices())[0].holder == "friends"
    assert await store.price_version() == 2
    head = await store.audit_head()
    assert head is not None
    assert head.deed.action == "job.refund"
    await store.close()


@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_a_folder_of_a_later_version_opens_with_nothing_lost(tmp_path: Path, version: str) -> None:
    store = await STORE.open(unpack(version, tmp_path), "")
    assert await store.breaches() == []
    told = {each.told: each for each in await store.deliveries("ada")}
    assert {state: each.state for state, each in told.items()} == {
        JobState.RUNNING: DeliveryState.DELIVERED,
        JobState.DONE: DeliveryState.PENDING,
        JobState.FAILED: DeliveryState.FAILED,
    }
    assert told[JobState.DONE].tries == (make_try(1, 21, status=503, note="refused by the receiver: 503"),)
    ended = await store.job_by_external_id("ada", "told")
    assert ended is not None
    assert (ended.terms, ended.input, ended.unused) == (
        replace(EVERY_CHANGE, forget_input=True),
        forgotten(ended.input),
        (Dropped(field="seed", reason="it draws no numbers"),),
    )
    assert ended.fingerprint is None
    assert [job.external_id for job in await store.accepted_since(later(0))] == ["mine-1"]
    assert await store.secret("signing") == b"sealed"
    assert await store.webhook_secrets("ada", later(20)) == [b"second", b"first"]
    assert [key.sealed for key in await store.keys("ada") if key.name] == [None, b"sealed half"]
    (upload,) = await store.stale_uploads(later(10_000), 10)
    assert await store.parts(upload.id) == [make_part(upload, 1, "e" * 32)]
    assert await store.uploaded("ada", 1) == Uploaded(size_bytes=500, open_count=1)
    assert [each.told for each in await collect(store, 30)] == [JobState.DONE]
    await store.close()


async def test_attempts_of_a_folder_of_version_4_are_one_try_each(tmp_path: Path) -> None:
    store = await STORE.open(unpack("v4", tmp_path), "")
    for token in ("attempt accepted", "attempt made", "attempt late"):
        claim = await store.claim(token)
        assert claim is not None
        assert (claim.attempt.accepted_at, claim.attempt.tries, claim.attempt.again_at) == (None, 1, None)
    assert await store.breaches() == []
    await store.close()


async def test_a_folder_of_version_5_knows_when_an_attempt_was_accepted_and_how_often_one_was_refused(tmp_path: Path) -> None:
    store = await STORE.open(unpack("v5", tmp_path), "")
    found = [await store.claim(token) for token in ("attempt accepted", "attempt throttled 2")]
    assert [None if each is None else (each.attempt.accepted_at, each.attempt.tries, each.attempt.again_at) for each in found] == [
        (later(29), 1, None),
        (None, 3, later(29)),
    ]
    await store.close()


def test_each_step_of_a_database_that_was_there_is_logged_before_it_begins(tmp_path: Path) -> None:
    connection = open_writer(unpack("v1", tmp_path) / "store.sqlite")
    with capture_logs() as lines, pytest.raises(StoreError):
        migrate(connection, (*MIGRATIONS[:2], replace(TORN, number=3)))
    connection.close()
    told = [{"event": "migrating", "log_level": "info", "from": number, "to": number + 1} for number in (1, 2)]
    assert lines == told
    fresh = open_writer(tmp_path / "fresh.sqlite", create=True)
    with capture_logs() as lines:
        migrate(fresh)
        migrate(fresh)
    fresh.close()
    assert lines == []


async def test_a_disk_without_room_for_a_step_is_refused_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unpack("v1", tmp_path)
    size_bytes = (folder / "store.sqlite").stat().st_size
    asked: list[Path] = []

    def nearly_full(path: Path) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(free=3 * size_bytes - 1)

    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", nearly_full)
        with pytest.raises(StoreError, match=f"takes {3 * size_bytes} bytes for a while, and its disk has {3 * size_bytes - 1} left"):
            await STORE.open(folder, "")
        assert asked == [folder]
        kept = open_writer(folder / "store.sqlite")
        assert read_version(kept) == 1
        kept.close()
        await (await STORE.open(tmp_path / "fresh", "")).close()
        await (await STORE.open(tmp_path / "fresh", "")).close()
        assert asked == [folder], "a database that needs no step needs no room"
    await (await STORE.open(folder, "")).close()


async def test_an_older_program_refuses_a_newer_folder(tmp_path: Path) -> None:
    connection = open_writer(unpack("v1", tmp_path) / "store.sqlite")
    migrate(connection, (*MIGRATIONS, LATER))
    connection.close()
    before = (tmp_path / "store.sqlite").read_bytes()
    with pytest.raises(StoreError, match=f"schema {NEXT}, written by a newer Reelgate; this one knows schemas up to {NEXT - 1}"):
        await STORE.open(tmp_path, "")
    assert (tmp_path / "store.sqlite").read_bytes() == before


@pytest.mark.parametrize("version", range(1, NEXT))
def test_the_kept_folder_has_the_schema_of_its_version(version: int, tmp_path: Path) -> None:
    schema = "select name, sql from sqlite_schema where name not like 'sqlite_%' order by name"
    kept = open_writer(unpack(f"v{version}", tmp_path) / "store.sqlite")
    fresh = open_writer(tmp_path / "fresh.sqlite", create=True)
    migrate(fresh, MIGRATIONS[:version])
    spaced = [(name, " ".join(str(sql).lower().split())) for name, sql in fresh.execute(schema).fetchall()]
    assert [(name, " ".join(str(sql).lower().split())) for name, sql in kept.execute(schema).fetchall()] == spaced
    kept.close()
    fresh.close()


def _rows(connection: Database) -> dict[str, list[Row]]:
    """Every row of every table."""
    tables = connection.execute("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").fetchall()
    found: dict[str, list[Row]] = {}
    for (name,) in tables:
        found[name] = connection.execute(f'select * from "{name}"').fetchall()  # noqa: S608 -- # rule: built-sql, tables of ours
    return found


def _begins(after: list[Row], before: list[Row]) -> bool:
    """Whether each row is there, with nothing but more columns after those that it had."""
    return all(new[: len(old)] == old for new, old in zip(after, before, strict=True))


def _chosen(row: Row, connection: Database, columns: list[str]) -> Row:
    """The row number and those columns, in that order."""
    now = [str(column[1]) for column in connection.execute("pragma table_info(job)").fetchall()]
    return (row[0], *(row[1 + now.index(name)] for name in columns))
