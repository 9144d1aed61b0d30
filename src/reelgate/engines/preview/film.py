"""A painted stage, filmed: every frame of one text-to-video shot, but for its captions.

What never moves is drawn once. The rest is laid over it from far to near, what is alive between the layers where it lives, the
water mirrors what is there by then, and weather and birds come last. Then the camera turns, and grain lies over all. What is far is
drawn for two frames at once, and so are all colours: eyes see where something is by its light.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reelgate.engines.preview.bird import Flock
from reelgate.engines.preview.camera import Move, Pose, View
from reelgate.engines.preview.encode import FPS
from reelgate.engines.preview.glow import Glow
from reelgate.engines.preview.grade import Grade
from reelgate.engines.preview.plane import Planes, Size, new_planes
from reelgate.engines.preview.precipitation import Rain, Snow
from reelgate.engines.preview.sheet import Easel, Sheet, hidden_from, make_sheet
from reelgate.engines.preview.stage import Layer, Player, Role, Stage
from reelgate.engines.preview.tripod import Tripod
from reelgate.engines.preview.water import Mirror


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """A stage made ready for the camera: built once, filmed from any side."""

    size: Size
    travel: float  # pixels that the foreground may move
    ground: Planes  # what stands still behind everything
    far: tuple[Sheet, ...]  # what hardly moves before it, drawn for two frames at once
    behind: tuple[Sheet | Player, ...]  # drawn before the water
    before: tuple[Sheet | Player, ...]  # drawn after it
    unmirrored: tuple[Sheet, ...]  # behind the water line, but not seen in it
    line: int  # the water's first row; the frame's height where there is no water
    water: Mirror | None
    glow: Glow | None
    weather: tuple[Rain | Snow, ...]
    flock: Flock | None
    ambience: str


def make_set(stage: Stage, size: Size, rng: np.random.Generator) -> Set:
    """Turn a stage into what the camera needs. It lets go of each layer as soon as it can: they are the largest things that there are."""
    layers: list[Layer | None] = [*stage.layers]
    stage = replace(stage, layers=())
    line = size.height if stage.water is None else 2 * round(stage.water.line * size.height / 2)
    after = len(layers) if stage.water is None else stage.water_after
    behind = list(_acts(layers, stage.alive, (0, after), size, rng))
    still = next((at for at, act in enumerate(behind) if not (isinstance(act, Sheet) and act.still)), len(behind))
    slow = next((at for at, act in enumerate(behind) if not (isinstance(act, Sheet) and _is_slow(act))), len(behind))
    return Set(
        size=size,
        travel=stage.margin * _OF_MARGIN,
        ground=_ground([act for act in behind[:still] if isinstance(act, Sheet)], size),
        far=tuple(act for act in behind[still:slow] if isinstance(act, Sheet)),
        behind=tuple(behind[max(still, slow) :]),
        unmirrored=tuple(make_sheet(layer, size, rng) for layer in layers[:after] if layer is not None),
        before=tuple(_acts(layers, stage.alive, (after, len(layers) + 1), size, rng)),
        line=line,
        water=None if stage.water is None else Mirror(stage.water, size, line, rng),
        glow=None if stage.glow is None else Glow(stage.glow, size),
        weather=(*([Rain(stage.rain, size, rng)] if stage.rain else []), *([Snow(stage.snow, size, rng)] if stage.snow else [])),
        flock=Flock(stage.birds, stage.bird_colour, size, rng) if stage.birds else None,
        ambience=stage.ambience,
    )


def _is_slow(sheet: Sheet) -> bool:
    """Whether it goes less than a quarter of a pixel from frame to frame, whatever the camera does."""
    return sheet.depth <= _FAR and abs(sheet.drift) <= _FAR_DRIFT


def _acts(
    layers: list[Layer | None], alive: Sequence[Role], span: tuple[int, int], size: Size, rng: np.random.Generator
) -> Iterator[Sheet | Player]:
    """Layers of a span and who lives between them; those layers are taken. Who lives behind the water line's last layer is behind the
    water."""
    first, last = span
    for at in range(first, last + 1):
        casts = (role.cast for role in alive if role.after == at and (at > first or first == 0))
        yield from (cast(size, rng) for cast in casts)
        layer = layers[at] if at < min(last, len(layers)) else None
        if layer is not None and (first > 0 or layer.reflected):
            layers[at] = None
            yield make_sheet(layer, size, rng)


class Film:
    """One shot of a set."""

    def __init__(self, scenery: Set, move: Move, frames: int, grade: Grade) -> None:
        self._set = scenery
        self._move = move
        self._frames = frames
        self._easel = Easel(scenery.size)
        self._tripod = Tripod(scenery.size, move)
        self._grade = grade
        self._far, self._far_index = new_planes(scenery.size), -1
        self._last, self._last_index = new_planes(scenery.size), -1

    def draw(self, index: int, planes: Planes) -> None:
        """Draw frame `index` over whatever the planes hold."""
        first = index - index % _HELD
        if index != first:
            self._draw(index, replace(planes, coloured=False))
        if first != self._last_index:
            self._draw(first, self._last)
            self._last_index = first
        if index == first:
            np.copyto(planes.y, self._last.y)
        np.copyto(planes.u, self._last.u)
        np.copyto(planes.v, self._last.v)

    def _draw(self, index: int, planes: Planes) -> None:
        second = index / FPS
        pose = self._move.at(index / max(1, self._frames - 1))
        far = self._level(pose)
        planes.copy_from(self._distance(index))
        self._lay(self._set.behind, far, second, planes, self._set.line)
        if self._set.glow is not None:
            self._set.glow.shine(planes, second)
        if self._set.water is not None:
            self._set.water.reflect(planes, second)
        self._lay(self._set.unmirrored, far, second, planes, self._set.line)
        if self._set.flock is not None:
            self._set.flock.fly(planes, second)
        self._lay(self._set.before, pose, second, planes, self._set.size.height)
        for each in self._set.weather:
            each.fall(planes, second)
        self._tripod.turn(planes, pose)
        self._grade.apply(planes, index)

    def _distance(self, index: int) -> Planes:
        """What is far away, as it is at the last even frame."""
        index -= index % _HELD  # by then it has moved by less than anybody sees
        if index != self._far_index:
            pose = self._move.at(index / max(1, self._frames - 1))
            self._far.copy_from(self._set.ground)
            hidden = min(self._limits(self._set.behind, self._view(self._level(pose), index / FPS), self._set.line), default=self._set.line)
            hidden += 2 * math.ceil(_UNSURE * self._set.size.height / 2)  # in the next frame it may be seen
            self._lay(self._set.far, self._level(pose), index / FPS, self._far, min(self._set.line, hidden))
            self._far_index = index
        return self._far

    def _level(self, pose: Pose) -> Pose:
        """Over water the shore stays on its line, and only what is nearer than the water rises and sinks."""
        return pose if self._set.water is None else Pose(x=pose.x, zoom=pose.zoom)

    def _lay(self, acts: Sequence[Sheet | Player], pose: Pose, second: float, planes: Planes, last_row: int) -> None:
        view = self._view(pose, second)
        for act, limit in zip(acts, self._limits(acts, view, last_row), strict=True):
            if isinstance(act, Sheet):
                self._easel.draw(act, view, planes, limit)
            else:
                act.play(planes, second, view)

    def _view(self, pose: Pose, second: float) -> View:
        size = self._set.size
        focus_y = self._set.line if self._set.water is not None else size.height * _EYE
        return View(pose=pose, second=second, travel=self._set.travel, focus_x=size.width / 2, focus_y=focus_y)

    def _limits(self, acts: Sequence[Sheet | Player], view: View, last_row: int) -> list[int]:
        """For each of them the row from which on it is hidden by what is nearer."""
        limits: list[int] = []
        for act in reversed(acts):
            limits.append(last_row)
            if isinstance(act, Sheet):
                last_row = min(last_row, hidden_from(act, view, self._set.size))
        return limits[::-1]


def _ground(sheets: Sequence[Sheet], size: Size) -> Planes:
    ground = new_planes(size)
    easel = Easel(size)
    view = View(pose=Pose(), second=0.0, travel=0.0, focus_x=size.width / 2, focus_y=size.height / 2)
    for sheet in sheets:
        easel.draw(sheet, view, ground, size.height)
    return ground


_HELD = 2  # frames for which the distance and all colours are drawn once
_UNSURE = 0.015  # of the height: further than what is nearer goes from frame to frame, be it in a clip of one second
_FAR = 0.31
_FAR_DRIFT = 9.0  # pixels a second
_OF_MARGIN = 0.85
_EYE = 0.55
