"""A picture, filmed: image-to-video without a model.

The camera moves over the picture as over a flat thing, gently. Nothing in it is cut out, bent or guessed at: the
faces that callers send stay theirs.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.camera import Move, Pose, ease
from reelgate.engines.preview.plane import Bytes, Planes, Size, new_planes, picture_planes
from reelgate.engines.preview.sheet import halved


class PictureMove:
    """One shot over a picture."""

    def __init__(self, picture: Bytes, size: Size, move: Move, frames: int) -> None:
        self._size = size
        self._move = move
        self._frames = frames
        self._room = _room(move)
        canvas = _canvas(picture, size, 1 + self._room + _ZOOM)
        self._canvas = picture_planes(canvas)
        self._half = np.dstack([self._canvas.u, self._canvas.v, self._canvas.u, self._canvas.v])
        self._warped = np.empty((size.height // 2, size.width // 2, 4), np.uint8)

    def draw(self, index: int, planes: Planes) -> None:
        """Draw frame `index` over whatever the planes hold."""
        pose = self._move.at(index / max(1, self._frames - 1))
        self.draw_at(planes, pose, 1 + self._room + _ZOOM * pose.zoom)

    def draw_at(self, planes: Planes, pose: Pose, zoom: float) -> None:
        """Draw the picture enlarged `zoom` times; the pose moves it within what is then out of sight."""
        matrix = self._matrix(pose, zoom)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        height, width = planes.y.shape
        cv2.warpAffine(self._canvas.y, matrix, (width, height), dst=planes.y, flags=flags, borderMode=cv2.BORDER_REFLECT)
        small = (width // 2, height // 2)
        cv2.warpAffine(self._half, halved(matrix), small, dst=self._warped, flags=flags, borderMode=cv2.BORDER_REFLECT)
        cv2.mixChannels([self._warped], [planes.u, planes.v], [0, 0, 1, 1])

    def _matrix(self, pose: Pose, zoom: float) -> npt.NDArray[np.float64]:
        width, height = self._canvas.size.width, self._canvas.size.height
        step = width / (self._size.width * zoom)
        turn = np.deg2rad(pose.roll)
        linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * step
        hidden = max(0.0, 1 - 1 / zoom) / 2 * _OF_ROOM
        centre = np.array([width * (0.5 + pose.x * hidden), height * (0.5 + pose.y * hidden)]) - 0.5
        middle = np.array([self._size.width / 2, self._size.height / 2]) - 0.5
        return np.column_stack([linear, centre - linear @ middle])


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
    widest = max(abs(each) for pose in (move.start, move.end) for each in (pose.x, pose.y))
    turned = max(abs(pose.roll) for pose in (move.start, move.end))
    return (_PAN_ROOM if widest > _A_PAN else 0.0) + 0.03 * turned


def _smooth(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return part * part * (3 - 2 * part)


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))


_STILL = Move(start=Pose(), end=Pose())
_ZOOM = 0.09
_PAN_ROOM = 0.1
_A_PAN = 0.5
_OF_ROOM = 0.92
_NEARLY = 0.025
_BLUR_STEP = 8
_DISSOLVE_FROM = 0.3
_DISSOLVE_TO = 0.72
