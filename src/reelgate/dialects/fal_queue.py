"""fal's queue as its client speaks it: submit, status, result, cancel.

Sources: fal's queue and webhook pages and its Python client 1.0.3, read 2026-11. Written from documents; no live account has answered.
The addresses that a submit's reply gives are used where they lie on the channel's own host, and never followed elsewhere with its key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast
from urllib.parse import urlsplit

import orjson

from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import (
    Credential,
    Done,
    Failed,
    HttpCall,
    HttpReply,
    Listed,
    Loss,
    Option,
    Order,
    Pending,
    Powers,
    Signers,
    Talk,
    Ticket,
    Verdict,
)
from reelgate.dialects._reply import POLICY, cancelled, code_of, failed, good_key, inner, meaning, path_part, unsafe
from reelgate.dialects._translation import losses
from reelgate.domain.errors import Fault, Garbled, Misconfigured, Rejected, UpstreamError
from reelgate.domain.job import Failure
from reelgate.domain.media import Foreign, VideoInput
from reelgate.wire import fal
from reelgate.wire.fal import Speaker
from reelgate.wire.signature import read_jwks

_OK, _ACCEPTED, _BAD, _UNPROCESSABLE, _CANCELLED = 200, 202, 400, 422, 499
_NO_SUCH = "00000000-0000-0000-0000-000000000000"
_CALLBACKS = Option(
    values={
        "signed": "a callback counts only with a signature by the vendor's published keys",
        "open": "its secret path is enough, for a proxy in between that signs nothing",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FalQueue:
    """A vendor that speaks fal's queue. `scheme` is the word before the key; `replays` says that it honours an Idempotency-Key."""

    name: str
    title: str
    address: str = ""
    scheme: Literal["Key", "Bearer"] = "Bearer"
    replays: bool = False
    calls_back: bool = True
    probe: str = "fal-ai/kling-video"  # an app under which a request that cannot exist is asked for, to see whether the key is good
    key_set: str = ""  # the host that has the keys by which its callbacks are verified: "" for the channel's own address
    secrets: tuple[str, ...] = ("api_key",)
    options: Mapping[str, Option] = field(default_factory=lambda: {"callbacks": _CALLBACKS})

    def unfit(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> str:
        return ""

    def powers(self, options: Mapping[str, str]) -> Powers:
        return Powers(
            dedupe="replayed" if self.replays else "",
            calls_back=self.calls_back,
            cancels="running" if self.replays else "queued",
            poll_s=(1.0, 15.0),
            window_s=1800.0,
        )

    def offer(self, endpoint: Endpoint, options: Mapping[str, str]) -> str | None:
        ours = endpoint.id.startswith(("demo/", "kling/v1/"))
        return None if ours or "fal" not in endpoint.inputs or endpoint.ended is not None else endpoint.id

    def loses(self, endpoint: Endpoint, wanted: VideoInput, options: Mapping[str, str]) -> Sequence[Loss]:
        model = endpoint.inputs["fal"]
        return losses(lambda asked: fal.write_input(cast("Speaker", model), asked), lambda body: fal.read_input(model, body)[0], wanted)

    def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
        yield from ()
        key = secrets.get("api_key", "")
        if not key:
            raise Misconfigured(said="no api_key")
        return Credential(headers={"Authorization": f"{self.scheme} {key}"})

    def submit(self, order: Order) -> Talk[Ticket]:
        body = fal.write_input(cast("Speaker", order.endpoint.inputs["fal"]), order.input)
        query = {"fal_webhook": order.callback} if order.callback else {}
        headers = {"Idempotency-Key": order.token} if self.replays else {}
        reply = yield HttpCall("POST", f"/{order.model}", json=body, query=query, headers=headers, buys=True)
        if reply.status == 404 and order.endpoint.kind == "passed":  # noqa: PLR2004
            raise Rejected("the vendor has no such model", said="http 404")  # the caller's word for it; the channel is well
        if reply.status not in {_OK, _ACCEPTED, 201}:
            raise _refusal(reply)
        record = reply.record
        request_id = path_part(record.get("request_id"))
        return {"id": request_id, "model": order.model, **_paths(record, order.model, request_id)}

    def poll(self, ticket: Ticket) -> Talk[Verdict]:
        base = _base(ticket)
        reply = yield HttpCall("GET", ticket.get("status") or f"{base}/status")  # without its logs: they are the vendor's words
        if reply.status not in {_OK, _ACCEPTED}:
            raise _missed(reply)
        record = reply.record
        match record.get("status"):
            case "IN_QUEUE":
                return Pending(queued=True)
            case "IN_PROGRESS":
                return Pending()
            case "COMPLETED":
                result = yield HttpCall("GET", ticket.get("response") or base)
                return _read_result(result)
            case _:
                raise Garbled(said="status")

    def cancel(self, ticket: Ticket) -> Talk[bool]:
        reply = yield HttpCall("PUT", ticket.get("cancel") or f"{_base(ticket)}/cancel")
        if reply.status in {401, 403} or reply.status >= 500:  # noqa: PLR2004 -- our key, or their trouble
            raise meaning(reply)
        return reply.status == _OK and reply.record.get("status") == "OK"

    def find(self, order: Order) -> Talk[Ticket | None]:
        yield from ()  # nobody is asked by our token
        return None

    def recent(self, order: Order, since: datetime) -> Talk[Sequence[Listed]]:
        yield from ()  # the list of requests is on another host, and leaves out what has not ended
        return ()

    def heard(self, body: bytes) -> Ticket | None:
        try:
            told = orjson.loads(body)
            return {"id": path_part(told.get("request_id"))} if isinstance(told, dict) else None  # pyright: ignore[reportUnknownMemberType]
        except (orjson.JSONDecodeError, Garbled):
            return None

    def signers(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> Talk[Signers | None]:
        if options.get("callbacks") == "open" or not self.calls_back:
            return None
        reply = yield HttpCall("GET", "/.well-known/jwks.json", origin=self.key_set, keyless=True)
        if reply.status != _OK:
            raise meaning(reply)
        try:
            return read_jwks(reply.json)
        except ValueError:
            raise Garbled(said="no key set") from None

    def check(self) -> Talk[str]:
        reply = yield HttpCall("GET", f"/{self.probe}/requests/{_NO_SUCH}/status")
        if reply.status in {_OK, _ACCEPTED, 404, 422, _BAD}:
            return good_key(reply, "a request that does not exist was asked for")
        raise meaning(reply)


def _refusal(reply: HttpReply) -> UpstreamError:
    """What a submit that was not taken means."""
    if reply.status not in {_BAD, _UNPROCESSABLE}:
        return meaning(reply)
    failure = _read_failure(reply)
    if failure.fault is not None and failure.fault.path[-1:] == ("fal_webhook",):
        return Misconfigured(said="it does not call our address back")  # our public address, and no fault of the caller's
    return Rejected(failure.message, said=f"http {reply.status}", fault=failure.fault)


def _missed(reply: HttpReply) -> UpstreamError:
    """What a status or a result that did not come means: never that the job has failed."""
    return Garbled(said="http 404") if reply.status == 404 else meaning(reply)  # noqa: PLR2004


def _read_result(reply: HttpReply) -> Verdict:
    if reply.status == _OK:
        record = reply.record
        url = inner(record, "video", "url") or _first_url(record.get("videos"))
        if not isinstance(url, str):
            raise Garbled(said="no video in the result")
        seed = record.get("seed")
        return Done(source=Foreign(url), seed=seed if isinstance(seed, int) and 0 <= seed < 1 << 63 else None)
    if reply.status in {401, 403, 404, 408, 429}:
        raise _missed(reply)
    if reply.status == _BAD and "in progress" in str(inner(reply.record, "detail")).lower():
        return Pending()
    error_type = code_of(reply.headers.get("x-fal-error-type") or _type_of(reply))
    if reply.status == _CANCELLED:
        return cancelled(error_type)
    if reply.status in {_BAD, _UNPROCESSABLE}:
        return Failed(failure=_read_failure(reply), said=error_type or f"http {reply.status}")
    if not error_type:
        raise meaning(reply)  # a proxy's word, not the queue's: the result may still be there
    return failed(error_type)


def _type_of(reply: HttpReply) -> Any:
    try:
        return reply.record.get("error_type", "")
    except Garbled:
        return ""


def _read_failure(reply: HttpReply) -> Failure:
    """Why an input was refused, in our words: which of the caller's fields, and fal's own word for what is wrong with it."""
    try:
        detail = reply.record.get("detail")
    except Garbled:
        detail = None
    first: Any = cast("list[Any]", detail)[0] if isinstance(detail, list) and detail else None
    if not isinstance(first, dict):
        return Failure(code="rejected", message="the model refused this input")
    kind = code_of(inner(cast("dict[str, Any]", first), "type")) or "value_error"
    place: Any = inner(cast("dict[str, Any]", first), "loc")
    named = [part for part in cast("list[Any]", place)[1:] if isinstance(part, int) or code_of(part)] if isinstance(place, list) else []
    path = tuple(cast("list[str | int]", named)) or (("prompt",) if kind == POLICY else ())
    message = _WORDS.get(kind, "the model refused this")
    return Failure(code="rejected", message=message, fault=Fault(path=path, message=message, kind=kind))


_WORDS: Mapping[str, str] = {
    POLICY: unsafe().message,
    "file_download_error": "the file could not be fetched",
    "image_load_error": "the picture could not be read",
    "image_too_small": "the picture is too small",
    "image_too_large": "the picture is too large",
    "face_detection_error": "no face was found in the picture",
    "no_media_generated": "the model made no video of this",
    "missing": "Field required",
}


def _first_url(videos: Any) -> Any:
    """Of a list, as some endpoints answer that are in no catalog."""
    first = cast("list[Any]", videos)[0] if isinstance(videos, list) and videos else None
    return inner(cast("dict[str, Any]", first), "url") if isinstance(first, dict) else None


def _base(ticket: Ticket) -> str:
    """The short path of follow-up calls: owner and alias of the model, and the request."""
    app = "/".join(ticket.get("model", "").split("/")[:2])
    return f"/{app}/requests/{path_part(ticket['id'])}"


def _paths(record: Mapping[str, Any], model: str, request_id: str) -> dict[str, str]:
    """Paths that the reply gives and that are not the usual ones. Only a path is kept: it is asked for on the channel's own host."""
    usual = _base({"id": request_id, "model": model})
    found: dict[str, str] = {}
    for name, field_, end in (("status", "status_url", "/status"), ("response", "response_url", ""), ("cancel", "cancel_url", "/cancel")):
        url = record.get(field_)
        path = urlsplit(url).path if isinstance(url, str) and len(url) < 2048 else ""  # noqa: PLR2004 -- as long as an address may be
        if path.startswith("/") and path.endswith(f"/requests/{request_id}{end}") and not path.endswith(usual + end) and ".." not in path:
            found[name] = path
    return found
