"""What a request would cost: `POST /v1/quote`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reelgate.api._money import write_shown
from reelgate.api._reply import own_route, reply
from reelgate.api._schema import REFUSAL, REFUSED
from reelgate.contracts.endpoint import Endpoint, InputModel
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import Dropped, VideoInput
from reelgate.gateway.door import read_body
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation, record, words
from reelgate.gateway.quoting import Estimate
from reelgate.wire import fal, kling, kling2026

Reader: TypeAlias = Callable[[type[InputModel], Mapping[str, Any]], tuple[VideoInput, tuple[Dropped, ...]]]
_READERS: Mapping[str, Reader] = {"fal": fal.read_input, "kling": kling.read_input, "kling2026": kling2026.read_input}


class QuoteFace:
    """`/v1/quote`: price, validity and expected wait, before anything is spent."""

    name = "quote"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        async def quote(request: Request) -> Response:
            principal = await gateway.keyring.caller(request.scope)
            with gateway.budget.share() as share:
                raw = await read_body(request.scope, request.receive, gateway.settings.max_body, share)
                endpoint, wanted, dropped = await _read(gateway, fal.read_body(raw))
            return reply(200, _write(endpoint, await gateway.quoting(principal, endpoint, wanted, dropped)))

        return [Route("/v1/quote", own_route(quote), methods=["POST"])]

    def manual(self, gateway: Gateway) -> Manual:
        """What this route is for."""
        del gateway
        return _MANUAL


FACE: Face = QuoteFace()


async def _read(gateway: Gateway, body: Mapping[str, Any]) -> tuple[Endpoint, VideoInput, tuple[Dropped, ...]]:
    named, wire, given = body.get("endpoint"), body.get("wire"), body.get("input", {})
    faults = [Fault(path=(each,), message="There is no such field", kind="extra_forbidden") for each in body if each not in _FIELDS]
    if not isinstance(named, str) or not named:
        faults.append(Fault(path=("endpoint",), message="The id of a model", kind="missing"))
    if not isinstance(given, dict):
        faults.append(Fault(path=("input",), message="An object: what a submit would send", kind="dict_type"))
    if faults:
        raise InvalidInput(faults)
    endpoint = await gateway.passing.find(cast("str", named).strip("/"))
    spoken = next(iter(endpoint.inputs)) if wire is None else wire
    if not isinstance(spoken, str) or spoken not in endpoint.inputs:
        wires = sorted(endpoint.inputs)
        fault = Fault(path=("wire",), message=f"One of {', '.join(wires)}", kind="one_of", limits={"expected": wires})
        raise InvalidInput([fault])
    wanted, dropped = _READERS[spoken](endpoint.inputs[spoken], cast("dict[str, Any]", given))
    return endpoint, wanted, dropped


def _write(endpoint: Endpoint, estimate: Estimate) -> dict[str, Any]:
    quote, forecast = estimate.served.quote, estimate.forecast
    return {
        "object": "quote",
        "endpoint": endpoint.id,
        "amount": quote.amount.decimal,
        "words": quote.words,
        "book": quote.book or None,
        "since": None if quote.since is None else quote.since.isoformat(timespec="milliseconds"),
        "shown": write_shown(estimate.shown),
        "serving": estimate.served.serving.value,
        "engine": estimate.served.engine,
        "dropped": [{"field": each.field, "reason": each.reason} for each in estimate.dropped],
        "wait": {"ahead": forecast.ahead, "starts_in_s": _rounded(forecast.wait_s), "takes_s": _rounded(forecast.run_s)},
        "balance": {"available": estimate.balance.available.decimal, "missing": estimate.missing.decimal},
        "refusal": estimate.refusal or None,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


_FIELDS = frozenset({"endpoint", "wire", "input"})
_MANUAL = Manual(
    refusals=REFUSED,
    schemas={
        **REFUSAL,
        "QuoteRequest": {
            "type": "object",
            "required": ["endpoint"],
            "additionalProperties": False,
            "properties": {
                "endpoint": words("The id of a model."),
                "wire": words("In whose words the input is; the model's first one if not said.", enum=sorted(_READERS)),
                "input": {"type": "object", "description": "What a submit would send. Its pictures are not fetched."},
            },
        },
        "Quote": record(
            "What the request would cost now, and what would come of it. Nothing was kept or held.",
            object={"const": "quote"},
            endpoint="string",
            amount=words("Dollars."),
            words=words("The arithmetic."),
            book="string?",
            since="string?",
            shown={"type": ["object", "null"], "description": "The amount in the account's currency, with its rate."},
            serving="string",
            engine="string",
            dropped={"type": "array", "items": record("A field that would do nothing.", field="string", reason="string")},
            wait=record("What may be expected; null where no job has told yet.", ahead="integer", starts_in_s="number?", takes_s="number?"),
            balance=record("What the account has, and what is missing.", available=words("Dollars."), missing=words("Dollars.")),
            refusal={"type": ["string", "null"], "description": "In what words a submit would be refused for want of money."},
        ),
    },
    operations=(
        Operation(
            "POST /v1/quote", "What a request would cost; nothing is spent.", {200: "Quote"}, (400, 404, 413, 422), body="QuoteRequest"
        ),
    ),
)
