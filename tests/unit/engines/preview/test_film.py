"""A stage, filmed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from reelgate.engines.preview.camera import Move, Pose, View, move_for
from reelgate.engines.preview.film import Film, make_set
from reelgate.engines.preview.plane import Planes, new_planes
from reelgate.engines.preview.stage import Role, Stage
from tests.unit.engines.preview.clip import SMALL, drawn

PUSH = move_for(frozenset({"push_in"}), 1.0)
STILL = Move(start=Pose(), end=Pose())
CLEAN = {"grain": False, "vignette": False}


def film(stage: Stage, move: Move = PUSH, *, frames: int = 24, **look: bool) -> Film:
    return Film(make_set(stage, SMALL, np.random.default_rng(4)), move, frames, **look)


def difference(one: Planes, other: Planes) -> float:
    return float(np.abs(one.y.astype(int) - other.y).mean())


def test_a_frame_is_drawn_wholly_whatever_was_there(stage: Stage) -> None:
    shot = film(stage)

    dirty, clean = drawn(shot.draw, 3), drawn(shot.draw, 3)

    clean.y[:] = 0
    shot.draw(3, clean)
    assert difference(dirty, clean) == 0


def test_frames_do_not_depend_on_those_before(stage: Stage) -> None:
    in_order, alone = film(stage), film(stage)
    for index in range(6):
        last = drawn(in_order.draw, index)

    assert difference(last, drawn(alone.draw, 5)) == 0


def test_it_moves_even_where_the_camera_stands(stage: Stage) -> None:
    shot = film(stage, STILL, **CLEAN)

    first, later = drawn(shot.draw, 0), drawn(shot.draw, 12)

    assert np.array_equal(first.y[:76], later.y[:76])
    assert not np.array_equal(first.y[110:150], later.y[110:150])  # the water


def test_water_shows_the_sky_upside_down(stage: Stage) -> None:
    assert stage.water is not None
    glass = replace(stage, water=replace(stage.water, ripple=0.0, tint_strength=0.0), layers=stage.layers[:2])
    frame = drawn(film(glass, STILL, **CLEAN).draw, 0)

    above, below = frame.y[88:104].astype(float), frame.y[112:128][::-1].astype(float)
    assert np.corrcoef(above.ravel(), below.ravel())[0, 1] > 0.6


def test_what_is_not_to_be_mirrored_is_not(stage: Stage) -> None:
    plain = film(stage, STILL, **CLEAN)
    shy = film(replace(stage, layers=(stage.layers[0], replace(stage.layers[1], reflected=False), stage.layers[2])), STILL, **CLEAN)

    one, other = drawn(plain.draw, 0), drawn(shy.draw, 0)

    assert np.abs(one.y[:104].astype(int) - other.y[:104]).mean() < 2
    assert np.abs(one.y[110:126].astype(int) - other.y[110:126]).mean() > 8


def test_weather_birds_and_glow_are_seen(stage: Stage) -> None:
    bare = drawn(film(stage, STILL, **CLEAN).draw, 2)

    for change in ({"rain": 1.0}, {"snow": 1.0}, {"birds": 4}, {"glow": (0.5, 0.3, 0.6, (0.9, 0.6, 0.2))}):
        assert difference(bare, drawn(film(replace(stage, **change), STILL, **CLEAN).draw, 2)) > 0.02, change


def test_grain_and_vignette_can_be_refused(stage: Stage) -> None:
    plain, graded = drawn(film(stage, STILL, **CLEAN).draw, 0), drawn(film(stage, STILL).draw, 0)

    assert graded.y[:8, :8].mean() < plain.y[:8, :8].mean() - 8
    assert difference(plain, graded) > 1.5


def test_a_stage_without_water_is_drawn_to_its_foot(stage: Stage) -> None:
    dry = replace(stage, water=None, water_after=0)

    assert drawn(film(dry, STILL, **CLEAN).draw, 0).y[130:150].mean() > 80  # the sky's light, not water


class Lamp:
    """Lives at the left edge, above the water, and remembers when it was seen before what."""

    def __init__(self, seen: list[tuple[float, int]]) -> None:
        self.seen = seen

    def play(self, planes: Planes, second: float, view: View) -> None:
        x, y, _ = view.seen(5.0, 75.0, 0.0)
        self.seen.append((second, int(planes.y[int(y), int(x)])))
        planes.y[70:80, :20] = 200


def test_what_is_alive_is_drawn_between_its_layers_and_mirrored_like_them(stage: Stage) -> None:
    seen: list[tuple[float, int]] = []
    behind = replace(stage, alive=(Role(after=1, cast=lambda *_: Lamp(seen)),))
    planes, plain = new_planes(SMALL), new_planes(SMALL)
    film(behind, STILL, **CLEAN).draw(12, planes)
    film(stage, STILL, **CLEAN).draw(12, plain)
    assert [second for second, _ in seen] == [0.5]
    assert planes.y[75, 5] == 200
    assert not np.array_equal(planes.y[SMALL.height // 2 :], plain.y[SMALL.height // 2 :]), "water mirrors it"
    covered = replace(stage, alive=(Role(after=0, cast=lambda *_: Lamp(seen)),))
    film(covered, STILL, **CLEAN).draw(12, planes)
    assert np.array_equal(planes.y, plain.y), "the sky stands before it"
    last = replace(stage, alive=(Role(after=len(stage.layers), cast=lambda *_: Lamp(seen)),))
    film(last, STILL, **CLEAN).draw(12, planes)
    assert planes.y[75, 5] == 200
