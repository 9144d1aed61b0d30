"""Faults planted in money, keys and states by mutmut, and whether the tests notice.

    python scripts/mutants.py [part …]    prints a table; status 1 if a group is below 90 % or a survivor has no reason

It works in copies below .tmp/mutants. Each part is some modules with the tests that judge them: few enough that thousands of
faults take minutes. A mutant is told by module, function, and its line before and after, since mutmut's own numbers move.
What survives is listed with a reason in tests/architecture/survivors.toml, and what is listed must survive.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
REASONS = ROOT / "tests" / "architecture" / "survivors.toml"
WISHED_PERCENT = 90

KILLED, TIMEOUT, SURVIVED, SUSPICIOUS, NO_TESTS = "killed", "timeout", "survived", "suspicious", "no tests"
_STATUS = {0: SURVIVED, 1: KILLED, 3: KILLED, 5: NO_TESTS, 24: TIMEOUT, -24: TIMEOUT, 33: NO_TESTS, 36: TIMEOUT, 152: TIMEOUT, 255: TIMEOUT}
_SKIPPED = 34  # mutmut's own code for a mutant that it is not to run


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Modules of the package, and the tests that judge them; `slow` are words in the names of tests that would take too long."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    slow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault and what came of it. `was` and `now` are the lines that differ, without indents, joined by a space."""

    module: str
    function: str
    was: str
    now: str
    status: str

    @property
    def noticed(self) -> bool:
        """A test that never ends has noticed as well."""
        return self.status in {KILLED, TIMEOUT}

    def __str__(self) -> str:
        return f"{self.module}: {self.function}: {self.status}\n    - {self.was}\n    + {self.now}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why some mutants of one line live on."""

    module: str
    function: str
    was: str
    now: tuple[str, ...]
    reason: str

    def covers(self, mutant: Mutant) -> bool:
        """Whether it is about this mutant."""
        return (self.module, self.function, self.was) == (mutant.module, mutant.function, mutant.was) and mutant.now in self.now


def _units(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"tests/unit/{folder}/test_{name}.py" for name in names)


# What judges most comes first.
_SUITES = ("ledger", "stores", "relay_verbs", "tenants", "forgetting", "copies", "audit", "prices_kept", "outbox")
PARTS = {
    "domain": Part(
        modules=("domain/money.py", "domain/pricing.py", "domain/condition.py", "domain/calendar.py", "domain/job.py"),
        tests=_units("domain", "money", "pricing", "condition", "calendar", "job"),
    ),
    "prices": Part(
        modules=(
            "gateway/prices.py",
            "gateway/tariff.py",
            "gateway/exchange.py",
            "gateway/admission.py",
            "gateway/reports.py",
            "gateway/period.py",
            "contracts/audit.py",
        ),
        tests=(
            *_units("gateway", "prices", "tariff", "exchange", "admission", "reports", "period"),
            "tests/unit/contracts/test_audit.py",
        ),
    ),
    "keys": Part(
        modules=("gateway/keyring.py", "gateway/keys.py", "gateway/gates.py", "gateway/secret.py", "gateway/pair.py", "gateway/bounds.py"),
        tests=_units("gateway", "keyring", "keys", "gates", "secret", "pair", "bounds"),
    ),
    "stores": Part(
        modules=(
            "storage/_rule.py",
            "storage/memory/ledger.py",
            "storage/memory/books.py",
            "storage/memory/store.py",
            "storage/memory/motion.py",
            "storage/memory/tries.py",
            "storage/sqlite/accept.py",
            "storage/sqlite/ending.py",
            "storage/sqlite/relay.py",
            "storage/sqlite/ledger.py",
            "storage/sqlite/books.py",
            "storage/sqlite/dispatch.py",
        ),
        tests=tuple(f"tests/conformance/test_{name}.py" for name in _SUITES),
        slow=("a_hundred_at_once", "fifty_copies", "replayed_without_end"),
    ),
}
GROUPS = {
    "money": (
        *(f"domain/{name}.py" for name in ("money", "pricing", "condition", "calendar")),
        *(f"gateway/{name}.py" for name in ("prices", "tariff", "exchange", "admission", "reports", "period")),
        "contracts/audit.py",
        *(f"storage/memory/{name}.py" for name in ("ledger", "books")),
        *(f"storage/sqlite/{name}.py" for name in ("accept", "ledger", "books")),
    ),
    "state": (
        "domain/job.py",
        "storage/_rule.py",
        *(f"storage/memory/{name}.py" for name in ("store", "motion", "tries")),
        *(f"storage/sqlite/{name}.py" for name in ("dispatch", "ending", "relay")),
    ),
    "keys": PARTS["keys"].modules,
}

# Few examples and one order, always the same: a mutant that is killed by luck today would be a survivor tomorrow. Every mutant is a run of
# pytest in a process of its own, so half of the time goes into starting and ending it: what is not needed for that is left out.
_PROFILE = """import gc

from hypothesis import HealthCheck, Phase, settings

few = settings(max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
few = settings(few, phases=(Phase.explicit, Phase.generate))  # that an example fails is enough: no smaller one is looked for
settings.register_profile("mutants", few)
settings.load_profile("mutants")


def pytest_configure():
    gc.freeze()


def pytest_collection_modifyitems(items):  # mutmut asks for them in no order
    items.sort(key=lambda item: (TESTS.index(item.location[0]), item.location[1]))
"""
_PLUGINS = ("judging", "pytest_asyncio.plugin", "pytest_timeout", "_hypothesis_pytestplugin")
_WITHOUT = ("no:cacheprovider", "no:unraisableexception", "no:threadexception")
_SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {modules}
also_copy = ["tests", "scripts", "judging.py", "LICENSE", "NOTICE", "README.md"]
pytest_add_cli_args = {arguments}
pytest_add_cli_args_test_selection = {tests}
timeout_constant = 5.0
timeout_multiplier = 6.0
use_git_change_detection = false
"""
# What mutmut does before it runs anything; then nothing is run that changes words alone.
_GENERATE = """from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants
copy_src_dir(); copy_also_copy_files(); create_mutants(2)
"""


def main(names: list[str]) -> int:
    """Run the parts named, or all, and print what came of them."""
    chosen = names or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        print(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
        return 2
    mutants: list[Mutant] = []
    for name in chosen:
        begun = monotonic()
        found = run(name, PARTS[name])
        mutants += found
        print(f"{name}: {len(found)} mutants in {monotonic() - begun:.0f} s", flush=True)
    reasons = read_reasons(REASONS.read_text(encoding="utf-8"))
    modules = {module for name in chosen for module in PARTS[name].modules}
    wrong = list(complaints(mutants, [each for each in reasons if each.module in modules]))
    print(table(mutants), *wrong, sep="\n")
    return 1 if wrong else 0


# --- judging ----------------------------------------------------------------------------------------------------------


def read_reasons(text: str) -> list[Reason]:
    """The list of survivors; `KeyError` for an entry without a field."""
    return [
        Reason(
            module=each["module"],
            function=each["function"],
            was=each["was"],
            now=tuple(each["now"]),
            reason=each["reason"],
        )
        for each in tomllib.loads(text).get("survivor", [])
    ]


def complaints(mutants: list[Mutant], reasons: list[Reason]) -> Iterator[str]:
    """What is wrong: groups below what is wished, survivors without a reason, reasons without a survivor."""
    for name, counts in _grouped(mutants):
        if _noticed(counts) * 100 < WISHED_PERCENT * counts.total():
            yield f"{name}: {_percent(counts)} killed, at least {WISHED_PERCENT} % must be"
    alive = [each for each in mutants if not each.noticed]
    for each in alive:
        if not any(reason.covers(each) for reason in reasons):
            yield f"without a reason: {each}"
    for reason in reasons:
        if not reason.reason.strip():
            yield f"an empty reason: {reason.module}: {reason.function}: {reason.was}"
        for now in reason.now:
            if not any(reason.covers(each) and each.now == now for each in alive):
                yield f"listed, but no survivor: {reason.module}: {reason.function}\n    - {reason.was}\n    + {now}"


def table(mutants: list[Mutant]) -> str:
    """A line for each module and each group, as a table of Markdown."""
    heads = ["mutants", KILLED, TIMEOUT, SURVIVED, SUSPICIOUS, NO_TESTS, "score"]
    rows = [["module", *heads]]
    for name, counts in _grouped(mutants):
        for module in GROUPS[name]:
            own = Counter(each.status for each in mutants if each.module == module)
            rows += [[module, *_cells(own)]] if own else []
        rows.append([f"**{name}**", *_cells(counts)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"| {' | '.join(_padded(row, widths))} |" for row in rows]
    return "\n".join([lines[0], f"|{'|'.join('-' * (width + 1) + (':' if at else '-') for at, width in enumerate(widths))}|", *lines[1:]])


def _padded(row: list[str], widths: list[int]) -> list[str]:
    return [cell.rjust(width) if at else cell.ljust(width) for at, (cell, width) in enumerate(zip(row, widths, strict=True))]


def _cells(counts: Counter[str]) -> list[str]:
    return [str(counts.total()), *(str(counts[each]) for each in (KILLED, TIMEOUT, SURVIVED, SUSPICIOUS, NO_TESTS)), _percent(counts)]


def _grouped(mutants: list[Mutant]) -> Iterator[tuple[str, Counter[str]]]:
    for name, modules in GROUPS.items():
        if counts := Counter(each.status for each in mutants if each.module in modules):
            yield name, counts


def _noticed(counts: Counter[str]) -> int:
    return counts[KILLED] + counts[TIMEOUT]


def _percent(counts: Counter[str]) -> str:
    thousandths = _noticed(counts) * 1000 // counts.total()  # never rounded up to what it is not
    return f"{thousandths / 10:.1f} %"


# --- running ----------------------------------------------------------------------------------------------------------


def run(name: str, part: Part) -> list[Mutant]:
    """Let mutmut try one part in a copy of its own. `SystemExit` with the end of its log if it could not."""
    stage = ROOT / ".tmp" / "mutants" / name
    _copy(stage)
    modules = [f"src/reelgate/{module}" for module in part.modules]
    arguments = [*(word for plugin in _PLUGINS + _WITHOUT for word in ("-p", plugin)), "--timeout=20"]
    arguments += ["-k", f"not ({' or '.join(part.slow)})"] if part.slow else []
    settings = _SETTINGS.format(modules=json.dumps(modules), tests=json.dumps(part.tests), arguments=json.dumps(arguments))
    with (stage / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(settings)
    (stage / "judging.py").write_text(f"{_PROFILE}\n\nTESTS = {list(part.tests)}\n", encoding="utf-8")
    _call(stage, "-c", _GENERATE)
    for module in part.modules:
        _leave_out_words(stage, module)
    _call(stage, "-m", "mutmut", "run")
    return [mutant for module in part.modules for mutant in read_mutants(stage, module)]


def _copy(stage: Path) -> None:
    from scripts.rules import carried  # noqa: PLC0415 -- found once this script has put the clone on the path

    shutil.rmtree(stage, ignore_errors=True)
    for name in carried(ROOT):
        if (ROOT / name).is_file():  # and not just taken away
            (stage / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, stage / name)


def _call(stage: Path, *arguments: str) -> None:
    log = stage / "mutmut.log"  # its progress fills megabytes
    with log.open("ab") as told:
        done = subprocess.run([sys.executable, *arguments], cwd=stage, env=_environment(), stdout=told, stderr=told, check=False)
    if done.returncode != 0:
        end = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        sys.exit(f"mutmut could not run, see {log.relative_to(ROOT)}; its end:\n{end}")


def _environment() -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" and not name.startswith("REELGATE_")}
    return {**plain, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def read_mutants(stage: Path, module: str) -> Iterator[Mutant]:
    """What came of the mutants of one module, without those that change words alone."""
    codes: dict[str, int | None] = json.loads(_meta(stage, module).read_text(encoding="utf-8"))["exit_code_by_key"]
    sources = _functions(stage, module)
    for key, code in codes.items():
        if code != _SKIPPED:
            name = key.rpartition(".")[2]
            was, now = changed(sources[_original(name)], sources[name])
            yield Mutant(module=module, function=_qualified(name), was=was, now=now, status=_STATUS.get(code, SUSPICIOUS))


def changed(before: str, after: str) -> tuple[str, str]:
    """The lines in which two functions differ, without indents."""
    old, new = ([line.strip() for line in text.splitlines()] for text in (before, after))
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return " ".join(old), " ".join(new)


def _leave_out_words(stage: Path, module: str) -> None:
    from scripts import words  # noqa: PLC0415 -- found in the same way

    told = json.loads(_meta(stage, module).read_text(encoding="utf-8"))
    sources = _functions(stage, module)
    for key in told["exit_code_by_key"]:
        name = key.rpartition(".")[2]
        if words.differ_alone(sources[_original(name)], sources[name]):
            told["exit_code_by_key"][key] = _SKIPPED
    _meta(stage, module).write_text(json.dumps(told), encoding="utf-8")


def _meta(stage: Path, module: str) -> Path:
    return stage / "mutants" / "src" / "reelgate" / f"{module}.meta"


def _functions(stage: Path, module: str) -> dict[str, str]:
    """Every function that mutmut has written, under its own name; in its text it has that of the function it is made from."""
    mutated = stage / "mutants" / "src" / "reelgate" / module
    lines = mutated.read_text(encoding="utf-8").splitlines(keepends=True)
    spans: dict[str, tuple[int, int]] = json.loads(mutated.with_name(f"{mutated.name}.spans").read_text(encoding="utf-8"))["spans"]
    return {
        name: "".join(lines[begin - 1 : end]).replace(name, _qualified(name).rpartition(".")[2], 1) for name, (begin, end) in spans.items()
    }


def _original(name: str) -> str:
    return f"{name.partition('__mutmut_')[0]}__mutmut_orig"


def _qualified(name: str) -> str:
    """`Money.times` for mutmut's `xǁMoneyǁtimes__mutmut_3`, `day_of` for `x_day_of__mutmut_1`."""
    return name.partition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
