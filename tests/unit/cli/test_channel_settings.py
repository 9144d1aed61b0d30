"""Settings of a channel, as they are typed."""

from __future__ import annotations

import pytest

from reelgate.cli.channel_settings import pairs, settings_of
from reelgate.cli.trouble import Trouble


def test_what_was_not_typed_is_left_out_and_none_takes_away() -> None:
    assert settings_of(priority=None, models=[], options=None) == {}
    typed = {"priority": 0, "per_second": "2.5", "window_s": "none", "models": ["none"], "options": ["form=flat"], "store_outputs": False}
    assert settings_of(**typed) == {
        "priority": 0,
        "per_second": 2.5,
        "window_s": None,
        "models": {},
        "options": {"form": "flat"},
        "store_outputs": False,
    }


def test_a_model_may_go_without_a_name_and_an_option_may_not() -> None:
    assert pairs(["a/b", "c=d=e"], "--model", bare=True) == {"a/b": "", "c": "d=e"}
    with pytest.raises(Trouble):
        pairs(["form"], "--option")


@pytest.mark.parametrize("name", ["per_second", "window_s"])
def test_what_is_no_number_is_refused(name: str) -> None:
    with pytest.raises(Trouble):
        settings_of(**{name: "often"})
