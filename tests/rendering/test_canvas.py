"""Strokes."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview import canvas

RAMP = np.linspace(0.0, 1.0, 32, dtype=np.float32)[None, :].repeat(16, axis=0)


def test_two_layers_together_look_like_one_upon_the_other() -> None:
    rng = np.random.default_rng(4)
    far, near = (
        canvas.layer(rng.random((9, 12, 3), np.float32), 0.1 + 0.9 * rng.random((9, 12), np.float32), top=top, depth=depth)
        for top, depth in ((-2, 0.1), (3, 0.2))
    )
    both = canvas.together(near, far)

    assert (both.top, both.depth, both.alpha.shape) == (-2, 0.1, (14, 12))
    ground = np.full((14, 12, 3), 0.4, np.float32)
    seen = ground.copy()
    for each in (far, near):
        rows = slice(each.top + 2, each.top + 2 + each.alpha.shape[0])
        seen[rows] = each.rgb + seen[rows] * (1 - each.alpha[..., None])
    assert np.abs(both.rgb + ground * (1 - both.alpha[..., None]) - seen).max() < 1e-5


def test_enlarging_and_reducing_keep_the_mean() -> None:
    assert canvas.enlarged(RAMP, 32, 64).mean() == pytest.approx(0.5, abs=1e-3)
    assert canvas.reduced(RAMP, 8, 16).mean() == pytest.approx(0.5, abs=1e-3)
    assert canvas.enlarged(RAMP, 16, 32) is RAMP


@pytest.mark.parametrize("reach", [1.0, 9.0])
def test_a_blur_spreads_and_keeps_what_there_is(reach: float) -> None:
    dot = np.zeros((81, 81), np.float32)
    dot[36:45, 36:45] = 1.0
    soft = canvas.blurred(dot, reach)
    assert soft.max() <= 1.0
    assert soft.sum() == pytest.approx(81.0, rel=0.05)
    assert soft[40, 46] > 0.0


def test_moving_and_bending_are_the_same_shift() -> None:
    columns = np.arange(32, dtype=np.float32)[None, :] - 3.0
    rows = np.arange(16, dtype=np.float32)[:, None]
    assert np.allclose(canvas.moved(RAMP, 3.0, 0.0), canvas.bent(RAMP, columns, rows), atol=1e-3)


def test_smoothstep_goes_either_way() -> None:
    up, down = canvas.smoothstep(RAMP, 0.2, 0.8), canvas.smoothstep(RAMP, 0.8, 0.2)
    assert (up[0, 0], up[0, -1]) == (0.0, 1.0)
    assert np.allclose(up + down, 1.0, atol=1e-5)


def test_screened_light_never_leaves_the_range() -> None:
    picture = canvas.screened(canvas.filled(4, 4, (0.9, 0.5, 0.0)), (1.0, 0.5, 0.25), np.full((4, 4), 0.8))
    assert picture.max() <= 1.0
    assert picture[0, 0] == pytest.approx((0.98, 0.7, 0.2))


def test_a_layer_is_premultiplied_and_cut_to_what_it_holds() -> None:
    alpha = np.zeros((20, 8), np.float32)
    alpha[5:9] = 0.5
    layer = canvas.layer(canvas.filled(20, 8, (1.0, 0.5, 0.0)), alpha, top=100, depth=0.3)
    assert (layer.top, layer.alpha.shape) == (105, (4, 8))
    assert layer.rgb[0, 0] == pytest.approx((0.5, 0.25, 0.0))


def test_an_empty_layer_keeps_one_row() -> None:
    assert canvas.layer(canvas.filled(20, 8, (1.0, 1.0, 1.0)), np.zeros((20, 8)), top=3, depth=0.0).alpha.shape == (1, 8)


def test_a_glow_reaches_beyond_the_things_that_shine() -> None:
    cover = np.zeros((9, 9), np.float32)
    cover[:, :4] = 1.0
    layer = canvas.glowing(cover[..., None] * 0.2, cover, np.full((9, 9, 3), 0.3), top=0, depth=0.1)
    assert layer.alpha[0, 8] == pytest.approx(0.3)
    assert layer.rgb[0, 0, 0] == pytest.approx(1 - 0.8 * 0.7)
    assert (layer.rgb <= layer.alpha[..., None]).all()
