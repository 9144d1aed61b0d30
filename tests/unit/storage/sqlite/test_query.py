"""The loader of named queries, and the queries themselves."""

from __future__ import annotations

import re
from pathlib import Path

import apsw
import pytest

from reelgate.storage.sqlite.migrate import MIGRATIONS
from reelgate.storage.sqlite.query import QUERIES, read_queries

_BY_A_KEY = (
    *("glance", "job", "events", "key_by_mac", "blob", "late", "adrift", "account_events", "newest_account_event", "list_jobs"),
    *(
        "accepted_since",
        "old_deliveries",
        "deliveries_of_account",
        "deliveries_of_job",
        "delivery_tries",
        "claim_delivery",
        "told_before",
    ),
    *("list_test_jobs", "test_account_events", "newest_test_account_event", "test_deliveries_of_account"),
    *("admission", "key", "spent_by_line", "spent_by_line_on", "spent_on", "spent", "txn_by_reference"),
    *("read_charge", "refunded", "receipt", "opening", "statement", "deeds_about"),
    *("claim", "attempt_at", "given_up"),
    *("upload", "uploaded", "parts", "stale_uploads", "secret", "webhook_secrets", "expire_inputs"),
)

_FEW = 15  # columns, all of them short, and none of a size that a caller chooses

SOURCE = Path(__file__).resolve().parents[4] / "src" / "reelgate" / "storage" / "sqlite"


def test_a_file_is_read_into_named_statements() -> None:
    text = "-- name: one\n-- The first.\nselect 1;\n\n-- name: two\n-- The second.\nselect\n    2;\n"
    assert dict(read_queries(text)) == {"one": "select 1;", "two": "select\n    2;"}


@pytest.mark.parametrize(
    ("text", "words"),
    [("-- name: one\nselect 1;\n", "what it is for"), ("-- name: one\n-- The first.\nselect 1\n", "semicolon")],
)
def test_a_query_says_what_it_is_for_and_ends(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        list(read_queries(text))


def test_every_query_fits_the_schema() -> None:
    connection = apsw.Connection(":memory:")
    for migration in MIGRATIONS:
        connection.execute(migration.sql).fetchall()
    for sql in QUERIES.values():
        bindings = dict.fromkeys(re.findall(r":(\w+)", sql)) or (None,) * sql.count("?")
        connection.execute("explain " + sql, bindings).fetchall()  # rule: built-sql, every statement is a constant of ours
    connection.close()


def test_every_query_is_used() -> None:
    used = set(re.findall(r'QUERIES\["(\w+)"\]', "".join(path.read_text("utf-8") for path in SOURCE.glob("*.py"))))
    assert {name for name in QUERIES if not name.startswith("breach_")} == used


def test_reads_by_a_key_use_an_index() -> None:
    connection = apsw.Connection(":memory:")
    for migration in MIGRATIONS:
        connection.execute(migration.sql).fetchall()
    for name in _BY_A_KEY:
        sql = QUERIES[name]
        bindings = dict.fromkeys(re.findall(r":(\w+)", sql)) or (None,) * sql.count("?")
        plan = connection.execute("explain query plan " + sql, bindings).fetchall()  # rule: built-sql, as above
        assert any(str(step[3]).startswith("SEARCH") for step in plan), (name, plan)
        assert not any(str(step[3]).startswith("SCAN") and not re.search("VIRTUAL|CONSTANT ROW", str(step[3])) for step in plan), (
            name,
            plan,
        )
    connection.close()


def test_a_usage_reads_the_movements_of_its_period_and_no_others() -> None:
    connection = apsw.Connection(":memory:")
    for migration in MIGRATIONS:
        connection.execute(migration.sql).fetchall()
    sql = QUERIES["usage"]
    bindings = dict.fromkeys(re.findall(r":(\w+)", sql))
    plan = [str(step[3]) for step in connection.execute("explain query plan " + sql, bindings).fetchall()]  # rule: built-sql, as above
    assert "SEARCH txn USING INDEX txn_by_account (account=? AND at>? AND at<?)" in plan
    assert [step for step in plan if step.startswith("SCAN")] == ["SCAN account"]
    connection.close()


@pytest.mark.parametrize("file", ["accept.py", "ledger.py"])
def test_no_submit_asks_by_a_join(file: str) -> None:
    """With a binding SQLite prepares a join anew each time, for ten times as long as it takes to read two rows by their keys."""
    names = re.findall(r'QUERIES\["(\w+)"\]', (SOURCE / file).read_text("utf-8"))
    assert names
    assert [name for name in names if " join " in QUERIES[name]] == []


def test_a_status_reads_no_more_than_the_beginning_of_a_row() -> None:
    connection = apsw.Connection(":memory:")
    for migration in MIGRATIONS:
        connection.execute(migration.sql).fetchall()
    columns = [str(column[1]) for column in connection.execute("pragma table_info(job)").fetchall()]
    asked = re.findall(r"\w+", QUERIES["glance"].split("from")[0].split("select")[1])
    assert {*asked} <= {*columns[: columns.index("test") + 1]}
    assert columns.index("test") < _FEW
    connection.close()
