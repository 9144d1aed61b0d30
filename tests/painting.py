"""Briefs to paint from, and what every painted stage must keep."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reelgate.engines.preview.palette import PALETTES
from reelgate.engines.preview.stage import Brief, Layer, Stage

SIZES = {"wide": (160, 90), "tall": (90, 160), "square": (112, 112)}
EVERY = [(palette, aspect) for palette in PALETTES for aspect in SIZES]
"""Every palette in every aspect."""


def make_brief(
    palette: str = "day",
    size: tuple[int, int] = SIZES["wide"],
    *,
    words: str = "",
    negative: str = "",
    seed: int = 5,
    cfg_scale: float = 0.5,
) -> Brief:
    """A small brief; words are given with spaces between."""
    return Brief(
        width=size[0],
        height=size[1],
        margin=10,
        palette=palette,
        words=frozenset(words.split()),
        negative=frozenset(negative.split()),
        rng=np.random.default_rng(seed),
        cfg_scale=cfg_scale,
    )


def faults(brief: Brief, stage: Stage) -> list[str]:
    """What is wrong with a stage; empty where nothing is."""
    found = [fault for number, layer in enumerate(stage.layers) for fault in _layer_faults(brief, layer, number)]
    sky = stage.layers[0]
    if sky.alpha.min() < 1.0 or sky.top > -brief.margin or sky.alpha.shape[0] < brief.height + 2 * brief.margin:
        found.append("the first layer does not cover the frame")
    if flattened(stage, brief).std() * 255 < _FLAT:
        found.append("the picture is flat")
    if not 0 < stage.water_after <= len(stage.layers):
        found.append("the water stands nowhere")
    return found


def flattened(stage: Stage, brief: Brief) -> npt.NDArray[np.float32]:
    """The layers at rest one over the other, water left out: (height, width, 3)."""
    picture = np.zeros((brief.height, brief.width, 3), np.float32)
    for layer in stage.layers:
        left = (layer.alpha.shape[1] - brief.width) // 2
        first, last = max(0, layer.top), min(brief.height, layer.top + layer.alpha.shape[0])
        rows, columns = slice(first - layer.top, last - layer.top), slice(left, left + brief.width)
        picture[first:last] = picture[first:last] * (1 - layer.alpha[rows, columns, None]) + layer.rgb[rows, columns]
    return picture


def same(one: Stage, other: Stage) -> bool:
    """Whether two stages are equal to the last bit."""
    pairs = zip(one.layers, other.layers, strict=True)
    return all(np.array_equal(a.rgb, b.rgb) and np.array_equal(a.alpha, b.alpha) and a.top == b.top for a, b in pairs)


def _layer_faults(brief: Brief, layer: Layer, number: int) -> list[str]:
    rows, columns = layer.alpha.shape
    checks = {
        "is not float32": layer.rgb.dtype != np.float32 or layer.alpha.dtype != np.float32,
        "has a picture and a cover of two sizes": layer.rgb.shape != (rows, columns, 3),
        "is narrower than the frame and its margins": columns < brief.width + 2 * brief.margin,
        "is not centred on whole pixels": (columns - brief.width) % 2 != 0,
        "is not premultiplied": bool((layer.rgb > layer.alpha[..., None] + 1e-4).any()),
        "leaves 0 to 1": bool(layer.rgb.min() < -1e-4 or layer.alpha.min() < 0.0 or layer.alpha.max() > 1.0),
        "holds something that is no number": not bool(np.isfinite(layer.rgb).all()),
        "begins or ends with an empty row": not (layer.alpha[0].max() > 0.0 and layer.alpha[-1].max() > 0.0),
        "stands nowhere between far and near": not 0.0 <= layer.depth <= 1.0,
    }
    return [f"layer {number} {words}" for words, wrong in checks.items() if wrong]


_FLAT = 12.0
