"""The rules of `docs/alerts.md`, and whether one of them fires between two looks at the figures.

Only what those rules need of Prometheus's language is read; a rule that says more is an error, so that none passes unread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from prometheus_client.parser import text_string_to_metric_families

DOCUMENT = Path(__file__).parent.parent / "docs" / "alerts.md"
_BLOCK = re.compile(r"```yaml\n(groups:\n.*?)```", re.DOTALL)
_RULE = re.compile(
    r"(?:(?P<function>increase|max)\()?(?P<name>[a-z_]+)(?:\{(?P<labels>[^}]*)\})?(?:\[\d+[mh]\])?\)? "
    r"(?P<compare>==|>|<) (?:(?P<factor>\d+) \* )?(?P<bound>\d+|[a-z_]+)"
)
Sample = tuple[str, frozenset[tuple[str, str]]]


class Figures(NamedTuple):
    """One look: the value of each series."""

    series: Mapping[Sample, float]

    def values(self, name: str, labels: Mapping[str, str]) -> list[float]:
        """Of all series of this name that have these labels."""
        wanted = set(labels.items())
        return [value for (found, has), value in self.series.items() if found == name and wanted <= has]


def read_figures(text: str) -> Figures:
    """What `/metrics` has answered."""
    found = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    return Figures(found)


def rules() -> dict[str, str]:
    """The expression of each rule by its name."""
    block = _BLOCK.search(DOCUMENT.read_text("utf-8"))
    assert block is not None, "the document has no rules"
    told: Any = yaml.safe_load(block[1])
    return {rule["alert"]: rule["expr"] for group in told["groups"] for rule in group["rules"]}


def fires(expression: str, before: Figures, after: Figures) -> bool:
    """Whether a rule fires at the second look. `increase` is the growth between the two."""
    rule = _RULE.fullmatch(expression)
    assert rule is not None, f"this reader does not know {expression}"
    labels = dict(part.replace('"', "").split("=") for part in rule["labels"].split(",")) if rule["labels"] else {}
    now = after.values(rule["name"], labels)
    if rule["function"] == "increase":
        now = [sum(now) - sum(before.values(rule["name"], labels))]
    bound = float(rule["bound"]) if rule["bound"].isdecimal() else sum(after.values(rule["bound"], {}))
    bound *= float(rule["factor"] or 1)
    return any({"==": value == bound, ">": value > bound, "<": value < bound}[rule["compare"]] for value in now)
