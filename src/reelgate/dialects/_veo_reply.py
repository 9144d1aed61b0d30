"""What Google answers of its long operations, in both forms: on Vertex, and of the Gemini API as gateways serve it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, urlsplit

from reelgate.contracts.provider import Done, Failed, HttpCall, HttpReply, Inline, Pending, Verdict
from reelgate.dialects._reply import cancelled, code_of, failed, failed_as_unsafe, inner, meaning
from reelgate.domain.errors import Garbled, Misconfigured, Rejected, Throttled, UpstreamError
from reelgate.domain.media import Foreign

STORAGE = "https://storage.googleapis.com"
_OPERATION = re.compile(r"[A-Za-z0-9_.-]{1,200}(?:/[A-Za-z0-9_.-]{1,200}){1,12}")
_OBJECT = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])/([A-Za-z0-9_./~+-]{1,1000})")
_FILE = re.compile(r"/v1(?:alpha|beta)?/files/([a-z0-9-]{1,100}):download")
_INVALID, _CANCELLED = 3, 1
_BAD = 400


def operation_of(record: Mapping[str, Any]) -> str:
    """The name of an operation, fit for a path; `Garbled` for anything else."""
    name = record.get("name")
    if not isinstance(name, str) or not _OPERATION.fullmatch(name) or ".." in name:
        raise Garbled(said="no operation")
    return name


def refusal(reply: HttpReply) -> UpstreamError:
    """What a reply that is no success means."""
    try:
        told = inner(reply.record, "error", "status")
    except Garbled:
        return meaning(reply)
    said = f"http {reply.status} {code_of(told or '')}".strip()
    if told in {"UNAUTHENTICATED", "PERMISSION_DENIED", "FAILED_PRECONDITION"}:
        return Misconfigured(said=said)
    if told == "RESOURCE_EXHAUSTED":
        error = meaning(reply, said)
        return error if isinstance(error, Throttled) else Throttled(said=said)
    if reply.status == _BAD:
        return Rejected("the model refused this input", said=said)
    return meaning(reply, said)


def read_verdict(record: Mapping[str, Any], *, buckets: bool = True) -> Verdict:
    """How an operation stands. One that is done without an error and without a video was filtered: that is a failure.

    `buckets`: whether a video may lie in Google's storage, where it is fetched with the key. A gateway that says so would have its key
    shown elsewhere.
    """
    if record.get("done") is not True:
        return Pending(fraction=_progress(record))
    error = record.get("error")
    if isinstance(error, dict):
        return _failed(inner(cast("dict[str, Any]", error), "code"))
    response = record.get("response")
    if not isinstance(response, dict):
        raise Garbled(said="done, and nothing in it")
    told = cast("dict[str, Any]", response)
    for video in _videos(told):
        return Done(source=_source(video, buckets=buckets))
    if _filtered(told):
        return failed_as_unsafe("filtered")
    raise Garbled(said="no video in the operation")


def object_call(bucket: str, name: str) -> HttpCall:
    """Fetches an object of a bucket, with the key."""
    return HttpCall("GET", f"/{bucket}/{quote(name)}", origin=STORAGE)


def _videos(response: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    samples = inner(response, "generateVideoResponse", "generatedSamples")
    taken = cast("list[Any]", samples) if isinstance(samples, list) else []
    listed = [inner(cast("dict[str, Any]", each), "video") for each in taken if isinstance(each, dict)]
    plain = response.get("videos")
    listed += cast("list[Any]", plain) if isinstance(plain, list) else []
    return [cast("dict[str, Any]", each) for each in listed if isinstance(each, dict)]


def _source(video: Mapping[str, Any], *, buckets: bool) -> Foreign | HttpCall | Inline:
    content = video.get("bytesBase64Encoded")
    if isinstance(content, str) and content:
        try:
            return Inline(base64.b64decode(content, validate=True))
        except binascii.Error:
            raise Garbled(said="a video that is no base64") from None
    place = video.get("gcsUri")
    if isinstance(place, str) and buckets:
        found = _OBJECT.fullmatch(place)
        if found is None or ".." in found[2]:
            raise Garbled(said="a place in no bucket")
        return object_call(found[1], found[2])
    url = video.get("uri")
    if not isinstance(url, str) or not url:
        raise Garbled(said="a video without an address")
    # A file of the API is asked for on the channel's own host and with its key; whatever else is named there gets none.
    file = _FILE.fullmatch(urlsplit(url).path)
    return HttpCall("GET", urlsplit(url).path, query={"alt": "media"}) if file else Foreign(url)


def _filtered(response: Mapping[str, Any]) -> bool:
    for holder in (response, inner(response, "generateVideoResponse")):
        if isinstance(holder, dict):
            told = cast("dict[str, Any]", holder)
            if told.get("raiMediaFilteredCount") or told.get("raiMediaFilteredReasons"):
                return True
    return False


def _failed(code: Any) -> Failed:
    said = code_of(code) if isinstance(code, int | str) else ""
    if code == _INVALID:
        return failed_as_unsafe(said)
    if code == _CANCELLED:
        return cancelled(said)
    return failed(said)


def _progress(record: Mapping[str, Any]) -> float | None:
    told = inner(record, "metadata", "progressPercent")
    return min(max(told, 0), 100) / 100 if isinstance(told, int) and not isinstance(told, bool) else None
