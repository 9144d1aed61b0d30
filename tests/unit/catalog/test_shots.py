"""Either a prompt or shots; and the shots make the length."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.catalog.kling_v3 import Kling3Text720
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import Shot
from reelgate.wire.fal import read_input

SHOTS = [{"prompt": "one", "duration": 2}, {"prompt": "two", "duration": "3"}, {"prompt": "three"}]


def fault_of(body: dict[str, Any]) -> tuple[tuple[str | int, ...], str]:
    with pytest.raises(InvalidInput) as refused:
        read_input(Kling3Text720, body)
    (fault,) = refused.value.faults
    return fault.path, fault.kind


def test_the_video_is_as_long_as_its_shots() -> None:
    wanted, _ = read_input(Kling3Text720, {"multi_prompt": SHOTS, "duration": "15"})
    assert wanted.shots == (Shot(prompt="one", seconds=2), Shot(prompt="two", seconds=3), Shot(prompt="three", seconds=5))
    assert (wanted.seconds, wanted.prompt) == (10, "")
    assert "duration" not in Kling3Text720.spoken(wanted)


def test_without_shots_the_duration_counts() -> None:
    assert read_input(Kling3Text720, {"prompt": "p", "duration": "7"})[0].seconds == 7


def test_one_of_the_two_must_be_there_and_only_one() -> None:
    assert fault_of({}) == (("prompt",), "missing")
    assert fault_of({"prompt": "p", "multi_prompt": SHOTS}) == (("multi_prompt",), "value_error")


def test_a_fault_of_the_shots_does_not_hide_another() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_input(Kling3Text720, {"duration": "99", "aspect_ratio": "4:3"})
    assert {each.path for each in refused.value.faults} == {("prompt",), ("duration",), ("aspect_ratio",)}


def test_the_shots_may_not_last_longer_than_a_video() -> None:
    assert fault_of({"multi_prompt": [{"prompt": "p", "duration": "8"}] * 2}) == (("multi_prompt",), "value_error")
    assert fault_of({"multi_prompt": [{"prompt": "p", "duration": "1"}] * 7}) == (("multi_prompt",), "sequence_too_long")


def test_a_shot_without_words_is_named_by_its_place() -> None:
    assert fault_of({"multi_prompt": [{"prompt": "p"}, {"duration": "5"}]}) == (("multi_prompt", 1, "prompt"), "missing")
