"""Links of the documents lead somewhere, and decisions are numbered; versions agree."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import reelgate
from reelgate.contracts.channel import Channel
from scripts.docs import broken_links, misnumbered

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_link_leads_to_a_file() -> None:
    assert list(broken_links(ROOT)) == []


def test_decisions_count_up_from_one() -> None:
    assert list(misnumbered(ROOT / "docs" / "decisions")) == []


def test_every_setting_of_a_channel_stands_in_the_document() -> None:
    table = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8").partition("<!-- begin channel_settings -->")[2]
    told = re.findall(r"^\| `(\w+)` \| `--", table.partition("<!-- end channel_settings -->")[0], re.MULTILINE)
    other = {"id", "provider", "state", "note", "created_at"}  # what a channel is, and what became of it
    assert told == [each.name for each in fields(Channel) if each.name not in other]


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("[a](gone.md) [b](README.md#part) [c](https://example.com) `[d](code.md)`\n")
    assert list(broken_links(tmp_path)) == ["README.md: gone.md is not there"]


def test_a_gap_between_decisions_is_found(tmp_path: Path) -> None:
    for name in ("0001-first.md", "0003-third.md"):
        (tmp_path / name).touch()
    assert list(misnumbered(tmp_path)) == ["docs/decisions: numbers do not count up from 1: [1, 3]"]


def test_package_project_and_changelog_agree_on_the_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    released = re.findall(r"^## (\S+) \(", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert reelgate.__version__ == project["version"]
    assert not released or released[0] == project["version"]
