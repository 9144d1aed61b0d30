"""Road, painted from every palette in every aspect."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.camera import Pose, View
from reelgate.engines.preview.plane import Size, new_planes
from reelgate.engines.preview.scenes.road import SCENE
from tests.painting import make_brief


def test_a_road_lives_before_the_hills() -> None:
    stage = SCENE.paint(make_brief("day"))
    (role,) = stage.alive
    assert role.after == len(stage.layers) - 1


def test_hills_are_paler_the_farther_they_are() -> None:
    layers = [layer for layer in SCENE.paint(make_brief("sunset", (320, 180))).layers if layer.depth in (0.06, 0.10, 0.16)]
    light = [float(layer.rgb.sum() / layer.alpha.sum()) for layer in layers]
    assert light == sorted(light, reverse=True)


def test_snow_lies_on_the_hills_in_drifts_and_not_in_stripes() -> None:
    dry, snowy = (SCENE.paint(make_brief("day", (320, 180), words=words)).layers[2] for words in ("", "snow"))
    white = (snowy.rgb - dry.rgb).mean(axis=2)[-8:-2]
    assert white.mean() > 0.02
    assert white.std(axis=0).mean() > 0.25 * white.std(axis=1).mean()


def test_land_under_snow_is_bright() -> None:
    dry, snowy = (drawn_land(words) for words in ("", "snow"))
    assert snowy > 1.5 * dry


def drawn_land(words: str) -> float:
    """How bright the land beside the road is, a frame's foot long."""
    size = Size(width=160, height=90)
    planes = new_planes(size)
    view = View(pose=Pose(), second=0.0, travel=8.0, focus_x=80.0, focus_y=50.0)
    SCENE.paint(make_brief("day", words=words)).alive[0].cast(size, np.random.default_rng(1)).play(planes, 0.0, view)
    return float(planes.y[62:70, :8].mean()) - 16.0
