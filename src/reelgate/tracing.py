"""Traces of jobs: a span for each that has ended, under the trace that its caller named, with one for its wait and one for its work.

They go to a collector through OpenTelemetry, if its extra (`reelgate[otel]`) is installed and OTEL_EXPORTER_OTLP_ENDPOINT names one.
Without either nothing is loaded and nothing is kept but the caller's `traceparent`, by which a job's lines can be found.
"""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta
from typing import Any

from reelgate.domain.job import Job, JobState

TRACE = "traceparent"
"""Under which a job's names keep it."""

_FORM = re.compile(r"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Tracing:
    """Makes spans, once it was begun."""

    def __init__(self) -> None:
        self._tracer: Any = None

    def begin(self, exporter: Any = None) -> str:
        """Send spans from now on, by an exporter or to the collector that the environment names; what came of it in a few words, ""
        where nobody wants any."""
        if exporter is None and not any(os.environ.get(name) for name in _VARIABLES):
            return ""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
        except ImportError:
            return "a collector is named, but the extra reelgate[otel] is not installed"
        provider = TracerProvider(resource=Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "reelgate")}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()) if exporter is None else SimpleSpanProcessor(exporter))
        self._tracer = provider.get_tracer("reelgate")
        return "spans of jobs are sent"

    def end(self) -> None:
        """No more spans."""
        self._tracer = None

    def job_ended(self, job: Job, state: JobState, at: datetime) -> None:
        """One span of the whole, one of the time in the queue, one of the work."""
        if self._tracer is None:
            return
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        said = (job.names or {}).get(TRACE)
        above = TraceContextTextMapPropagator().extract({TRACE: said}) if said else None
        facts = {"reelgate.job": job.id, "reelgate.endpoint": job.endpoint, "reelgate.state": state.value, "reelgate.channel": job.channel}
        whole = self._tracer.start_span("job", context=above, start_time=_ns(job.created_at), attributes=facts)
        inside = trace.set_span_in_context(whole)
        began = job.started_at or at
        for name, start, end in (("queued", job.created_at, began), ("running", began, at)):
            if end > start:
                self._tracer.start_span(name, context=inside, start_time=_ns(start)).end(_ns(end))
        whole.end(_ns(at))


TRACING = Tracing()


def read_traceparent(sent: bytes | None) -> str:
    """A caller's `traceparent` as W3C writes one, "" for none and for what is none."""
    text = "" if sent is None else sent.decode("latin-1")
    return text if _FORM.fullmatch(text) and not text.startswith("ff") else ""


def _ns(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000
