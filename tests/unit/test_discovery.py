"""Leaves are found by themselves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reelgate.discovery import load_leaves


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "garden"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "rose.py").write_text("LEAF = 'rose'")
    (folder / "_soil.py").write_text("raise ImportError('nobody loads the soil')")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "garden"]:
        monkeypatch.delitem(sys.modules, name)
    return folder


def test_every_module_without_an_underscore_is_a_leaf(package: Path) -> None:
    (package / "aster.py").write_text("LEAF = 'aster'")
    assert list(load_leaves("garden", "LEAF", str).items()) == [("aster", "aster"), ("rose", "rose")]


def test_a_leaf_without_its_constant_stops_the_start(package: Path) -> None:
    (package / "weed.py").write_text("")
    with pytest.raises(AttributeError, match="weed"):
        load_leaves("garden", "LEAF")


def test_another_package_adds_a_leaf_by_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "fixtures" / "engines"))
    assert "scripted" in load_leaves("reelgate.engines", "ENGINE")


def test_two_leaves_of_one_name_stop_the_start(package: Path, tmp_path: Path) -> None:
    del package
    told = tmp_path / "other-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text("[garden]\nrose = garden.rose\n")
    with pytest.raises(ValueError, match="two leaves of the name rose"):
        load_leaves("garden", "LEAF")
