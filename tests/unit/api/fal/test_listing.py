"""The list of an endpoint's past requests, as fal's platform shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import Lodger, open_lodging

PATH = "/v1/models/requests/by-endpoint"


@pytest.fixture
async def open_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        yield lodger


async def ask(gate: Lodger, headers: dict[str, str] | None = None, **asked: Any) -> dict[str, Any]:
    answer = await gate.http.get(PATH, params={"endpoint_id": "scripted/text"} | asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def made(gate: Lodger, prompt: str) -> str:
    job_id = (await gate.http.post("/scripted/text", json={"prompt": prompt})).json()["request_id"]
    await gate.ended(job_id)
    return job_id


async def test_requests_are_listed_newest_first_with_how_they_ended(open_gate: Lodger) -> None:
    done, failed, refused = [await made(open_gate, prompt) for prompt in ("go", "fail", "refuse")]
    items = (await ask(open_gate))["items"]
    assert [(each["request_id"], each["status_code"]) for each in items] == [(refused, 422), (failed, 500), (done, 200)]
    assert items[-1]["duration"] > 0
    assert items[-1]["sent_at"] <= items[-1]["started_at"] <= items[-1]["ended_at"]
    for status, job in (("success", done), ("error", failed), ("user_error", refused)):
        assert [each["request_id"] for each in (await ask(open_gate, status=status))["items"]] == [job]


async def test_pages_follow_each_other_to_the_end(open_gate: Lodger) -> None:
    jobs = [await made(open_gate, "go") for _ in range(3)]
    first = await ask(open_gate, limit=2)
    assert first["has_more"]
    second = await ask(open_gate, limit=2, cursor=first["next_cursor"])
    assert [each["request_id"] for page in (first, second) for each in page["items"]] == jobs[::-1]
    assert (second["has_more"], second["next_cursor"]) == (False, None)


async def test_only_the_time_that_is_asked_for_is_shown(open_gate: Lodger) -> None:
    await made(open_gate, "go")
    assert (await ask(open_gate, start="2026-01-01", end="2026-01-02T00:00:00Z"))["items"] == []
    assert len((await ask(open_gate, start="2026-01-01T00:00:00+01:00"))["items"]) == 1


async def test_a_stranger_sees_none_of_them(open_gate: Lodger) -> None:
    await made(open_gate, "go")
    assert (await ask(open_gate, await open_gate.key(account="mallory")))["items"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"endpoint_id": ""},
        {"limit": "0"},
        {"limit": "101"},
        {"cursor": "x"},
        {"status": "odd"},
        {"start": "soon"},
        {"end": "9" * 99},
        {"end": "0001-01-01"},
    ],
)
async def test_what_cannot_be_read_is_named(open_gate: Lodger, asked: dict[str, str]) -> None:
    answer = await open_gate.http.get(PATH, params={"endpoint_id": "scripted/text"} | asked)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "validation_error"
    assert [name in answer.json()["error"]["message"] for name in asked] == [True]


async def test_a_caller_without_a_key_is_told_in_the_platform_s_words(open_gate: Lodger) -> None:
    answer = await open_gate.http.get(PATH, headers={"Authorization": ""})
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authorization_error")
