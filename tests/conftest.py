"""What every test stands on: a clock of its own, no traffic beyond this machine, and an honest last line."""

from __future__ import annotations

import gc
import os
import shutil
from collections import Counter
from collections.abc import Iterator

import pytest

from tests import network
from tests.clock import FakeClock

network.refuse_traffic()

# A program that a test needs: its name in a report, and the names under which it is found.
PROGRAMS = {
    "chromium": ("Chromium", ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")),
    "curl": ("curl", ("curl",)),
    "espeak-ng": ("espeak-ng", ("espeak-ng",)),
    "openssl": ("openssl", ("openssl",)),
}
_LARGE = "large counts: make test-all"
_DID_NOT_RUN: pytest.StashKey[Counter[str]] = pytest.StashKey()
_RAN: pytest.StashKey[set[str]] = pytest.StashKey()
_collected: list[str] = []  # files that skipped themselves; their reports carry no configuration


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


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(200_000, 50, 50)  # thousands of tests leave much behind; looking it all through takes a sixth of the run
    config.stash[_DID_NOT_RUN] = Counter()
    config.stash[_RAN] = set()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            if find_program(name) is None:
                pytest.skip(f"{PROGRAMS[name][0]} is not installed")
    if item.get_closest_marker("large") and not item.config.getoption("--large"):
        pytest.skip(_LARGE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.skipped:
        item.config.stash[_DID_NOT_RUN][_reason(report)] += 1
    elif report.when == "call":
        item.config.stash[_RAN].add(item.nodeid)
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A whole file that skips itself counts as one."""
    if report.skipped:
        _collected.append(f"{report.nodeid}: {_reason(report)}")


def pytest_deselected(items: list[pytest.Item]) -> None:
    if items:
        items[0].config.stash[_DID_NOT_RUN]["deselected by this command line"] += len(items)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line: how many tests ran, and how many did not, by reason. A test that did not run proves nothing."""
    config.stash[_DID_NOT_RUN].update(_collected)
    if not config.option.collectonly:
        print(f"\n{last_line(len(config.stash[_RAN]), config.stash[_DID_NOT_RUN])}", flush=True)  # noqa: T201 - after pytest's own end


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
