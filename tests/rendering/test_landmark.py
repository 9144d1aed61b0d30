"""Towers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from reelgate.engines.preview import landmark
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.tower import Elevation
from tests.rendering.test_setting import make_setting


@pytest.mark.parametrize("build", [landmark.keep, landmark.needle])
def test_a_tower_stands_on_the_last_row_and_is_lit_by_night_only(build: Callable[[Setting, float], Elevation]) -> None:
    day, night = (build(make_setting(palette), 90.0) for palette in ("day", "night"))
    assert day.cover[-1].max() == 1.0
    assert day.cover[:6].max() > 0.0
    assert day.lamp.max() == 0.0
    assert night.lamp.max() > 0.4


def test_a_needle_is_thin_but_for_its_pod() -> None:
    widths = landmark.needle(make_setting("day"), 200.0).cover.sum(axis=1)
    pod = int(np.argmax(widths[:120]))
    assert widths[pod] > 3 * widths[pod + 30]
    assert widths[5] < 3
