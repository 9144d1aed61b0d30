"""A picture, filmed: image-to-video without a model.

The camera moves over the picture as over a flat thing, gently. A person may be cut out of it and moves a little more than what is
behind, as near things do, and what the caller has masked stays or goes its way; nothing is bent or guessed at, and the faces that
callers send stay theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.camera import Move, Pose, ease
from reelgate.engines.preview.cutout import cut_out, filled, rimmed
from reelgate.engines.preview.lens import Lens, window
from reelgate.engines.preview.plane import Bytes, Floats, Planes, Size, new_planes, picture_planes
from reelgate.engines.preview.sheet import Easel, Sheet, halved


class PictureMove:
    """One shot over a picture."""

    def __init__(self, picture: Bytes, size: Size, move: Move, frames: int) -> None:
        self._size = size
        self._move = move
        self._frames = frames
        self._room = _room(move)
        self.largest = (1 + self._room + _ZOOM) * _FINER  # how many times the frame its canvas is
        self._canvas = picture_planes(_canvas(picture, size, self.largest))
        self._lens = Lens(size, 1, edge=cv2.BORDER_REFLECT)
        self._half = Lens(Size(width=size.width // 2, height=size.height // 2), 1, edge=cv2.BORDER_REFLECT)

    def draw(self, index: int, planes: Planes) -> None:
        """Draw frame `index` over whatever the planes hold."""
        pose = self._move.at(index / max(1, self._frames - 1))
        self.draw_at(planes, pose, 1 + self._room + _ZOOM * (pose.zoom + pose.narrow))

    def matrix(self, pose: Pose) -> npt.NDArray[np.float64]:
        """(2, 3): pixel of the frame to pixel of the canvas, at a pose."""
        return self._matrix(pose, 1 + self._room + _ZOOM * (pose.zoom + pose.narrow))

    def draw_at(self, planes: Planes, pose: Pose, zoom: float) -> None:
        """Draw the picture enlarged `zoom` times; the pose moves it within what is then out of sight."""
        matrix = self._matrix(pose, zoom)
        rows, columns = planes.y.shape
        np.copyto(planes.y, self._lens.show(self._canvas.y, window(matrix, slice(0, rows), slice(0, columns))))
        seen = window(halved(matrix), slice(0, rows // 2), slice(0, columns // 2))
        for plane, whole in ((planes.u, self._canvas.u), (planes.v, self._canvas.v)):
            np.copyto(plane, self._half.show(whole, seen))

    def _matrix(self, pose: Pose, zoom: float) -> npt.NDArray[np.float64]:
        width, height = self._canvas.size.width, self._canvas.size.height
        step = width / (self._size.width * zoom)
        turn = np.deg2rad(pose.roll)
        linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * step
        hidden = max(0.0, 1 - 1 / zoom) / 2 * _OF_ROOM
        aside, down = _aside(pose)
        centre = np.array([width * (0.5 + aside * hidden), height * (0.5 + down * hidden)]) - 0.5
        middle = np.array([self._size.width / 2, self._size.height / 2]) - 0.5
        return np.column_stack([linear, centre - linear @ middle])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A part of the picture that moves by itself. `mask`: (h, w) of any size, 0 to 1. `way`: places that it passes, as fractions of the
    picture from its upper left corner; one place = it stays where it is; none = a person, who stands nearer than the rest."""

    mask: Floats
    way: tuple[tuple[float, float], ...] = ()


class LayeredMove:
    """One shot over a picture and the parts of it that move by themselves. The first frame shows the picture as it is."""

    def __init__(self, picture: Bytes, size: Size, move: Move, frames: int, cuts: Sequence[Cut]) -> None:
        whole = _whole(picture.shape[1], picture.shape[0], size)
        masks = [_mask_for(picture, cut.mask) for cut in cuts]
        ground = filled(picture, masks)
        self._ground = PictureMove(ground, size, move, frames)
        self._move, self._frames, self._cuts = move, frames, cuts
        canvas = _canvas(picture, size, self._ground.largest)
        self._sheets = [cut_out(canvas, _placed(rimmed(mask), canvas, size)) for mask in masks]
        self._border = None if whole == (1.0, 1.0) else _border(ground, size, self._ground.largest, far=any(cut.way for cut in cuts))
        self._inner = (size.width * whole[0], size.height * whole[1])
        self._easel = Easel(size)

    def draw(self, index: int, planes: Planes) -> None:
        """Draw frame `index` over whatever the planes hold."""
        moment = index / max(1, self._frames - 1)
        self._ground.draw(index, planes)
        first, now = self._move.at(0.0), self._move.at(moment)
        for cut, sheet in zip(self._cuts, self._sheets, strict=True):
            pose = first if cut.way else _nearer(first, now)
            matrix = self._ground.matrix(pose)
            if len(cut.way) > 1:
                matrix[:, 2] -= matrix[:, :2] @ self._gone(cut.way, moment)
            self._easel.lay(sheet, matrix, planes)
        if self._border is not None:
            self._easel.lay(self._border, self._ground.matrix(now), planes)

    def _gone(self, way: Sequence[tuple[float, float]], moment: float) -> npt.NDArray[np.float64]:
        """How far along its way a part is, in pixels of the frame: as fast everywhere."""
        places = np.array(way) * self._inner
        passed = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(places, axis=0).T))])
        at = ease(moment) * passed[-1]
        return np.array([np.interp(at, passed, places[:, axis]) - places[0, axis] for axis in (0, 1)])


def _aside(pose: Pose) -> tuple[float, float]:
    """How far the camera is from the middle, to the right and down: before a flat thing, to go and to turn are the same."""
    return pose.x + pose.pan, pose.y + pose.tilt


def _nearer(first: Pose, now: Pose) -> Pose:
    """The pose as somebody near sees it: as far again, within limits, beyond which the edges of a cut show."""

    def more(before: float, after: float, share: float, most: float) -> float:
        return after + min(most, max(-most, share * (after - before)))

    (was_aside, was_down), (aside, down) = _aside(first), _aside(now)
    return Pose(
        x=more(was_aside, aside, _NEAR_TRAVEL, _NEAR_MOST),
        y=more(was_down, down, _NEAR_TRAVEL, _NEAR_MOST),
        zoom=more(first.zoom + first.narrow, now.zoom + now.narrow, _NEAR_ZOOM, 1.0),
        roll=now.roll,
    )


def _border(picture: Bytes, size: Size, largest: float, *, far: bool) -> Sheet:
    """What is around a picture that is shown whole, as a sheet to lay over parts that have moved beyond its edge: all of it if they go
    `far`, else the strip that a person may come to, which is drawn in a third of the time."""
    canvas = _canvas(picture, size, largest)
    inside = _placed(np.ones(picture.shape[:2], np.float32), canvas, size)
    around = np.ones_like(inside)
    if not far:
        reach = 2 * round(_NEAR_REACH * max(size.width, size.height) * largest) + 1
        around = np.asarray(cv2.dilate(inside, np.ones((reach, reach), np.uint8)), np.float32)
    return cut_out(canvas, np.asarray(around - inside, np.float32))


def _mask_for(picture: Bytes, mask: Floats) -> Floats:
    height, width = picture.shape[:2]
    return np.clip(np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR), np.float32), 0, 1)


def _placed(mask: Floats, canvas: Bytes, size: Size) -> Floats:
    """The mask where `_canvas` has put the picture that it belongs to."""
    height, width = canvas.shape[:2]
    across, down = _whole(mask.shape[1], mask.shape[0], size)
    inner = (_even(width * across), _even(height * down))
    scaled = np.clip(np.asarray(cv2.resize(mask, inner, interpolation=cv2.INTER_LINEAR), np.float32), 0, 1)
    if inner == (width, height):
        return scaled
    placed = np.zeros((height, width), np.float32)
    top, left = (height - inner[1]) // 2, (width - inner[0]) // 2
    placed[top : top + inner[1], left : left + inner[0]] = scaled
    return placed


def _whole(width: int, height: int, size: Size) -> tuple[float, float]:
    """Which part of the frame's width and height a picture of this size takes when it is shown whole."""
    ratio = width / height * size.height / size.width
    if abs(ratio - 1) < _NEARLY:
        return 1.0, 1.0
    return min(1.0, ratio), min(1.0, 1 / ratio)


class Dissolve:
    """From one picture to another while the camera keeps going; the last frame shows the second one whole."""

    def __init__(self, first: Bytes, last: Bytes, size: Size, frames: int) -> None:
        self._frames = frames
        self._first = PictureMove(first, size, _STILL, frames)
        self._last = PictureMove(last, size, _STILL, frames)
        self._other = new_planes(size)

    def draw(self, index: int, planes: Planes) -> None:
        """Draw frame `index` over whatever the planes hold."""
        moment = index / max(1, self._frames - 1)
        share = _smooth((moment - _DISSOLVE_FROM) / (_DISSOLVE_TO - _DISSOLVE_FROM))
        if share < 1:
            self._first.draw_at(planes, Pose(), 1 + _ZOOM * ease(moment))
        if share > 0:
            # It arrives from a little further off, so that both pictures move the same way and this one ends at its edges.
            into = self._other if share < 1 else planes
            self._last.draw_at(into, Pose(), 1 - 0.6 * _ZOOM * (1 - ease(moment)))
        if 0 < share < 1:
            for plane, other in ((planes.y, self._other.y), (planes.u, self._other.u), (planes.v, self._other.v)):
                cv2.addWeighted(plane, 1 - share, other, share, 0, dst=plane)


def _canvas(picture: Bytes, size: Size, largest: float) -> Bytes:
    """The picture at the size of the frame's nearest look at it: filling the frame, or whole on a blurred extension of itself."""
    height, width = picture.shape[:2]
    full = (_even(size.width * largest), _even(size.height * largest))
    if abs(width / height * size.height / size.width - 1) < _NEARLY:
        return _scaled(picture, full)
    scale = min(full[0] / width, full[1] / height)
    inner = _scaled(picture, (_even(width * scale), _even(height * scale)))
    ground = _extension(picture, full)
    top, left = (full[1] - inner.shape[0]) // 2, (full[0] - inner.shape[1]) // 2
    ground[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
    return ground


def _extension(picture: Bytes, full: tuple[int, int]) -> Bytes:
    """The picture, cut to fill, blurred and darkened: a ground of its own colours."""
    height, width = picture.shape[:2]
    scale = max(full[0] / width, full[1] / height) / _BLUR_STEP
    small = cv2.resize(picture, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    want_w, want_h = -(-full[0] // _BLUR_STEP), -(-full[1] // _BLUR_STEP)
    top, left = max(0, (small.shape[0] - want_h) // 2), max(0, (small.shape[1] - want_w) // 2)
    cut = cv2.GaussianBlur(small[top : top + want_h, left : left + want_w], (0, 0), min(want_w, want_h) * 0.045 + 0.6)
    dark = cv2.convertScaleAbs(cv2.resize(cut, full, interpolation=cv2.INTER_CUBIC), alpha=0.5)
    return np.asarray(dark, np.uint8)


def _scaled(picture: Bytes, size: tuple[int, int]) -> Bytes:
    smaller = size[0] < picture.shape[1]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4), np.uint8)


def _room(move: Move) -> float:
    """How much of the picture must be out of sight for the camera to travel: none for a push, a tenth for a pan."""
    widest = max(abs(each) for pose in (move.start, move.end) for each in _aside(pose))
    turned = max(abs(pose.roll) for pose in (move.start, move.end))
    return (_PAN_ROOM if widest > _A_PAN else 0.0) + 0.03 * turned


def _smooth(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return part * part * (3 - 2 * part)


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))


_STILL = Move(start=Pose(), end=Pose())
_ZOOM = 0.09
_FINER = 1.03  # a canvas is a little finer than its nearest look, so that it is never drawn at a scale close to one (see `lens`)
_PAN_ROOM = 0.1
_A_PAN = 0.5
_OF_ROOM = 0.92
_NEARLY = 0.025
_BLUR_STEP = 8
_DISSOLVE_FROM = 0.3
_DISSOLVE_TO = 0.72

_NEAR_TRAVEL = 1.8
_NEAR_MOST = 0.45  # of the room that the camera has
_NEAR_ZOOM = 0.35
_NEAR_REACH = 0.08  # of the frame's longer side: further than that no person goes beyond the picture
