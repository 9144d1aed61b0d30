"""Answers of our own routes, and how they say that something went wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain.errors import GatewayError, InvalidInput, Limited, Unready

_log = structlog.get_logger(__name__)

_STATUS_OF_CODE: Mapping[str, int] = {
    "bad_request": 400,
    "invalid_input": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "insufficient_funds": 402,
    "limited": 429,
    "too_large": 413,
    "unready": 503,
}

_UNREADY_RETRY_S = 2

Handler = Callable[[Request], Awaitable[Response]]


def reply(status: int, body: Any) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), status, media_type="application/json")


def own_route(handler: Handler) -> Handler:
    """A handler whose failures are answered as `{"error": {"code", "message", "faults"}}`."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except GatewayError as error:
            return refusal(error)
        except Exception:  # noqa: BLE001 -- a bug of ours is answered in our shape
            _log.exception("face_bug", path=request.url.path)
            return refusal(GatewayError("the gateway failed at this request"))

    return guarded


def refusal(error: GatewayError) -> Response:
    """What went wrong, in our own shape."""
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if isinstance(error, InvalidInput):
        told["faults"] = [{"field": ".".join(map(str, fault.path)), "message": fault.message, "kind": fault.kind} for fault in error.faults]
    answer = reply(_STATUS_OF_CODE.get(error.code, 500), {"error": told})
    if isinstance(error, Limited):
        answer.headers["retry-after"] = str(error.retry_after_s)
    elif isinstance(error, Unready):
        answer.headers["retry-after"] = str(_UNREADY_RETRY_S)
    return answer
