"""What both generations of Kling's requests share."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.domain.errors import InvalidInput
from reelgate.wire._kling_body import object_in, one_of, short_text, text, unquoted, wants_watermark


def test_a_text_is_itself_and_nothing_is_empty() -> None:
    assert text({"mode": "std"}, ("mode",)) == "std"
    assert text({}, ("mode",)) == ""
    assert short_text({"id": ""}, ("options", "id"), 5) is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [(5, "string_type"), ([], "string_type"), ("x" * 6, "sequence_too_long")],
)
def test_what_is_no_short_text_is_refused_at_its_place(value: Any, kind: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        short_text({"id": value}, ("options", "id"), 5)
    (fault,) = refused.value.faults
    assert (fault.path, fault.kind) == (("options", "id"), kind)


def test_a_choice_names_what_there_is_and_not_what_was_sent() -> None:
    with pytest.raises(InvalidInput) as refused:
        one_of("swordfish", ("std", "pro"), ("mode",))
    (fault,) = refused.value.faults
    assert (fault.kind, fault.limits) == ("one_of", {"expected": ["std", "pro"]})
    assert "swordfish" not in fault.message


@pytest.mark.parametrize(
    ("value", "meant"),
    [('{"a": 1}', {"a": 1}), (" [1]", [1]), ("", None), ("words", "words"), ('{"a"', '{"a"'), ({"a": 1}, {"a": 1}), (5, 5)],
)
def test_json_text_is_what_it_says(value: Any, meant: Any) -> None:
    assert unquoted(value) == meant


def test_an_object_that_is_none_is_empty() -> None:
    assert object_in({"settings": '{"a": 1}'}, "settings") == {"a": 1}
    assert object_in({"settings": [1]}, "settings") == object_in({}, "settings") == {}


@pytest.mark.parametrize(
    ("enabled", "wanted"), [(True, True), ("true", True), (1, True), (False, False), ("false", False), ("", False), (0, False)]
)
def test_a_watermark_is_wanted_or_not_however_it_is_said(enabled: Any, wanted: bool) -> None:
    assert wants_watermark({"watermark_info": {"enabled": enabled}}) is wanted
