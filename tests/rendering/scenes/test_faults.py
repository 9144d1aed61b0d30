"""The machine that looks for faults in stages finds them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reelgate.engines.preview.scenes.ocean import SCENE
from reelgate.engines.preview.stage import Layer, Stage
from tests.painting import faults, make_brief


def spoilt(stage: Stage, number: int, layer: Layer) -> Stage:
    layers = [*stage.layers]
    layers[number] = layer
    return replace(stage, layers=tuple(layers))


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (1, {"rgb": "straight"}, "layer 1 is not premultiplied"),
        (2, {"rgb": "nan"}, "layer 2 holds something that is no number"),
        (2, {"rgb": "double"}, "layer 2 is not float32"),
        (3, {"narrow": 8}, "layer 3 is narrower than the frame and its margins"),
        (3, {"narrow": 1}, "layer 3 is not centred on whole pixels"),
        (3, {"empty": True}, "layer 3 begins or ends with an empty row"),
        (0, {"narrow_rows": 5}, "the first layer does not cover the frame"),
        (1, {"depth": 1.5}, "layer 1 stands nowhere between far and near"),
    ],
)
def test_a_spoilt_layer_is_found(number: int, change: dict[str, object], words: str) -> None:
    brief = make_brief("sunset")
    stage = SCENE.paint(brief)
    layer = stage.layers[number]
    match change:
        case {"rgb": "straight"}:
            layer = replace(layer, rgb=np.ones_like(layer.rgb))
        case {"rgb": "nan"}:
            layer = replace(layer, rgb=np.where(layer.alpha[..., None] > 0.5, np.float32("nan"), layer.rgb))
        case {"rgb": "double"}:
            layer = replace(layer, rgb=layer.rgb.astype(np.float64))
        case {"narrow": int(by)}:
            layer = replace(layer, rgb=layer.rgb[:, by:], alpha=layer.alpha[:, by:])
        case {"empty": _}:
            layer = replace(layer, rgb=np.pad(layer.rgb, ((1, 0), (0, 0), (0, 0))), alpha=np.pad(layer.alpha, ((1, 0), (0, 0))))
        case {"narrow_rows": int(by)}:
            layer = replace(layer, rgb=layer.rgb[by:], alpha=layer.alpha[by:])
        case _:
            layer = replace(layer, depth=1.5)
    assert words in faults(brief, spoilt(stage, number, layer))


def test_a_flat_picture_is_found() -> None:
    brief = make_brief("sunset")
    sky = SCENE.paint(brief).layers[0]
    grey = replace(sky, rgb=np.full_like(sky.rgb, 0.5))
    assert faults(brief, Stage(layers=(grey,), margin=brief.margin, water_after=1)) == ["the picture is flat"]
