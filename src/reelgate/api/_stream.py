"""An answer that is a stream of events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from reelgate.gateway.streams import Place

_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}


class EventStream(StreamingResponse):
    """Holds its place among the open streams until it has been sent, or its reader has gone."""

    def __init__(self, frames: AsyncIterator[bytes], place: Place, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(frames, media_type="text/event-stream", headers={**_HEADERS, **(headers or {})})
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._place:
            await super().__call__(scope, receive, send)
