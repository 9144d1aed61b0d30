"""The lock files name versions and checksums and never a host."""

from __future__ import annotations

import pytest

from scripts.locks import check, pins_of, strip_clients, wrong_with, wrong_with_clients

PINNED = "starlette==1.0.0 \\\n    --hash=sha256:00ff\n    # via reelgate (pyproject.toml)\n"


def test_the_lock_files_are_in_order() -> None:
    assert list(check()) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example/simple",
        "--extra-index-url=https://packages.example/simple",
        "-i packages.example",
        "--find-links wheels",
        "starlette @ https://packages.example/starlette.whl",
    ],
)
def test_a_place_to_fetch_from_is_found(line: str) -> None:
    assert list(wrong_with(f"{line}\n{PINNED}")) == ["line 1 names a place to fetch from"]


def test_a_package_without_a_checksum_is_found() -> None:
    assert list(wrong_with(f"{PINNED}orjson==3.11.0\n    # via reelgate\n")) == ["orjson has no checksum"]


def test_what_is_in_order_is_left_alone() -> None:
    assert list(wrong_with(PINNED)) == []
    assert pins_of(PINNED) == {"starlette": {"1.0.0"}}


def test_a_host_in_the_lock_of_clients_is_found() -> None:
    package = '{"packages": {"": {}, "node_modules/a": {"integrity": "sha512-x", "resolved": "https://packages.example/a.tgz"}}}'
    for name in ("resolved", "deprecated", "funding"):
        assert list(wrong_with_clients(package.replace("resolved", name))) == ["node_modules/a names a host"]
    assert list(wrong_with_clients(strip_clients(package.replace("resolved", "funding")))) == []
    assert list(wrong_with_clients('{"packages": {"node_modules/a": {"version": "1"}}}')) == ["node_modules/a has no checksum"]
