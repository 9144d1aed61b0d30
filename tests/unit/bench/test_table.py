"""The bench's table: a verdict must be able to go either way."""

from __future__ import annotations

import pytest

from bench.table import Row, write_table


@pytest.mark.parametrize(("value", "verdict"), [(1.3, "aim"), (1.4, "aim"), (1.7, "met"), (2.0, "met"), (2.01, "MISSED")])
def test_less_is_better_for_a_cost(value: float, verdict: str) -> None:
    row = Row(what="status", value=value, unit="× echo", must=2.0, aim=1.4)
    assert row.verdict == verdict
    assert row.met == (verdict != "MISSED")


@pytest.mark.parametrize(("value", "verdict"), [(0.99, "MISSED"), (1.0, "met"), (1.5, "aim")])
def test_more_is_better_for_a_rate(value: float, verdict: str) -> None:
    assert Row(what="rate", value=value, unit="× bound", must=1.0, aim=1.5, more_is_better=True).verdict == verdict


def test_the_table_is_markdown_with_a_line_for_each_row() -> None:
    rows = [
        Row(what="status", value=1.5, unit="× echo", must=2.0, aim=1.4, spread=(1.4, 1.6)),
        Row(what="x", value=9, unit="MB", must=1, aim=1),
    ]
    lines = write_table(rows).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert [line.count("|") for line in lines] == [8] * 4
    assert "1.40 – 1.60" in lines[2]
