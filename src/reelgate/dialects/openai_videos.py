"""OpenAI's videos as its clients speak them. The vendor has ended its own; gateways and GPU servers go on speaking it.

Sources: OpenAI's Python client 3.52 and its description of the API of 2026-08; the manuals of SGLang-Diffusion, vLLM-Omni 0.30 and NVIDIA
Dynamo 1.6 for where they differ, which a channel's options say. Read 2026-11. Written from documents; no live server has answered.
An address of a channel ends as clients have it: `https://…/v1`.
"""

from __future__ import annotations

import base64
import binascii
import mimetypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import (
    Credential,
    Done,
    Failed,
    FilePart,
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
    unsafe,
)
from reelgate.dialects._translation import losses
from reelgate.domain.errors import Fault, Garbled, InvalidInput, Misconfigured, Rejected, Unserved, UpstreamError
from reelgate.domain.media import Foreign, VideoInput

_QUEUED, _RUNNING = frozenset({"queued", "pending"}), frozenset({"in_progress", "processing", "running"})
_DONE, _FAILED = frozenset({"completed", "succeeded"}), frozenset({"failed", "cancelled", "canceled", "expired"})
_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_NO_MODEL = "model_not_found"  # also said with 403, of a model that is not this account's
_UNSAFE = frozenset({"moderation_blocked", "content_policy_violation", "content_filter"})
_BAD = 400
_SIZES: Mapping[tuple[str, str], str] = {
    ("16:9", "480p"): "832x480",
    ("9:16", "480p"): "480x832",
    ("1:1", "480p"): "624x624",
    ("16:9", "720p"): "1280x720",
    ("9:16", "720p"): "720x1280",
    ("1:1", "720p"): "960x960",
    ("16:9", "1080p"): "1920x1080",
    ("9:16", "1080p"): "1080x1920",
    ("1:1", "1080p"): "1440x1440",
}
_MEASURES = {size: measures for measures, size in _SIZES.items()}
_KINDS = frozenset({"text-to-video", "image-to-video"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIVideos:
    """Somebody who speaks OpenAI's videos. Which models he has nobody can know: channels name them."""

    name: str
    title: str
    address: str = ""
    secrets: tuple[str, ...] = ("api_key",)
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])

    def unfit(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> str:
        return ""

    def powers(self, options: Mapping[str, str]) -> Powers:
        waits = options.get("synchronous") == "yes"
        return Powers(
            lists=not waits,
            cancels="running" if options.get("cancels") == "yes" else "no",
            media="data" if _parts(options) else "address",
            poll_s=(2.0, 15.0),
            window_s=1800.0,
        )

    def offer(self, endpoint: Endpoint, options: Mapping[str, str]) -> str | None:
        return "" if endpoint.kind in _KINDS and endpoint.ended is None else None

    def loses(self, endpoint: Endpoint, wanted: VideoInput, options: Mapping[str, str]) -> Sequence[Loss]:
        return losses(lambda asked: _write("model", asked, options), lambda body: _read(body, options), wanted)

    def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
        yield from ()
        key = secrets.get("api_key", "")
        return Credential(headers={"Authorization": f"Bearer {key}"} if key else {})  # a server of one's own may ask for none

    def submit(self, order: Order) -> Talk[Ticket]:
        body = _write(order.model, order.input, order.options)
        if _parts(order.options):
            reply = yield HttpCall("POST", "/videos", parts=tuple(_as_parts(body, order.options)), buys=True)
        else:
            reply = yield HttpCall("POST", "/videos", json=body, buys=True)
        if reply.status not in TAKEN:
            raise _refusal(reply)
        record = reply.record
        if order.options.get("synchronous") == "yes":
            # The answer is the video: what there is to ask for is its address.
            return {"id": order.token, "url": _address(record)}
        return {"id": path_part(record.get("id"))}

    def poll(self, ticket: Ticket) -> Talk[Verdict]:
        if "url" in ticket:
            return Done(source=Foreign(ticket["url"]))
        reply = yield HttpCall("GET", f"/videos/{path_part(ticket['id'])}")
        if reply.status not in TAKEN:
            raise asked_again(reply, _refusal(reply))
        return _read_verdict(reply.record)

    def cancel(self, ticket: Ticket) -> Talk[bool]:
        if "url" in ticket:
            return False
        reply = yield HttpCall("DELETE", f"/videos/{path_part(ticket['id'])}")
        if reply.status in {401, 403} or reply.status >= 500:  # noqa: PLR2004 -- our key, or their trouble
            raise meaning(reply)
        return reply.status in TAKEN and reply.record.get("deleted") is True

    def find(self, order: Order) -> Talk[Ticket | None]:
        yield from ()  # nobody is asked by our token
        return None

    def recent(self, order: Order, since: datetime) -> Talk[Sequence[Listed]]:
        reply = yield HttpCall("GET", "/videos", query={"limit": "100", "order": "desc"})
        if reply.status not in TAKEN:
            raise _refusal(reply)
        listed = reply.record.get("data")
        if not isinstance(listed, list):
            raise Garbled(said="no list")
        wanted = _write(order.model, order.input, order.options)
        return [found for each in cast("list[Any]", listed) if (found := _listed(each, wanted, order, since)) is not None]

    def heard(self, body: bytes) -> Ticket | None:
        return None  # it calls accounts back, not jobs

    def signers(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> Talk[Signers | None]:
        yield from ()  # it does not call an address of a job's own
        return None

    def check(self) -> Talk[str]:
        reply = yield HttpCall("GET", "/models")
        if reply.status in TAKEN:
            return good_key(reply, "the models were asked for")
        raise _refusal(reply)


# -- what is asked -------------------------------------------------------------------------------------------------------


def _parts(options: Mapping[str, str]) -> bool:
    return options.get("body", "multipart") != "json"


def _write(model: str, wanted: VideoInput, options: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a submit. `size` is left to the server where the picture decides."""
    body: dict[str, Any] = {"model": model, "prompt": wanted.prompt, "seconds": str(wanted.seconds)}
    if wanted.aspect_ratio != "auto" or wanted.first_frame is None:
        aspect_ratio = "16:9" if wanted.aspect_ratio == "auto" else wanted.aspect_ratio
        body["size"] = _SIZES.get((aspect_ratio, wanted.resolution), f"{aspect_ratio} {wanted.resolution}")
    if isinstance(wanted.first_frame, Foreign):
        body[options.get("picture", "input_reference")] = wanted.first_frame.url
    if options.get("tuning") == "yes":
        body |= {"negative_prompt": wanted.negative_prompt} if wanted.negative_prompt else {}
        body |= {} if wanted.seed is None else {"seed": wanted.seed}
    if options.get("sound") == "asked":
        body["generate_sound"] = wanted.sound
    return body


def _read(body: Mapping[str, Any], options: Mapping[str, str]) -> VideoInput:
    size = body.get("size")
    if size is not None and size not in _MEASURES:
        raise InvalidInput([Fault(path=("resolution",), message="it has no such size")])
    aspect_ratio, resolution = _MEASURES[size] if size is not None else ("auto", "720p")
    picture = body.get(options.get("picture", "input_reference"))
    return VideoInput(
        prompt=body["prompt"],
        negative_prompt=body.get("negative_prompt", ""),
        seconds=int(body["seconds"]),
        aspect_ratio=aspect_ratio,
        resolution=resolution,
        sound=body["generate_sound"] if options.get("sound") == "asked" else options.get("sound") == "yes",
        seed=body.get("seed"),
        first_frame=None if picture is None else Foreign(picture),
    )


def _as_parts(body: Mapping[str, Any], options: Mapping[str, str]) -> Iterator[FilePart]:
    for name, value in body.items():
        if name == options.get("picture", "input_reference") and value.startswith("data:"):
            yield _file(name, value)
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield FilePart(name=name, content=text.encode())


def _file(name: str, url: str) -> FilePart:
    head, _, content = url.partition(",")
    kind = head.removeprefix("data:").partition(";")[0]
    try:
        taken = base64.b64decode(content, validate=True)
    except binascii.Error:
        raise Rejected("the picture could not be read", said="no base64") from None
    return FilePart(name=name, content=taken, file_name=f"picture{mimetypes.guess_extension(kind) or '.bin'}", content_type=kind)


# -- what is answered ----------------------------------------------------------------------------------------------------


def _code(reply: HttpReply) -> str:
    try:
        return code_of(inner(reply.record, "error", "code") or "")
    except Garbled:
        return ""


def _refusal(reply: HttpReply) -> UpstreamError:
    code = _code(reply)
    said = f"http {reply.status} {code}".strip()
    if code in _NO_MONEY:
        return Misconfigured(said=said)
    if code == _NO_MODEL:
        return Unserved(said=said)
    if code in _UNSAFE:
        return Rejected(said=said, fault=unsafe())
    return Rejected("the model refused this input", said=said) if reply.status == _BAD else meaning(reply, said)


def _read_verdict(record: Mapping[str, Any]) -> Verdict:
    told = record.get("status")
    if not isinstance(told, str) or not told:
        raise Garbled(said="no status")
    status = told.lower()
    if status in _DONE:
        video_id = path_part(record.get("id"))
        url = record.get("url") or record.get("video_url")
        return Done(source=Foreign(url) if isinstance(url, str) and url else HttpCall("GET", f"/videos/{video_id}/content"))
    if status in _FAILED:
        return _failed(status, code_of(inner(record, "error", "code") or ""))
    if status in _QUEUED:
        return Pending(queued=True)
    return Pending(fraction=_progress(record), line="" if status in _RUNNING else ODD_STATUS)


def _failed(status: str, code: str) -> Failed:
    if code in _UNSAFE:
        return failed_as_unsafe(code)
    if status.startswith("cancel") or code == "cancelled":
        return cancelled(code or status)
    return failed(code or status)


def _progress(record: Mapping[str, Any]) -> float | None:
    told = record.get("progress")
    return min(max(told, 0), 100) / 100 if isinstance(told, int) and not isinstance(told, bool) and told else None


def _address(record: Mapping[str, Any]) -> str:
    data = record.get("data")
    first = cast("list[Any]", data)[0] if isinstance(data, list) and data else None
    url = record.get("url") or (inner(cast("dict[str, Any]", first), "url") if isinstance(first, dict) else None)
    if not isinstance(url, str) or not url:
        raise Garbled(said="no address in the answer")
    return url


def _listed(each: Any, wanted: Mapping[str, Any], order: Order, since: datetime) -> Listed | None:
    """One video of a list, if it can be read and is not older. With a picture nobody can tell whether it is the one."""
    if not isinstance(each, dict):
        return None
    told = cast("dict[str, Any]", each)
    created, video_id = told.get("created_at"), told.get("id")
    if not isinstance(created, int) or isinstance(created, bool) or not 0 < created < 1 << 40 or not isinstance(video_id, str):
        return None
    created_at = datetime.fromtimestamp(min(created, 1 << 37), UTC)
    if created_at < since:
        return None
    same = all(told.get(name) == wanted.get(name) for name in ("model", "prompt", "seconds") if name in wanted)
    same = same and told.get("size") in (None, wanted.get("size"))
    return Listed(ticket={"id": path_part(video_id)}, created_at=created_at, matches=same and not any(order.input.media()))
