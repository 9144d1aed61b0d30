"""Paths under our own prefixes that are not there, answered in our own shape."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from reelgate.api._reply import refusal
from reelgate.domain.errors import NotFound
from reelgate.gateway.face import ANYBODYS_WORDS, Face, Gateway

_PREFIXES = ("/v1", "/admin")


class OwnFace:
    """Comes after every face of fixed words, for what none of them has taken."""

    name = "own"
    rank = ANYBODYS_WORDS - 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        del gateway
        return [Route(path, _Nowhere()) for prefix in _PREFIXES for path in (prefix, f"{prefix}/{{path:path}}")]


FACE: Face = OwnFace()


class _Nowhere:
    """An application rather than a handler, so that it is asked whatever the method."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await refusal(NotFound("there is nothing here for this method; GET / tells what this is"))(scope, receive, send)
