"""Replicate: which of our endpoints are which models there, and what of an input they cannot be told."""

from __future__ import annotations

import json

import pytest

from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import HttpReply, Order
from reelgate.dialects.replicate import Replicate
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Misconfigured
from reelgate.domain.media import Foreign, Shot, VideoInput
from tests.clock import BEGINNING
from tests.conformance.test_catalog import ENDPOINTS

PROVIDER = load_leaves("reelgate.providers", "PROVIDER", Replicate)["replicate"]
PICTURE, OTHER = Foreign("https://f.example/a.png"), Foreign("https://f.example/b.png")
SHOTS = (Shot(prompt="a", seconds=3), Shot(prompt="b", seconds=5))
TURBO = "fal-ai/kling-video/v2.5-turbo/pro"


def named(endpoint_id: str) -> Endpoint:
    """An endpoint by its id."""
    return next(each for each in ENDPOINTS if each.id == endpoint_id)


def test_models_are_offered_under_their_owners_names() -> None:
    offered = {each.id: model for each in ENDPOINTS if (model := PROVIDER.offer(each, {}))}
    assert offered[f"{TURBO}/image-to-video"] == "kwaivgi/kling-v2.5-turbo-pro"
    assert offered["fal-ai/kling-video/v2.1/pro/image-to-video"] == "kwaivgi/kling-v2.1/pro"
    assert offered["fal-ai/veo3.1/fast"] == "google/veo-3.1-fast"
    assert not [each for each in offered if "demo" in each or "avatar" in each]


@pytest.mark.parametrize(
    ("endpoint", "wanted", "lost"),
    [
        (f"{TURBO}/text-to-video", VideoInput(prompt="a", resolution="1080p", aspect_ratio="9:16", negative_prompt="rain"), {}),
        (f"{TURBO}/text-to-video", VideoInput(prompt="a", resolution="1080p", cfg_scale=0.7, seed=1), {"cfg_scale": False, "seed": False}),
        (f"{TURBO}/text-to-video", VideoInput(prompt="a", resolution="720p"), {"resolution": True}),
        (f"{TURBO}/image-to-video", VideoInput(prompt="a", resolution="1080p", first_frame=PICTURE, last_frame=OTHER), {}),
        ("fal-ai/kling-video/v2.1/standard/image-to-video", VideoInput(prompt="a", first_frame=PICTURE), {}),
        ("fal-ai/kling-video/v2.1/pro/image-to-video", VideoInput(prompt="a", resolution="1080p", first_frame=PICTURE), {}),
        ("fal-ai/kling-video/v3/standard/text-to-video", VideoInput(seconds=8, shots=SHOTS), {}),
        ("fal-ai/veo3.1", VideoInput(prompt="a", seconds=8, sound=True, seed=4, first_frame=PICTURE, last_frame=OTHER), {}),
        ("fal-ai/veo3.1", VideoInput(prompt="a", seconds=8, resolution="4k"), {"resolution": True}),
        ("fal-ai/veo3.1", VideoInput(prompt="a", references=(PICTURE,)), {"references": True}),
    ],
)
def test_what_cannot_be_said_is_told(endpoint: str, wanted: VideoInput, lost: dict[str, bool]) -> None:
    assert {each.part: each.content for each in PROVIDER.loses(named(endpoint), wanted, {})} == lost


@pytest.mark.parametrize("model", ["kwaivgi/kling-v2.1/pro", "kwaivgi/kling-v2.1"])
def test_a_mode_goes_into_the_input_and_not_into_the_path(model: str) -> None:
    endpoint = named("fal-ai/kling-video/v2.1/pro/image-to-video")
    wanted = VideoInput(prompt="a", resolution="1080p", first_frame=PICTURE)
    order = Order(endpoint=endpoint, model=model, input=wanted, token="t", now=BEGINNING)
    call = next(PROVIDER.submit(order))
    assert call.path == "/v1/models/kwaivgi/kling-v2.1/predictions"
    assert call.json["input"] == {"prompt": "a", "duration": 5, "mode": "pro", "start_image": PICTURE.url}


@pytest.mark.parametrize("model", ["", "name", "owner/../x", "a/b/c/d", "owner/na me"])
def test_a_name_that_is_none_is_never_asked_for(model: str) -> None:
    order = Order(endpoint=named("fal-ai/veo3"), model=model, input=VideoInput(prompt="a"), token="t", now=BEGINNING)
    with pytest.raises(Misconfigured):
        next(PROVIDER.submit(order))


def test_a_picture_is_nobody_s_proof() -> None:
    endpoint = named(f"{TURBO}/image-to-video")
    wanted = VideoInput(prompt="a", resolution="1080p", first_frame=PICTURE)
    order = Order(endpoint=endpoint, model="kwaivgi/kling-v2.5-turbo-pro", input=wanted, token="t", now=BEGINNING)
    talk = PROVIDER.recent(order, BEGINNING)
    next(talk)
    same = {"prompt": "a", "duration": 5, "start_image": PICTURE.url}
    page = {"results": [{"id": "p1", "model": "kwaivgi/kling-v2.5-turbo-pro", "input": same, "created_at": BEGINNING.isoformat()}]}
    with pytest.raises(StopIteration) as end:
        talk.send(HttpReply(status=200, body=json.dumps(page).encode()))
    (found,) = end.value.value
    assert not found.matches
