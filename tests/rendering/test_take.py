"""Takes, and how they are cut together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reelgate.engines.preview.format import frame_size
from reelgate.engines.preview.plane import Planes, Size
from reelgate.engines.preview.scenery import found_scenes
from reelgate.engines.preview.sound import BEDS
from reelgate.engines.preview.take import Script, Take, cut_together, make_take
from tests.rendering.clip import SMALL, drawn, noise

TINY = Size(width=160, height=90)


def script(prompt: str = "sunset over the ocean", *, seed: int = 5, **more: object) -> Script:
    return Script(**{"prompt": prompt, "negative_prompt": "", "seconds": 1, "seed": seed, "cfg_scale": 0.5, **more})


def test_takes_follow_each_other() -> None:
    seen: list[tuple[str, int]] = []

    def take(name: str, frames: int) -> Take:
        def draw(index: int, _planes: Planes) -> None:
            seen.append((name, index))

        return Take(frames=frames, draw=draw, ambience="air")

    draw = cut_together([take("a", 2), take("b", 1), take("c", 2)])
    for index in range(5):
        drawn(draw, index)

    assert seen == [("a", 0), ("a", 1), ("b", 0), ("c", 0), ("c", 1)]


def test_words_become_a_scene_with_its_sound() -> None:
    take = make_take(script(), SMALL)

    assert (take.frames, take.ambience) == (24, "sea")
    assert drawn(take.draw, 0).y.std() > 12


PLACES = {
    "city": "a city",
    "desert": "desert dunes",
    "flow": "abstract silk",
    "forest": "a forest",
    "mountains": "mountains",
    "ocean": "the ocean",
    "road": "an empty highway",
    "space": "a planet in outer space",
    "stage": "a singer on a stage before an audience",
    "underwater": "a coral reef underwater",
}


def test_every_scene_has_a_bed_of_its_own_and_its_pictures_have_the_same() -> None:
    assert set(PLACES) == set(found_scenes())
    picture = noise(90, 160)
    heard = {name: make_take(script(f"{words} at sunset"), TINY).ambience for name, words in PLACES.items()}
    assert len(set(heard.values())) == len(heard)
    assert set(heard.values()) <= set(BEDS)
    assert {name: make_take(script(f"{words} at sunset", first=picture), TINY).ambience for name, words in PLACES.items()} == heard


@pytest.mark.parametrize("first", [None, noise(90, 160)])
def test_rain_and_night_are_heard(first: np.ndarray | None) -> None:
    def heard(prompt: str) -> str:
        return make_take(script(prompt, first=first), TINY).ambience

    assert heard("a forest in the rain") == heard("the ocean in the rain") == "rain"
    assert heard("a forest at night") == heard("an empty highway at midnight") == "night"
    assert heard("a planet in outer space at night") == "space"
    assert heard("a forest at noon") == "forest"


def test_the_first_frame_has_no_caption_and_later_ones_do() -> None:
    with_words, without = make_take(script("the sea, the sea"), SMALL), make_take(script("sea"), SMALL)

    def lower_third(take: Take, index: int) -> np.ndarray:
        return drawn(take.draw, index).y[130:175, 10:150].astype(int)

    assert np.abs(lower_third(with_words, 10) - lower_third(with_words, 0)).max() > 100
    assert lower_third(without, 0).max() < 235


def test_a_take_may_go_without_its_caption() -> None:
    silent, told = (make_take(script("the sea, the sea", captioned=captioned), SMALL) for captioned in (False, True))

    def change(take: Take) -> int:
        first, later = (drawn(take.draw, index).y[130:175, 10:150].astype(int) for index in (0, 10))
        return np.abs(later - first).max()

    assert change(silent) < 100 < change(told)
    assert np.array_equal(drawn(silent.draw, 0).y, drawn(told.draw, 0).y)


def test_a_picture_is_filmed_instead_of_a_scene() -> None:
    picture = noise(180, 320)

    take = make_take(script("a quiet afternoon", first=picture), SMALL)

    assert take.ambience == "air"
    assert drawn(take.draw, 0).y[:100].std() > 20


@pytest.mark.parametrize("palette", ["dawn", "night"])
@pytest.mark.parametrize("shape", ["16:9", "9:16", "1:1"])
def test_scenes_are_composed_for_every_shape(palette: str, shape: str) -> None:
    full = frame_size(shape, "480p")
    size = type(full)(width=full.width // 4 * 2, height=full.height // 4 * 2)

    for scene in ("ocean", "mountains", "city"):
        frame = drawn(make_take(script(f"{scene} at {palette}"), size).draw, 12, size)
        assert frame.y.std() > 12, scene
        assert (frame.u.std() + frame.v.std()) > 2, scene


def test_what_the_negative_prompt_refuses_is_left_out() -> None:
    grainy, clean = make_take(script(), SMALL), make_take(script(negative_prompt="grain, vignette"), SMALL)

    assert drawn(clean.draw, 0).y[:4, :4].mean() > drawn(grainy.draw, 0).y[:4, :4].mean()


def test_it_needs_no_file(tmp_path: Path) -> None:
    make_take(script(), SMALL)

    assert list(tmp_path.iterdir()) == []


def test_what_has_no_place_in_its_scene_is_named() -> None:
    prompts = {
        "a lighthouse and a camel in the desert": ("camel", "lighthouse"),
        "a lighthouse by the ocean": (),
        "people in the city": ("people",),
        "a river in a mountain valley": (),
    }
    for prompt, names in prompts.items():
        assert make_take(script(prompt=prompt, seconds=1), Size(width=64, height=36)).undrawn == names


def test_of_a_picture_nothing_is_said_to_be_undrawn() -> None:
    assert make_take(script(prompt="a camel", first=noise(90, 120), seconds=1), SMALL).undrawn == ()
