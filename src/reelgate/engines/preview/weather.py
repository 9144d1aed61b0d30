"""What the words of a brief do to any scene: air, clouds, rain, snow, birds."""

from __future__ import annotations

from dataclasses import replace

from reelgate.engines.preview.palette import Palette, mixed, named
from reelgate.engines.preview.plane import Colour
from reelgate.engines.preview.stage import Brief


def asked(brief: Brief, *words: str) -> bool:
    """Whether one of the words is wanted and not refused in the negative prompt."""
    return any(word in brief.words and word not in brief.negative for word in words)


def palette_of(brief: Brief) -> Palette:
    """The brief's palette, changed by the weather that is asked for."""
    palette = named(brief.palette, brief.cfg_scale)
    if asked(brief, "fog"):
        palette = _veiled(palette)
    if "fog" in brief.negative:
        palette = replace(palette, haziness=palette.haziness * 0.55)
    if asked(brief, "storm", "rain"):
        palette = _overcast(palette, 0.9 if asked(brief, "storm") else 0.78)
    if asked(brief, "snow"):
        palette = replace(palette, cloud=max(palette.cloud, 0.65), stars=palette.stars * 0.3)
    if asked(brief, "moon") and palette.stars > 0.0 and not palette.moon:
        palette = replace(palette, moon=True, sun_size=0.034, sun_height=max(palette.sun_height, 0.42))
    if asked(brief, "stars") and palette.stars > 0.0:
        palette = replace(palette, stars=1.0, cloud=min(palette.cloud, 0.25))
    if asked(brief, "clear") or "clouds" in brief.negative:
        palette = replace(palette, cloud=0.08)
    return _without_lights(brief, palette)


def rain(brief: Brief) -> float:
    """How hard it rains, 0 to 1."""
    if not asked(brief, "rain"):
        return 0.0
    return 1.0 if asked(brief, "storm") or brief.palette == "storm" else 0.45 + 0.3 * brief.cfg_scale


def snow(brief: Brief) -> float:
    """How hard it snows, 0 to 1."""
    return 0.5 + 0.4 * brief.cfg_scale if asked(brief, "snow") else 0.0


def birds(brief: Brief, usual: int) -> int:
    """How many birds: `usual` unless the words say otherwise; none in rain, snow or the dark unless asked for."""
    if "birds" in brief.negative:
        return 0
    if asked(brief, "birds"):
        return max(usual, 5) + round(4 * brief.cfg_scale)
    return 0 if asked(brief, "rain", "snow", "storm") or brief.palette in {"night", "neon", "storm"} else usual


def _without_lights(brief: Brief, palette: Palette) -> Palette:
    """The palette without the moon and the stars that the brief refuses."""
    if "moon" in brief.negative and palette.moon:
        # It stays a night's. The little light there is comes from below the horizon: else it would shine from an empty place in the sky.
        palette = replace(palette, sun_size=0.0, sun_height=_SET)
    return replace(palette, stars=0.0) if "stars" in brief.negative else palette


def _veiled(palette: Palette) -> Palette:
    """In fog: the sky is air too, and what colour there is comes through it. The darker the hour, the less of it is seen."""
    share = _VEIL * (1.0 - 0.7 * palette.lamps)
    air = mixed(palette.haze, _grey(palette.haze), 0.45)
    return replace(
        palette,
        haziness=min(1.0, max(0.95, palette.haziness + 0.3)),
        stars=palette.stars * 0.3,
        cloud=min(palette.cloud, 0.2),
        zenith=mixed(palette.zenith, air, share),
        middle=mixed(palette.middle, air, share),
        horizon=mixed(palette.horizon, air, share),
        blaze=mixed(palette.blaze, air, 0.4 * share),
        haze=mixed(palette.haze, air, share),
        light=mixed(palette.light, air, 0.5 * share),
        water=mixed(palette.water, air, 0.5 * share),
        cloud_light=mixed(palette.cloud_light, air, share),
        cloud_shade=mixed(palette.cloud_shade, air, share),
    )


def _overcast(palette: Palette, cover: float) -> Palette:
    """Under clouds that rain. By day the sky between them is not blue, nor is anything lit as in the sun: grey, and a little darker."""
    grey = _GREY * max(0.0, 1.0 - palette.lamps / _DUSK)
    return replace(
        palette,
        cloud=max(palette.cloud, cover),
        stars=palette.stars * 0.15,
        zenith=_greyed(mixed(palette.zenith, palette.haze, 0.5 * grey), grey),
        middle=_greyed(palette.middle, grey),
        horizon=_greyed(palette.horizon, grey),
        blaze=_greyed(palette.blaze, grey),
        haze=_greyed(palette.haze, grey),
        light=_greyed(palette.light, grey),
        water=_greyed(palette.water, grey),
        cloud_light=_greyed(mixed(palette.cloud_light, palette.haze, 0.35), grey),
        cloud_shade=_greyed(palette.cloud_shade, grey),
        haziness=min(1.0, palette.haziness + 0.1),
    )


def _grey(colour: Colour) -> Colour:
    """As light, and without colour."""
    red, green, blue = colour
    grey = 0.30 * red + 0.59 * green + 0.11 * blue
    return grey, grey, grey


def _greyed(colour: Colour, share: float) -> Colour:
    grey = 0.80 * _grey(colour)[0]
    return mixed(colour, (0.98 * grey, grey, 1.03 * grey), share)


_VEIL = 0.72  # how much of the sky by day is fog
_GREY = 0.72  # of what is blue by day
_DUSK = 0.3  # lamps of a palette from which on rain changes no colours
_SET = -0.08
"""How high what has set stands above the horizon, fraction of the room above it."""
