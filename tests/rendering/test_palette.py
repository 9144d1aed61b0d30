"""Palettes: one light that colours everything."""

from __future__ import annotations

import colorsys
from dataclasses import fields

import pytest

from reelgate.engines.preview.palette import PALETTES, Palette, mixed, named


def brightness(colour: tuple[float, float, float]) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def colours(palette: Palette) -> list[tuple[float, float, float]]:
    return [value for field in fields(palette) if isinstance(value := getattr(palette, field.name), tuple)]


def test_the_hours_and_weathers_that_prompts_name_are_there() -> None:
    assert set(PALETTES) == {"dawn", "golden", "day", "sunset", "night", "storm", "neon", "fog"}


@pytest.mark.parametrize("name", PALETTES)
def test_a_palette_has_one_light(name: str) -> None:
    palette = named(name)
    assert all(0.0 <= part <= 1.0 for colour in colours(palette) for part in colour)
    assert brightness(palette.light) > brightness(palette.shade) > brightness(palette.ground)
    assert brightness(palette.cloud_light) > brightness(palette.cloud_shade)
    assert brightness(palette.blaze) >= brightness(palette.horizon) > brightness(palette.zenith)


def test_light_on_the_night_sea_has_the_colour_of_the_moon() -> None:
    red, green, blue = named("night").glitter
    assert blue >= green >= red


def test_an_unknown_palette_is_day() -> None:
    assert named("teatime") == PALETTES["day"]


def test_richness_moves_saturation_and_nothing_else() -> None:
    pale, usual, rich = (named("sunset", richness) for richness in (0.0, 0.5, 1.0))
    assert usual == PALETTES["sunset"]
    saturations = [colorsys.rgb_to_hls(*palette.middle)[2] for palette in (pale, usual, rich)]
    assert saturations == sorted(saturations)
    assert saturations[0] < saturations[2]
    assert colorsys.rgb_to_hls(*pale.middle)[:2] == pytest.approx(colorsys.rgb_to_hls(*rich.middle)[:2])
    assert (pale.sun_height, pale.moon, pale.lamps) == (usual.sun_height, usual.moon, usual.lamps)


def test_mixing_goes_from_the_first_colour_to_the_second() -> None:
    assert mixed((0.0, 0.5, 1.0), (1.0, 0.5, 0.0), 0.0) == (0.0, 0.5, 1.0)
    assert mixed((0.0, 0.5, 1.0), (1.0, 0.5, 0.0), 0.25) == (0.25, 0.5, 0.75)
