"""Our own words for jobs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.attempt import Attempt
from reelgate.contracts.ledger import Receipt
from reelgate.contracts.outbox import Delivery, DeliveryTry
from reelgate.domain.errors import Fault
from reelgate.domain.job import AttemptState, Event, Failure, JobState
from reelgate.domain.media import BlobRef, Dropped, Foreign, LocalFile, Video
from reelgate.domain.money import Money
from reelgate.domain.pricing import Quote
from reelgate.wire.own import video_address, write_delivery, write_event, write_job, write_receipt
from tests.clock import BEGINNING
from tests.unit.dispatch.workshop import a_job

VIDEO = Video(source=BlobRef("ab" * 16), width=1280, height=720, fps=24, frames=120, sound=False, size_bytes=9)


def test_a_job_is_plain_json_and_does_not_tell_its_prompt() -> None:
    job = replace(a_job(BEGINNING, "a secret plan"), dropped=(Dropped(field="seed", reason="not here"),))
    written = json.loads(json.dumps(write_job(job, position=3, attempts=[])))
    assert (written["id"], written["state"], written["position"], written["attempts"]) == (job.id, "queued", 3, [])
    assert written["dropped"] == [{"field": "seed", "reason": "not here"}]
    assert written["created_at"] == "2026-01-01T12:00:00.000+00:00"
    assert "secret" not in json.dumps(written)


@pytest.mark.parametrize(
    ("channel", "closed_at", "note", "told"),
    [
        ("acme", BEGINNING, "upstream_misconfigured: 1102", "upstream_misconfigured"),
        ("acme", None, "http 502 from acme", ""),
        ("", BEGINNING, "the worker died: killed", "the worker died: killed"),
    ],
)
def test_what_a_vendor_said_to_the_house_is_not_told_to_callers(channel: str, closed_at: datetime | None, note: str, told: str) -> None:
    facts: dict[str, Any] = {"token": "t", "job_id": "j", "number": 1, "engine": "relay", "opened_at": BEGINNING}
    attempt = Attempt(**facts, state=AttemptState.FAILED, channel=channel, closed_at=closed_at, note=note, tries=3)
    (written,) = write_job(a_job(BEGINNING), attempts=[attempt])["attempts"]
    assert (written["note"], written["tries"]) == (told, 3)


def test_a_video_is_told_with_its_address() -> None:
    job = replace(a_job(BEGINNING), state=JobState.DONE, video=VIDEO)
    assert write_job(job)["video"]["url"] == f"http://127.0.0.1/files/{'ab' * 16}/output.mp4"
    assert write_job(job)["video"]["seconds"] == 5


def test_only_a_kept_video_has_an_address() -> None:
    assert video_address(None, "http://x") == ""
    assert video_address(replace(VIDEO, source=LocalFile(Path("v.mp4"))), "http://x") == ""
    links_only = replace(VIDEO, source=Foreign("https://upstream.example/v.mp4"))
    assert video_address(links_only, "http://x") == "https://upstream.example/v.mp4", "its channel keeps no outputs"


def test_a_failure_names_its_field() -> None:
    fault = Fault(path=("multi_prompt", 0, "prompt"), message="no", kind="one_of")
    job = replace(a_job(BEGINNING), failure=Failure(code="rejected", message="no", fault=fault))
    assert write_job(job)["failure"] == {"code": "rejected", "message": "no", "field": "multi_prompt.0.prompt", "kind": "one_of"}


def test_a_receipt_tells_the_price_and_what_came_of_the_hold() -> None:
    job = replace(a_job(BEGINNING), quote=Quote(Money(350_000), "5 s × $0.07", book="retail", since=BEGINNING))
    receipt = Receipt(job_id=job.id, held=Money(350_000), outcome="", charged=Money(0), refunded=Money(0))
    told = write_receipt(job, receipt)
    assert told == {
        "held": "0.350000",
        "outcome": "held",
        "charged": "0.000000",
        "refunded": "0.000000",
        "words": "5 s × $0.07",
        "book": "retail",
        "since": "2026-01-01T12:00:00.000+00:00",
    }
    assert write_receipt(job, None) is None


def test_an_event_is_told_whole() -> None:
    event = Event(job_id="1", kind="state", message="done", at=BEGINNING, state=JobState.DONE, sequence=7)
    assert json.loads(json.dumps(write_event(event)))["state"] == "done"


def test_a_delivery_is_told_with_its_tries_and_without_what_may_be_a_token() -> None:
    delivery = Delivery(
        id="d1",
        account="ada",
        job_id="j1",
        face="fal",
        url="https://ada:pass@receiver.example.com:8443/hook?token=whisper#part",
        told=JobState.DONE,
        changed_at=BEGINNING,
        next_at=BEGINNING,
        tries=(DeliveryTry(number=1, at=BEGINNING, status=503, note="", took_s=0.12345),),
    )
    assert json.loads(json.dumps(write_delivery(delivery))) == {
        "id": "d1",
        "object": "delivery",
        "job_id": "j1",
        "url": "https://receiver.example.com:8443/hook",
        "told": "done",
        "state": "pending",
        "changed_at": "2026-01-01T12:00:00.000+00:00",
        "next_at": "2026-01-01T12:00:00.000+00:00",
        "tries": [{"number": 1, "at": "2026-01-01T12:00:00.000+00:00", "status": 503, "note": "", "took_s": 0.123}],
    }
