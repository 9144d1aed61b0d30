"""The front page: what this is, how it does, what can be called, and lines that work as pasted."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from shlex import quote
from shutil import which
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from reelgate import __version__
from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.job import JobState
from reelgate.domain.media import VideoInput
from reelgate.domain.money import FREE
from reelgate.folder import default_folder
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation, record

_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_SHOWN = ("fal-ai/kling-video/v1.6/standard/text-to-video", "demo/text-to-video")
_FAMILY = re.compile(r"Demo|\w+ [\d.]+")


class PagesFace:
    """`GET /`: a page for people, JSON for programs."""

    name = "pages"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        front = _template("front.html")

        async def page(request: Request) -> Response:
            told = await _describe(gateway, request)
            if "text/html" not in request.headers.get("accept", ""):
                return JSONResponse(told)
            headers = {"content-security-policy": _CSP, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
            shown = front.render(
                **told,
                lines=_preparations(gateway, request, told["base"]),
                program=_program(request, told["base"]),
                families=_families(gateway),
                count=len(gateway.catalog),
            )
            return HTMLResponse(shown, headers=headers)

        return [Route("/", page, methods=["GET", "HEAD"])]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = PagesFace()


@cache
def _template(name: str) -> Template:
    """A template, compiled once in a process."""
    templates = Environment(
        loader=PackageLoader("reelgate.web"), autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True
    )
    return templates.get_template(name)


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


def _families(gateway: Gateway) -> list[tuple[str, list[dict[str, str]]]]:
    """Endpoints by family, the newest first; those for trying out last."""
    families: dict[str, list[dict[str, str]]] = {}
    for endpoint in gateway.catalog:
        found = _FAMILY.match(endpoint.title)
        families.setdefault(found[0] if found else endpoint.title, []).append(_row(endpoint))
    return sorted(families.items(), key=lambda family: (family[0] != "Demo", family[0]), reverse=True)


def _row(endpoint: Endpoint) -> dict[str, str]:
    price = endpoint.price
    words = "not known" if price is None else "free" if price.quote(VideoInput()).amount == FREE else price.describe()
    ended = "" if endpoint.ended is None else f"ended at the vendor on {endpoint.ended.on.isoformat()}"
    return {"id": endpoint.id, "title": endpoint.title, "price": words, "ended": ended}


def _preparations(gateway: Gateway, request: Request, base: str) -> list[str]:
    """Lines that make the samples work. Paths are told on this machine only: strangers need not know them."""
    lines = [f"export REELGATE_URL={quote(base)}"]
    if not _is_here(request, base):
        return [*lines, "export REELGATE_KEY=rg_live_…"]
    folder = (gateway.settings.data or default_folder()).absolute()
    lines.append(f"export REELGATE_KEY=$(cat {quote(str(folder / 'key'))})")
    authority = folder / "tls" / "ca.pem"
    if request.scope["scheme"] == "https" and authority.exists():
        lines.append(f"export SSL_CERT_FILE={quote(str(authority))}")
    return lines


def _program(request: Request, base: str) -> str:
    """How to start the command line: the way to this very program where it is not on the path."""
    started = Path(sys.argv[0])
    if not _is_here(request, base) or started.name != "reelgate" or which("reelgate") == str(started.absolute()):
        return "reelgate"
    return quote(str(started.absolute()))


def _is_here(request: Request, base: str) -> bool:
    """Whether the caller sits at this machine: it came from there, by its own name for itself, and through no proxy."""
    client, called = request.client, urlsplit(base).hostname or ""
    forwarded = any(name == "forwarded" or name.startswith("x-forwarded-") for name in request.headers)
    return not forwarded and client is not None and _is_loopback(client.host) and (called == "localhost" or _is_loopback(called))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_MANUAL = Manual(
    schemas={
        "Front": record(
            "What this is, and how it does.",
            name="string",
            version="string",
            description="string",
            state="string",
            rule="string",
            jobs="object",
            base="string",
            example="string",
            links="object",
        )
    },
    operations=tuple(
        Operation(f"{method} /", "What this is: a page for people, JSON for programs.", {200: "Front text/html"}, open=True)
        for method in ("GET", "HEAD")
    ),
)
