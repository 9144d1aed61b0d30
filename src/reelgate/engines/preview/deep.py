"""The light under water: what of a palette's air is left there, and how it dies away from the surface."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview import canvas, weather
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour, Picture, Plane
from reelgate.engines.preview.setting import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Deep:
    """Water, lit from above."""

    setting: Setting
    surface: Colour  # where the light comes in
    deep: Colour  # where none does
    beam: Colour  # of a ray of light
    dim: float  # how much light comes down, 0 to 1
    milk: float  # how full of plankton it is, 0 to 1

    @property
    def shining(self) -> bool:
        """Whether it is dark enough for what shines by itself."""
        return self.setting.palette.lamps > _DARK

    def near(self, top: int, rows: int) -> Plane:
        """How near the light each place is, 0 to 1, (rows, columns) of a layer whose first row is the frame's row `top`."""
        setting = self.setting
        small = (max(2, rows // _COARSE), max(2, setting.columns // _COARSE))
        down, across = (np.linspace(0.0, edge, many, dtype=np.float32) for edge, many in zip((rows, setting.columns), small, strict=True))
        y = (down[:, None] + top) / setting.unit
        x = (across[None, :] - setting.brief.margin - setting.light.x * setting.brief.width) / setting.unit
        tall = max(1.0, (setting.brief.height / setting.unit) ** 0.6)
        away = np.hypot(x * 0.8, (y / tall + 0.10) * 0.95)
        return canvas.enlarged(np.asarray(np.exp(-(away**1.35) * 1.3), np.float32), rows, setting.columns)

    def seen(self, near: Plane) -> Picture:
        """The water there."""
        return canvas.between(self.deep, self.surface, np.clip(near, 0.0, 1.0))


def sounded(setting: Setting) -> Deep:
    """The water of a setting: its palette, seen through the sea."""
    palette, brief = setting.palette, setting.brief
    gloomy = brief.palette == "storm" or weather.asked(brief, "storm", "rain")
    dim = 0.5 if palette.moon else 0.5 if gloomy else 1.0
    milk = min(1.0, setting.murk / _MILKY)
    # Night and neon have colours of their own down to the ground; by day the sea keeps most of its turquoise.
    dark = palette.lamps > _DARK
    air = mixed(palette.horizon, palette.blaze, 0.4)
    surface = mixed(_ALGAE if gloomy else _SHALLOW, air, 0.62 if dark else 0.32)
    deep = mixed(mixed(_ABYSS, palette.water, 0.7 if dark else 0.35), palette.ground, 0.30 + 0.3 * (1.0 - dim))
    if gloomy:
        surface, deep = mixed(surface, palette.zenith, 0.30), mixed(deep, _WEED, 0.55)
    surface = mixed(surface, mixed(palette.haze, _SHALLOW, 0.18), 0.80 * milk)
    deep = mixed(deep, mixed(palette.cloud_shade, _ABYSS, 0.35), 0.75 * milk)
    beam = mixed(mixed(palette.light, palette.blaze, 0.5), (1.0, 1.0, 1.0), 0.15)
    return Deep(setting=setting, surface=surface, deep=deep, beam=mixed(beam, surface, 0.25), dim=dim, milk=milk)


_SHALLOW = (0.30, 0.78, 0.84)
_ABYSS = (0.01, 0.13, 0.25)
_ALGAE = (0.30, 0.62, 0.42)
_WEED = (0.02, 0.13, 0.10)
_DARK = 0.5  # lamps of a palette from which on it is night
_MILKY = 0.27  # murk of the thickest fog
_COARSE = 8
