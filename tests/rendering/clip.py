"""What the tests of the preview engine share: orders, short clips, and frames to look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from reelgate.contracts.engine import Order
from reelgate.domain.media import LocalFile, Video, VideoInput
from reelgate.engines.preview import ENGINE
from reelgate.engines.preview.plane import Planes, Size, new_planes
from reelgate.engines.preview.stage import Layer

SMALL = Size(width=320, height=180)

Decoded = list[npt.NDArray[np.uint8]]


def decode(path: Path) -> Decoded:
    """Every frame's luma, (height, width) bytes."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def order(*, seed: int = 5, **wanted: object) -> Order:
    """An order for a clip of one second, small unless told otherwise."""
    return Order(endpoint="fal-ai/x/text-to-video", input=VideoInput(**{"seconds": 1, "resolution": "480p", **wanted}), seed=seed)


def render(folder: Path, one: Order) -> Video:
    """Render without anybody listening."""
    folder.mkdir(parents=True, exist_ok=True)
    return ENGINE.render(one, folder, lambda _fraction, _line: None)


def path_of(video: Video) -> Path:
    """Where the video lies."""
    assert isinstance(video.source, LocalFile)
    return video.source.path


def layer(*, colour: tuple[float, float, float], rows: int, top: int, depth: float, margin: int = 16) -> Layer:
    """A plain layer across the small frame, its colours broken by a little texture."""
    alpha = np.ones((rows, SMALL.width + 2 * margin), np.float32)
    texture = np.random.default_rng(3).uniform(0.6, 1.0, (*alpha.shape, 1)).astype(np.float32)
    return Layer(rgb=texture * np.asarray(colour, np.float32), alpha=alpha, top=top, depth=depth)


def noise(height: int, width: int, seed: int = 1) -> npt.NDArray[np.uint8]:
    """A smooth picture full of detail, (height, width, 3): something whose movement can be measured."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (max(2, height // 14), max(2, width // 14), 3), np.uint8))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.uint8)


def drawn(draw: Callable[[int, Planes], None], index: int, size: Size = SMALL) -> Planes:
    """One frame, drawn over rubbish, so that what is left out shows."""
    planes = new_planes(size)
    planes.y[:] = 77
    draw(index, planes)
    return planes
