"""`/metrics`: what is measured, for Prometheus. Here with an admin key; without one on a port of its own, which the operator opens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate import metrics
from reelgate.api._reply import own_route
from reelgate.api._schema import REFUSED
from reelgate.domain.errors import Unready
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation

_MICROS = 1_000_000


class MetricsFace:
    """Asks the store and the machine what they know, and writes everything down."""

    name = "metrics"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        async def guarded(request: Request) -> Response:
            await gateway.keyring.admin(request.scope, write=False)
            return await _write(gateway, request)

        return [Route("/metrics", own_route(guarded), methods=["GET"])]

    def unguarded(self, gateway: Gateway) -> Sequence[BaseRoute]:
        """The same without a key."""
        return [Route("/metrics", own_route(_over(gateway)), methods=["GET"])]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = MetricsFace()


def _over(gateway: Gateway) -> Callable[[Request], Awaitable[Response]]:
    async def write(request: Request) -> Response:
        return await _write(gateway, request)

    return write


async def _write(gateway: Gateway, request: Request) -> Response:
    await _look(gateway)
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(metrics.REGISTRY), media_type=content_type)


async def _look(gateway: Gateway) -> None:
    """What nobody counts because somebody knows it. A store that does not answer is itself a figure, and hides no other one."""
    metrics.BREACHES.set(len(gateway.inspector.breaches))
    metrics.LOST.set(len(gateway.inspector.losses))
    metrics.DISK_FREE.set(await gateway.blobs.free_bytes())
    metrics.DISK_NEEDED.set(gateway.settings.min_free_bytes)
    metrics.WORKERS.set(0 if gateway.dispatch.alive() else 1)
    metrics.CHANNEL_ASIDE.clear()
    metrics.CHANNEL_JOBS.clear()
    for name, health in gateway.dispatch.health().items():
        metrics.CHANNEL_ASIDE.labels(name).set(1 if health.reason else 0)
        metrics.CHANNEL_JOBS.labels(name).set(health.running)
    try:
        await _ask_store(gateway)
    except Unready:
        metrics.STORE.set(0)


async def _ask_store(gateway: Gateway) -> None:
    census, now = await gateway.store.census(), gateway.clock.now()
    metrics.JOBS.clear()
    for live, count in census.jobs.items():
        endpoint = live.endpoint if gateway.catalog.find(live.endpoint) is not None else "other"
        metrics.JOBS.labels(live.state.value, endpoint, live.channel).inc(count)
    metrics.OLDEST.set(_age_s(census.oldest_queued_at, now))
    metrics.HELD.set(census.held.micros / _MICROS)
    metrics.WEBHOOKS.set(census.webhooks)
    metrics.OLDEST_WEBHOOK.set(_age_s(census.oldest_webhook_at, now))
    await gateway.store.check_writable()
    metrics.STORE.set(1)


def _age_s(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


_MANUAL = Manual(
    schemas={},
    operations=(Operation("GET /metrics", "What is measured, in Prometheus's text form.", {200: "text/plain"}),),
    refusals=REFUSED,
)
