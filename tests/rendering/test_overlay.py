"""Something drawn over a frame."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.overlay import Laying, Overlay
from reelgate.engines.preview.plane import new_planes
from tests.rendering.clip import SMALL


def laid(strength: float) -> float:
    alpha = np.full((20, 40), 0.8, np.float32)
    overlay = Overlay(rgb=np.repeat(alpha[..., None], 3, axis=2), alpha=alpha, left=10, top=30)
    planes = new_planes(SMALL)
    Laying(overlay).lay(planes, strength)
    assert planes.y[29].max() == planes.y[50].max() == 16
    assert (planes.u == 128).all()
    return float(planes.y[40, 20])


@pytest.mark.parametrize(("strength", "light"), [(1.0, 16 + 0.8 * 219), (0.5, 16 + 0.4 * 219), (0.0, 16)])
def test_it_covers_as_much_as_it_is_told(strength: float, light: float) -> None:
    assert laid(strength) == pytest.approx(light, abs=2)
