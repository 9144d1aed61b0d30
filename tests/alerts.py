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
_NEW = re.compile(
    r"\((?P<name>[a-z_]+)\{(?P<labels>[^}]*)\} unless (?P=name)\{(?P=labels)\} offset \d+[mh]\) (?P<compare>>) (?P<bound>\d+)"
)
_RULE = re.compile(
    r"(?:(?P<function>increase|max)\()?(?P<name>[a-z_]+)(?:\{(?P<labels>[^}]*)\})?(?:\[\d+[mh]\])?\)? "
    r"(?P<compare>==|>|<) (?:(?P<factor>\d+) \* )?(?P<bound>\d+|[a-z_]+)"
)
Sample = tuple[str, frozenset[tuple[str, str]]]


class Figures(NamedTuple):
    """One look: the value of each series."""

    series: Mapping[Sample, float]

    def of(self, name: str, labels: Mapping[str, str]) -> dict[Sample, float]:
        """All series of this name that have these labels."""
        wanted = set(labels.items())
        return {sample: value for sample, value in self.series.items() if sample[0] == name and wanted <= sample[1]}

    def values(self, name: str, labels: Mapping[str, str]) -> list[float]:
        """What they are at."""
        return list(self.of(name, labels).values())


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
    """Whether a rule fires at the second look, which is as long after the first as the rule looks back.

    As with Prometheus, `increase` is the growth of each series between the two, and there is none of a series that was not there at the
    first; `x unless x offset …` is what was not there.
    """
    return any(_holds(term, before, after) for term in expression.split(" or "))


def _holds(term: str, before: Figures, after: Figures) -> bool:
    new, rule = _NEW.fullmatch(term), _RULE.fullmatch(term)
    found = new or rule
    assert found is not None, f"this reader does not know {term}"
    labels = dict(part.replace('"', "").split("=") for part in found["labels"].split(",")) if found["labels"] else {}
    now, then = after.of(found["name"], labels), before.of(found["name"], labels)
    if new is not None:
        return any(value > float(new["bound"]) for sample, value in now.items() if sample not in then)
    assert rule is not None
    values = list(now.values())
    if rule["function"] == "increase":
        values = [value - then[sample] for sample, value in now.items() if sample in then]
    bound = float(rule["bound"]) if rule["bound"].isdecimal() else sum(after.values(rule["bound"], {}))
    bound *= float(rule["factor"] or 1)
    return any({"==": value == bound, ">": value > bound, "<": value < bound}[rule["compare"]] for value in values)
