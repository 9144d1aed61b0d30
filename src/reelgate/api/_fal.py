"""The door of every route that speaks as fal does: whatever goes wrong is answered in fal's shape, with a request id."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

import structlog

from reelgate.domain.errors import GatewayError
from reelgate.domain.identity import read_id
from reelgate.gateway.door import Receive, Scope, Send, answer
from reelgate.gateway.manual import Schema, record, words
from reelgate.wire import fal

_log = structlog.get_logger(__name__)
REQUEST_ID = "x-fal-request-id"

REFUSALS: Mapping[str, Schema] = {
    "FalRefusal": {
        "type": "object",
        "description": "What went wrong.",
        "required": ["detail"],
        "properties": {"detail": words("For people."), "error_type": words("One word for it; in the header x-fal-error-type too.")},
    },
    "FalInvalid": {
        "type": "object",
        "description": "Every fault of an input at once.",
        "required": ["detail"],
        "properties": {
            "detail": {
                "anyOf": [
                    {"type": "string"},
                    {"type": "array", "items": record("One fault.", loc="array", msg="string", type="string")},
                ]
            }
        },
    },
}
"""How they are described in manuals."""

Call = Callable[[Scope, Receive], Awaitable[fal.Reply]]


class Door:
    """Turns a call of a desk into an ASGI application."""

    def __init__(self, call: Call, *methods: str) -> None:
        self._call, self._methods = call, methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._methods and scope["method"] not in self._methods:
            reply = fal.Reply(405, b'{"detail":"Method Not Allowed"}', (("allow", ", ".join(self._methods)),))
        else:
            try:
                reply = await self._call(scope, receive)
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is answered in fal's shape
                reply = refusal(error, scope)
        if not reply.headers or reply.headers[0][0] != REQUEST_ID:
            reply = identified(reply, scope)
        await answer(send, reply.status, reply.body, [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers])


def refusal(error: Exception, scope: Scope) -> fal.Reply:
    """The answer to what went wrong; a bug of ours is logged and told as one."""
    if isinstance(error, GatewayError):
        return fal.write_error(error, app=short(scope["path_params"].get("app", "")))
    _log.error("face_bug", face="fal", path=scope["path"], exc_info=error)
    return fal.write_error(GatewayError("the gateway failed at this request"))


def identified(reply: fal.Reply, scope: Scope) -> fal.Reply:
    """With the id that clients quote: the job's where the path names one, else one that is in no list."""
    request_id = read_id(scope["path_params"].get("job_id", "")) or str(uuid4())
    return reply._replace(headers=((REQUEST_ID, request_id), *reply.headers))


def short(endpoint: str) -> str:
    """Owner and alias of an endpoint's id: the path of its follow-up calls."""
    return "/".join(endpoint.split("/", 2)[:2])
