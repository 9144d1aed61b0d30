"""Parts of pictures, cut out, and what is left."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview.cutout import cut_out, filled, rimmed
from reelgate.engines.preview.plane import new_planes, picture_planes
from reelgate.engines.preview.sheet import Easel
from tests.rendering.clip import SMALL, noise

IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def disc(radius: float, height: int = SMALL.height, width: int = SMALL.width) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return (np.hypot(rows - height / 2, columns - width / 2) < radius).astype(np.float32)


def test_a_hole_takes_the_colours_around_it_and_nothing_of_what_was_there() -> None:
    picture = np.full((180, 320, 3), (40, 90, 160), np.uint8)
    picture[disc(40) > 0] = (255, 0, 0)
    ground = filled(picture, [disc(40)])
    assert np.abs(ground.astype(int) - (40, 90, 160)).max() <= 3


def test_what_no_mask_marks_is_left_as_it_is() -> None:
    picture = noise(180, 320)
    far = disc(60) == 0
    assert np.array_equal(filled(picture, [disc(40)])[far], picture[far])


def test_a_picture_that_is_all_hole_is_no_error() -> None:
    assert filled(noise(180, 320), [np.ones((180, 320), np.float32)]).shape == (180, 320, 3)


def test_put_back_where_it_was_a_part_makes_the_picture_whole() -> None:
    picture, mask = noise(180, 320), disc(40)
    planes = picture_planes(filled(picture, [mask]))
    Easel(SMALL).lay(cut_out(picture, rimmed(mask)), IDENTITY, planes)
    whole = picture_planes(picture)
    assert np.abs(planes.y.astype(int) - whole.y).max() <= 6
    assert np.abs(planes.u.astype(int) - whole.u).mean() < 1


def test_a_part_moves_with_its_matrix() -> None:
    white = np.full((180, 320, 3), 255, np.uint8)
    planes = new_planes(SMALL)
    moved = IDENTITY.copy()
    moved[0, 2] = -60
    Easel(SMALL).lay(cut_out(white, disc(20)), moved, planes)
    assert planes.y[90, 160 + 60] > 200
    assert planes.y[90, 160] < 30


def test_a_rim_fades_outwards() -> None:
    mask = disc(40)
    rim = rimmed(mask)
    row = rim[90, 160:240]
    assert (rim[mask > 0] == 1).all()
    assert (np.diff(row) <= 1e-6).all()
    assert row[-1] == 0
