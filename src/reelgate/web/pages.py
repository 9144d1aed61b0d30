"""The front page: what this is, how it does, what can be called, and lines that work as pasted."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from reelgate import __version__
from reelgate.domain.job import JobState
from reelgate.gateway.face import Face, Gateway

_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_SHOWN = ("fal-ai/kling-video/v2.5-turbo/pro/text-to-video", "demo/text-to-video")


class PagesFace:
    """`GET /`: a page for people, JSON for programs."""

    name = "pages"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        templates = Environment(
            loader=PackageLoader("reelgate.web"), autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True
        )
        front = templates.get_template("front.html")

        async def page(request: Request) -> Response:
            told = await _describe(gateway, request)
            if "text/html" not in request.headers.get("accept", ""):
                return JSONResponse(told)
            headers = {"content-security-policy": _CSP, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
            return HTMLResponse(front.render(**told, key=_key_line(gateway, request), endpoints=_endpoints(gateway)), headers=headers)

        return [Route("/", page, methods=["GET", "HEAD"])]


FACE: Face = PagesFace()


async def _describe(gateway: Gateway, request: Request) -> dict[str, Any]:
    counts = await gateway.store.counts()
    base = gateway.doorplate.base(request.scope)
    trouble = gateway.dispatch.alive()
    return {
        "name": "reelgate",
        "version": __version__,
        "description": "One address and one key in front of every video model.",
        "state": trouble or "ready",
        "rule": gateway.rule.describe(),
        "jobs": {"waiting": counts.get(JobState.QUEUED, 0), "running": counts.get(JobState.RUNNING, 0)},
        "base": base,
        "example": next((each for each in _SHOWN if gateway.catalog.find(each)), ""),
        "links": {
            "models": f"{base}/v1/models",
            "jobs": f"{base}/v1/jobs",
            "health": f"{base}/healthz",
            "ready": f"{base}/readyz",
        },
    }


def _endpoints(gateway: Gateway) -> list[dict[str, str]]:
    return [
        {
            "id": endpoint.id,
            "title": endpoint.title,
            "kind": endpoint.kind,
            "price": "" if endpoint.price is None else endpoint.price.describe(),
            "ended": "" if endpoint.ended is None else f"ended at the vendor on {endpoint.ended.on.isoformat()}",
        }
        for endpoint in gateway.catalog
    ]


def _key_line(gateway: Gateway, request: Request) -> str:
    """How to get at the key. The folder's path is told on this machine only: strangers need not know it."""
    client = request.client
    local = client is not None and ip_address(client.host).is_loopback and "x-forwarded-for" not in request.headers
    if local and gateway.settings.data is not None:
        return f"KEY=$(cat {gateway.settings.data / 'key'})"
    return "KEY=rg_live_…"
