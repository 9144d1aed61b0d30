"""Between rows and the nouns of the domain. Instants are milliseconds, money is micro-dollars, the rest is words or JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import orjson

from reelgate.contracts.attempt import Attempt, Claim
from reelgate.contracts.file import BlobRow
from reelgate.contracts.store import Glance
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.errors import Fault
from reelgate.domain.job import NO_TERMS, AttemptState, Event, Failure, Job, JobState, Notify, Priority, Serving, Terms
from reelgate.domain.media import Dropped, Video, dump_input, dump_video, load_input, load_video
from reelgate.domain.money import Money
from reelgate.domain.pricing import Quote
from reelgate.storage.sqlite.connection import Row, Value

_STATE = {state.value: state for state in JobState}


def write_job(job: Job) -> tuple[Value, ...]:
    """A new job as `insert_job` takes it."""
    at_ms = in_ms(job.created_at)
    return (
        job.id,
        job.account,
        job.endpoint,
        job.face,
        job.base,
        job.position,
        job.serving.value,
        job.engine,
        job.priority.value,
        int(job.test),
        job.key_id,
        job.external_id,
        job.quote.amount.micros,
        at_ms,
        at_ms if job.updated_at is job.created_at else in_ms(job.updated_at),
        ms_or_none(job.start_by),
        job.deaths,
        job.fingerprint,
        job.callback,
        _write_terms(job.terms),
        job.quote.words,
        write_drops(job.dropped),
        dump(job.names) if job.names is not None else None,
        dump(dump_input(job.input)),
        job.quote.book,
        ms_or_none(job.quote.since),
    )


def read_job(row: Row) -> Job:
    """A row of the query `job`."""
    (
        job_id, account, key_id, endpoint, face, base, wanted, quote_micros, quote_words, quote_book, quote_since, serving, engine, state,
        priority, test, dropped, unused, external_id, callback, terms, fingerprint, names, start_by, position, deaths, created_at,
        updated_at, started_at, ended_at, cancel_requested_at, video, failure_code, failure_message, failure_fault, render_s, channel,
        late_video,
    ) = row  # fmt: skip
    return Job(
        id=job_id,
        account=account,
        key_id=key_id,
        endpoint=endpoint,
        face=face,
        base=base,
        input=load_input(orjson.loads(wanted)),
        quote=Quote(Money(quote_micros), quote_words, quote_book, instant_or_none(quote_since)),
        serving=Serving(serving),
        engine=engine,
        state=_STATE[state],
        priority=Priority(priority),
        test=bool(test),
        dropped=_drops(dropped),
        unused=_drops(unused),
        external_id=external_id,
        callback=callback,
        terms=_terms(terms),
        fingerprint=fingerprint,
        names=orjson.loads(names) if names is not None else None,
        start_by=instant_or_none(start_by),
        position=position,
        deaths=deaths,
        created_at=from_ms(created_at),
        updated_at=from_ms(updated_at),
        started_at=instant_or_none(started_at),
        ended_at=instant_or_none(ended_at),
        cancel_requested_at=instant_or_none(cancel_requested_at),
        video=load_video(orjson.loads(video)) if video is not None else None,
        failure=_failure(failure_code, failure_message, failure_fault),
        render_s=render_s,
        channel=channel,
        late_video=load_video(orjson.loads(late_video)) if late_video is not None else None,
    )


def read_glance(row: Row) -> Glance:
    """A row of the query `glance`, whose columns stand in the order of the record."""
    job_id, account, endpoint, face, base, state, position, render_s, failure_code, failure_message, unused, test = row
    state, unused = _STATE[state], _drops(unused)
    return Glance(job_id, account, endpoint, face, base, state, position, render_s, failure_code, failure_message, unused, test == 1)


def read_event(row: Row) -> Event:
    """A row of the query `events`."""
    sequence, job_id, kind, message, at, level, state, fraction = row
    return Event(
        sequence=sequence,
        job_id=job_id,
        kind=kind,
        message=message,
        at=from_ms(at),
        level=level,
        state=_STATE[state] if state is not None else None,
        fraction=fraction,
    )


def write_event(event: Event, account: str, test: int) -> tuple[Value, ...]:
    """An event as `insert_event` takes it."""
    state = event.state.value if event.state is not None else None
    return event.job_id, account, event.kind, event.message, in_ms(event.at), event.level, state, event.fraction, test


def read_attempt(row: Row) -> Attempt:
    """A row of the query `attempts`."""
    token, job_id, number, engine, state, opened_at, closed_at, note, channel, model, choice, sent_at, ticket, *kept = row
    accepted_at, tries, again_at = kept
    return Attempt(
        token=token,
        job_id=job_id,
        number=number,
        engine=engine,
        state=AttemptState(state),
        opened_at=from_ms(opened_at),
        closed_at=instant_or_none(closed_at),
        note=note,
        channel=channel,
        model=model,
        choice=choice,
        sent_at=instant_or_none(sent_at),
        ticket=orjson.loads(ticket) if ticket is not None else None,
        accepted_at=instant_or_none(accepted_at),
        tries=tries,
        again_at=instant_or_none(again_at),
    )


def read_claim(row: Row) -> Claim:
    """A row of the query `claim`: that of an attempt, then whose it is."""
    return Claim(account=row[-1], attempt=read_attempt(row[:-1]))


def write_blob(blob: BlobRow) -> tuple[Value, ...]:
    """A blob's row as `insert_blob` takes it."""
    owner = (blob.name, blob.account, blob.job_id, blob.file_name, blob.content_type, blob.size_bytes, blob.sha256)
    return (*owner, in_ms(blob.created_at), ms_or_none(blob.expires_at))


def read_blob(row: Row) -> BlobRow:
    """A row of the query `blob`."""
    name, account, job_id, file_name, content_type, size_bytes, sha256, created_at, expires_at = row
    return BlobRow(
        name=name,
        account=account,
        job_id=job_id,
        file_name=file_name,
        content_type=content_type,
        size_bytes=size_bytes,
        sha256=sha256,
        created_at=from_ms(created_at),
        expires_at=instant_or_none(expires_at),
    )


def write_drops(drops: Sequence[Dropped]) -> str | None:
    """Fields that did nothing, as JSON; None for none."""
    return dump([[each.field, each.reason] for each in drops]) if drops else None


def write_failure(failure: Failure | None) -> dict[str, Value]:
    """The columns of a failure, empty if there is none."""
    if failure is None:
        return {"failure_code": None, "failure_message": None, "failure_fault": None}
    fault = failure.fault
    written = (
        None if fault is None else dump({"path": fault.path, "message": fault.message, "kind": fault.kind, "limits": dict(fault.limits)})
    )
    return {"failure_code": failure.code, "failure_message": failure.message, "failure_fault": written}


def write_video(video: Video) -> str:
    """A video as JSON."""
    return dump(dump_video(video))


def dump(value: Mapping[str, Any] | list[Any]) -> str:
    """JSON text."""
    return orjson.dumps(value).decode()


def ms_or_none(instant: datetime | None) -> int | None:
    """Milliseconds of an instant that may be missing."""
    return None if instant is None else in_ms(instant)


def instant_or_none(milliseconds: int | None) -> datetime | None:
    """The instant, which may be missing, of milliseconds."""
    return None if milliseconds is None else from_ms(milliseconds)


def _drops(written: str | None) -> tuple[Dropped, ...]:
    return () if written is None else tuple(Dropped(field=field, reason=reason) for field, reason in orjson.loads(written))


def _write_terms(terms: Terms) -> str | None:
    if terms == NO_TERMS:
        return None
    return dump({each.name: value for each in fields(Terms) if (value := getattr(terms, each.name)) != getattr(NO_TERMS, each.name)})


def _terms(written: str | None) -> Terms:
    if written is None:
        return NO_TERMS
    values: dict[str, Any] = orjson.loads(written)
    if "notify" in values:
        values["notify"] = Notify(values["notify"])
    return Terms(**values)


def _failure(code: str | None, message: str | None, fault: str | None) -> Failure | None:
    if code is None:
        return None
    if fault is None:
        return Failure(code=code, message=message or "")
    written = orjson.loads(fault)
    path: list[str | int] = written.pop("path")
    return Failure(code=code, message=message or "", fault=Fault(path=tuple(path), **written))
