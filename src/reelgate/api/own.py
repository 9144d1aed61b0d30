"""Paths under our own prefixes that are not there, answered in our own shape."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from reelgate.api._reply import refusal
from reelgate.domain.errors import NotFound
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual

_PREFIXES = ("/v1", "/admin")


class OwnFace:
    """Comes after every face of fixed words, for what none of them has taken."""

    name = "own"
    rank = 90

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        del gateway
        return [Route(path, _Nowhere(), include_in_schema=False) for prefix in _PREFIXES for path in (prefix, f"{prefix}/{{path:path}}")]

    def manual(self, gateway: Gateway) -> Manual:
        """Nothing is here."""
        del gateway
        return Manual(operations=(), schemas={})


FACE: Face = OwnFace()


class _Nowhere:
    """An application rather than a handler, so that it is asked whatever the method."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await refusal(NotFound("there is nothing here for this method; GET / tells what this is"))(scope, receive, send)
