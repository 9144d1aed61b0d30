"""Bytes from strangers become an object, or one clear refusal."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from reelgate.contracts.endpoint import InputModel
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import VideoInput
from reelgate.wire._body import LARGEST, MAX_DEPTH, MAX_VALUES, read_body, read_input


class Small(InputModel):
    """A model of this test."""

    ignored: ClassVar[dict[str, str]] = {"mood": "there are no moods here"}

    prompt: str = Field(min_length=1, max_length=10)
    duration: Literal["5", "10"] = "5"
    scale: float = Field(0.5, gt=0, le=1)
    steps: int = Field(4, ge=1, lt=9, multiple_of=2)
    urls: list[str] = Field(default_factory=list, max_length=2)
    mood: str = ""

    def wanted(self) -> VideoInput:
        return VideoInput(prompt=self.prompt, seconds=int(self.duration))


class Inner(BaseModel):
    """An object of this test."""

    name: str
    size: Literal[3, 4] = 3


class Nested(InputModel):
    """A model of this test, with objects inside."""

    ignored: ClassVar[dict[str, str]] = {"mood": "there are no moods here", "part.speed": "it has no speed"}
    refused: ClassVar[dict[str, str]] = {"picture": "It takes no picture", "part.sound": "It is silent", "part": "never asked"}

    part: Inner | None = None
    parts: tuple[Inner, ...] = ()

    def wanted(self) -> VideoInput:
        return VideoInput(extras={"test": self.model_dump(mode="json", exclude_unset=True)})


def faults_of(body: dict[str, Any]) -> dict[tuple[str | int, ...], Fault]:
    with pytest.raises(InvalidInput) as refused:
        read_input(Small, body)
    return {each.path: each for each in refused.value.faults}


def test_an_object_is_read() -> None:
    assert read_body(b'{"prompt": "a fox", "n": [1, {"x": null}]}') == {"prompt": "a fox", "n": [1, {"x": None}]}


@pytest.mark.parametrize("raw", [b"", b"  \n"])
def test_an_empty_body_is_an_empty_object(raw: bytes) -> None:
    assert read_body(raw) == {}


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b'"text"',
        b"5",
        b"null",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e400}',
        b'{"a": 123456789012345678901234567890}',
        b'{"a": -1e30}',
        b'{"a": {"b": [9223372036854775808]}}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}',
        b'{"a": ["x", {"\\u0000": 1}]}',
        b'{"a": "\xff"}',
        b'{"a": 1',
        b'{"a": 1} trailing',
        b'{"a":' * 5000,
        b'{"a":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}",
        b'{"a":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"a": [' + b"1," * (MAX_VALUES + 1) + b"1]}",
        b'{"a": [' + b"[],[]," * (MAX_VALUES // 2) + b"1]}",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_what_is_no_decent_object_is_refused_at_the_body_itself(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_body(raw)
    (fault,) = refused.value.faults
    assert fault.path == ()
    assert fault.kind == "value_error"


def test_what_lies_just_within_the_limits_is_read() -> None:
    nested = b'{"a":' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}"
    many = b'{"a": [' + b"1," * (MAX_VALUES - 2) + b"1]}"
    assert read_body(nested)
    assert len(read_body(many)["a"]) == MAX_VALUES - 1
    assert read_body(b'{"a": %d}' % (LARGEST - 1)) == {"a": LARGEST - 1}


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    assert read_body(b'{"a": "\\\\u0000"}') == {"a": "\\u0000"}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        body = read_body(raw)
    except InvalidInput:
        return
    assert type(body) is dict


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def read_or_refuse(body: dict[str, Any]) -> set[str]:
    """The fields that an input of this body did nothing with, or those at fault."""
    try:
        _, dropped = read_input(Small, body)
    except InvalidInput as error:
        return {str(each.path[0]) for each in error.faults}
    return {each.field for each in dropped}


@given(st.dictionaries(st.sampled_from([*Small.model_fields, "other"]), _JSON))
def test_any_object_is_an_input_or_refused_by_the_names_of_its_fields(body: dict[str, Any]) -> None:
    assert read_or_refuse(body) <= {*Small.model_fields, "other"}


def test_every_fault_is_told_at_once_in_fals_words_with_the_schemas_limits() -> None:
    faults = faults_of({"duration": "7", "scale": 0, "steps": 10, "urls": ["a", "b", "c"]})
    assert {path[0]: (each.kind, each.limits) for path, each in faults.items()} == {
        "prompt": ("missing", {}),
        "duration": ("one_of", {"expected": ["5", "10"]}),
        "scale": ("greater_than", {"gt": 0}),
        "steps": ("less_than", {"lt": 9}),
        "urls": ("sequence_too_long", {"max_length": 2}),
    }
    more = faults_of({"prompt": "far too long a prompt", "scale": 2, "steps": 0})
    assert {path[0]: (each.kind, each.limits) for path, each in more.items()} == {
        "prompt": ("sequence_too_long", {"max_length": 10}),
        "scale": ("less_than_equal", {"le": 1}),
        "steps": ("greater_than_equal", {"ge": 1}),
    }
    assert faults_of({"prompt": "", "steps": 3})[("steps",)].limits == {"multiple_of": 2}


def test_a_fault_inside_a_list_names_its_place() -> None:
    assert faults_of({"prompt": "p", "urls": ["a", 5]})[("urls", 1)].kind == "string_type"


def test_no_fault_repeats_what_was_sent() -> None:
    secret = "sk-swordfish"
    for body in (dict.fromkeys(Small.model_fields, secret * 3), {name: [{secret: secret}] for name in Small.model_fields}):
        told = json.dumps([(each.path, each.message, dict(each.limits)) for each in faults_of(body).values()])
        assert secret not in told


def test_null_and_an_empty_text_of_an_optional_field_are_absent() -> None:
    wanted, dropped = read_input(Small, {"prompt": "p", "duration": "", "scale": None, "mood": ""})
    assert wanted == VideoInput(prompt="p", seconds=5)
    assert dropped == ()
    assert faults_of({"prompt": None})[("prompt",)].kind == "string_type"


def test_what_does_nothing_is_named() -> None:
    _, dropped = read_input(Small, {"prompt": "p", "mood": "blue", "colour": "red", "model_name": "m"}, frozenset({"model_name"}))
    assert {each.field: each.reason for each in dropped} == {
        "mood": "there are no moods here",
        "colour": "this endpoint has no such field",
    }


def test_a_flood_of_unknown_fields_is_told_in_brief() -> None:
    _, dropped = read_input(Small, {"prompt": "p", **{f"{'x' * 500}{number}": 1 for number in range(300)}})
    assert len(dropped) == 51
    assert dropped[-1].reason == "250 more fields that this endpoint does not have"
    assert max(len(each.field) for each in dropped) == 64


def test_what_only_tunes_is_dropped_with_its_reason_whatever_it_is() -> None:
    _, dropped = read_input(Nested, {"mood": ["blue"], "part": {"name": "a", "speed": 5, "odd": 1}})
    assert {each.field: each.reason for each in dropped} == {
        "mood": "there are no moods here",
        "part.speed": "it has no speed",
        "part.odd": "this endpoint has no such field",
    }


@pytest.mark.parametrize("mood", [None, "", [], {}])
def test_what_tunes_nothing_is_not_named(mood: Any) -> None:
    assert read_input(Nested, {"mood": mood})[1] == ()


def test_content_that_a_model_does_not_make_is_refused_beside_all_other_faults() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_input(Nested, {"picture": "https://example.com/a.png", "part": {"size": 5, "sound": "on"}})
    assert {each.path: (each.kind, each.message) for each in refused.value.faults} == {
        ("picture",): ("feature_not_supported", "It takes no picture"),
        ("part", "sound"): ("feature_not_supported", "It is silent"),
        ("part", "name"): ("missing", "Field required"),
        ("part", "size"): ("one_of", "Must be one of: 3, 4"),
    }


@pytest.mark.parametrize("nothing", [None, "", [], {}, False, "off", "OFF", "false", "no"])
def test_content_that_asks_for_nothing_is_neither_refused_nor_named(nothing: Any) -> None:
    assert read_input(Nested, {"picture": nothing, "part": {"name": "a", "sound": nothing}})[1] == ()


def test_what_is_nothing_is_absent_at_any_depth() -> None:
    wanted, _ = read_input(Nested, {"part": {"name": "a", "size": ""}, "parts": [{"name": "b", "size": None}, {"name": "c", "size": 4}]})
    assert wanted.extras["test"] == {"part": {"name": "a"}, "parts": [{"name": "b"}, {"name": "c", "size": 4}]}
    assert read_input(Nested, {"part": {}, "parts": []})[0].extras["test"] == {}


def test_an_unknown_field_inside_a_list_is_named_by_its_place() -> None:
    _, dropped = read_input(Nested, {"parts": [{"name": "a"}, {"name": "b", "odd": 1}]})
    assert [each.field for each in dropped] == ["parts.1.odd"]
