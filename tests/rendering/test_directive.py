"""Words in double square brackets that make the engine play a part."""

from __future__ import annotations

import pytest

from reelgate.engines.preview.directive import LONGEST_WAIT_S, Script, read_script, without_directives


@pytest.mark.parametrize(
    ("prompt", "script"),
    [
        ("a quiet lake", Script()),
        ("a lake [[slow 30]]", Script(wait_s=30)),
        ("[[SLOW 1.5]] a lake", Script(wait_s=1.5)),
        ("[[slow]]", Script(wait_s=10)),
        ("[[hang]]", Script(wait_s=600)),
        ("[[fail]] and [[refuse]]", Script(fail=True, refuse=True)),
        ("[[quiet]] water", Script(quiet=True)),
        ("[[dance 3]] [fail] [[ fail", Script()),
    ],
)
def test_a_prompt_is_a_script(prompt: str, script: Script) -> None:
    assert read_script(prompt) == script


def test_nobody_waits_for_ever() -> None:
    assert read_script("[[slow 999999]]").wait_s == LONGEST_WAIT_S


def test_a_reader_sees_none_of_it() -> None:
    assert without_directives("a lake [[slow 30]]  at dawn [[fail]]") == "a lake at dawn"
    assert without_directives("an [[unknown]] word stays") == "an [[unknown]] word stays"
