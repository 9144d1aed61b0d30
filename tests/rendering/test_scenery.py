"""The scenes that are found."""

from __future__ import annotations

from reelgate.engines.preview.scenery import found_scenes
from reelgate.engines.preview.vocabulary import SCENE


def test_three_scenes_are_painted_at_least() -> None:
    assert {"ocean", "mountains", "city"} <= set(found_scenes())


def test_a_scene_is_called_by_its_name() -> None:
    assert all(name == scene.name for name, scene in found_scenes().items())


def test_the_vocabulary_knows_every_scene() -> None:
    assert set(found_scenes()) <= set(SCENE)
