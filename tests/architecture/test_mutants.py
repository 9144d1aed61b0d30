"""The judge of planted faults: what it must find wrong, it finds. `make mutants` plants them; here nothing is run."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.mutants import (
    GROUPS,
    KILLED,
    NO_TESTS,
    PARTS,
    REASONS,
    ROOT,
    SURVIVED,
    SUSPICIOUS,
    TIMEOUT,
    Mutant,
    Reason,
    changed,
    complaints,
    read_mutants,
    read_reasons,
    table,
)
from scripts.words import differ_alone

MODULE = "domain/money.py"
BEFORE = """
    def times(self, count: int) -> Money:
        if count < 0:
            raise ValueError("count a thing", code="few")
        if count > LARGEST:
            message = f"at most {LARGEST}"
            raise InvalidInput([Fault(path="count", message=message)])
        return Money(self.micros * count)
"""
MESSAGE = 'f"{count} is no count"'


def mutant(status: str, *, was: str = "return a + b", now: str = "return a - b") -> Mutant:
    return Mutant(module=MODULE, function="Money.plus", was=was, now=now, status=status)


def reason(*, was: str = "return a + b", now: tuple[str, ...] = ("return a - b",), why: str = "the same") -> Reason:
    return Reason(module=MODULE, function="Money.plus", was=was, now=now, reason=why)


def killed(count: int) -> list[Mutant]:
    return [mutant(KILLED)] * count


def test_where_nearly_all_are_killed_and_the_rest_has_reasons_nothing_is_wrong() -> None:
    assert list(complaints([*killed(9), mutant(SURVIVED)], [reason()])) == []
    assert list(complaints([*killed(9), mutant(TIMEOUT)], [])) == []


@pytest.mark.parametrize("status", [SURVIVED, NO_TESTS, SUSPICIOUS])
def test_a_survivor_that_is_not_listed_is_named(status: str) -> None:
    assert list(complaints([*killed(99), mutant(status)], [])) == [
        f"without a reason: domain/money.py: Money.plus: {status}\n    - return a + b\n    + return a - b"
    ]
    assert len(list(complaints([*killed(99), mutant(status, now="return b")], [reason(now=("return a",))]))) == 2


def test_a_score_below_nine_in_ten_is_named_whatever_the_reasons() -> None:
    assert list(complaints([*killed(89), *[mutant(SURVIVED)] * 11], [reason()])) == ["money: 89.0 % killed, at least 90 % must be"]
    assert list(complaints([*killed(90), *[mutant(SURVIVED)] * 10], [reason()])) == []


def test_what_is_listed_and_does_not_survive_is_named() -> None:
    wrong = list(complaints([*killed(99), mutant(SURVIVED)], [reason(now=("return a - b", "return a"))]))
    assert wrong == ["listed, but no survivor: domain/money.py: Money.plus\n    - return a + b\n    + return a"]
    assert list(complaints(killed(99), [reason(why=" ")])) == [
        "an empty reason: domain/money.py: Money.plus: return a + b",
        "listed, but no survivor: domain/money.py: Money.plus\n    - return a + b\n    + return a - b",
    ]


def test_a_score_is_never_rounded_up() -> None:
    told = table([*killed(1999), mutant(SURVIVED)])
    assert "| domain/money.py |    2000 |   1999 |       0 |        1 |          0 |        0 | 99.9 % |" in told
    assert told.splitlines()[-1].startswith("| **money**       |    2000 |")
    assert "| 100.0 % |" in table(killed(3))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("count a thing", "XXcount a thingXX", True),
        ('"count a thing"', "None", True),
        ('"count a thing"', MESSAGE, True),
        ('f"at most {LARGEST}"', "None", True),
        ("message=message", "message=None", True),
        ('path="count"', "path=None", False),
        ('"few"', '"FEW"', False),
        ('"few"', "None", False),
        ("< 0", "<= 0", False),
        ("* count", "/ count", False),
        ("self.micros *", "None *", False),
    ],
)
def test_only_what_changes_a_sentence_is_left_out(old: str, new: str, words: bool) -> None:
    assert BEFORE.count(old) == 1
    assert differ_alone(BEFORE, BEFORE.replace(old, new)) is words


def test_the_type_that_a_cast_names_is_words_and_what_is_cast_is_not() -> None:
    assert differ_alone('def f(x):\n    return cast("int", x)\n', "def f(x):\n    return cast(None, x)\n")
    assert not differ_alone('def f(x):\n    return cast("int", x)\n', 'def f(x):\n    return cast("int", None)\n')


def test_a_fault_is_told_by_the_lines_that_differ() -> None:
    assert changed("def f():\n    a\n    b(\n        1,\n    )\n", "def f():\n    a\n    b(None)\n") == ("b( 1, )", "b(None)")
    assert changed("def f():\n    return a + b\n", "def f():\n    return a - b\n") == ("return a + b", "return a - b")


def test_what_mutmut_has_written_is_read(tmp_path: Path) -> None:
    written = tmp_path / "mutants" / "src" / "reelgate" / "domain" / "money.py"
    written.parent.mkdir(parents=True)
    names = [f"xǁMoneyǁplus__mutmut_{each}" for each in ("orig", "1", "2", "3")]
    lines = [f"    def {name}(a, b):\n        return a {sign} b\n" for name, sign in zip(names, "+-*/", strict=True)]
    written.write_text("class Money:\n" + "".join(lines), encoding="utf-8")
    spans = {name: [2 + 2 * at, 3 + 2 * at] for at, name in enumerate(names)}
    written.with_name("money.py.spans").write_text(json.dumps({"version": 1, "spans": spans}))
    codes = {f"reelgate.domain.money.{name}": code for name, code in zip(names[1:], (0, 34, -11), strict=True)}
    written.with_name("money.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    assert list(read_mutants(tmp_path, MODULE)) == [mutant(SURVIVED), mutant(SUSPICIOUS, now="return a / b")]


def test_the_list_of_survivors_can_be_read_and_each_has_its_reason_once() -> None:
    reasons = read_reasons(REASONS.read_text(encoding="utf-8"))
    assert [
        each for each in complaints([_alive(each, now) for each in reasons for now in each.now], reasons) if "at least" not in each
    ] == []
    places = [(each.module, each.function, each.was, now) for each in reasons for now in each.now]
    assert len(places) == len(set(places))
    with pytest.raises(KeyError):
        read_reasons('[[survivor]]\nmodule = "domain/money.py"\n')


def test_every_module_of_a_group_is_tried_in_one_part_and_is_there() -> None:
    tried = [module for part in PARTS.values() for module in part.modules]
    assert sorted(tried) == sorted({module for modules in GROUPS.values() for module in modules})
    assert list(_not_there()) == []


def test_mutmut_is_set_up_by_the_script_alone() -> None:
    assert "mutmut" not in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def _alive(each: Reason, now: str) -> Mutant:
    return Mutant(module=each.module, function=each.function, was=each.was, now=now, status=SURVIVED)


def _not_there() -> Iterator[str]:
    for part in PARTS.values():
        yield from (each for each in part.modules if not (ROOT / "src" / "reelgate" / each).is_file())
        yield from (each for each in part.tests if not (ROOT / each).is_file())
