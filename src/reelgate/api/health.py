"""Whether the process is alive, and whether it can take work."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from reelgate.domain.errors import Unready
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation, record


class HealthFace:
    """Answers those who watch over the gateway; no key is needed, and nothing about anybody's jobs is told."""

    name = "health"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        async def alive(_: Request) -> Response:
            return JSONResponse({"status": "alive"})

        asked = _LastAsked(gateway)

        async def ready(_: Request) -> Response:
            troubles = {
                "workers": gateway.dispatch.alive(),
                "store": await asked.store_trouble(),
                "disk": await _disk_trouble(gateway),
                "books": gateway.inspector.trouble(),
            }
            told = {part: trouble or "ok" for part, trouble in troubles.items()}
            fine = not any(troubles.values())
            return JSONResponse({"status": "ready" if fine else "not ready", **told}, 200 if fine else 503)

        return [Route("/healthz", alive, methods=["GET"]), Route("/readyz", ready, methods=["GET"])]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = HealthFace()


class _LastAsked:
    """Asks the store for a write at most once a second: anybody may ask here, and each answer costs the disk a commit."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._until_s, self._trouble = 0.0, ""

    async def store_trouble(self) -> str:
        now_s = self._gateway.clock.monotonic_s()
        if now_s >= self._until_s:
            self._until_s = now_s + 1
            try:
                await self._gateway.store.check_writable()
                self._trouble = ""
            except Unready as error:
                self._trouble = error.message
        return self._trouble


async def _disk_trouble(gateway: Gateway) -> str:
    room = await gateway.blobs.free_bytes()
    return "" if room >= gateway.settings.min_free_bytes else f"{room >> 20} MiB are left"


_MANUAL = Manual(
    schemas={
        "Alive": record("The process runs.", status={"const": "alive"}),
        "Ready": record(
            "Whether work can be taken, and what stands in its way.",
            status="string",
            workers="string",
            store="string",
            disk="string",
            books="string",
        ),
    },
    operations=(
        Operation("GET /healthz", "Whether the process is alive.", {200: "Alive"}, open=True),
        Operation("GET /readyz", "Whether it can take work.", {200: "Ready", 503: "Ready"}, open=True),
    ),
)
