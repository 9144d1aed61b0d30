"""Conditions are read as they are written, and apply to what they name."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.condition import WITH_SOUND, Condition, dump_condition, load_condition, read_condition
from reelgate.domain.media import BlobRef, Shot, VideoInput

FRAME = BlobRef("0" * 32)
RICH = VideoInput(
    prompt="a boat",
    seconds=10,
    resolution="4k",
    sound=True,
    cfg_scale=0.5,
    seed=7,
    first_frame=FRAME,
    references=(FRAME, FRAME),
    shots=(Shot(prompt="one", seconds=5),),
    extras={"kling": {"mode": "pro", "voice_list": [{"voice_id": "calm"}], "watermark": {"on": True}, "count": 3}},
)
PLAIN = VideoInput()


@pytest.mark.parametrize(
    ("text", "rich", "plain"),
    [
        ("sound=true", True, False),
        ("sound=false", False, True),
        ("sound!=true", False, True),
        ("resolution=4k", True, False),
        ("resolution != 4k", False, True),
        ("aspect_ratio=auto", True, True),
        ("prompt=a boat", True, False),
        ("prompt=present", False, False),  # a text is compared as a text
        ("seconds>=10", True, False),
        ("seconds<10", False, True),
        ("seconds<=5", False, True),
        ("seconds=10", True, False),
        ("seconds!=10", False, True),
        ("seed=7", True, False),
        ("seed=present", True, False),
        ("seed!=present", False, True),
        ("seed>6", True, False),
        ("cfg_scale>0", True, False),
        ("cfg_scale=absent", False, True),
        ("first_frame=present", True, False),
        ("last_frame=absent", True, True),
        ("first_frame!=present", False, True),
        ("references=2", True, False),
        ("references>1", True, False),
        ("references=absent", False, True),
        ("shots=present", True, False),
        ("voices=present", True, False),
        ("voices=absent", False, True),
        ("extras.kling.mode=pro", True, False),
        ("extras.kling.mode!=pro", False, True),
        ("extras.kling.watermark.on=true", True, False),
        ("extras.kling.count>=3", True, False),
        ("extras.kling.mode.deeper=present", False, False),
        ("extras.kling.cameraControl=absent", True, True),
        ("prompt=A Boat", False, False),
        ("extras.fal=absent", True, True),
    ],
)
def test_a_condition_looks_at_the_field_that_it_names(text: str, rich: bool, plain: bool) -> None:
    condition = read_condition(text)
    assert (condition.holds(RICH), condition.holds(PLAIN)) == (rich, plain)
    assert read_condition(str(condition)) == load_condition(dump_condition(condition)) == condition


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sound", "a condition is a field"),
        ("sound==true=", "sound is compared with true or false"),
        ("", "a condition is a field"),
        ("sound=yes", "sound is compared with true or false, by = or !="),
        ("sound>true", "sound is compared with true or false"),
        ("seconds=ten", "seconds is compared with a whole number"),
        ("seconds>present", "seconds is compared with"),
        ("seconds=1.5", "seconds is compared with"),
        ("colour=red", "there is no field to price by of this name; there are aspect_ratio"),
        ("first_frame=yes", "first_frame is compared with present or absent"),
        ("extras=present", "there is no field to price by"),
        ("__class__=present", "a condition is a field"),
        ("resolution>4k", "resolution is compared with a text, by = or !="),
        ("prompt=\u0007", "prompt is compared with a text"),
    ],
)
def test_what_is_no_condition_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"compared|condition|field") as refused:
        read_condition(text)
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize("text", ["seconds=ten", "references=many", "extras.kling.count>few"])
def test_what_has_an_order_is_refused_without_a_word_about_operators(text: str) -> None:
    with pytest.raises(ValueError, match=r"present or absent$"):
        read_condition(text)


@pytest.mark.parametrize(
    ("extra", "chosen"),
    [
        ({"mode": "pro", "camera": {"zoom": 1}, "sizes": [1, 2]}, False),
        ({"voice_id": "calm"}, True),
        ({"voice_ids": ["calm"]}, True),
        ({"speakers": [{"name": "Ada"}, {"voice_id": "calm"}]}, True),
        ({"voice_id": "", "voice_ids": []}, False),
    ],
)
def test_voices_are_found_wherever_they_are_named(extra: dict[str, Any], chosen: bool) -> None:
    assert read_condition("voices=present").holds(VideoInput(extras={"kling": extra})) is chosen


@pytest.mark.parametrize("name", [each.name for each in fields(VideoInput) if each.name != "extras"])
def test_every_field_of_an_input_can_be_priced_by(name: str) -> None:
    for value in ("present", "true", "5", "a"):
        try:
            condition = read_condition(f"{name}={value}")
        except ValueError:
            continue
        assert condition.holds(RICH) in {True, False}
        return
    pytest.fail(f"no value can be compared with {name}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sound=true", "with sound"),
        ("voices=present", "with chosen voices"),
        ("resolution=4k", "at 4k"),
        ("seconds>=10", "where seconds ≥ 10"),
        ("extras.kling.mode!=pro", "where extras.kling.mode is not pro"),
    ],
)
def test_a_condition_is_told_in_words(text: str, words: str) -> None:
    assert read_condition(text).words == words


def test_sound_has_a_condition_of_its_own() -> None:
    assert str(WITH_SOUND) == "sound=true"


@given(st.text(max_size=40))
def test_no_text_is_read_as_what_it_does_not_say(text: str) -> None:
    try:
        condition = read_condition(text)
    except ValueError:
        return
    assert read_condition(str(condition)) == condition


@given(st.sampled_from(["=", "!=", "<", ">=", "<=", ">"]), st.one_of(st.integers(), st.booleans(), st.text(max_size=5)))
def test_a_value_of_another_kind_than_the_field_never_raises(operator: Any, value: Any) -> None:
    for field in ("sound", "seconds", "first_frame", "references", "resolution", "extras.kling.count", "cfg_scale", "voices"):
        assert Condition(field, operator, value).holds(RICH) in {True, False}
