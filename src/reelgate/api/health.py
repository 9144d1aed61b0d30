"""Whether the process is alive, and whether it can take work."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from reelgate.domain.errors import Unready
from reelgate.gateway.face import Face, Gateway


class HealthFace:
    """Answers those who watch over the gateway; no key is needed, and nothing about anybody's jobs is told."""

    name = "health"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        async def alive(_: Request) -> Response:
            return JSONResponse({"status": "alive"})

        async def ready(_: Request) -> Response:
            troubles = {"workers": gateway.dispatch.alive(), "store": await _store_trouble(gateway), "disk": await _disk_trouble(gateway)}
            told = {part: trouble or "ok" for part, trouble in troubles.items()}
            fine = not any(troubles.values())
            return JSONResponse({"status": "ready" if fine else "not ready", **told}, 200 if fine else 503)

        return [Route("/healthz", alive, methods=["GET"]), Route("/readyz", ready, methods=["GET"])]


FACE: Face = HealthFace()


async def _store_trouble(gateway: Gateway) -> str:
    try:
        await gateway.store.check_writable()
    except Unready as error:
        return error.message
    return ""


async def _disk_trouble(gateway: Gateway) -> str:
    room = await gateway.blobs.free_bytes()
    return "" if room >= gateway.settings.min_free_bytes else f"{room >> 20} MiB are left"
