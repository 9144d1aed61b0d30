"""Adding a face, a model family, an engine and a store is adding four files: nothing that is there is edited."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance._gateway import FIXTURES, Gateway, loading, running

SOURCE = Path(__file__).resolve().parents[2] / "src"
LEAVES = FIXTURES / "leaves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The package's source in another place, and the sums of its files before anything was added."""

    source: Path
    was: dict[str, str]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A copy with four leaves more."""
    source = tmp_path_factory.mktemp("copy") / "src"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    copied = Copy(source=source, was=_sums(source))
    for leaf in LEAVES.glob("*/*.py"):
        place = source / "reelgate" / leaf.relative_to(LEAVES)
        assert not place.exists()
        shutil.copy(leaf, place)
    return copied


@pytest.fixture(scope="module")
def grown(copy: Copy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that runs from the copy, on the added store, with prices."""
    own = {"REELGATE_DATABASE": "postcard", "REELGATE_PREVIEW_PRICE": "list"}
    with running(tmp_path_factory.mktemp("grown") / "data", environment={**own, **loading(copy.source)}) as gateway:
        yield gateway


def test_the_four_leaves_carry_a_job_between_them(grown: Gateway) -> None:
    posted = grown.call("POST", "/post-office", b"a harbour at noon")
    job_id = posted.body.decode()
    assert grown.end_of(job_id)["engine"] == "postcard"
    state, address = grown.call("GET", f"/post-office/{job_id}").body.decode().split(" ")
    assert state == "done"
    assert grown.call("GET", address, key=None).body == b"greetings: a harbour at noon"
    assert {"accept", "lease", "open_attempt", "complete"} <= set((grown.data / "verbs").read_text().split())


def test_the_faces_that_were_there_serve_the_new_family_as_well(grown: Gateway) -> None:
    result = grown.result(grown.submit("postcard/greeting", {"prompt": "a lighthouse"}))
    assert grown.call("GET", result.json["video"]["url"], key=None).body == b"greetings: a lighthouse"
    assert grown.call("POST", "/postcard/greeting", {}).faults == [["body", "prompt"]]
    listed = grown.call("GET", "/v1/models/postcard/greeting")
    assert (listed.status, listed.json["price"]["source"]) == (200, "a test")
    assert grown.call("GET", "/v1/models/postcard/greeting/openapi.json").status == 200
    assert "/post-office/{id}" in grown.call("GET", "/v1/openapi.json").json["paths"]
    assert b"postcard/greeting" in grown.call("GET", "/", headers={"Accept": "text/html"}).body


def test_it_was_paid_for_in_the_new_store(grown: Gateway) -> None:
    before = grown.purse()
    grown.result(grown.submit("postcard/greeting", {"prompt": "a third one"}))
    assert float(before[0]) - float(grown.purse()[0]) == pytest.approx(0.05)
    assert grown.state()["breaches"] == []


def test_nothing_that_was_there_was_edited(copy: Copy, grown: Gateway) -> None:
    assert grown.call("GET", "/healthz").status == 200
    was, now = copy.was, _sums(copy.source)
    assert {name for name in now if name not in was} == {f"reelgate/{leaf.relative_to(LEAVES)}" for leaf in LEAVES.glob("*/*.py")}
    assert {name: now[name] for name in was} == was


def _sums(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
