"""Videos and pictures by their unguessable names: no key, GET and HEAD, with ranges."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from reelgate.contracts.file import BlobRow
from reelgate.domain.errors import Unready
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.label import ANYTHING, KNOWN_TYPES
from reelgate.gateway.manual import Manual, Operation, Status, record, words

_NAME = re.compile(r"[0-9a-f]{32}")
_YEAR_S = 31_536_000
_UNREADY_RETRY_S = "2"


class FilesFace:
    """Serves blobs."""

    name = "files"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        async def file(request: Request) -> Response:
            name: str = request.path_params["name"]
            try:
                row = await gateway.store.blob(name) if _NAME.fullmatch(name) else None
                path = await gateway.blobs.local(name) if row is not None else None
            except Unready as error:
                return JSONResponse({"detail": error.message}, 503, {"retry-after": _UNREADY_RETRY_S})
            left_s = _left_s(row, gateway.clock.now())
            if row is None or path is None or left_s <= 0 or request.path_params["file_name"] != row.file_name:
                return JSONResponse({"detail": "there is no such file; files are kept for a limited time"}, 404)
            shown = row.content_type in KNOWN_TYPES
            headers = {
                "etag": f'"{row.sha256}"',
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
            return FileResponse(path, headers=headers, media_type=row.content_type if shown else ANYTHING)

        return [Route("/files/{name}/{file_name}", file, methods=["GET", "HEAD"])]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = FilesFace()


def _left_s(row: BlobRow | None, now: datetime) -> int:
    """Whole seconds that a file will still be there; caches must not keep what its owner wanted gone."""
    return _YEAR_S if row is None or row.expires_at is None else int((row.expires_at - now).total_seconds())


_ANSWERS: Mapping[Status, str] = {200: "*/*", 206: "*/*", 304: "", 400: "text/plain", 404: "NoFile", 416: "text/plain", 503: "NoFile"}
_MANUAL = Manual(
    words={"name": "32 hex digits that only the owner was told.", "file_name": "The name to keep it under."},
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
