"""`python -m bench`: every row in one run; `--quick` for a look, `--only` for some rows, `--strict` to fail if a target is missed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import memory, pollers, relay, render, scene, status, submit
from bench.process import choose_cores, describe_machine
from bench.table import Row, write_table

PARTS = ("status", "pollers", "submit", "memory", "relay", "render")


def main() -> int:
    """Measure, print, and return the exit status."""
    asked = _arguments()
    if not sys.platform.startswith("linux"):
        print("The bench reads CPU and memory from /proc and pins programs to cores: it runs on Linux.")
        return 2
    print(describe_machine())
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.folder) as folder:
        rows = _measure(Path(folder), asked.only, quick=asked.quick)
    print()
    print(write_table(rows))
    missed = [row.what for row in rows if not row.met]
    if missed:
        print(f"\nMissed: {', '.join(missed)}")
    return 1 if missed and asked.strict else 0


def _measure(folder: Path, parts: list[str], *, quick: bool) -> list[Row]:
    cores, rows = choose_cores(), list[Row]()
    rounds, seconds = (3, 1.0) if quick else (5, 3.0)
    if {"status", "pollers", "submit"} & set(parts):
        with scene.opened(folder, cores, rounds=rounds, seconds=seconds) as opened:
            if "status" in parts:
                rows += status.measure(opened)
            if "pollers" in parts:
                rows += pollers.measure(opened)
            if "submit" in parts:
                rows += submit.measure(opened)
    if "memory" in parts:
        rows += memory.measure(folder, cores, 1 if quick else 3)
    if "relay" in parts:
        rows += relay.measure(folder, cores, quick=quick)
    if "render" in parts:
        rows += render.measure(cores, 1 if quick else 3)
    return rows


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="CPU for each request and ratios, measured in one run.")
    parser.add_argument("--quick", action="store_true", help="short rounds: a look, not a result")
    parser.add_argument("--strict", action="store_true", help="exit status 1 if a row misses what it must reach")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="these rows alone")
    parser.add_argument("--folder", type=Path, help="where to put the data: the disk that is measured (default: the temporary folder)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
