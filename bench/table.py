"""The table at the end: what was measured, what must be reached, what is aimed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure against its target. `spread` is the least and the greatest of the rounds."""

    what: str
    value: float
    unit: str
    must: float
    aim: float
    spread: tuple[float, float] | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether it is as good as it must be."""
        return self._reaches(self.must)

    @property
    def verdict(self) -> str:
        """In a word."""
        if not self.met:
            return "MISSED"
        return "aim" if self._reaches(self.aim) else "met"

    def _reaches(self, target: float) -> bool:
        return self.value >= target if self.more_is_better else self.value <= target


def write_table(rows: Sequence[Row]) -> str:
    """A Markdown table that reads well in a terminal too."""
    head = ("what", "measured", "rounds", "must", "aim", "verdict", "notes")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    written = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = "|".join("-" * (width + 2) for width in widths)
    return "\n".join([f"| {written[0]} |", f"|{rule}|", *(f"| {line} |" for line in written[1:])])


def _cells(row: Row) -> tuple[str, ...]:
    sign = "≥" if row.more_is_better else "≤"
    spread = "" if row.spread is None else f"{_figure(row.spread[0])} – {_figure(row.spread[1])}"
    value = f"{_figure(row.value)} {row.unit}"
    return (row.what, value, spread, f"{sign} {_figure(row.must)}", f"{sign} {_figure(row.aim)}", row.verdict, row.note)


def _figure(value: float) -> str:
    return f"{value:.0f}" if value >= _LARGE else f"{value:.2f}"


_LARGE = 20
