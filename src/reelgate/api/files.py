"""Videos and pictures by their unguessable names: no key, GET and HEAD, with ranges."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from reelgate.gateway.face import Face, Gateway

_NAME = re.compile(r"[0-9a-f]{32}")
_SHOWN_INLINE = frozenset({"video/mp4", "image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})


class FilesFace:
    """Serves blobs."""

    name = "files"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        async def file(request: Request) -> Response:
            name: str = request.path_params["name"]
            row = await gateway.store.blob(name) if _NAME.fullmatch(name) else None
            path = await gateway.blobs.local(name) if row is not None else None
            if row is None or path is None or request.path_params["file_name"] != row.file_name:
                return JSONResponse({"detail": "there is no such file; files are kept for a limited time"}, 404)
            shown = row.content_type in _SHOWN_INLINE
            headers = {
                "etag": f'"{row.sha256}"',
                "cache-control": "public, max-age=31536000, immutable",
                "x-content-type-options": "nosniff",
                "content-security-policy": "default-src 'none'; sandbox",
                "content-disposition": "inline" if shown else "attachment",
            }
            if request.headers.get("if-none-match") == headers["etag"]:
                return Response(status_code=304, headers=headers)
            if "," in request.headers.get("range", ""):
                # One range is what players ask; many are what attackers ask.  The whole file is a correct answer to both.
                request.scope["headers"] = [(key, value) for key, value in request.scope["headers"] if key != b"range"]
            return FileResponse(path, headers=headers, media_type=row.content_type if shown else "application/octet-stream")

        return [Route("/files/{name}/{file_name}", file, methods=["GET", "HEAD"])]


FACE: Face = FilesFace()
