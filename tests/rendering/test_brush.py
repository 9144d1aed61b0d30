"""Masks of the motion brush, read from both wires."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.domain.media import Foreign, VideoInput
from reelgate.engines.preview.brush import Stroke, strokes_of

FIRST, STAYS, GOES = (Foreign(f"https://{name}") for name in ("first", "stays", "goes"))
WAY = [{"x": 320, "y": 180}, {"x": 480, "y": 180}]


def wanted(wire: str, **extra: Any) -> VideoInput:
    return VideoInput(first_frame=FIRST, references=(STAYS, GOES), extras={wire: extra})


@pytest.mark.parametrize(("wire", "static", "mask"), [("kling", "static_mask", "mask"), ("fal", "static_mask_url", "mask_url")])
def test_both_wires_are_read(wire: str, static: str, mask: str) -> None:
    asked = wanted(wire, **{static: 0, "dynamic_masks": [{mask: 1, "trajectories": WAY}]})
    assert strokes_of(asked) == (
        Stroke(field=static, mask=STAYS),
        Stroke(field="dynamic_masks", mask=GOES, way=((320.0, 180.0), (480.0, 180.0))),
    )


def test_a_part_without_a_way_goes_nowhere() -> None:
    assert strokes_of(wanted("fal", dynamic_masks=[{"mask_url": 1, "trajectories": []}])) == ()
    assert strokes_of(wanted("fal", dynamic_masks=[{"mask_url": 1}])) == ()
    assert strokes_of(wanted("fal", dynamic_masks=[{"mask_url": 7, "trajectories": WAY}])) == ()


def test_without_a_first_picture_or_with_a_last_one_there_is_nothing_to_mark() -> None:
    extras = {"kling": {"static_mask": 0}}
    assert strokes_of(VideoInput(references=(STAYS,), extras=extras)) == ()
    assert strokes_of(VideoInput(first_frame=FIRST, last_frame=GOES, references=(STAYS,), extras=extras)) == ()
