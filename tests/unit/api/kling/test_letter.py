"""Kling's callbacks: our ids, the task without an envelope, and a signature where there is a secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from reelgate.api.kling import FACE
from reelgate.contracts.letter import Letter
from reelgate.contracts.outbox import Delivery
from reelgate.domain.job import JobState
from reelgate.gateway.face import Correspondent
from tests.house import Lodger, open_lodging

AT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
BODY = {"model_name": "scripted-text", "prompt": "go", "external_task_id": "mine"}
USUAL = "whsec_" + base64.b64encode(b"the gateway's own secret").decode()


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        yield lodger


async def write(gate: Lodger, told: JobState, path: str = "/v1/videos/text2video", body: dict[str, Any] = BODY) -> tuple[str, Letter]:
    """What a receiver is told of a change, after the job has gone on to its end; and the task's id."""
    made = (await gate.http.post(path, json=body)).json()["data"]
    task_id: str = made.get("task_id") or made["id"]
    ended = await gate.ended(task_id)
    job = await gate.house.gateway.store.job("owner", ended["id"])
    assert job is not None
    assert isinstance(FACE, Correspondent)
    delivery = Delivery(id="9876543210", account="owner", job_id=job.id, face="kling", url="https://a", told=told, changed_at=AT)
    return task_id, await FACE.scribe(gate.house.gateway)(job, delivery, AT)


def signed_by(letter: Letter, secret: str) -> bool:
    """As Standard Webhooks has it checked."""
    headers = dict(letter.headers)
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + letter.body
    expected = base64.b64encode(hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), message, hashlib.sha256)).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


async def test_the_end_is_told_with_the_video(gate: Lodger) -> None:
    task_id, letter = await write(gate, JobState.DONE)
    task = orjson.loads(letter.body)
    assert (task["task_id"], task["task_status"], task["task_info"]) == (task_id, "succeed", {"external_task_id": "mine"})
    assert task["task_result"]["videos"][0]["url"].startswith("http")
    assert "code" not in task
    assert letter.headers == ()


async def test_a_change_is_told_as_it_was_however_late(gate: Lodger) -> None:
    _, letter = await write(gate, JobState.RUNNING)
    task = orjson.loads(letter.body)
    assert (task["task_status"], task["task_result"], task["updated_at"]) == ("processing", {}, int(AT.timestamp() * 1000))


async def test_a_task_of_2026_is_told_in_its_own_words(gate: Lodger) -> None:
    body = {"prompt": "go", "options": {"external_task_id": "new"}}
    task_id, letter = await write(gate, JobState.DONE, "/text-to-video/scripted-text", body)
    task = orjson.loads(letter.body)
    assert (task["id"], task["status"], task["external_id"]) == (task_id, "succeeded", "new")
    assert task["outputs"][0]["type"] == "video"


async def test_the_gateway_s_secret_signs_for_accounts_that_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, kling_webhook_secret=USUAL) as gate:
        _, letter = await write(gate, JobState.DONE)
        assert signed_by(letter, USUAL)
        own = await gate.house.gateway.accounts.new_webhook_secret("owner", actor="gateway")
        _, letter = await write(gate, JobState.DONE, body=BODY | {"external_task_id": "second"})
        assert signed_by(letter, own)
        assert not signed_by(letter, USUAL)


async def test_while_a_secret_is_exchanged_both_sign(gate: Lodger) -> None:
    former, new = [await gate.house.gateway.accounts.new_webhook_secret("owner", actor="gateway") for _ in range(2)]
    _, letter = await write(gate, JobState.DONE)
    assert signed_by(letter, former)
    assert signed_by(letter, new)
    assert not signed_by(letter, USUAL)
