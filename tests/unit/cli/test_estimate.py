"""`reelgate run --dry-run` says what a video would cost and makes none."""

from __future__ import annotations

import json

import pytest

from reelgate.cli.estimate import price_line, served_line
from tests.unit.cli.conftest import Served, Speak


def test_a_dry_run_prints_the_price_and_makes_nothing(speak: Speak, gateway: Served) -> None:
    before = gateway.client().get("/v1/jobs")["data"]
    said = speak("run", "scripted/text", "--prompt", "go", "--duration", "4", "--dry-run")
    assert (said.code, said.out) == (0, "$0.28 = 4 s × $0.07 (price book list)\n")
    assert "nothing was made and nothing spent" in said.err
    assert gateway.client().get("/v1/jobs")["data"] == before


def test_its_json_is_the_quote(speak: Speak, gateway: Served) -> None:
    told = json.loads(speak("run", "scripted/text", "--prompt", "go", "--dry-run", "--json").out)
    assert (told["object"], told["amount"]) == ("quote", "0.350000")


def test_a_fault_stands_at_its_option(speak: Speak, gateway: Served) -> None:
    said = speak("run", "scripted/text", "--prompt", "go", "--duration", "99", "--dry-run")
    assert said.code == 2
    assert "--duration: " in said.err


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({}, "$0.35 = 5 s × $0.07 (price book list)"),
        ({"book": None, "words": "free", "amount": "0.000000"}, "$0.00 (free)"),
        ({"since": "2026-12-01T00:00:00.000+00:00", "book": "retail"}, "$0.35 = 5 s × $0.07 (price book retail, since 2026-12-01)"),
        (
            {"shown": {"currency": "CNY", "amount": "2.492", "per_dollar": "7.12", "since": ""}},
            "$0.35 = 5 s × $0.07 (price book list; 2.492 CNY at 7.12 a dollar)",
        ),
    ],
)
def test_the_price_is_one_line(facts: dict[str, object], line: str) -> None:
    assert price_line({"amount": "0.350000", "words": "5 s × $0.07", "book": "list", "since": None, "shown": None, **facts}) == line


@pytest.mark.parametrize(
    ("ahead", "starts", "takes", "line"),
    [
        (0, 0.0, None, "made by preview; starts at once"),
        (0, 0.0, 3.2, "made by preview; starts at once, takes about 3 s"),
        (4, None, None, "made by preview; 4 ahead of it"),
        (4, 200.0, 0.2, "made by preview; starts in about 3 min (4 ahead of it), takes about 1 s"),
    ],
)
def test_who_makes_it_and_when_is_another(ahead: int, starts: float | None, takes: float | None, line: str) -> None:
    assert served_line({"engine": "preview", "wait": {"ahead": ahead, "starts_in_s": starts, "takes_s": takes}}) == line
