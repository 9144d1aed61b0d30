"""The mark of a preview."""

from __future__ import annotations

import pytest

from reelgate.engines.preview.overlay import Laying
from reelgate.engines.preview.pill import make_pill
from reelgate.engines.preview.plane import Size, new_planes


@pytest.mark.parametrize("from_picture", [False, True])
@pytest.mark.parametrize(
    "size", [Size(width=1280, height=720), Size(width=720, height=1280), Size(width=480, height=480), Size(width=320, height=180)]
)
def test_it_lies_inside_the_frame(size: Size, from_picture: bool) -> None:
    pill = make_pill(size, from_picture=from_picture)

    height, width = pill.alpha.shape
    assert pill.left + width <= size.width
    assert pill.top + height <= size.height
    assert pill.left % 2 == pill.top % 2 == height % 2 == width % 2 == 0


def test_it_is_top_right_over_a_scene_and_bottom_left_over_a_picture() -> None:
    size = Size(width=1280, height=720)
    scene, picture = make_pill(size, from_picture=False), make_pill(size, from_picture=True)

    assert (scene.top < 60, scene.left > 640) == (True, True)
    assert (picture.left < 60, picture.top > 640) == (True, True)
    assert scene.alpha.shape[0] == 34


@pytest.mark.parametrize("ground", [16, 128, 235])
def test_it_can_be_read_on_any_ground(ground: int) -> None:
    planes = new_planes(Size(width=1280, height=720))
    planes.y[:] = ground
    pill = make_pill(planes.size, from_picture=False)

    Laying(pill).lay(planes)

    height, width = pill.alpha.shape
    part = planes.y[pill.top : pill.top + height, pill.left : pill.left + width].astype(int)
    assert part.max() > 220
    assert part[height // 2, 14:30].min() < 110
    assert (planes.y[100:] == ground).all()
