"""How large things have become, against the budgets of the house.

    python scripts/measure.py    prints medians and what is over; status 1 only for what breaks a hard limit

Budgets are for seeing drift, not for gaming: a file that is over its soft budget says so in review. Lines of a module are
all its lines; lines of a function run from its `def` to its end.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "reelgate"

MODULE_LINES = 400
FUNCTION_LINES = 60
_WISHED = {"module, median": 90, "module, ninth decile": 250, "function, median": 8, "function, ninth decile": 25}
_LEAF_LINES = {"api": 250, "providers": 150, "catalog": 150, "blobs": 150}  # folders whose leaves are one file


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Something with a length."""

    name: str
    lines: int


def main() -> int:
    """Print the table."""
    modules, functions = list(modules_of(SOURCE)), list(functions_of(SOURCE))
    for name, lines in _found(modules, functions).items():
        print(f"{name}: {lines:.0f} lines (wished: {_WISHED[name]})")
    for each in leaves_over(SOURCE):
        print(f"over a leaf's budget: {each.name}, {each.lines} lines")
    wrong = [*over(modules, MODULE_LINES), *over(functions, FUNCTION_LINES)]
    for each in wrong:
        print(f"too long: {each.name}, {each.lines} lines (at most {MODULE_LINES} a module, {FUNCTION_LINES} a function)")
    return 1 if wrong else 0


def modules_of(source: Path) -> Iterator[Size]:
    """Every module with its lines."""
    for path in sorted(source.rglob("*.py")):
        yield Size(name=path.relative_to(source).as_posix(), lines=len(path.read_text(encoding="utf-8").splitlines()))


def functions_of(source: Path) -> Iterator[Size]:
    """Every function and method with its lines."""
    for path in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield Size(name=f"{path.relative_to(source).as_posix()}:{node.name}", lines=lines)


def over(sizes: list[Size], limit: int) -> list[Size]:
    """What is longer than it may be."""
    return [each for each in sizes if each.lines > limit]


def leaves_over(source: Path) -> list[Size]:
    """Leaves that have outgrown a leaf."""
    found = [each for each in modules_of(source) if each.name.count("/") == 1 and not each.name.rpartition("/")[2].startswith("_")]
    return [each for each in found if each.lines > _LEAF_LINES.get(each.name.split("/")[0], sys.maxsize)]


def _found(modules: list[Size], functions: list[Size]) -> dict[str, float]:
    long_enough = [each.lines for each in modules if each.lines > 1]
    spans = [each.lines for each in functions]
    return {
        "module, median": median(long_enough),
        "module, ninth decile": quantiles(long_enough, n=10)[-1],
        "function, median": median(spans),
        "function, ninth decile": quantiles(spans, n=10)[-1],
    }


if __name__ == "__main__":
    sys.exit(main())
