"""Layers that sway where they stand: people who breathe, a crowd that listens."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Planes, Size
from reelgate.engines.preview.sheet import Easel, make_sheet
from reelgate.engines.preview.stage import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How layers sway: how far to the sides and up, in short sides, and how long it takes."""

    aside: float
    up: float
    period_s: float


class Swaying:
    """Plays layers, each in its own time."""

    def __init__(self, layers: Sequence[Layer], rhythm: Rhythm, size: Size, rng: np.random.Generator) -> None:
        self._sheets = [make_sheet(layer, size, rng) for layer in layers]
        self._rhythm, self._size, self._easel = rhythm, size, Easel(size)
        self._phase = rng.uniform(0, math.tau, (len(layers), 2))
        self._pace = rng.uniform(0.8, 1.25, len(layers))

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Draw them where they have swayed to by then."""
        for number, sheet in enumerate(self._sheets):
            turn = math.tau * second / self._rhythm.period_s * float(self._pace[number])
            reach = self._size.least / max(1e-6, view.travel * sheet.depth)
            pose = replace(
                view.pose,
                x=view.pose.x + self._rhythm.aside * reach * math.sin(turn + float(self._phase[number, 0])),
                y=view.pose.y + self._rhythm.up * reach * math.sin(turn * 1.7 + float(self._phase[number, 1])),
            )
            self._easel.draw(sheet, replace(view, pose=pose), planes, self._size.height)
