"""What every test stands on: a clock of its own, no traffic beyond this machine, and an honest last line."""

from __future__ import annotations

import gc
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests import network
from tests.clock import FakeClock

network.refuse_traffic()
# What tests provoke is told in the plain words of Python: frames and colours around each of its tracebacks take a tenth of a second.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

# A program that a test needs: its name in a report, and the names under which it is found.
PROGRAMS = {
    "chromium": ("Chromium", ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")),
    "curl": ("curl", ("curl",)),
    "espeak-ng": ("espeak-ng", ("espeak-ng",)),
    "openssl": ("openssl", ("openssl",)),
}
_LARGE = "large counts: make test-all"
_TOLD_BY_WORKERS = "reelgate_left_out"


class _Tally:
    """What ran and what did not. Each process of a parallel run has one; that of the process which prints is of all."""

    def __init__(self) -> None:
        self.ran: set[str] = set()
        self.left_out: Counter[str] = Counter()  # by reason
        self.not_collected: Counter[str] = Counter()  # the same, of what is known before any test runs


_tally = _Tally()


def find_program(name: str) -> str | None:
    """Where a program of the table lies, if it is installed."""
    return next((found for each in PROGRAMS[name][1] if (found := shutil.which(each))), None)


@pytest.fixture
def clock() -> FakeClock:
    """Time moves when the test says `tick`."""
    return FakeClock()


@pytest.fixture(scope="session")
def large(request: pytest.FixtureRequest) -> bool:
    """Whether this run is the long one; tests choose their counts by it."""
    return bool(request.config.getoption("--large"))


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    network.refused.clear()
    yield
    if network.refused:
        tried, network.refused[:] = "; ".join(network.refused), []
        pytest.fail(f"the test tried to leave this machine: {tried}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--large", action="store_true", help="run the long forms, at large counts")
    parser.addoption("--tally", type=Path, help="a file in which the runs of one `make test` add up what ran and what did not")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(200_000, 50, 50)  # thousands of tests leave much behind; looking it all through takes a sixth of the run


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            if find_program(name) is None:
                pytest.skip(f"{PROGRAMS[name][0]} is not installed")
    if item.get_closest_marker("large") and not item.config.getoption("--large"):
        pytest.skip(_LARGE)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In a parallel run this is called here for the tests of all processes."""
    if report.skipped:
        _tally.left_out[_reason(report)] += 1
    elif report.when == "call":
        _tally.ran.add(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A whole file that skips itself counts as one."""
    if report.skipped:
        _tally.not_collected[f"{report.nodeid}: {_reason(report)}"] = 1


def pytest_deselected(items: list[pytest.Item]) -> None:
    if items:
        _tally.not_collected["deselected by this command line"] += len(items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of a parallel run tells what it has not collected; each of them has collected the same."""
    told: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told[_TOLD_BY_WORKERS] = dict(_tally.not_collected)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """One of the other processes has ended."""
    told: dict[str, dict[str, int]] = getattr(node, "workeroutput", {})
    _tally.not_collected |= Counter(told.get(_TOLD_BY_WORKERS, {}))


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line: how many tests ran, and how many did not, by reason. A test that did not run proves nothing."""
    if config.option.collectonly or hasattr(config, "workerinput"):
        return
    ran, not_run = len(_tally.ran), _tally.left_out + _tally.not_collected
    file: Path | None = config.option.tally
    if file is not None:
        if file.exists():
            before = json.loads(file.read_text(encoding="utf-8"))
            ran, not_run = ran + before["ran"], not_run + Counter(before["not_run"])
        file.write_text(json.dumps({"ran": ran, "not_run": not_run}), encoding="utf-8")
    print(f"\n{last_line(ran, not_run)}", flush=True)  # noqa: T201 - after pytest's own end


def last_line(ran: int, not_run: Counter[str]) -> str:
    """One sentence from the counts."""
    if not not_run:
        return f"{ran} tests ran; none was left out."
    reasons = "; ".join(f"{count} ({reason})" for reason, count in not_run.most_common())
    return f"{ran} tests ran; {not_run.total()} did not: {reasons}."


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    if hasattr(report, "wasxfail"):
        return f"known to fail: {report.wasxfail}"
    words = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return os.fspath(words).removeprefix("Skipped: ")
