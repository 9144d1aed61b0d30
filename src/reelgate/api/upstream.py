"""Where upstreams call back: `POST /v1/upstream/{token}`. What they say wakes us up and is never believed."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.api._reply import own_route, reply
from reelgate.api._schema import REFUSAL, REFUSED
from reelgate.domain.errors import NotFound
from reelgate.gateway.door import read_body
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation, record

_BODY_BYTES = 1 << 20
_TOKEN_LENGTH = 32


class UpstreamFace:
    """The token in the path is 128 random bits that only the upstream of one attempt was given, and where its vendor signs its calls the
    signature is verified as well. Whoever has both may make us ask that upstream sooner, at most once in two seconds, and nothing else:
    so an upstream that signs nothing does no harm."""

    name = "upstream"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        async def called(request: Request) -> Response:
            token: str = request.path_params["token"]
            with gateway.budget.share() as share:
                body = await read_body(request.scope, request.receive, _BODY_BYTES, share)
            if len(token) != _TOKEN_LENGTH or not await gateway.dispatch.hear(token, request.headers, body):
                raise NotFound("nobody waits for this call")
            return reply(200, {"status": "ok"})

        return [Route("/v1/upstream/{token}", own_route(called), methods=["POST"])]

    def manual(self, gateway: Gateway) -> Manual:
        """What this route is for."""
        del gateway
        return _MANUAL


FACE: Face = UpstreamFace()

_MANUAL = Manual(
    words={"token": "What the provider was given with the job."},
    refusals=REFUSED,
    schemas={**REFUSAL, "Heard": record("The call was heard.", status={"const": "ok"})},
    operations=(
        Operation(
            "POST /v1/upstream/{token}",
            "For providers that this gateway has given a job: a word on how it stands, by the unguessable address they were given.",
            {200: "Heard"},
            (401, 404, 413, 503),
            open=True,
        ),
    ),
)
