"""The OpenAPI document of the whole gateway, drawn from what its faces say of themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.api._reply import own_route
from reelgate.discovery import load_leaves
from reelgate.gateway.document import draw
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Described, Manual, Operation

_FOLDERS = ("reelgate.api", "reelgate.web")
_UNSAID = frozenset({"HEAD", "OPTIONS"})


class DocumentFace:
    """`/v1/openapi.json`."""

    name = "document"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        drawn: dict[str, bytes] = {}

        async def document(request: Request) -> Response:
            base = gateway.doorplate.base(request.scope)
            body = drawn.get(base)
            if body is None:
                drawn.clear()  # one is enough: a caller may come by many names
                body = drawn[base] = _draw(gateway, base)
            return Response(body, media_type="application/json")

        return [Route("/v1/openapi.json", own_route(document), methods=["GET"])]

    def manual(self, gateway: Gateway) -> Manual:
        """What this route is for."""
        del gateway
        return Manual(schemas={}, operations=(Operation("GET /v1/openapi.json", "This document.", {200: "application/json"}, open=True),))


FACE: Face = DocumentFace()


def _draw(gateway: Gateway, base: str) -> bytes:
    faces = [face for folder in _FOLDERS for face in load_leaves(folder, "FACE", Face).values()]
    manuals = {face.name: face.manual(gateway) for face in faces if isinstance(face, Described)}
    bare = [each for face in faces if not isinstance(face, Described) for each in _bare(face, gateway)]
    return orjson.dumps(draw(manuals, bare, gateway.catalog, base))


def _bare(face: Face, gateway: Gateway) -> Iterator[tuple[str, str, str]]:
    """Face, method and path of what a face without a manual serves."""
    for route in face.routes(gateway):
        if isinstance(route, Route) and route.include_in_schema:
            yield from ((face.name, method, route.path_format) for method in sorted((route.methods or {"GET"}) - _UNSAID))
