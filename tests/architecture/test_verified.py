"""What `make verify-live` tries and writes down, and what README's table makes of its records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from reelgate.cli.client import Client
from reelgate.contracts.provider import Provider
from reelgate.discovery import load_leaves
from scripts.tables import MOCKED, shown
from scripts.verify_live import KEYS, VENDORS, Verification, can_be_tried, is_vendor, record_of

TESTS = Path(__file__).resolve().parent.parent
PROVIDERS = load_leaves("reelgate.providers", "PROVIDER", Provider)
OURS = {name: each for name, each in PROVIDERS.items() if type(each).__module__.startswith("reelgate.")}
WELL, BADLY, UNTRIED = {"good": True}, {"good": False}, {"good": None}


def record(folder: Path, provider: str, date: str, *, vendor: bool = True, **steps: Mapping[str, Any]) -> None:
    """Keep one as the script writes it."""
    told = record_of(provider, {"vendor": vendor, "endpoint": "a/b", "cost": "0.1"}, steps)
    (folder / f"{provider}-{date}.json").write_text(json.dumps({**told, "date": date}))


# -- what is tried -------------------------------------------------------------------------------------------------------


def test_every_provider_has_its_keys() -> None:
    assert set(KEYS) == set(OURS)
    for name, keys in KEYS.items():
        assert set(keys) <= set(OURS[name].secrets)


@pytest.mark.parametrize(
    ("environment", "tried"),
    [
        ({"FAL_KEY": "k"}, {"fal"}),
        ({"OPENAI_API_KEY": "k"}, set[str]()),
        ({"OPENAI_ADDRESS": "http://gpu.example/v1"}, {"openai"}),
        ({"FAL_GATEWAY_KEY": "k"}, set[str]()),
        ({"FAL_GATEWAY_KEY": "k", "FAL_GATEWAY_ADDRESS": "https://other.example"}, {"fal_gateway"}),
        ({"KLING_GATEWAY_ADDRESS": "https://other.example"}, set[str]()),
        ({"REELGATE_UPSTREAM_KEY": "k", "REELGATE_UPSTREAM_ADDRESS": "https://other.example"}, {"reelgate"}),
    ],
)
def test_a_provider_is_tried_if_there_are_its_keys_and_an_address(environment: dict[str, str], tried: set[str]) -> None:
    assert {name for name in KEYS if can_be_tried(name, environment)} == tried


@pytest.mark.parametrize("name", sorted(VENDORS))
def test_a_vendor_is_known_by_its_own_address(name: str) -> None:
    usual = OURS[name].address
    assert is_vendor(name, usual or "https://api.openai.com/v1")
    for other in ("http://127.0.0.1:8000", f"https://{VENDORS[name]}.example.com", f"https://not{VENDORS[name]}"):
        assert not is_vendor(name, other)
    assert not is_vendor("fal_gateway", usual)


# -- how a cancel went ---------------------------------------------------------------------------------------------------


class Upstream:
    """Both clients of a gateway whose job ends so; it is with the vendor at the second look, or over before it was."""

    def __init__(self, ends: str, *, early: bool = False) -> None:
        self._ends, self._early, self._looks, self.asked = ends, early, 0, list[str]()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        del method, body
        self.asked.append(path)
        return {"good": True, "job": {"id": "j"}}

    def get(self, path: str) -> Any:
        if not path.startswith("/admin/"):
            return {"state": self._ends, "video": None, "render_s": None, "failure": None}
        self._looks += 1
        state = self._ends if self._early and self._looks > 1 else "running"
        return {"state": state, "attempts": [{"upstream_id": "u" if self._looks > 1 and not self._early else None}]}

    def exchange(self, method: str, path: str, body: Any = None) -> Any:
        raise KeyError(method, path, body)


@pytest.mark.parametrize(
    ("provider", "ends", "good"),
    [
        ("replicate", "cancelled", True),
        ("replicate", "done", False),
        ("replicate", "failed", False),
        ("fal", "cancelled", True),
        ("fal", "done", None),  # only what waits there can be cancelled
        ("veo", "done", None),
    ],
)
def test_a_video_that_was_made_all_the_same_is_no_cancel(provider: str, ends: str, good: bool | None) -> None:
    upstream = Upstream(ends)
    client = cast("Client", upstream)
    steps = Verification(client, client, provider, {"endpoint": "a/b", "cost": "0.1", "input": {}}).run()
    assert steps["cancel"]["good"] is good
    assert any(path.endswith("/cancel") for path in upstream.asked) is (provider != "veo")


def test_a_cancel_that_never_left_this_gateway_shows_nothing() -> None:
    upstream = Upstream("failed", early=True)
    client = cast("Client", upstream)
    steps = Verification(client, client, "replicate", {"endpoint": "a/b", "cost": "0.1", "input": {}}).run()
    assert steps["cancel"]["good"] is None
    assert not any(path.endswith("/cancel") for path in upstream.asked)


# -- what is shown -------------------------------------------------------------------------------------------------------


def test_the_newest_record_counts_whatever_its_name(tmp_path: Path) -> None:
    record(tmp_path, "kling", "2026-11-27", submit=BADLY)
    record(tmp_path, "kling_gateway", "2026-01-01", submit=WELL)
    assert shown(["kling", "kling_gateway"], tmp_path) == "live, 2026-11-27: [see the record](docs/verified/kling-2026-11-27.json)"
    record(tmp_path, "kling", "2026-12-01", submit=WELL)
    assert shown(["kling"], tmp_path) == "live, 2026-12-01: [all went well](docs/verified/kling-2026-12-01.json)"


def test_what_was_not_tried_did_not_go_well(tmp_path: Path) -> None:
    record(tmp_path, "fal", "2026-11-27", check=WELL, submit=WELL, cancel=UNTRIED)
    assert shown(["fal"], tmp_path) == "live, 2026-11-27: [check, submit went well](docs/verified/fal-2026-11-27.json)"


def test_what_others_have_answered_is_not_the_vendor_s(tmp_path: Path) -> None:
    record(tmp_path, "fal", "2026-11-27", submit=BADLY)
    record(tmp_path, "reelgate", "2026-12-01", vendor=False, submit=WELL)
    record(tmp_path, "fal", "2026-12-02", vendor=False, submit=WELL)
    assert shown(["fal", "fal_gateway", "reelgate"], tmp_path).startswith("live, 2026-11-27: [see the record]")
    assert shown(["reelgate"], tmp_path).startswith("written from documents, ")


def test_a_mock_is_less_than_the_vendor_and_more_than_its_documents(tmp_path: Path) -> None:
    assert shown(["openai"], tmp_path) == f"vendor's mock, {MOCKED['openai']}"
    record(tmp_path, "openai", "2026-12-01", submit=WELL)
    assert shown(["openai"], tmp_path).startswith("live, ")
    assert {path.stem.removeprefix("vendor_mock_") for path in TESTS.glob("vendor_mock_*.py")} == set(MOCKED)
