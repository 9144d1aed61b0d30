"""Where a person stands in a picture: MediaPipe's selfie segmentation, 249 KB, which OpenCV runs by itself.

The network is no part of this repository. `scripts/install.py` fetches it with its package, by version and checksum; without it every
picture is filmed as one plane, and the answer says so.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.plane import Bytes, Floats

MODEL = Path(__file__).with_name("models") / "selfie_segmentation.tflite"
SHA256 = "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27"


def can_see() -> bool:
    """Whether the network is here, and is the one that we know."""
    return _network(MODEL) is not None


def find_person(picture: Bytes) -> Floats | None:
    """How much of each pixel belongs to a person, (h, w), 0 to 1, at a quarter of the picture's size or less; None if nobody is in it."""
    network = _network(MODEL)
    if network is None:
        return None
    rough = _seen(network, picture)
    share = float((rough > _SURE).mean())
    unsure = float(((rough > 1 - _SURE) & (rough < _SURE)).mean())
    if not _LEAST < share < _MOST or unsure > _UNSURE * share:
        return None
    # A person is one in the mirror too; slopes and clouds that were taken for one turn into something else there.
    mirrored = _seen(network, np.ascontiguousarray(picture[:, ::-1]))[:, ::-1]
    return _refined(rough, picture) if _agreement(rough, mirrored) >= _ALIKE else None


def _seen(network: cv2.dnn.Net, picture: Bytes) -> Floats:
    """What the network says of each pixel, 0 to 1, at its own size."""
    network.setInput(cv2.dnn.blobFromImage(picture, 1 / 255, (_SIDE, _SIDE)))
    return np.clip(np.asarray(network.forward(), np.float32).reshape(_SIDE, _SIDE), 0, 1)


def _agreement(one: Floats, other: Floats) -> float:
    """What both masks mark, as a share of what either does."""
    first, second = one > _MAYBE, other > _MAYBE
    return float((first & second).sum()) / max(1.0, float((first | second).sum()))


@lru_cache(maxsize=4)
def _network(model: Path) -> cv2.dnn.Net | None:
    try:
        content = model.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != SHA256:
        return None
    return cv2.dnn.readNetFromTFLite(np.frombuffer(content, np.uint8))


def _refined(rough: Floats, picture: Bytes) -> Floats:
    """The mask drawn to the picture's own edges: a guided filter with box means."""
    height, width = picture.shape[:2]
    small = max(1.0, max(height, width) / _GUIDE)
    size = (max(2, round(width / small)), max(2, round(height / small)))
    guide = np.asarray(cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY), np.float32) / 255
    mask = np.asarray(cv2.resize(rough, size, interpolation=cv2.INTER_CUBIC), np.float32)
    side = max(3, round(max(size) * _REACH)) | 1

    def mean(plane: npt.NDArray[np.floating[Any]]) -> Floats:
        return np.asarray(cv2.blur(np.asarray(plane, np.float32), (side, side)), np.float32)

    of_guide, of_mask = mean(guide), mean(mask)
    slope = (mean(guide * mask) - of_guide * of_mask) / (mean(guide * guide) - of_guide * of_guide + _SMOOTH)
    drawn = mean(slope) * guide + mean(of_mask - slope * of_guide)
    closing = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    whole = np.asarray(cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, closing), np.float32)  # a pale cheek is no hole
    sharp = np.clip((whole - 0.25) / 0.5, 0, 1)
    return np.asarray(sharp * sharp * (3 - 2 * sharp), np.float32)


_SIDE = 256  # the network's own
_SURE = 0.8
_MAYBE = 0.5
# Measured: portraits are sure of .2 to .58 of the picture and in doubt over at most .27 as much; mountains and dunes that were taken for
# people come to .39 to .84, in doubt over .09 to .8 as much, or are lost in the mirror.
_LEAST, _MOST = 0.02, 0.6  # of the picture: less is a passer-by, more leaves nothing to stand before
_UNSURE = 0.28  # of the sure pixels: where more are doubtful, it sees something that is none
_ALIKE = 0.6
_GUIDE = 640  # longest side of the refined mask
_REACH = 0.02
_SMOOTH = 1e-3
