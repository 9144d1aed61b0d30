"""Our own words for jobs, for the routes under /v1 that belong to no vendor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from reelgate.contracts.attempt import Attempt
from reelgate.contracts.ledger import Receipt
from reelgate.contracts.outbox import Delivery, DeliveryTry
from reelgate.domain.job import Event, Failure, Job
from reelgate.domain.media import BlobRef, Foreign, Video
from reelgate.wire._stills import still_addresses


def write_job(job: Job, *, position: int | None = None, attempts: Sequence[Attempt] | None = None) -> dict[str, Any]:
    """A job as its owner sees it; without its input, which may be long and is the caller's own."""
    written: dict[str, Any] = {
        "id": job.id,
        "object": "job",
        "endpoint": job.endpoint,
        "state": job.state.value,
        "face": job.face,
        "engine": job.engine,
        "serving": job.serving.value,
        "test": job.test,
        "position": position,
        "created_at": _instant(job.created_at),
        "started_at": _instant(job.started_at),
        "ended_at": _instant(job.ended_at),
        "cancel_requested_at": _instant(job.cancel_requested_at),
        "render_s": job.render_s,
        "deaths": job.deaths,
        "external_id": job.external_id,
        "cost": {"amount": job.quote.amount.decimal, "words": job.quote.words},
        "dropped": [{"field": each.field, "reason": each.reason} for each in (*job.dropped, *job.unused)],
        "failure": None if job.failure is None else _write_failure(job.failure),
        "video": None if job.video is None else write_video(job.video, job.base),
        "late_video": None if job.late_video is None else write_video(job.late_video, job.base),
    }
    if attempts is not None:
        written["attempts"] = [_write_attempt(each) for each in attempts]
    return written


def write_receipt(job: Job, receipt: Receipt | None) -> dict[str, Any] | None:
    """What became of a job's money, in dollars, and by which price."""
    if receipt is None:
        return None
    return {
        "held": receipt.held.decimal,
        "outcome": receipt.outcome or "held",
        "charged": receipt.charged.decimal,
        "refunded": receipt.refunded.decimal,
        "words": job.quote.words,
        "book": job.quote.book or None,
        "since": _instant(job.quote.since),
    }


def write_video(video: Video, base: str) -> dict[str, Any]:
    """A finished video with the address of its file."""
    return {
        "url": video_address(video, base),
        **still_addresses(video, base),
        "content_type": video.content_type,
        "file_name": VIDEO_NAME,
        "size_bytes": video.size_bytes,
        "width": video.width,
        "height": video.height,
        "fps": video.fps,
        "seconds": video.seconds,
        "sound": video.sound,
        "seed": video.seed,
        "remarks": list(video.remarks),
    }


def write_event(event: Event) -> dict[str, Any]:
    """One line of a job's story."""
    return {
        "sequence": event.sequence,
        "job_id": event.job_id,
        "kind": event.kind,
        "message": event.message,
        "level": event.level,
        "at": _instant(event.at),
        "state": None if event.state is None else event.state.value,
        "fraction": event.fraction,
    }


def write_delivery(delivery: Delivery) -> dict[str, Any]:
    """A webhook and what became of it, as the owner of its job sees it."""
    return {
        "id": delivery.id,
        "object": "delivery",
        "job_id": delivery.job_id,
        "url": _without_secrets(delivery.url),
        "told": delivery.told.value,
        "state": delivery.state.value,
        "changed_at": _instant(delivery.changed_at),
        "next_at": _instant(delivery.next_at),
        "tries": [_write_try(each) for each in delivery.tries],
    }


VIDEO_NAME = "output.mp4"


def video_address(video: Video | None, base: str) -> str:
    """Where a finished video is fetched; empty if there is none. One that its channel does not keep has the upstream's own address."""
    if video is None:
        return ""
    if isinstance(video.source, BlobRef):
        return f"{base}/files/{video.source.name}/{VIDEO_NAME}"
    return video.source.url if isinstance(video.source, Foreign) else ""


def _write_failure(failure: Failure) -> dict[str, Any]:
    fault = failure.fault
    return {
        "code": failure.code,
        "message": failure.message,
        "field": None if fault is None else ".".join(map(str, fault.path)),
        "kind": None if fault is None else fault.kind,
    }


def _write_attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "engine": attempt.engine,
        "state": attempt.state.value,
        "opened_at": _instant(attempt.opened_at),
        "closed_at": _instant(attempt.closed_at),
        "note": _note_of(attempt),
        "tries": attempt.tries,
    }


def _note_of(attempt: Attempt) -> str:
    """How it ended, in our words. What a vendor said of an attempt there concerns the house's account: it is for its operator."""
    if not attempt.channel:
        return attempt.note
    return "" if attempt.closed_at is None else attempt.note.partition(": ")[0]


def _write_try(tried: DeliveryTry) -> dict[str, Any]:
    return {
        "number": tried.number,
        "at": _instant(tried.at),
        "status": tried.status,
        "note": tried.note,
        "took_s": round(tried.took_s, 3),
    }


def _without_secrets(url: str) -> str:
    """A receiver's address without its query and its user: that is where tokens are put, and what is listed gets about."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")
