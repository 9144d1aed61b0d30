"""The catalog: found by id, found by name, no two alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

import pytest
from pydantic import Field

from reelgate.contracts.endpoint import Catalog, Endpoint, InputModel, OutputModel
from reelgate.domain.media import Dropped, VideoInput
from reelgate.domain.pricing import Source


class Boat(InputModel):
    ignored: ClassVar[Mapping[str, str]] = {"anchor": "boats of this kind have none"}
    prompt: str = Field(description="What.")
    anchor: int = 0

    def wanted(self) -> VideoInput:
        return VideoInput(prompt=self.prompt)


def endpoint(name: str, kling: str = "") -> Endpoint:
    return Endpoint(
        id=name,
        title="",
        description="",
        kind="text-to-video",
        inputs={"fal": Boat},
        outputs={"fal": OutputModel},
        source=Source(text="a test", as_of=date(2026, 1, 1)),
        names={"kling": (("text2video", kling, "std"),)} if kling else {},
    )


def test_an_endpoint_is_found_by_exactly_its_id_and_by_its_names() -> None:
    catalog = Catalog([endpoint("a/b/c", "kling-x")])
    assert catalog.find("a/b/c") is catalog.named("kling", "text2video", "kling-x", "std")
    for other in ("a/b", "a/b/c/", "A/b/c", "a/b/../b/c"):
        assert catalog.find(other) is None
    assert catalog.named("openai", "text2video", "kling-x", "std") is None
    assert (len(catalog), [each.id for each in catalog]) == (1, ["a/b/c"])


def test_two_of_one_id_or_one_name_stop_the_start() -> None:
    with pytest.raises(ValueError, match="id a/b"):
        Catalog([endpoint("a/b"), endpoint("a/b")])
    with pytest.raises(ValueError, match="name text2video/kling-x/std"):
        Catalog([endpoint("a/b", "kling-x"), endpoint("a/c", "kling-x")])


def test_the_first_model_is_the_public_one_and_the_short_path_has_two_parts() -> None:
    assert endpoint("fal-ai/veo3/image-to-video").public is Boat
    assert endpoint("fal-ai/veo3/image-to-video").app == "fal-ai/veo3"


def test_a_known_field_that_does_nothing_is_told_when_it_was_set() -> None:
    assert Boat(prompt="x", anchor=3).dropped() == (Dropped(field="anchor", reason="boats of this kind have none"),)
    assert Boat(prompt="x").dropped() == ()


def test_a_model_must_say_what_it_wants() -> None:
    with pytest.raises(TypeError):
        InputModel().wanted()
