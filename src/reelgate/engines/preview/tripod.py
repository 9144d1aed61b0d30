"""What the camera does without going anywhere: it turns, and its lens narrows the view. All that is seen moves alike, far and near.

A camera that goes somewhere moves each layer by its depth (see `film`); here the finished frame is moved. So nothing comes apart, and a
far shore, a water line and the stars move with the rest. The frame is enlarged, during all of the shot, by just what the turning needs:
no edge is ever seen.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from reelgate.engines.preview.camera import Move, Pose
from reelgate.engines.preview.lens import Lens, Matrix, window
from reelgate.engines.preview.plane import Planes, Size
from reelgate.engines.preview.sheet import halved


class Tripod:
    """Turns the frames of one shot. `edge`: how a frame would go on beyond its edges, as OpenCV names it."""

    def __init__(self, size: Size, move: Move, *, edge: int = cv2.BORDER_REPLICATE) -> None:
        self._size = size
        self._reach = _REACH * size.least
        widest = move.widest
        self.turns = bool(widest.pan or widest.tilt or widest.roll or widest.narrow)
        self.enlarged = self._enlarged(widest)
        self._lens = Lens(size, 1, edge=edge)

    def turn(self, planes: Planes, pose: Pose) -> None:
        """Turn a finished frame, in place."""
        if not self.turns:
            return
        matrix = self._matrix(pose)
        rows, columns = planes.y.shape
        np.copyto(planes.y, self._lens.show(planes.y, window(matrix, slice(0, rows), slice(0, columns))))
        if not planes.coloured:
            return
        seen = window(halved(matrix), slice(0, rows // 2), slice(0, columns // 2))
        for plane in (planes.u, planes.v):
            np.copyto(plane, self._lens.show(plane, seen))

    def _matrix(self, pose: Pose) -> Matrix:
        """(2, 3): pixel of what is shown to pixel of what was drawn."""
        turn = math.radians(pose.roll)
        linear = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        linear /= self.enlarged * (1 + _NARROWS * pose.narrow)
        middle = np.array([self._size.width - 1, self._size.height - 1]) / 2
        looked_at = middle + np.array([pose.pan, pose.tilt]) * self._reach
        return np.column_stack([linear, looked_at - linear @ middle])

    def _enlarged(self, widest: Pose) -> float:
        """How many times as large all must be for no edge to be seen."""
        turn = math.radians(widest.roll)
        width, height = self._size.width, self._size.height
        across = (width * math.cos(turn) + height * math.sin(turn)) / (width - 2 * widest.pan * self._reach)
        down = (height * math.cos(turn) + width * math.sin(turn)) / (height - 2 * widest.tilt * self._reach)
        return max(across, down, _LEAST)


_REACH = 0.07  # of the frame's shorter side: how far all goes by at a pan or tilt of one
_NARROWS = 0.12  # how much larger all becomes
_LEAST = 1.022  # at a scale closer to one a lens is slow (see there), and sharper at some moments than at others
