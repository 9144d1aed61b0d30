"""Videos and pictures by their unguessable names: no key, GET and HEAD, with ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from reelgate.contracts.blobs import STILLS, Still
from reelgate.contracts.file import BlobRow
from reelgate.domain.errors import Unready
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.label import ANYTHING, KNOWN_TYPES
from reelgate.gateway.manual import Manual, Operation, Status, record, words

_NAME = re.compile(r"[0-9a-f]{32}")
_STILLS: Mapping[str, Still] = {f"{kind}.webp": kind for kind in STILLS}
_YEAR_S = 31_536_000
_UNREADY_RETRY_S = "2"


class FilesFace:
    """Serves blobs."""

    name = "files"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        return [Route("/files/{name}/{file_name}", _Shelf(gateway).show, methods=["GET", "HEAD"])]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


class _Shelf:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def show(self, request: Request) -> Response:
        """A file, or a still of a video."""
        name, asked = request.path_params["name"], request.path_params["file_name"]
        try:
            row = await self._gateway.store.blob(name) if _NAME.fullmatch(name) else None
            left_s = _left_s(row, self._gateway.clock.now())
            path = None if row is None or left_s <= 0 else await self._path(row, asked)
        except Unready as error:
            return JSONResponse({"detail": error.message}, 503, {"retry-after": _UNREADY_RETRY_S})
        if row is None or path is None:
            return JSONResponse({"detail": "there is no such file; files are kept for a limited time"}, 404)
        kind = None if asked == row.file_name else _STILLS[asked]
        shown = kind is not None or row.content_type in KNOWN_TYPES
        headers = {
            "etag": f'"{row.sha256}"' if kind is None else f'"{row.sha256}-{kind}"',
            "cache-control": f"public, max-age={min(left_s, _YEAR_S)}, immutable",
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
            "content-disposition": "inline" if shown else "attachment",
        }
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        if "," in request.headers.get("range", ""):
            # One range is what players ask; many are what attackers ask.  The whole file is a correct answer to both.
            request.scope["headers"] = [(key, value) for key, value in request.scope["headers"] if key != b"range"]
        media_type = "image/webp" if kind is not None else row.content_type if shown else ANYTHING
        return FileResponse(path, headers=headers, media_type=media_type)

    async def _path(self, row: BlobRow, asked: str) -> Path | None:
        """Where the bytes lie. A video that a job made has stills, beside the name of its own; what a caller has sent has none."""
        if asked == row.file_name:
            return await self._gateway.blobs.local(row.name)
        if asked not in _STILLS or row.job_id is None or not row.content_type.startswith("video/"):
            return None
        return await self._gateway.dispatch.still(row.name, _STILLS[asked])


FACE: Face = FilesFace()


def _left_s(row: BlobRow | None, now: datetime) -> int:
    """Whole seconds that a file will still be there; caches must not keep what its owner wanted gone."""
    return _YEAR_S if row is None or row.expires_at is None else int((row.expires_at - now).total_seconds())


_ANSWERS: Mapping[Status, str] = {200: "*/*", 206: "*/*", 304: "", 400: "text/plain", 404: "NoFile", 416: "text/plain", 503: "NoFile"}
_MANUAL = Manual(
    words={
        "name": "32 hex digits that only the owner was told.",
        "file_name": "The name to keep it under; poster.webp and preview.webp are stills of a video.",
    },
    schemas={"NoFile": record("There is no such file, or it cannot be looked up now.", detail="string")},
    operations=tuple(
        Operation(
            f"{method} /files/{{name}}/{{file_name}}",
            "A video or a picture.",
            _ANSWERS,
            headers={"Range": words("Which bytes; one range."), "If-None-Match": words("An etag that is here already.")},
            open=True,
        )
        for method in ("GET", "HEAD")
    ),
)
