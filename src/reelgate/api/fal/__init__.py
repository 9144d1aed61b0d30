"""fal's protocol: the queue at the root, runs that wait for their video, the list of past requests, signed webhooks."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route

from reelgate.api._fal import Door
from reelgate.api.fal.letter import FalScribe, KeySet
from reelgate.api.fal.listing import Listing
from reelgate.api.fal.manual import write_manual
from reelgate.api.fal.queue import Queue, Quick
from reelgate.api.fal.run import Run
from reelgate.contracts.letter import Scribe
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual


class FalFace:
    """Serves fal's protocol for every endpoint of the catalog."""

    name = "fal"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        queue, run = Queue(gateway), Run(gateway)
        job = "/{app:path}/requests/{job_id}"
        status, submit = Door(queue.status, "GET"), Door(queue.submit, "POST")
        return [
            Route("/run/{app:path}", Door(run.run, "POST")),
            Route("/v1/models/requests/by-endpoint", Door(Listing(gateway).past_requests, "GET")),
            Route("/.well-known/jwks.json", Door(KeySet(gateway).keys, "GET")),
            Quick(status, submit),
            Route(f"{job}/status", status),
            Route(f"{job}/status/stream", queue.stream, methods=["GET"]),
            Route(f"{job}/cancel", Door(queue.cancel, "PUT", "POST")),
            Route(f"{job}/response", Door(queue.result, "GET")),
            Route(job, Door(queue.result, "GET")),
            Route("/{app:path}", submit, methods=["POST"]),
            Route("/{app:path}", Door(queue.elsewhere), include_in_schema=False),
        ]

    def scribe(self, gateway: Gateway) -> Scribe:
        """fal's webhooks."""
        return FalScribe(gateway.signing_key)

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        return write_manual(gateway.catalog)


FACE: Face = FalFace()
