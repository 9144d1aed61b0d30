"""Words inside objects, and media that fill a part of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import BaseModel

from reelgate.catalog._fields import FirstFrame, Prompt
from reelgate.catalog._words import Means, Medium, Part, Words
from reelgate.domain.media import Foreign, VideoInput


def _by_role(beside: Mapping[str, Any]) -> str:
    return {"opening": "first_frame"}.get(beside.get("role", ""), "")


class Picture(BaseModel):
    """A part of an extra."""

    image: Annotated[str, Medium(_by_role)]
    role: str = ""
    masks: list[Annotated[str, Medium()] | None] = []


class Deep(Part):
    """A part inside a part."""

    speed: Annotated[int, Means("seconds")] = 5
    mood: str = "calm"


class Settings(Part):
    """A part of this test."""

    shape: Annotated[str, Means("aspect_ratio")] = "16:9"
    grain: int = 0
    loud: bool = False
    deep: Deep = Deep()


class Framed(Part):
    """A part that may be absent."""

    url: FirstFrame
    name: str = ""


class Everything(Words):
    """A model of this test."""

    wire: ClassVar[str] = "test"
    ignored: ClassVar[dict[str, str]] = {"settings.loud": "it is quiet"}

    prompt: Prompt = "p"
    settings: Settings = Settings()
    frame: Framed | None = None
    pictures: tuple[Picture, ...] = ()
    moving: bool = False
    still: bool = False

    def idle(self) -> Mapping[str, str]:
        return {**self.ignored, "moving": "it stands still", "settings.grain": "nor has it grain"} if self.still else self.ignored


def wanted(**body: Any) -> VideoInput:
    return Everything.model_validate(body).wanted()


BODIES: list[dict[str, Any]] = [
    {},
    {"settings": {"shape": "1:1"}},
    {"settings": {"grain": 3, "deep": {"speed": 9}}},
    {"settings": {"deep": {"mood": "wild"}}},
    {"frame": {"url": "https://a"}},
    {"frame": {"url": "https://a", "name": "start"}},
    {"pictures": [{"image": "https://a", "role": "opening"}, {"image": "https://b", "masks": ["https://c", None]}]},
    {"moving": True, "still": True, "settings": {"grain": 3}},
]


@pytest.mark.parametrize("body", BODIES)
def test_what_is_said_inside_objects_can_be_said_again(body: dict[str, Any]) -> None:
    said = wanted(**body)
    assert wanted(**Everything.spoken(said)) == said


def test_a_word_inside_an_object_means_as_much_as_one_outside() -> None:
    said = wanted(settings={"shape": "1:1", "deep": {"speed": 9}}, frame={"url": "https://a"})
    assert (said.aspect_ratio, said.seconds) == ("1:1", 9)
    assert said.first_frame == Foreign("https://a", "frame.url")
    assert said.extras == {}


def test_an_extra_inside_an_object_keeps_its_place() -> None:
    said = wanted(settings={"grain": 3, "deep": {"mood": "wild"}}, frame={"url": "https://a", "name": "start"})
    assert said.extras == {"test": {"settings": {"grain": 3, "deep": {"mood": "wild"}}, "frame": {"name": "start"}}}


def test_a_medium_fills_the_part_that_stands_beside_it_or_is_a_reference() -> None:
    said = wanted(pictures=[{"image": "https://a", "role": "opening"}, {"image": "https://b", "masks": ["https://c"]}])
    assert said.first_frame == Foreign("https://a", "pictures.0.image")
    assert said.references == (Foreign("https://b", "pictures.1.image"), Foreign("https://c", "pictures.1.masks.0"))
    assert said.extras == {
        "test": {"pictures": [{"image": "first_frame", "role": "opening"}, {"image": 0, "masks": [1]}]},
    }


def test_what_does_nothing_in_this_input_is_no_extra_but_named() -> None:
    body = {"still": True, "moving": True, "settings": {"grain": 3, "loud": True}}
    said = Everything.model_validate(body)
    assert said.wanted().extras == {"test": {"still": True}}
    assert [each.field for each in said.dropped()] == ["settings.loud", "moving", "settings.grain"]
    assert wanted(moving=True).extras == {"test": {"moving": True}}
