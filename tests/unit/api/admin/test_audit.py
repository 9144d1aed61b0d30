"""The audit log, read and verified over HTTP."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from tests.house import Lodger, open_lodging


async def test_the_log_is_read_page_by_page(gate: Lodger) -> None:
    for number in range(5):
        await gate.http.post("/admin/v1/accounts", json={"id": f"a{number}"})
    seen: list[int] = []
    query = {"limit": "3"}
    while True:
        page = (await gate.http.get("/admin/v1/audit", params=query)).json()
        seen += [line["number"] for line in page["data"]]
        if page["next"] is None:
            break
        query["before"] = str(page["next"])
    assert seen == list(range(len(seen), 0, -1))
    assert [line["subject"] for line in (await gate.http.get("/admin/v1/audit", params={"subject": "a3"})).json()["data"]] == ["a3"]


async def test_what_cannot_be_is_named(gate: Lodger) -> None:
    for query in ("limit=0", "limit=201", "limit=x", "before=-1", "before=x", "limit=" + "9" * 5000):
        answer = await gate.http.get(f"/admin/v1/audit?{query}")
        assert (answer.status_code, answer.json()["error"]["faults"][0]["field"]) == (422, query.partition("=")[0])
    for head in ("x", "1:ab", "0:" + "0" * 64):
        assert (await gate.http.get("/admin/v1/audit/verify", params={"head": head})).status_code == 422


async def test_a_planted_change_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, database="sqlite") as gate:
        gate.http.headers["Authorization"] = f"Key {(gate.folder.secret('admin-key') or b'').decode()}"
        for number in range(3):
            await gate.http.post("/admin/v1/accounts/owner/credit", json={"amount": "5", "reason": f"invoice {number}"})
        sound = (await gate.http.get("/admin/v1/audit/verify")).json()
        assert (sound["sound"], sound["broken"], sound["kept"]) == (True, [], None)
        assert (await gate.http.get("/admin/v1/audit/verify", params={"head": sound["head"]})).json()["kept"]
        number = int(sound["head"].partition(":")[0])
        _plant(tmp_path / "data" / "store.sqlite", number - 1)
        found = (await gate.http.get("/admin/v1/audit/verify")).json()
        assert (found["sound"], found["broken"]) == (False, [number - 1])


def _plant(database: Path, number: int) -> None:
    """Write another reason into one line, as whoever has the file could, past all triggers."""
    with apsw.Connection(str(database)) as connection:
        triggers = list(connection.execute("select name from sqlite_master where type = 'trigger' and tbl_name = 'audit'"))
        for (name,) in triggers:
            connection.execute(f'drop trigger "{name}"')  # rule: built-sql, a name cannot be bound
        connection.execute("update audit set reason = 'nothing' where number = ?", (number,))
        assert connection.changes() == 1
