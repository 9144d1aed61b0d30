"""What is measured, in Prometheus's form. One process, one registry; labels are only names that the operator or this program chose.

Counters and histograms are written where things happen. What the store or the machine knows by itself is asked when somebody looks
(`reelgate.api.metrics`), so that it is right after a restart too. Names and units are for good: `docs/alerts.md` rests on them.
"""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

disable_created_metrics()
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_WAITS_S = (0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 10_800, 86_400)
_COMMITS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

# -- asked when somebody looks -------------------------------------------------------------------------------------------
JOBS = Gauge("reelgate_jobs", "Jobs that are not over.", ["state", "endpoint", "channel"], registry=REGISTRY)
OLDEST = Gauge("reelgate_oldest_queued_seconds", "How long the job has waited that was accepted first.", registry=REGISTRY)
HELD = Gauge("reelgate_held_dollars", "Callers' money that is reserved for jobs.", registry=REGISTRY)
WEBHOOKS = Gauge("reelgate_webhooks_waiting", "Webhooks that were not delivered yet.", registry=REGISTRY)
OLDEST_WEBHOOK = Gauge("reelgate_oldest_webhook_seconds", "How long the webhook has waited that is owed longest.", registry=REGISTRY)
CHANNEL_ASIDE = Gauge("reelgate_channel_set_aside", "1 while a channel is given no work because it fails.", ["channel"], registry=REGISTRY)
CHANNEL_JOBS = Gauge("reelgate_channel_jobs", "Jobs that a channel has.", ["channel"], registry=REGISTRY)
BREACHES = Gauge("reelgate_books_breaches", "Breaches of the books that the last look found.", registry=REGISTRY)
LOST = Gauge("reelgate_videos_lost", "Videos that the last look did not find.", registry=REGISTRY)
DISK_FREE = Gauge("reelgate_disk_free_bytes", "Room that is left for videos.", registry=REGISTRY)
DISK_NEEDED = Gauge("reelgate_disk_needed_bytes", "Room below which nothing is accepted.", registry=REGISTRY)
WORKERS = Gauge("reelgate_workers_alive", "1 while jobs are worked on.", registry=REGISTRY)
STORE = Gauge("reelgate_store_writable", "1 while the store takes writes.", registry=REGISTRY)

# -- counted where it happens --------------------------------------------------------------------------------------------
ENDED = Counter("reelgate_jobs_ended", "Jobs that have ended.", ["state", "endpoint", "channel"], registry=REGISTRY)
ACCEPTED = Counter("reelgate_jobs_accepted", "Jobs that were accepted.", ["endpoint"], registry=REGISTRY)
STATE_S = Histogram("reelgate_job_state_seconds", "How long jobs were in it.", ["state", "channel"], buckets=_WAITS_S, registry=REGISTRY)
SETTLED = Counter("reelgate_settled_dollars", "Callers' money whose hold has ended.", ["outcome"], registry=REGISTRY)
LATE = Counter("reelgate_late_videos", "Videos that came for jobs that had ended as unknown.", ["channel"], registry=REGISTRY)
CALLS = Counter("reelgate_upstream_talks", "Talks with upstreams, by how they ended.", ["channel", "talk", "outcome"], registry=REGISTRY)
TALK_S = Histogram("reelgate_upstream_talk_seconds", "How long talks with upstreams took.", ["channel", "talk"], registry=REGISTRY)
CALLBACKS = Counter("reelgate_callbacks_heard", "Calls of upstreams under the token of an attempt.", registry=REGISTRY)
DISCOVERY_S = Histogram(
    "reelgate_discovery_seconds",
    "Between the last answer that said that a job goes on and the one that said that it has ended: it was over for no longer.",
    ["channel"],
    buckets=_WAITS_S,
    registry=REGISTRY,
)
COMMIT_S = Histogram("reelgate_commit_seconds", "How long commits to the store took.", buckets=_COMMITS_S, registry=REGISTRY)
STREAMS = Gauge("reelgate_streams_open", "Event streams that are open.", registry=REGISTRY)
WORKER_DEATHS = Counter("reelgate_worker_deaths", "Render processes that died under a job.", registry=REGISTRY)
