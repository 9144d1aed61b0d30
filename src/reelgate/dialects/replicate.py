"""Replicate's predictions as its client speaks them: models of their owners, asked by name.

Sources: the vendor's HTTP reference, its Python client 1.0.7 as seen on the wire, and the pages of the models; read 2026-11. Written from
documents; no live account has answered. There is no key for a repeated submit: one in doubt is looked for among the newest predictions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import unquote

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
from reelgate.dialects._replicate_inputs import MODELS, family_of
from reelgate.dialects._reply import (
    ODD_STATUS,
    TAKEN,
    asked_again,
    cancelled,
    code_of,
    failed,
    failed_as_unsafe,
    good_key,
    inner,
    meaning,
    path_part,
)
from reelgate.dialects._translation import losses
from reelgate.domain.errors import Fault, Garbled, Misconfigured, Rejected, Throttled, UpstreamError
from reelgate.domain.media import Foreign, VideoInput
from reelgate.wire.signature import StandardSecrets

_STOPPED = ("canceled", "aborted")
_PAGES = 2
_PAGE_BYTES = 8 << 20  # a hundred predictions of whatever models, with their inputs and outputs
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_RESETS = re.compile(r"resets in ~?(\d{1,4})s")
_UNSAFE = ("e005", "sensitive", "safety", "nsfw", "moderation", "content policy")
_OURS = ("webhook", "webhook_events_filter")
_INVALID, _FULL = 422, 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicate:
    """The vendor."""

    name: str
    title: str
    address: str = ""
    secrets: tuple[str, ...] = ("api_key",)
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])

    def unfit(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> str:
        return ""

    def powers(self, options: Mapping[str, str]) -> Powers:
        return Powers(lists=True, calls_back=True, cancels="running", poll_s=(1.5, 15.0), outputs_s=3600.0)

    def offer(self, endpoint: Endpoint, options: Mapping[str, str]) -> str | None:
        return MODELS.get(endpoint.id) if endpoint.ended is None else None

    def loses(self, endpoint: Endpoint, wanted: VideoInput, options: Mapping[str, str]) -> Sequence[Loss]:
        model = self.offer(endpoint, options) or ""
        family, mode = family_of(model), _mode(model)
        return losses(lambda asked: family.write(asked, mode), family.read, wanted)

    def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
        yield from ()
        if not secrets.get("api_key"):
            raise Misconfigured(said="no api_key")
        return Credential(headers={"Authorization": f"Bearer {secrets['api_key']}"})

    def submit(self, order: Order) -> Talk[Ticket]:
        owner, name = _named(order.model)
        body: dict[str, Any] = {"input": _written(order)}
        if order.callback:
            body |= {"webhook": order.callback, "webhook_events_filter": ["completed"]}
        reply = yield HttpCall("POST", f"/v1/models/{owner}/{name}/predictions", json=body, buys=True)
        if reply.status not in TAKEN:
            raise _refusal(reply)
        return {"id": path_part(reply.record.get("id"))}

    def poll(self, ticket: Ticket) -> Talk[Verdict]:
        reply = yield HttpCall("GET", f"/v1/predictions/{path_part(ticket['id'])}")
        if reply.status not in TAKEN:
            raise asked_again(reply, _refusal(reply))
        return _read_verdict(reply.record)

    def cancel(self, ticket: Ticket) -> Talk[bool]:
        reply = yield HttpCall("POST", f"/v1/predictions/{path_part(ticket['id'])}/cancel")
        if reply.status in {401, 403} or reply.status >= 500:  # noqa: PLR2004 -- our key, or their trouble
            raise meaning(reply)
        return reply.status in TAKEN and reply.record.get("status") in _STOPPED

    def find(self, order: Order) -> Talk[Ticket | None]:
        yield from ()  # nobody is asked by our token
        return None

    def recent(self, order: Order, since: datetime) -> Talk[Sequence[Listed]]:
        found: list[Listed] = []
        cursor = ""
        for _ in range(_PAGES):
            reply = yield HttpCall("GET", "/v1/predictions", query={"cursor": cursor} if cursor else {}, reply_bytes=_PAGE_BYTES)
            if reply.status not in TAKEN:
                raise _refusal(reply)
            page = reply.record.get("results")
            if not isinstance(page, list):
                raise Garbled(said="no list")
            listed = list(_listed(cast("list[Any]", page), order, since))
            found += listed
            cursor = _cursor(reply.record.get("next"))
            if not cursor or len(listed) < len(cast("list[Any]", page)):
                break  # the rest is older
        return found

    def heard(self, body: bytes) -> Ticket | None:
        try:
            told = orjson.loads(body)
            return {"id": path_part(told.get("id"))} if isinstance(told, dict) else None  # pyright: ignore[reportUnknownMemberType]
        except (orjson.JSONDecodeError, Garbled):
            return None

    def signers(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> Talk[Signers | None]:
        reply = yield HttpCall("GET", "/v1/webhooks/default/secret")
        if reply.status not in TAKEN:
            raise _refusal(reply)
        try:
            return StandardSecrets((str(reply.record.get("key")),))
        except ValueError:
            raise Garbled(said="no webhook secret") from None

    def check(self) -> Talk[str]:
        reply = yield HttpCall("GET", "/v1/account")
        if reply.status in TAKEN:
            return good_key(reply, "its account was asked for")
        raise _refusal(reply)


def _named(model: str) -> tuple[str, str]:
    parts = model.split("/")
    if len(parts) not in {2, 3} or not all(_NAME.fullmatch(each) for each in parts[:2]):
        raise Misconfigured(said="a model is OWNER/NAME or OWNER/NAME/MODE")
    return parts[0], parts[1]


def _written(order: Order) -> dict[str, Any]:
    """An order's input. A plain name is spoken to in the mode that its endpoint stands for, and not in the vendor's default."""
    offered = MODELS.get(order.endpoint.id, "")
    model = offered if offered.startswith(f"{order.model}/") else order.model
    return family_of(model).write(order.input, _mode(model))


def _mode(model: str) -> str:
    return model.split("/")[2] if model.count("/") == 2 else ""  # noqa: PLR2004 -- owner, name, mode


def _refusal(reply: HttpReply) -> UpstreamError:
    said = f"http {reply.status}"
    if reply.status == _FULL:
        error = meaning(reply)
        waits = _RESETS.search(str(_detail(reply)))
        if isinstance(error, Throttled) and error.retry_after_s is None and waits:
            return Throttled(said=said, retry_after_s=min(float(waits[1]), 600.0))
        return error
    if reply.status != _INVALID:
        return meaning(reply)
    fault = _fault(reply)
    if fault is not None and fault.path[0] in _OURS:
        return Misconfigured(said="it does not call our address back")  # our public address, and no fault of the caller's
    return Rejected("the model refused this input", said=said, fault=fault)


def _detail(reply: HttpReply) -> Any:
    try:
        return reply.record.get("detail", "")
    except Garbled:
        return ""


def _fault(reply: HttpReply) -> Fault | None:
    """Which field it was, if the answer names one."""
    try:
        fields = reply.record.get("invalid_fields")
    except Garbled:
        return None
    first = cast("list[Any]", fields)[0] if isinstance(fields, list) and fields else None
    named = code_of(inner(cast("dict[str, Any]", first), "field") or "") if isinstance(first, dict) else ""
    name = named.rpartition(".")[2]
    return Fault(path=(name,), message="the model refused this", kind="value_error") if name else None


def _read_verdict(record: Mapping[str, Any]) -> Verdict:
    match record.get("status"):
        case "starting" | "queued":
            return Pending(queued=True)
        case "processing":
            return Pending()
        case "succeeded":
            return _done(record)
        case "canceled" | "aborted":
            return cancelled("canceled")
        case "failed":
            return _failed(str(record.get("error") or ""))
        case str(other) if other:
            return Pending(line=ODD_STATUS)
        case _:
            raise Garbled(said="no status")


def _done(record: Mapping[str, Any]) -> Done:
    output = record.get("output")
    listed = cast("list[Any]", output) if isinstance(output, list) else [output]
    first = listed[0] if listed else None
    if not isinstance(first, str) or not first:
        raise Garbled(said="no output" if not record.get("data_removed") else "its output was removed")
    return Done(source=Foreign(first))


def _failed(error: str) -> Failed:
    against_it = any(word in error.lower() for word in _UNSAFE)
    return failed_as_unsafe("failed") if against_it else failed("failed")


def _listed(page: Sequence[Any], order: Order, since: datetime) -> Iterator[Listed]:
    """Predictions that are not older. One is ours if it came by the API and says what we said and no more; with a picture nobody can
    tell."""
    wanted = _written(order)
    plain = not any(True for _ in order.input.media())
    for each in page:
        told = cast("dict[str, Any]", each) if isinstance(each, dict) else {}
        created_at = _instant(told.get("created_at"))
        if created_at is None or created_at < since or not isinstance(told.get("id"), str):
            continue
        said = told.get("input")
        same = told.get("model") == "/".join(_named(order.model)) and told.get("source", "api") == "api"
        same = same and isinstance(said, dict) and _says(cast("dict[str, Any]", said), wanted)
        yield Listed(ticket={"id": path_part(told["id"])}, created_at=created_at, matches=bool(same and plain))


def _says(said: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether an input is what is wanted. Another one's picture or seed makes it another one's job; what is empty says nothing."""
    return all(said.get(name) == value for name, value in wanted.items()) and all(
        name in wanted or value in (None, "") for name, value in said.items()
    )


def _instant(told: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _cursor(told: Any) -> str:
    """Of the address of the next page, which is asked for on the channel's own host."""
    found = re.search(r"[?&]cursor=([A-Za-z0-9%_=-]{1,500})", told) if isinstance(told, str) else None
    return unquote(found[1]) if found else ""  # it is quoted again on its way
