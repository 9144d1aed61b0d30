"""`make verify-live` against an upstream on this machine: another gateway, which costs nothing and is as live as can be had here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance._gateway import Gateway, running

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose test keys get previews."""
    with running(tmp_path_factory.mktemp("upstream") / "data") as gateway:
        yield gateway


def verify(upstream: Gateway, folder: Path, *words: str, stdin: str = "", key: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script with the upstream's keys in its environment and no others."""
    theirs = ("REELGATE_", "FAL_", "KLING_", "GOOGLE_", "VEO_", "OPENAI_", "REPLICATE_")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    return subprocess.run(
        [sys.executable, "scripts/verify_live.py", "--to", str(folder), *words],
        cwd=ROOT,
        env={**ours, "REELGATE_UPSTREAM_KEY": key, "REELGATE_UPSTREAM_ADDRESS": upstream.url},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_names_the_most_it_can_cost_and_buys_nothing_unasked(upstream: Gateway, tmp_path: Path) -> None:
    before = upstream.call("GET", "/v1/jobs").json["data"]
    said = verify(upstream, tmp_path / "records", stdin="n\n", key=upstream.key)
    assert said.returncode == 2
    assert "this can cost at most $0.675" in said.stderr
    assert "nothing was bought" in said.stderr
    assert not (tmp_path / "records").exists()
    assert upstream.call("GET", "/v1/jobs").json["data"] == before


def test_a_record_tells_what_was_seen_and_no_secret(upstream: Gateway, tmp_path: Path) -> None:
    said = verify(upstream, tmp_path, "--yes", key=upstream.key)
    assert said.returncode == 0, said.stderr
    (path,) = tmp_path.glob("reelgate-*.json")
    record = json.loads(path.read_text())
    assert {name: step["good"] for name, step in record["steps"].items()} == {
        "check": True,
        "submit": True,
        "callback": None,
        "cancel": True,
        "error": True,
    }
    assert record["steps"]["submit"]["seconds"] == 5
    assert record["steps"]["cancel"]["state"] == "cancelled"
    assert record["vendor"] is False, "another Reelgate is no vendor"
    assert upstream.key not in path.read_text()
    assert upstream.url not in path.read_text()
    assert upstream.key not in said.stdout + said.stderr


def test_without_a_key_there_is_nothing_to_try_and_a_wrong_one_is_seen(upstream: Gateway, tmp_path: Path) -> None:
    assert verify(upstream, tmp_path).returncode == 2
    said = verify(upstream, tmp_path, "--yes", key="rg_live_wrong")
    assert said.returncode == 1
    (path,) = tmp_path.glob("reelgate-*.json")
    assert json.loads(path.read_text())["steps"]["check"]["good"] is False
