"""Google's operations: what they come to, and what of them may become part of a call."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from reelgate.contracts.provider import Done, Failed, HttpCall, HttpReply, Inline, Pending
from reelgate.dialects._veo_reply import STORAGE, object_call, operation_of, read_verdict, refusal
from reelgate.domain.errors import Garbled, Misconfigured, Rejected, Throttled, Unavailable, Unserved
from reelgate.domain.media import Foreign


def done(video: Any) -> Any:
    """Where the video of a finished operation is."""
    verdict = read_verdict({"done": True, "response": {"videos": [video]}})
    assert isinstance(verdict, Done)
    return verdict.source


def test_a_video_is_fetched_where_it_lies() -> None:
    assert done({"gcsUri": "gs://films/a/b c.mp4".replace(" ", "-")}) == object_call("films", "a/b-c.mp4")
    assert object_call("films", "a/b.mp4") == HttpCall("GET", "/films/a/b.mp4", origin=STORAGE)
    assert done({"bytesBase64Encoded": base64.b64encode(b"film").decode()}) == Inline(b"film")
    assert done({"uri": "https://cdn.example/v.mp4"}) == Foreign("https://cdn.example/v.mp4")
    assert done({"uri": "https://any.example/v1beta/files/ab1:download?alt=media"}) == HttpCall(
        "GET", "/v1beta/files/ab1:download", query={"alt": "media"}
    )


@pytest.mark.parametrize(
    "video",
    [
        {"gcsUri": "https://elsewhere.example/v.mp4"},
        {"gcsUri": "gs://films/../../v.mp4"},
        {"gcsUri": "gs://films/a?b"},
        {"bytesBase64Encoded": "no base64!"},
        {"uri": 7},
        {},
    ],
)
def test_a_place_that_is_none_is_not_called(video: Any) -> None:
    with pytest.raises(Garbled):
        done(video)


@pytest.mark.parametrize("name", [None, 7, "", "operation", "models/../x", "models/a b", "/models/a", "models/a/", "models/a?x=1"])
def test_an_operation_without_a_proper_name_is_none(name: Any) -> None:
    with pytest.raises(Garbled):
        operation_of({"name": name})


def test_what_was_filtered_has_failed_and_what_runs_tells_how_far() -> None:
    filtered = read_verdict({"done": True, "response": {"raiMediaFilteredCount": 1}})
    assert isinstance(filtered, Failed)
    assert filtered.failure.code == "rejected"
    assert read_verdict({"done": False, "metadata": {"progressPercent": 250}}) == Pending(fraction=1.0)
    assert read_verdict({"done": "true"}) == Pending()


@pytest.mark.parametrize(
    ("status", "word", "error"),
    [
        (400, "INVALID_ARGUMENT", Rejected),
        (400, "FAILED_PRECONDITION", Misconfigured),
        (403, "PERMISSION_DENIED", Misconfigured),
        (404, "NOT_FOUND", Unserved),
        (429, "RESOURCE_EXHAUSTED", Throttled),
        (503, "RESOURCE_EXHAUSTED", Throttled),
        (500, "INTERNAL", Unavailable),
    ],
)
def test_a_refusal_is_read_by_its_word(status: int, word: str, error: type[Exception]) -> None:
    found = refusal(HttpReply(status=status, body=b'{"error": {"status": "%b"}}' % word.encode()))
    assert type(found) is error
    assert word in found.said


def test_a_gateway_does_not_send_its_key_to_somebody_s_bucket() -> None:
    told = {"done": True, "response": {"videos": [{"gcsUri": "gs://somebody/a.mp4"}]}}
    with pytest.raises(Garbled):
        read_verdict(told, buckets=False)
    assert isinstance(read_verdict(told), Done)
