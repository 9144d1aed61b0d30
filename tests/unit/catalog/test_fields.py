"""Words translate both ways by themselves."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import pytest
from pydantic import BaseModel, Field, ValidationError

from reelgate.catalog._fields import (
    FirstFrame,
    FiveOrTen,
    MaybeLastFrame,
    PictureUrl,
    Prompt,
    References,
    Seed,
    ShapeOfPicture,
    bare_seconds_as_text,
    number_as_text,
    seconds_as_text,
)
from reelgate.catalog._words import Words
from reelgate.domain.media import BlobRef, Foreign, VideoInput


class Mask(BaseModel):
    """A part of an extra."""

    mask_url: PictureUrl
    weight: int = 1


class Everything(Words):
    """A model of this test."""

    always: ClassVar[dict[str, Any]] = {"resolution": "1080p"}
    ignored: ClassVar[dict[str, str]] = {"mood": "there are no moods here"}

    prompt: Prompt
    start_image_url: FirstFrame
    end_image_url: MaybeLastFrame = None
    duration: FiveOrTen = "5"
    aspect_ratio: ShapeOfPicture = None
    seed: Seed = None
    camera: str = "still"
    masks: tuple[Mask, ...] = ()
    side_image_urls: tuple[PictureUrl, ...] = ()
    mood: str = ""


PLAIN = {"prompt": "a fox", "start_image_url": "https://example.com/fox.png"}


@pytest.mark.parametrize(
    ("read", "value", "text"),
    [
        (number_as_text, 5, "5"),
        (number_as_text, 5.0, "5"),
        (number_as_text, 5.5, 5.5),
        (number_as_text, True, True),
        (number_as_text, "5", "5"),
        (seconds_as_text, 8, "8s"),
        (seconds_as_text, "8", "8s"),
        (seconds_as_text, "8s", "8s"),
        (seconds_as_text, "soon", "soon"),
        (bare_seconds_as_text, 5, "5"),
        (bare_seconds_as_text, "5s", "5"),
        (bare_seconds_as_text, "s", "s"),
        (bare_seconds_as_text, None, None),
    ],
)
def test_lengths_are_read_leniently(read: Any, value: Any, text: Any) -> None:
    assert read(value) == text


def test_words_say_what_is_wanted() -> None:
    said = Everything.model_validate({**PLAIN, "duration": 10, "seed": "7", "end_image_url": "data:image/png;base64,AAAA"})
    assert said.wanted() == VideoInput(
        prompt="a fox",
        first_frame=Foreign("https://example.com/fox.png", "start_image_url"),
        last_frame=Foreign("data:image/png;base64,AAAA", "end_image_url"),
        seconds=10,
        resolution="1080p",
        seed=7,
    )


def test_a_field_without_a_meaning_is_an_extra_if_it_says_something() -> None:
    assert Everything.model_validate({**PLAIN, "camera": "still"}).wanted().extras == {}
    assert Everything.model_validate({**PLAIN, "camera": "left"}).wanted().extras == {"fal": {"camera": "left"}}


def test_a_field_that_does_nothing_is_no_extra_but_named() -> None:
    said = Everything.model_validate({**PLAIN, "mood": "blue"})
    assert said.wanted().extras == {}
    assert [each.field for each in said.dropped()] == ["mood"]


def test_addresses_inside_extras_are_media_like_all_others() -> None:
    body = {
        **PLAIN,
        "masks": [{"mask_url": "https://example.com/1.png"}, {"mask_url": "https://example.com/2.png", "weight": 3}],
        "side_image_urls": ["https://example.com/3.png"],
    }
    wanted = Everything.model_validate(body).wanted()
    assert wanted.references == (
        Foreign("https://example.com/1.png", "masks.0.mask_url"),
        Foreign("https://example.com/2.png", "masks.1.mask_url"),
        Foreign("https://example.com/3.png", "side_image_urls.0"),
    )
    assert wanted.extras == {"fal": {"masks": [{"mask_url": 0}, {"mask_url": 1, "weight": 3}], "side_image_urls": [2]}}
    assert Everything.model_validate(Everything.spoken(wanted)).wanted() == wanted


def test_what_another_wire_said_is_not_spoken() -> None:
    wanted = VideoInput(prompt="p", first_frame=Foreign("https://e"), extras={"kling": {"camera": "left"}, "fal": {"unheard": 1}})
    assert Everything.spoken(wanted) == {"prompt": "p", "start_image_url": "https://e", "duration": "5"}


def test_bytes_that_we_keep_have_no_address_to_write() -> None:
    with pytest.raises(TypeError):
        Everything.spoken(VideoInput(prompt="p", first_frame=BlobRef("b")))


@pytest.mark.parametrize("url", ["fox.png", "/etc/passwd", "file:///etc/passwd", "ftp://example.com/a", "", "javascript:1"])
def test_what_can_be_no_address_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValidationError):
        Everything.model_validate({**PLAIN, "start_image_url": url})


@pytest.mark.parametrize("url", ["http://e/a", "HTTPS://E/a", "data:image/png;base64,AAAA"])
def test_addresses_and_data_are_taken_as_they_are(url: str) -> None:
    assert Everything.model_validate({**PLAIN, "start_image_url": url}).wanted().first_frame == Foreign(url, "start_image_url")


def test_a_field_that_may_be_absent_has_no_null_in_its_schema() -> None:
    parts = Everything.model_json_schema()["properties"]
    assert parts["seed"]["type"] == "integer"
    assert parts["end_image_url"]["format"] == "uri"
    assert "default" not in parts["seed"]
    assert "anyOf" not in str(parts)


def test_references_are_a_list_of_pictures() -> None:
    class Cast(Words):
        image_urls: Annotated[References, Field(title="Cast")]

    wanted = Cast.model_validate({"image_urls": ["https://a", "https://b"]}).wanted()
    assert wanted.references == (Foreign("https://a", "image_urls"), Foreign("https://b", "image_urls"))
    assert Cast.spoken(wanted) == {"image_urls": ["https://a", "https://b"]}
