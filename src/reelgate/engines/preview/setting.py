"""What every part of a scene must know: how large, from where the light comes, where the water begins, what air there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reelgate.engines.preview import canvas, sky, weather
from reelgate.engines.preview.palette import Palette, mixed
from reelgate.engines.preview.plane import Picture
from reelgate.engines.preview.stage import Brief, Layer, Stage, Water


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A brief, settled."""

    brief: Brief
    palette: Palette
    light: sky.Light
    shore: int  # row at which the water or the foreground begins; even
    side: float  # +1: the light stands in the right half, -1: in the left

    @property
    def unit(self) -> float:
        """Short side of the frame, pixels: the measure of everything, so that a tall frame gets no needles."""
        return float(min(self.brief.width, self.brief.height))

    @property
    def wide(self) -> float:
        """Width of the frame in short sides."""
        return self.brief.width / self.unit

    @property
    def columns(self) -> int:
        """Columns of a layer."""
        return self.brief.width + 2 * self.brief.margin

    @property
    def line(self) -> float:
        """The shore as a fraction of the frame's height."""
        return self.shore / self.brief.height

    @property
    def murk(self) -> float:
        """Share of air in front of everything far away, over and above its distance: none on a clear day, some in fog."""
        return max(0.0, 0.9 * (self.palette.haziness - _HAZY))

    def aside(self, share: float) -> float:
        """A fraction of the width counted from the edge away from the light, as one counted from the left; and back."""
        return share if self.side > 0.0 else 1.0 - share

    def air(self, rows: int, *, warmth: float, paleness: float = 0.0) -> Picture:
        """Colour of far things, (rows, columns, 3): haze, towards the light its blaze by `warmth`, elsewhere the horizon by `paleness`."""
        palette = self.palette
        x = (np.arange(self.columns, dtype=np.float32) - self.brief.margin - self.light.x * self.brief.width) / self.unit
        near = np.exp(-((x / 0.6) ** 2))[None, :]
        colours = canvas.between(mixed(palette.haze, palette.horizon, paleness), mixed(palette.haze, palette.blaze, 0.7), near * warmth)
        return np.broadcast_to(colours, (rows, self.columns, 3))

    def water(self, *, tint_strength: float, ripple: float) -> Water:
        """Water from the shore on, with the light's path where a light is to be seen."""
        shown = self.palette.sun_size > 0.0 or self.palette.sun_height > _HIGH
        return Water(
            line=self.line,
            tint=self.palette.water,
            tint_strength=tint_strength,
            ripple=ripple,
            glitter=self.palette.glitter if shown else None,
            sun_x=self.light.x,
        )

    def staged(self, behind: Sequence[Layer], front: Sequence[Layer], *, water: Water | None, birds: int, ambience: str) -> Stage:
        """The stage: layers behind and before the water, and the weather of the brief."""
        palette, brief = self.palette, self.brief
        return Stage(
            layers=(*behind, *front),
            margin=brief.margin,
            water=water,
            water_after=len(behind),
            rain=weather.rain(brief),
            snow=weather.snow(brief),
            birds=weather.birds(brief, birds),
            bird_colour=mixed(palette.ground, palette.middle, 0.18),
            glow=(self.light.x, self.light.y, 0.6, mixed(palette.blaze, (0.0, 0.0, 0.0), 0.62)),
            ambience=ambience,
        )


def settle(brief: Brief, *, line: tuple[float, float], light_x: float, lift: float = 0.0) -> Setting:
    """`line`: the shore as a fraction of the height, for wide and for tall frames. `light_x`: where the light stands, or opposite.

    `lift`: by how many short sides the land behind the shore raises the horizon that the light is measured from.
    """
    palette = weather.palette_of(brief)
    shore = 2 * round(line[0 if brief.width >= brief.height else 1] * brief.height / 2)
    side = 1.0 if brief.rng.random() < _RIGHT else -1.0
    x = light_x if side > 0.0 else 1.0 - light_x
    horizon = (shore - lift * min(brief.width, brief.height)) / brief.height
    return Setting(brief=brief, palette=palette, light=sky.light_of(brief, palette, horizon, x), shore=shore, side=side)


_HAZY = 0.65  # haziness up to which air only veils what is far
_HIGH = 0.5  # a light this high is above the frame, but on the water all the same
_RIGHT = 0.55  # how often the light stands in the right half
