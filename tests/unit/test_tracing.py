"""Spans of jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from reelgate.domain.job import JobState
from reelgate.tracing import TRACE, TRACING, Tracing, read_traceparent
from tests.house import open_lodging
from tests.story import later, make_job

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    assert TRACING.begin(exporter)
    yield exporter
    TRACING.end()


def test_a_job_is_a_span_under_its_caller_s_trace_with_its_wait_and_its_work(spans: InMemorySpanExporter) -> None:
    job = replace(make_job(names={TRACE: PARENT}, channel="acme"), started_at=later(2))
    TRACING.job_ended(job, JobState.DONE, later(9))
    found = {each.name: each for each in spans.get_finished_spans()}
    assert set(found) == {"job", "queued", "running"}
    whole = found["job"]
    assert whole.parent is not None
    assert f"{whole.context.trace_id:032x}" == PARENT[3:35]
    assert f"{whole.parent.span_id:016x}" == PARENT[36:52]
    assert {each.parent.span_id for name, each in found.items() if name != "job" and each.parent} == {whole.context.span_id}
    assert [(each.end_time or 0) - (each.start_time or 0) for each in (whole, found["queued"], found["running"])] == [
        9_000_000_000,
        2_000_000_000,
        7_000_000_000,
    ]
    assert dict(whole.attributes or {})["reelgate.channel"] == "acme"
    assert "boat" not in repr([each.to_json() for each in found.values()])


def test_one_that_never_ran_has_no_work(spans: InMemorySpanExporter) -> None:
    TRACING.job_ended(make_job(), JobState.CANCELLED, later(3))
    assert sorted(each.name for each in spans.get_finished_spans()) == ["job", "queued"]


def test_nothing_is_done_before_it_was_begun_or_where_no_collector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    tracing = Tracing()
    assert tracing.begin() == ""
    tracing.job_ended(make_job(), JobState.DONE, later(1))


async def test_a_submit_s_trace_is_kept_and_is_no_part_of_what_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spans: InMemorySpanExporter
) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        sent = await lodger.http.post("/scripted/text", json={"prompt": "go"}, headers={"traceparent": PARENT, "Idempotency-Key": "k"})
        again = await lodger.http.post("/scripted/text", json={"prompt": "go"}, headers={"Idempotency-Key": "k"})
        assert again.json()["request_id"] == sent.json()["request_id"]
        await lodger.ended(sent.json()["request_id"])
        assert {f"{each.context.trace_id:032x}" for each in spans.get_finished_spans() if each.context} == {PARENT[3:35]}


@pytest.mark.parametrize(
    "sent", [None, b"", b"nonsense", PARENT.replace("4", "0").replace("b", "0").encode()[:54], b"ff" + PARENT[2:].encode(), b"\xff" * 55]
)
def test_what_is_no_trace_is_none(sent: bytes | None) -> None:
    assert read_traceparent(sent) == ""


def test_a_trace_is_one() -> None:
    assert read_traceparent(PARENT.encode()) == PARENT
