"""A part of a picture, cut out so that it can move before the rest, and the rest with the hole filled in."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from reelgate.engines.preview.cel import cels_of
from reelgate.engines.preview.plane import Bytes, Floats, halve, split_colours, split_light
from reelgate.engines.preview.sheet import Sheet


def cut_out(picture: Bytes, mask: Floats) -> Sheet:
    """What the mask (h, w; 0 to 1) marks of a picture of its size (both sides even), on a sheet of its own."""
    rgb = np.asarray(picture * (mask[..., None] / np.float32(255)), np.float32)
    half = halve(mask)
    cels = cels_of(split_light(rgb, mask), mask, (*split_colours(halve(rgb), half), half))
    return Sheet(cels=cels, width=mask.shape[1], height=mask.shape[0], left=0.0, top=0.0, scale=(1.0, 1.0), depth=0.0, drift=0.0)


def rimmed(mask: Floats) -> Floats:
    """The mask with a rim that fades outwards, so that a part carries a little of what is behind it along: at rest nobody sees the cut,
    and on its way no edge of the filling."""
    wider = _dilated(mask, _RIM)
    soft = np.asarray(cv2.GaussianBlur(wider, (0, 0), max(0.6, mask.shape[1] * _RIM * 0.4)), np.float32)
    # What may be of the part goes with it, and only what surely is leaves a hole: so a doubt never shows while all stands still.
    return np.maximum(np.clip(soft * 1.5 - 0.5, 0, 1), np.clip(mask * 2, 0, 1))


def filled(picture: Bytes, masks: Sequence[Floats]) -> Bytes:
    """The picture without what the masks mark: each hole, a little wider than its mask, takes the colours around it."""
    sure = np.clip(np.max(np.stack(list(masks)), axis=0) * 2 - 1, 0, 1)
    hole = _dilated(np.asarray(sure, np.float32), _WIDER)
    rest = np.asarray(1 - hole, np.float32)
    ground = _grown(picture, hole)
    return np.asarray(np.clip(picture * rest[..., None] + ground * hole[..., None] + 0.5, 0, 255), np.uint8)


def _dilated(mask: Floats, share: float) -> Floats:
    """Wider by a share of the width on each side."""
    around = max(1, round(mask.shape[1] * share)) * 2 + 1
    return np.asarray(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (around, around))), np.float32)


def _grown(picture: Bytes, hole: Floats) -> Floats:
    """Colours for the hole that go on from its edge: found in a small copy, since nothing fine is known of what is hidden."""
    height, width = hole.shape
    small = max(1.0, max(height, width) / _SMALL)
    size = (max(8, round(width / small)), max(8, round(height / small)))
    open_ = np.asarray(cv2.resize(hole, size, interpolation=cv2.INTER_AREA), np.float32)
    open_ = np.asarray(open_ > _HARDLY, np.float32)  # nothing of the part itself may count as its surroundings
    known = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32) * (1 - open_)[..., None]
    ground = _pulled(known, 1 - open_)
    for _ in range(_ROUNDS):
        ground = known + np.asarray(cv2.blur(ground, (5, 5)), np.float32) * open_[..., None]
    return np.asarray(cv2.resize(ground, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _pulled(colours: Floats, weight: Floats) -> Floats:
    """Every pixel as the mean of what is known around it, near or far: coarse where the hole is wide. `colours` times `weight`."""
    height, width = weight.shape
    if min(height, width) <= _COARSEST:
        return np.broadcast_to(colours.sum(axis=(0, 1)) / max(float(weight.sum()), 1e-6), colours.shape).astype(np.float32)
    size = ((width + 1) // 2, (height + 1) // 2)
    coarse = _pulled(*(np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA), np.float32) for each in (colours, weight)))
    below = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    known = np.clip(weight, 0, 1)[..., None]
    return np.asarray(colours + below * (1 - known), np.float32)


_WIDER = 0.006  # of the width, on each side: how far a hole reaches beyond its mask
_RIM = 0.014  # the same for the part that is cut out
_COARSEST = 4
_SMALL = 320
_HARDLY = 1 / 64
_ROUNDS = 150
