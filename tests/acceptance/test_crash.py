"""kill -9 at any moment: every answered request is there and ends, nothing is done twice, all holds settle."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance._crash import CALLERS, Siege, find_faults, outliving, renderers

pytestmark = pytest.mark.timeout(900)


def test_nothing_answered_is_lost_and_nothing_is_done_twice(tmp_path: Path, large: bool) -> None:
    siege = Siege(folder=tmp_path, seed=secrets.randbelow(1 << 32))
    asyncio.run(siege.run(kills=60 if large else 12))
    faults = find_faults(siege, siege.rest())
    record = siege.record
    assert faults == [], f"seed {siege.seed}"
    assert len(record.answered) > siege.kills * CALLERS / 2, "there was hardly any load"
    assert record.broken_off > 0, "no kill met a request"
    assert not {status for status in record.other_answers if status >= 500 and status != 503}


@pytest.mark.parametrize(
    ("database", "signs"),
    [("no_fence", ["events of an end", "kept videos"]), ("no_attempt", ["rows of attempts", "no attempt"]), ("early", ["is gone"])],
)
def test_a_store_with_a_fault_is_found_out(tmp_path: Path, database: str, signs: list[str]) -> None:
    siege = Siege(folder=tmp_path, seed=secrets.randbelow(1 << 32), database=database)
    asyncio.run(siege.run(kills=3))
    faults = "\n".join(find_faults(siege, siege.rest()))
    assert [sign for sign in signs if sign not in faults] == []


def test_a_render_process_that_stays_is_found(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "reelgate.dispatch.renderer", str(4 << 30), "60"]
    surroundings = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=surroundings) as kept_alive:
        found = renderers(tmp_path)
        assert [each.pid for each in outliving(found)] == [kept_alive.pid]
