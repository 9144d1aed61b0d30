"""OpenAI's videos: forms and what cannot be said in them."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.contracts.provider import HttpReply, Order
from reelgate.dialects.openai_videos import OpenAIVideos
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Unserved
from reelgate.domain.media import Foreign, VideoInput
from tests.clock import BEGINNING
from tests.conformance.test_catalog import ENDPOINTS

ENDPOINT = next(each for each in ENDPOINTS if each.id == "fal-ai/veo3.1/image-to-video")
PROVIDER = load_leaves("reelgate.providers", "PROVIDER", OpenAIVideos)["openai"]
PICTURE = Foreign("data:image/png;base64,iVBORw0KGgo=", "image_url")
WANTED = VideoInput(prompt="a boat", seconds=8, first_frame=PICTURE)


def order(wanted: VideoInput, **options: str) -> Order:
    """For a model that a channel named."""
    return Order(endpoint=ENDPOINT, model="wan", input=wanted, token="t", now=BEGINNING, options=options)


def form(wanted: VideoInput, **options: str) -> dict[str, Any]:
    """The parts of a submit, files as (name, type, bytes)."""
    call = next(PROVIDER.submit(order(wanted, **options)))
    assert call.json is None
    return {
        part.name: (part.file_name, part.content_type, part.content) if part.file_name else part.content.decode() for part in call.parts
    }


def test_a_picture_goes_as_a_file_and_leaves_the_size_to_the_server() -> None:
    file = ("picture.png", "image/png", b"\x89PNG\r\n\x1a\n")
    assert form(WANTED) == {"model": "wan", "prompt": "a boat", "seconds": "8", "input_reference": file}
    assert form(WANTED, picture="image_reference")["image_reference"] == file


def test_a_form_says_yes_and_no_as_words() -> None:
    wanted = VideoInput(prompt="a boat", seconds=8, sound=True, seed=7)
    told = form(wanted, sound="asked", tuning="yes")
    assert told == {"model": "wan", "prompt": "a boat", "seconds": "8", "size": "1280x720", "generate_sound": "true", "seed": "7"}


@pytest.mark.parametrize(
    ("wanted", "options", "lost"),
    [
        (VideoInput(prompt="a", aspect_ratio="9:16", resolution="1080p"), {}, {}),
        (VideoInput(prompt="a", first_frame=PICTURE), {}, {}),
        (VideoInput(prompt="a", first_frame=PICTURE, resolution="1080p"), {}, {"resolution": True}),
        (VideoInput(prompt="a", resolution="4k"), {}, {"resolution": True}),
        (VideoInput(prompt="a", sound=True), {}, {"sound": True}),
        (VideoInput(prompt="a", sound=True), {"sound": "yes"}, {}),
        (VideoInput(prompt="a"), {"sound": "yes"}, {"sound": True}),
        (VideoInput(prompt="a", sound=True), {"sound": "asked"}, {}),
        (VideoInput(prompt="a", seed=4, negative_prompt="rain"), {}, {"seed": False, "negative_prompt": False}),
        (VideoInput(prompt="a", seed=4, negative_prompt="rain"), {"tuning": "yes"}, {}),
        (VideoInput(prompt="a", first_frame=PICTURE, last_frame=PICTURE), {}, {"last_frame": True}),
    ],
)
def test_what_cannot_be_said_is_told(wanted: VideoInput, options: dict[str, str], lost: dict[str, bool]) -> None:
    assert {each.part: each.content for each in PROVIDER.loses(ENDPOINT, wanted, options)} == lost


def test_models_are_only_offered_under_a_name_that_the_operator_says() -> None:
    assert {PROVIDER.offer(each, {}) for each in ENDPOINTS if each.ended is None} == {"", None}
    assert PROVIDER.offer(ENDPOINT, {}) == ""


def test_a_model_that_this_account_may_not_use_says_nothing_of_its_key() -> None:
    talk = PROVIDER.submit(order(WANTED))
    next(talk)
    with pytest.raises(Unserved):
        talk.send(HttpReply(status=403, body=b'{"error": {"code": "model_not_found", "message": "no access"}}'))
