"""What fal's clients say beside the input: webhooks, terms, strictness."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.store import JobFilter
from reelgate.domain.job import Job, Notify, Terms
from tests.house import Lodger, open_lodging

ENDPOINT = "/scripted/text"
HOOK = "https%3A%2F%2Freceiver.example.com%2Fhook%3Forder%3D7"


@pytest.fixture
async def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        yield lodger


async def kept(lodger: Lodger, query: str = "", **headers: str) -> Job:
    """The job that was made of a submit."""
    answer = await lodger.http.post(f"{ENDPOINT}{query}", json={"prompt": "go"}, headers=headers)
    assert answer.status_code == 200, answer.text
    [job] = await lodger.house.gateway.store.jobs("owner", JobFilter(limit=1))
    return job


async def refused(lodger: Lodger, query: str = "", prompt: str = "go", **headers: str) -> dict[str, Any]:
    answer = await lodger.http.post(f"{ENDPOINT}{query}", json={"prompt": prompt}, headers=headers)
    assert answer.status_code == 422, answer.text
    [fault] = answer.json()["detail"]
    return fault


async def test_a_webhook_is_kept_with_its_own_query(waiting: Lodger) -> None:
    job = await kept(waiting, f"?fal_webhook={HOOK}")
    assert job.callback == "https://receiver.example.com/hook?order=7"
    assert job.terms.notify is Notify.END


@pytest.mark.parametrize(
    "address", ["http%3A%2F%2F127.0.0.1%2Fhook", "ftp%3A%2F%2Fexample.com", "nowhere", "https%3A%2F%2Fa%40b.example%2F"]
)
async def test_a_webhook_that_may_not_be_called_is_refused_at_its_own_name(waiting: Lodger, address: str) -> None:
    fault = await refused(waiting, f"?fal_webhook={address}")
    assert fault["loc"] == ["body", "fal_webhook"]
    assert "127.0.0.1" not in fault["msg"]
    assert await waiting.house.gateway.store.jobs("owner", JobFilter()) == []


async def test_without_headers_the_terms_are_the_usual_ones(waiting: Lodger) -> None:
    assert (await kept(waiting)).terms == Terms()


@pytest.mark.parametrize(
    ("headers", "terms"),
    [
        ({"X-Fal-No-Retry": "1"}, Terms(retries=False)),
        ({"X-Fal-No-Retry": "yes"}, Terms(retries=False)),
        ({"X-Fal-No-Retry": "0"}, Terms()),
        ({"X-Fal-Store-IO": "0"}, Terms(forget_input=True)),
        ({"X-Fal-Store-IO": "1"}, Terms()),
        ({"X-Reelgate-Strict": "1"}, Terms(strict=True)),
        ({"X-Fal-Object-Lifecycle-Preference": json.dumps({"expiration_duration_seconds": 3600})}, Terms(keep_s=3600)),
        ({"X-Fal-Object-Lifecycle-Preference": json.dumps({"initial_acl": {"default": "forbid"}})}, Terms()),
        ({"X-Fal-Runner-Hint": "x", "X-Fal-Tags": "y", "X-Fal-Retry-Config": "{", "x-app-fal-disable-fallback": "true"}, Terms()),
    ],
)
async def test_headers_set_the_terms(waiting: Lodger, headers: dict[str, str], terms: Terms) -> None:
    assert (await kept(waiting, **headers)).terms == terms


@pytest.mark.parametrize(
    "wish", ["soon", "[]", "{", '{"expiration_duration_seconds": -1}', '{"expiration_duration_seconds": "soon"}', "NaN"]
)
async def test_a_life_time_that_cannot_be_read_is_refused_for_it_may_be_a_wish_to_forget(waiting: Lodger, wish: str) -> None:
    fault = await refused(waiting, **{"X-Fal-Object-Lifecycle-Preference": wish})
    assert fault["loc"] == ["body", "X-Fal-Object-Lifecycle-Preference"]


async def test_a_strict_submit_names_every_field_that_would_do_nothing(waiting: Lodger) -> None:
    strict = {"X-Reelgate-Strict": "1"}
    answer = await waiting.http.post(ENDPOINT, json={"prompt": "leave out", "sparkle": 1}, headers=strict)
    assert answer.status_code == 422
    assert [(each["loc"][-1], each["type"]) for each in answer.json()["detail"]] == [
        ("sparkle", "feature_not_supported"),
        ("prompt", "feature_not_supported"),
    ]
    lenient = await waiting.http.post(ENDPOINT, json={"prompt": "leave out", "sparkle": 1})
    assert [each["field"] for each in lenient.json()["reelgate"]["dropped"]] == ["sparkle"]
    assert (await waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers=strict)).status_code == 200


async def test_what_no_engine_can_make_is_said_and_not_accepted(waiting: Lodger) -> None:
    answer = await waiting.http.post(ENDPOINT, json={"prompt": "impossible"})
    assert answer.status_code == 404
    assert "the script cannot play this" in answer.json()["detail"]
    assert await waiting.house.gateway.store.jobs("owner", JobFilter()) == []
