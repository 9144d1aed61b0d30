"""Our dialects of OpenAI and Replicate against mocks that are made of what the vendors' own generated clients say of their APIs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast, get_args

import pytest
from pydantic import ValidationError

from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import Done, Failed, HttpCall, Listed, Order, Pending, Provider, Talk, Ticket, Verdict
from reelgate.domain.errors import Garbled, Misconfigured, Rejected, Unserved
from reelgate.domain.media import Foreign, VideoInput
from tests.clock import BEGINNING

# Both are in the lock file of the tests; who has installed without it is told in the last line what did not run.
pytest.importorskip("openai", reason="OpenAI's client is not installed")
pytest.importorskip("replicate.pagination", reason="Replicate's generated client is not installed")

from openai.types import Video
from replicate.types import Prediction

from tests.vendor_line import PROVIDERS, Line, line, offered
from tests.vendor_mock import KEY, open_mock
from tests.vendor_mock_openai import CLIP, OpenAIMock
from tests.vendor_mock_replicate import ReplicateMock
from tests.vendor_words import Undescribed, closed_model, described

PICTURE = Foreign("data:image/png;base64,iVBORw0KGgo=", "image_url")  # OpenAI takes pictures in the call
FILE = ("picture.png", b"\x89PNG\r\n\x1a\n", "image/png")
FIRST, LAST = Foreign("https://f.example/a.png", "image_url"), Foreign("https://f.example/b.png", "tail_image_url")
OUTPUT = "https://replicate.delivery/out.mp4"
HOOK = "https://us.example/v1/upstream/t"


@pytest.fixture(scope="module")
def sora() -> Iterator[OpenAIMock]:
    """OpenAI, that has learned from its client."""
    mock = OpenAIMock()
    with open_mock(mock):
        mock.begin()
        yield mock


@pytest.fixture(scope="module")
def cog() -> Iterator[ReplicateMock]:
    """Replicate, that has learned from its client."""
    mock = ReplicateMock()
    with open_mock(mock):
        mock.begin()
        yield mock


@pytest.fixture
async def openai(sora: OpenAIMock) -> AsyncGenerator[Line]:
    """A channel at OpenAI. Nothing of a story may have been strange to the mock unless its test says so."""
    sora.forget()
    async with line(sora, PROVIDERS["openai"], "/v1") as opened:
        yield opened
    assert sora.strange == []


@pytest.fixture
async def replicate(cog: ReplicateMock) -> AsyncGenerator[Line]:
    """The same at Replicate."""
    cog.forget()
    async with line(cog, PROVIDERS["replicate"], "") as opened:
        yield opened
    assert cog.strange == []


# -- the mocks -----------------------------------------------------------------------------------------------------------


def test_openai_s_own_client_understands_the_mock(sora: OpenAIMock) -> None:
    heard = sora.client_heard
    assert [(each.status, each.size) for each in heard["submit"]] == [("queued", "1280x720"), ("queued", "720x1280")]
    assert (heard["poll"].status, heard["content"], heard["cancel"].deleted) == ("completed", CLIP, True)
    assert len(heard["recent"]) == 3
    assert [each.id for each in heard["check"]] == ["sora-2"]


def test_replicate_s_own_client_understands_the_mock(cog: ReplicateMock) -> None:
    heard = cog.client_heard
    assert (heard["submit"].status, heard["poll"].created_at, heard["cancel"].status) == ("starting", BEGINNING, "canceled")
    assert len(heard["recent"]) == 5, "two pages"
    assert heard["signers"].key.startswith("whsec_")
    assert heard["check"].type == "organization"


# -- OpenAI --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", offered("openai"), ids=lambda each: each.id)
async def test_each_endpoint_lives_at_openai_as_its_client_describes(endpoint: Endpoint, openai: Line, sora: OpenAIMock) -> None:
    sizes = {"16:9": "1280x720" if endpoint.kind == "text-to-video" else None, "9:16": "720x1280"}  # a picture decides by itself
    for shape, size in sizes.items():
        wanted = VideoInput(prompt=f"a boat {shape}", seconds=8, aspect_ratio=shape)
        pictured = replace(wanted, first_frame=PICTURE, aspect_ratio="auto" if shape == "16:9" else shape)
        order = openai.order(wanted if endpoint.kind == "text-to-video" else pictured, endpoint)
        ticket = await openai.submit(order)
        assert sora.orders[ticket["id"]].get("input_reference") == (None if endpoint.kind == "text-to-video" else FILE)
        assert sora.orders[ticket["id"]].get("size") == size
        assert await openai.poll(ticket) == Pending(queued=True)
        sora.become(ticket["id"], status="in_progress", progress=40)
        assert await openai.poll(ticket) == Pending(fraction=0.4)
        sora.become(ticket["id"], status="completed", progress=100)
        done = await openai.poll(ticket)
        assert isinstance(done, Done)
        assert isinstance(done.source, HttpCall)
        assert await openai.fetch(done.source) == CLIP
        told = next(each for each in await openai.recent(order) if each.ticket == ticket)
        assert told == Listed(ticket=ticket, created_at=BEGINNING, matches=endpoint.kind == "text-to-video")
        assert await openai.cancel(ticket) is True
    assert openai.bought == ["t", "t"]
    assert len(sora.jobs) == 2


OPENAI: dict[str, tuple[dict[str, Any], Verdict | str]] = {
    "queued": ({}, Pending(queued=True)),
    "in_progress": ({"progress": 73}, Pending(fraction=0.73)),
    "completed": ({"progress": 100}, "done"),
    "failed": ({"error": {"code": "moderation_blocked", "message": "no"}}, "rejected"),
}


@pytest.mark.parametrize("status", get_args(Video.model_fields["status"].annotation))
async def test_each_status_that_openai_has_is_understood(status: str, openai: Line, sora: OpenAIMock) -> None:
    told, expected = OPENAI[status]  # a status that is new there has to be put here
    ticket = await openai.submit(openai.order(VideoInput(prompt="a boat", seconds=8)))
    sora.become(ticket["id"], status=status, **told)
    assert _said(await openai.poll(ticket)) == expected


async def test_a_video_that_openai_failed_to_make_is_no_fault_of_the_caller_s(openai: Line, sora: OpenAIMock) -> None:
    ticket = await openai.submit(openai.order(VideoInput(prompt="a boat", seconds=8)))
    sora.become(ticket["id"], status="failed", error={"code": "server_error", "message": "no"})
    assert _said(await openai.poll(ticket)) == "upstream_failed"


async def test_openai_s_list_tells_ours_from_others_and_from_older_ones(openai: Line) -> None:
    orders = [openai.order(VideoInput(prompt=each, seconds=8)) for each in ("a boat", "a cat")]
    boat, cat = [await openai.submit(each) for each in orders]
    assert {each.ticket["id"]: each.matches for each in await openai.recent(orders[0])} == {boat["id"]: True, cat["id"]: False}
    assert await openai.recent(orders[0], BEGINNING + timedelta(seconds=1)) == []


async def test_a_video_that_openai_does_not_know_is_asked_for_again(openai: Line, sora: OpenAIMock) -> None:
    with pytest.raises(Garbled):
        await openai.poll({"id": "video_9"})
    assert await openai.cancel({"id": "video_9"}) is False
    assert sora.strange == ["no video video_9"] * 2
    sora.strange.clear()


async def test_openai_is_asked_as_its_own_client_asks_it(openai: Line, sora: OpenAIMock) -> None:
    order = openai.order(VideoInput(prompt="a boat", seconds=8))
    ticket = await openai.submit(order)
    sora.become(ticket["id"], status="completed")
    done = await openai.poll(ticket)
    assert isinstance(done, Done)
    await openai.fetch(cast("HttpCall", done.source))
    await openai.recent(order)
    await openai.cancel(ticket)
    await openai.check()
    assert set(sora.asked) == set(sora.routes)
    assert len(sora.asked) == 6


@pytest.mark.parametrize(
    ("wanted", "options", "found"),
    [
        (VideoInput(prompt="a boat", seconds=5), {}, "submit: seconds: literal_error"),
        (VideoInput(prompt="a boat", seconds=8, resolution="1080p"), {}, "submit: size: literal_error"),
        (VideoInput(prompt="a boat", seconds=8, aspect_ratio="1:1"), {}, "submit: size: literal_error"),
        (VideoInput(prompt="a boat", seconds=8, seed=4), {"tuning": "yes"}, "submit: seed: extra_forbidden"),
        (VideoInput(prompt="a boat", seconds=8, negative_prompt="rain"), {"tuning": "yes"}, "submit: negative_prompt: extra_forbidden"),
        (VideoInput(prompt="a boat", seconds=8), {"sound": "asked"}, "submit: generate_sound: extra_forbidden"),
        (
            VideoInput(prompt="a boat", seconds=8, first_frame=PICTURE),
            {"picture": "image_reference"},
            "submit: image_reference: extra_forbidden",
        ),
        (VideoInput(prompt="a boat", seconds=8), {"body": "json"}, "POST /v1/videos: application/json instead of multipart/form-data"),
    ],
)
async def test_what_openai_does_not_describe_is_found_out_and_buys_nothing(
    wanted: VideoInput, options: dict[str, str], found: str, sora: OpenAIMock
) -> None:
    """What goes by options is meant for GPU servers; measures are what a caller asks for, and the vendor's to refuse."""
    sora.forget()
    async with line(sora, PROVIDERS["openai"], "/v1", **options) as opened:
        with pytest.raises(Rejected):
            await opened.submit(opened.order(wanted))
    assert sora.strange == [found]
    assert sora.jobs == {}


# -- Replicate -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoint", offered("replicate"), ids=lambda each: each.id)
async def test_each_endpoint_lives_at_replicate_as_its_client_describes(endpoint: Endpoint, replicate: Line, cog: ReplicateMock) -> None:
    wanted = VideoInput(prompt="a boat", seconds=8, aspect_ratio="16:9")
    wanted = replace(wanted, first_frame=FIRST) if endpoint.kind != "text-to-video" else wanted
    wanted = replace(wanted, last_frame=LAST) if endpoint.kind == "first-last-frame-to-video" else wanted
    for output in (OUTPUT, [OUTPUT]):
        order = replicate.order(wanted, endpoint, callback=HOOK)
        ticket = await replicate.submit(order)
        asked = cog.orders[ticket["id"]]
        assert cog.jobs[ticket["id"]]["model"] == "/".join(order.model.split("/")[:2])
        assert (asked["webhook"], asked["webhook_events_filter"]) == (HOOK, ["completed"])
        assert asked["input"]["prompt"] == "a boat"
        assert [each for each in (FIRST, LAST) if each.url in asked["input"].values()] == list(wanted.media())
        assert await replicate.poll(ticket) == Pending(queued=True)
        told = next(each for each in await replicate.recent(order) if each.ticket == ticket)
        assert told == Listed(ticket=ticket, created_at=BEGINNING, matches=endpoint.kind == "text-to-video")
        cog.become(ticket["id"], status="processing")
        assert await replicate.poll(ticket) == Pending()
        cog.become(ticket["id"], status="succeeded", output=output)
        assert await replicate.poll(ticket) == Done(source=Foreign(OUTPUT))
        assert await replicate.cancel(ticket) is False
        other = await replicate.submit(order)
        assert await replicate.cancel(other) is True
        assert _said(await replicate.poll(other)) == "cancelled"
    assert replicate.bought == ["t"] * 4
    assert len(cog.jobs) == 4


REPLICATE: dict[str, tuple[dict[str, Any], Verdict | str]] = {
    "starting": ({}, Pending(queued=True)),
    "processing": ({"logs": "10%"}, Pending()),
    "succeeded": ({"output": OUTPUT}, "done"),
    "failed": ({"error": "The input or output was flagged as sensitive (E005)"}, "rejected"),
    "canceled": ({}, "cancelled"),
}


@pytest.mark.parametrize("status", get_args(Prediction.model_fields["status"].annotation))
async def test_each_status_that_replicate_has_is_understood(status: str, replicate: Line, cog: ReplicateMock) -> None:
    told, expected = REPLICATE[status]  # a status that is new there has to be put here
    ticket = await replicate.submit(replicate.order(VideoInput(prompt="a boat")))
    cog.become(ticket["id"], status=status, **told)
    assert _said(await replicate.poll(ticket)) == expected


async def test_a_prediction_that_failed_is_no_fault_of_the_caller_s(replicate: Line, cog: ReplicateMock) -> None:
    ticket = await replicate.submit(replicate.order(VideoInput(prompt="a boat")))
    cog.become(ticket["id"], status="failed", error="CUDA out of memory")
    assert _said(await replicate.poll(ticket)) == "upstream_failed"


async def test_an_output_that_replicate_has_removed_is_not_taken_for_a_video(replicate: Line, cog: ReplicateMock) -> None:
    ticket = await replicate.submit(replicate.order(VideoInput(prompt="a boat")))
    cog.become(ticket["id"], status="succeeded", data_removed=True)
    with pytest.raises(Garbled) as caught:
        await replicate.poll(ticket)
    assert caught.value.said == "its output was removed"


async def test_replicate_s_list_is_followed_to_its_next_page(replicate: Line, cog: ReplicateMock) -> None:
    order = replicate.order(VideoInput(prompt="a boat"))
    mine = await replicate.submit(order)
    others = [await replicate.submit(replicate.order(VideoInput(prompt="a cat"))) for _ in range(3)]
    found = {each.ticket["id"]: each.matches for each in await replicate.recent(order)}
    assert found == {mine["id"]: True} | {each["id"]: False for each in others}
    assert len(cog.promised) == 1
    assert await replicate.recent(order, BEGINNING + timedelta(seconds=1)) == []


async def test_a_callback_is_read_and_verified_by_the_secret_that_replicate_tells(replicate: Line, cog: ReplicateMock) -> None:
    ticket = await replicate.submit(replicate.order(VideoInput(prompt="a boat"), callback=HOOK))
    cog.become(ticket["id"], status="succeeded", output=OUTPUT)
    now = int(BEGINNING.timestamp())
    headers, body = cog.callback(ticket["id"], now)
    assert replicate.provider.heard(body) == ticket
    assert await replicate.talks.vouch(replicate.offer, headers, body) is True
    assert await replicate.talks.vouch(replicate.offer, headers, body + b" ") is False
    forged, _ = cog.callback(ticket["id"], now, b"not the vendor's key")
    assert await replicate.talks.vouch(replicate.offer, forged, body) is False
    stale, _ = cog.callback(ticket["id"], now - 3600)
    assert await replicate.talks.vouch(replicate.offer, stale, body) is False


async def test_replicate_is_asked_as_its_own_client_asks_it(replicate: Line, cog: ReplicateMock) -> None:
    order = replicate.order(VideoInput(prompt="a boat"), callback=HOOK)
    ticket = await replicate.submit(order)
    await replicate.poll(ticket)
    await replicate.recent(order)
    await replicate.cancel(ticket)
    await replicate.check()
    assert await replicate.talks.hold(replicate.offer, replicate.provider.signers({"api_key": KEY}, {})) is not None
    assert set(cog.asked) == set(cog.routes)
    assert len(cog.asked) == 6


# -- what does not fit is found out --------------------------------------------------------------------------------------


class Spoilt:
    """A provider that asks for one thing otherwise than its dialect does."""

    def __init__(self, inner: Provider, **changes: Any) -> None:
        self._inner, self._changes = inner, changes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def submit(self, order: Order) -> Talk[Ticket]:
        """What the dialect would say, with changes."""
        talk = self._inner.submit(order)
        call = next(talk)
        body = {name: value for name, value in {**call.json, **self._changes.get("json", {})}.items() if value is not None}
        reply = yield replace(call, **(self._changes | {"json": body}))
        try:
            talk.send(reply)
        except StopIteration as end:
            return end.value
        raise AssertionError("a submit makes one call")


@pytest.mark.parametrize(
    ("changes", "found", "error"),
    [
        ({"json": {"priority": 1}}, "submit: priority: extra_forbidden", Rejected),
        ({"json": {"prefer": "wait"}}, "submit: prefer: extra_forbidden", Rejected),
        ({"json": {"input": None}}, "submit: input: missing", Rejected),
        ({"json": {"webhook": 7}}, "submit: webhook: string_type", Rejected),
        ({"json": {"webhook_events_filter": ["ended"]}}, "submit: webhook_events_filter: literal_error", Rejected),
        ({"query": {"wait": "1"}}, "submit: a query where none belongs: wait", Rejected),
        (
            {"path": "/v1/models/acme/predictions"},
            "POST /v1/models/acme/predictions: the vendor's client does not ask for this",
            Unserved,
        ),
        (
            {"keyless": True},
            "POST /v1/models/kwaivgi/kling-v2.5-turbo-pro/predictions: not the credential of the vendor's client",
            Misconfigured,
        ),
    ],
)
async def test_a_dialect_that_says_what_replicate_does_not_describe_is_found_out(
    changes: dict[str, Any], found: str, error: type[Exception], cog: ReplicateMock
) -> None:
    cog.forget()
    async with line(cog, cast("Provider", Spoilt(PROVIDERS["replicate"], **changes)), "") as opened:
        with pytest.raises(error):
            await opened.submit(opened.order(VideoInput(prompt="a boat")))
    assert cog.strange == [found]
    assert cog.jobs == {}


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"progress": "half"}, ValidationError),
        ({"progress": None}, ValidationError),
        ({"status": "cancelled"}, ValidationError),
        ({"created_at": 1.5}, ValidationError),
        ({"url": "https://f.example/v.mp4"}, Undescribed),
        ({"error": {"code": "a", "message": "b", "reason": "c"}}, Undescribed),
    ],
)
def test_an_answer_that_openai_does_not_describe_cannot_be_given(told: dict[str, Any], error: type[Exception]) -> None:
    video = {"id": "v", "object": "video", "created_at": 1, "model": "sora-2", "seconds": "8", "size": "720x1280"}
    video |= {"status": "queued", "progress": 0}
    assert described(Video, video).status == 200
    with pytest.raises(error):
        described(Video, video | told)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"status": "aborted"}, ValidationError),  # which our dialect knows from the vendor's other client
        ({"input": "a boat"}, ValidationError),
        ({"created_at": "yesterday"}, ValidationError),
        ({"urls": {"get": "g", "cancel": "c"}}, ValidationError),
        ({"source": "api"}, Undescribed),
        ({"urls": {"get": "g", "cancel": "c", "web": "w", "file": "f"}}, Undescribed),
    ],
)
def test_an_answer_that_replicate_does_not_describe_cannot_be_given(told: dict[str, Any], error: type[Exception]) -> None:
    prediction: dict[str, Any] = {
        "id": "p",
        "created_at": "2026-01-01T12:00:00Z",
        "data_removed": False,
        "input": {},
        "model": "a/b",
        "output": None,
    }
    prediction |= {
        "status": "starting",
        "urls": {"get": "g", "cancel": "c", "web": "w"},
        "version": "hidden",
        "metrics": {"predict_time": 1.0},
    }
    assert described(Prediction, prediction).status == 200
    with pytest.raises(error):
        described(Prediction, prediction | told)


def test_what_a_client_s_type_asks_for_is_asked_for() -> None:
    """Its names are strings until they are read, and a mock that read them wrongly would ask for nothing."""
    from openai.types import VideoCreateParams

    fields = closed_model(VideoCreateParams).model_fields
    assert {name for name, each in fields.items() if each.is_required()} == {"prompt"}
    assert set(fields) == {"prompt", "input_reference", "model", "seconds", "size"}


def _said(verdict: Verdict) -> Verdict | str:
    if isinstance(verdict, Failed):
        return verdict.failure.code
    return "done" if isinstance(verdict, Done) else verdict
