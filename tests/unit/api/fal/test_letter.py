"""fal's webhooks, checked as fal's documentation tells receivers to check them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from reelgate.api.fal import FACE
from reelgate.contracts.letter import Letter
from reelgate.contracts.outbox import Delivery
from reelgate.domain.job import Job
from reelgate.gateway.face import Correspondent
from tests.house import Lodger, open_lodging

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


@pytest.fixture
async def open_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        yield lodger


async def write(gate: Lodger, prompt: str) -> tuple[Job, Letter]:
    """The letter that tells of a job which played this."""
    job_id = (await gate.http.post("/scripted/text", json={"prompt": prompt})).json()["request_id"]
    await gate.ended(job_id)
    job = await gate.house.gateway.store.job("owner", job_id)
    assert job is not None
    assert isinstance(FACE, Correspondent)
    told = Delivery(id="d", account="owner", job_id=job_id, face="fal", url="https://a", told=job.state, changed_at=NOW)
    return job, await FACE.scribe(gate.house.gateway)(job, told, NOW)


async def verify(gate: Lodger, letter: Letter) -> None:
    """The documented way: four lines, any key of the set."""
    headers = {name.lower(): value for name, value in letter.headers}
    digest = hashlib.sha256(letter.body).hexdigest()
    names = ("x-fal-webhook-request-id", "x-fal-webhook-user-id", "x-fal-webhook-timestamp")
    message = "\n".join([*(headers[name] for name in names), digest]).encode()
    [key] = (await gate.http.get("/.well-known/jwks.json", headers={"Authorization": ""})).json()["keys"]
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"]))  # the documented sample needs the padding
    public.verify(bytes.fromhex(headers["x-fal-webhook-signature"]), message)


async def test_a_finished_job_is_told_with_its_output_and_a_good_signature(open_gate: Lodger) -> None:
    job, letter = await write(open_gate, "go")
    told: dict[str, Any] = orjson.loads(letter.body)
    assert (told["request_id"], told["gateway_request_id"], told["status"]) == (job.id, job.id, "OK")
    assert told["payload"] == (await open_gate.http.get(f"/scripted/text/requests/{job.id}")).json()
    await verify(open_gate, letter)


async def test_a_refused_job_is_told_with_the_error_of_its_result(open_gate: Lodger) -> None:
    job, letter = await write(open_gate, "refuse")
    told: dict[str, Any] = orjson.loads(letter.body)
    assert (told["status"], told["error"]) == ("ERROR", "Invalid status code: 422")
    assert told["payload"] == (await open_gate.http.get(f"/scripted/text/requests/{job.id}")).json()
    await verify(open_gate, letter)


async def test_a_body_that_was_changed_on_the_way_is_found_out(open_gate: Lodger) -> None:
    """The negative control of the verification above."""
    _, letter = await write(open_gate, "go")
    with pytest.raises(InvalidSignature):
        await verify(open_gate, replace(letter, body=letter.body.replace(b'"OK"', b'"KO"')))


async def test_the_key_is_the_same_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sets: list[bytes] = []
    for _ in range(2):
        async with open_lodging(tmp_path, monkeypatch, database="sqlite", working=False) as lodger:
            sets.append((await lodger.http.get("/.well-known/jwks.json")).content)
    assert sets[0] == sets[1]
