"""Named palettes: the hour and the air of a scene, as the colours a matte painter would mix first.

Every colour of a picture comes from one palette, so that one light colours everything: sky, haze, lit and shaded sides,
water. A palette names no scene; a scene names no colour of its own where a palette has one.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, fields, replace

from reelgate.engines.preview.plane import Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours of an hour of the day. sRGB, 0 to 1."""

    zenith: Colour  # the sky at the top of the frame
    middle: Colour  # half way down
    horizon: Colour  # above the horizon, away from the light
    blaze: Colour  # the horizon under the light
    sun: Colour  # the disc of sun or moon
    light: Colour  # a white wall that the light strikes
    shade: Colour  # the same wall in shadow
    haze: Colour  # air: what far things fade to
    ground: Colour  # the nearest, darkest things
    water: Colour  # tint of deep water
    cloud_light: Colour
    cloud_shade: Colour
    glitter: Colour  # the light's path on water
    sun_height: float  # of the disc's centre above the horizon, fraction of the room above it
    sun_size: float = 0.03  # radius of the disc, fraction of the frame's short side; 0 = none to be seen
    moon: bool = False  # a moon instead of a sun
    stars: float = 0.0  # 0 to 1
    cloud: float = 0.5  # cover, 0 to 1
    haziness: float = 0.5  # how much of far things the air takes, 0 to 1
    lamps: float = 0.0  # how many windows and street lamps are lit, 0 to 1


def named(name: str, richness: float = 0.5) -> Palette:
    """The palette of that name, day if there is none. `richness` 0 to 1 moves saturation by up to 15 % either way; 0.5 leaves it."""
    palette = PALETTES.get(name, PALETTES["day"])
    factor = 1.0 + 0.3 * (min(max(richness, 0.0), 1.0) - 0.5)
    if factor == 1.0:
        return palette
    colours = {field.name: value for field in fields(palette) if isinstance(value := getattr(palette, field.name), tuple)}
    return replace(palette, **{key: _saturated(colour, factor) for key, colour in colours.items()})


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: `share` 0 = the first, 1 = the second."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def _rgb(code: str) -> Colour:
    red, green, blue = (int(code[at : at + 2], 16) / 255.0 for at in (0, 2, 4))
    return red, green, blue


def _saturated(colour: Colour, factor: float) -> Colour:
    hue, lightness, saturation = colorsys.rgb_to_hls(*colour)
    return colorsys.hls_to_rgb(hue, lightness, min(1.0, saturation * factor))


# A palette reads as a palette only when its colours stand side by side.
# fmt: off
PALETTES: dict[str, Palette] = {
    "dawn": Palette(
        zenith=_rgb("3d5480"), middle=_rgb("8a83ab"), horizon=_rgb("e3b0a8"), blaze=_rgb("ffd9a8"),
        sun=_rgb("fff0d0"), light=_rgb("ffd2b0"), shade=_rgb("6f78a8"), haze=_rgb("d3aeb4"),
        ground=_rgb("141a30"), water=_rgb("35466b"), cloud_light=_rgb("ffc9b4"), cloud_shade=_rgb("7d7ba2"),
        glitter=_rgb("ffe0b8"), sun_height=0.10, sun_size=0.024, stars=0.10, cloud=0.45, haziness=0.62, lamps=0.35,
    ),
    "golden": Palette(
        zenith=_rgb("4c7ba0"), middle=_rgb("b8ab98"), horizon=_rgb("eebb74"), blaze=_rgb("ffe09a"),
        sun=_rgb("fff6d8"), light=_rgb("ffd48a"), shade=_rgb("66687c"), haze=_rgb("e8b878"),
        ground=_rgb("1f1a1c"), water=_rgb("56564f"), cloud_light=_rgb("ffe0a8"), cloud_shade=_rgb("a08478"),
        glitter=_rgb("ffe6a4"), sun_height=0.24, sun_size=0.030, cloud=0.45, haziness=0.60, lamps=0.18,
    ),
    "day": Palette(
        zenith=_rgb("215a9e"), middle=_rgb("5a97cc"), horizon=_rgb("bcdcea"), blaze=_rgb("eef5ee"),
        sun=_rgb("fffdf2"), light=_rgb("fff8e6"), shade=_rgb("6f8cb0"), haze=_rgb("b4d0e2"),
        ground=_rgb("1c2b28"), water=_rgb("1c5a78"), cloud_light=_rgb("ffffff"), cloud_shade=_rgb("9db4cc"),
        glitter=_rgb("f4fbff"), sun_height=0.82, sun_size=0.0, cloud=0.42, haziness=0.38,
    ),
    "sunset": Palette(
        zenith=_rgb("33205e"), middle=_rgb("a83a68"), horizon=_rgb("f4824a"), blaze=_rgb("ffd06a"),
        sun=_rgb("fff0b4"), light=_rgb("ff9a5a"), shade=_rgb("5a3a6e"), haze=_rgb("e0705a"),
        ground=_rgb("190f22"), water=_rgb("3a2456"), cloud_light=_rgb("ff9a68"), cloud_shade=_rgb("6a3264"),
        glitter=_rgb("ffd890"), sun_height=0.075, sun_size=0.036, stars=0.06, cloud=0.55, haziness=0.55, lamps=0.42,
    ),
    "night": Palette(
        zenith=_rgb("060b1e"), middle=_rgb("0f1d3c"), horizon=_rgb("2a4266"), blaze=_rgb("5a789c"),
        sun=_rgb("f2f4ea"), light=_rgb("a9c0dc"), shade=_rgb("1e2c4c"), haze=_rgb("2a4060"),
        ground=_rgb("04070f"), water=_rgb("0a1830"), cloud_light=_rgb("7f9abc"), cloud_shade=_rgb("16233f"),
        glitter=_rgb("cfe0f4"), sun_height=0.52, sun_size=0.036, moon=True, stars=1.0, cloud=0.32, haziness=0.50, lamps=0.62,
    ),
    "storm": Palette(
        zenith=_rgb("20272f"), middle=_rgb("3c4850"), horizon=_rgb("7d8a88"), blaze=_rgb("c8cdb8"),
        sun=_rgb("e8e8d8"), light=_rgb("b4bcb4"), shade=_rgb("3e4a54"), haze=_rgb("76837f"),
        ground=_rgb("0d1215"), water=_rgb("1f2e34"), cloud_light=_rgb("a6aea8"), cloud_shade=_rgb("2a3138"),
        glitter=_rgb("d4dccf"), sun_height=0.20, sun_size=0.0, cloud=0.95, haziness=0.70, lamps=0.34,
    ),
    "neon": Palette(
        zenith=_rgb("080720"), middle=_rgb("1d1048"), horizon=_rgb("6a1f78"), blaze=_rgb("f0508e"),
        sun=_rgb("ffc6de"), light=_rgb("e89ae0"), shade=_rgb("1f1c54"), haze=_rgb("4a237c"),
        ground=_rgb("070416"), water=_rgb("100a34"), cloud_light=_rgb("c04e9e"), cloud_shade=_rgb("1e1048"),
        glitter=_rgb("ff9ad8"), sun_height=0.13, sun_size=0.045, stars=0.35, cloud=0.42, haziness=0.55, lamps=0.80,
    ),
    "fog": Palette(
        zenith=_rgb("97a3ab"), middle=_rgb("b3bcc0"), horizon=_rgb("d0d4d3"), blaze=_rgb("ece7da"),
        sun=_rgb("fbf5e6"), light=_rgb("e6e3da"), shade=_rgb("7d8b94"), haze=_rgb("c9cecd"),
        ground=_rgb("2a3236"), water=_rgb("75858c"), cloud_light=_rgb("e2e2dc"), cloud_shade=_rgb("a3adb2"),
        glitter=_rgb("f6f0e0"), sun_height=0.30, sun_size=0.028, cloud=0.55, haziness=0.95, lamps=0.22,
    ),
}
"""From first light to last, then the weathers."""
# fmt: on
