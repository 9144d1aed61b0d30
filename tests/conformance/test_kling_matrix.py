"""What each of Kling's models takes in each mode, as the vendor's table of capabilities has it, feature by feature.

`ok`: it is taken. `drop`: it only tunes, does nothing, and is named. `no`: it is content, and refused.
"""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.contracts.endpoint import Catalog, Endpoint
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import Dropped
from reelgate.wire import kling

LEAVES: dict[str, tuple[Endpoint, ...]] = load_leaves("reelgate.catalog", "ENDPOINTS")
CATALOG = Catalog(each for leaf in LEAVES.values() for each in leaf)

PICTURE, TAIL = "https://example.com/a.png", "https://example.com/b.png"
_SIMPLE = {"type": "simple", "config": {"zoom": 5}}
_WAY = [{"x": 1, "y": 1}, {"x": 2, "y": 2}]
FEATURES: dict[str, dict[str, Any]] = {
    "scale": {"cfg_scale": "0.7"},
    "preset": {"camera_control": {"type": "down_back"}},
    "simple": {"camera_control": _SIMPLE},
    "simple10": {"camera_control": _SIMPLE, "duration": "10"},
    "ten": {"duration": 10},
    "seven": {"duration": "7"},
    "tail": {"image_tail": TAIL},
    "tail10": {"image_tail": TAIL, "duration": "10"},
    "static": {"static_mask": TAIL},
    "masks": {"dynamic_masks": [{"mask": TAIL, "trajectories": _WAY}]},
    "masks10": {"dynamic_masks": [{"mask": TAIL, "trajectories": _WAY}], "duration": "10"},
    "sound": {"sound": "on"},
    "tail+sound": {"image_tail": TAIL, "sound": "on"},
    "voices": {"sound": "on", "voice_list": [{"voice_id": "calm"}]},
    "elements": {"element_list": [{"element_id": "160"}]},
    "shots": {"multi_shot": "true", "shot_type": "intelligence", "prompt": "a fox"},
    "image": {"image": PICTURE},
}

_TEXT = ("scale", "preset", "simple10", "ten", "seven", "image", "sound", "voices", "elements", "shots")
TEXT_MATRIX = """
    kling-v1           std   ok   ok   drop ok   no   no   no   no   no   no
    kling-v1           pro   ok   drop drop ok   no   no   no   no   no   no
    kling-v1-6         std   ok   drop drop ok   no   no   no   no   no   no
    kling-v1-6         pro   ok   drop drop ok   no   no   no   no   no   no
    kling-v2-master    std   drop drop drop ok   no   no   no   no   no   no
    kling-v2-master    pro   drop drop drop ok   no   no   no   no   no   no
    kling-v2-1-master  std   drop drop drop ok   no   no   no   no   no   no
    kling-v2-1-master  pro   drop drop drop ok   no   no   no   no   no   no
    kling-v2-5-turbo   std   drop drop drop ok   no   no   no   no   no   no
    kling-v2-5-turbo   pro   drop drop drop ok   no   no   no   no   no   no
    kling-v2-6         std   drop drop drop ok   no   no   no   no   no   no
    kling-v2-6         pro   drop drop drop ok   no   no   ok   no   no   no
    kling-v3           std   ok   drop drop ok   ok   no   ok   no   no   ok
    kling-v3           pro   ok   drop drop ok   ok   no   ok   no   no   ok
    kling-v3           4k    ok   drop drop ok   ok   no   ok   no   no   ok
"""

_IMAGE = (
    *("scale", "preset", "simple", "simple10", "seven", "tail", "tail10", "static", "masks", "masks10"),
    *("sound", "tail+sound", "voices", "elements", "shots"),
)
IMAGE_MATRIX = """
    kling-v1           std   ok   drop drop drop no   ok   no   ok   ok   no   no   no   no   no   no
    kling-v1           pro   ok   drop drop drop no   ok   no   ok   ok   no   no   no   no   no   no
    kling-v1-5         std   ok   drop drop drop no   no   no   no   no   no   no   no   no   no   no
    kling-v1-5         pro   ok   drop ok   drop no   ok   ok   ok   ok   no   no   no   no   no   no
    kling-v1-6         std   ok   drop drop drop no   no   no   no   no   no   no   no   no   no   no
    kling-v1-6         pro   ok   drop drop drop no   ok   ok   no   no   no   no   no   no   no   no
    kling-v2-master    std   drop drop drop drop no   no   no   no   no   no   no   no   no   no   no
    kling-v2-master    pro   drop drop drop drop no   no   no   no   no   no   no   no   no   no   no
    kling-v2-1         std   drop drop drop drop no   no   no   no   no   no   no   no   no   no   no
    kling-v2-1         pro   drop drop drop drop no   ok   ok   no   no   no   no   no   no   no   no
    kling-v2-1-master  std   drop drop drop drop no   no   no   no   no   no   no   no   no   no   no
    kling-v2-1-master  pro   drop drop drop drop no   no   no   no   no   no   no   no   no   no   no
    kling-v2-5-turbo   std   drop drop drop drop no   no   no   no   no   no   no   no   no   no   no
    kling-v2-5-turbo   pro   drop drop drop drop no   ok   ok   no   no   no   no   no   no   no   no
    kling-v2-6         std   drop drop drop drop no   no   no   no   no   no   no   no   no   no   no
    kling-v2-6         pro   drop drop drop drop no   ok   ok   no   no   no   ok   no   ok   no   no
    kling-v3           std   ok   drop drop drop ok   ok   ok   no   no   no   ok   ok   no   ok   ok
    kling-v3           pro   ok   drop drop drop ok   ok   ok   no   no   no   ok   ok   no   ok   ok
    kling-v3           4k    ok   drop drop drop ok   ok   ok   no   no   no   ok   ok   no   ok   ok
"""


def _cells(kind: str, matrix: str, features: tuple[str, ...]) -> list[Any]:
    cells: list[Any] = []
    for line in matrix.strip().splitlines():
        model, mode, *verdicts = line.split()
        cells += [
            pytest.param(kind, model, mode, name, verdict, id=f"{kind}-{model}-{mode}-{name}")
            for name, verdict in zip(features, verdicts, strict=True)
        ]
    return cells


@pytest.mark.parametrize(
    ("kind", "model", "mode", "feature", "verdict"),
    [*_cells("text2video", TEXT_MATRIX, _TEXT), *_cells("image2video", IMAGE_MATRIX, _IMAGE)],
)
def test_a_model_takes_what_the_table_says(kind: str, model: str, mode: str, feature: str, verdict: str) -> None:
    assert verdict_of(kind, model, mode, feature) == verdict


@pytest.mark.parametrize(("kind", "model"), [("text2video", "kling-v1-5"), ("text2video", "kling-v2-1"), ("image2video", "kling-v9")])
def test_a_model_that_a_path_does_not_have_is_not_there(kind: str, model: str) -> None:
    assert CATALOG.named("kling", *kling.read_name(kind, {"model_name": model})) is None


@pytest.mark.parametrize("kind", ["text2video", "image2video"])
def test_every_model_of_a_path_stands_in_the_table(kind: str) -> None:
    matrix = TEXT_MATRIX if kind == "text2video" else IMAGE_MATRIX
    told = {tuple(line.split()[:2]) for line in matrix.strip().splitlines()}
    names = {name[1:] for endpoint in CATALOG for name in endpoint.names.get("kling", ()) if name[0] == kind}
    assert names == told


NOTHING = {
    "sound": "off",
    "multi_shot": "false",
    "multi_prompt": [],
    "shot_type": "",
    "image_tail": "",
    "static_mask": None,
    "dynamic_masks": [],
    "element_list": "[]",
    "voice_list": [],
    "camera_control": {},
    "cfg_scale": "",
    "watermark_info": {"enabled": False},
}


@pytest.mark.parametrize(
    ("kind", "model", "mode"),
    [
        (kind, *line.split()[:2])
        for kind, matrix in (("text2video", TEXT_MATRIX), ("image2video", IMAGE_MATRIX))
        for line in matrix.strip().splitlines()
    ],
)
def test_what_asks_for_nothing_is_neither_refused_nor_named(kind: str, model: str, mode: str) -> None:
    endpoint = CATALOG.named("kling", kind, model, mode)
    assert endpoint is not None
    body = {"prompt": "a fox", **({"image": PICTURE} if kind == "image2video" else {}), **NOTHING}
    _, dropped = kling.read_input(endpoint.inputs["kling"], body)
    assert dropped == ()


def verdict_of(kind: str, model: str, mode: str, feature: str) -> str:
    asked = FEATURES[feature]
    body = {"model_name": model, "mode": mode, "prompt": "a fox", **({"image": PICTURE} if kind == "image2video" else {}), **asked}
    endpoint = CATALOG.named("kling", *kling.read_name(kind, body))
    assert endpoint is not None
    faults, dropped = read(endpoint, body)
    assert {each.kind for each in faults} <= {"feature_not_supported", "one_of"}
    assert {each.path[0] for each in faults} | {each.field for each in dropped} <= set(asked)
    return "no" if faults else "drop" if dropped else "ok"


def read(endpoint: Endpoint, body: dict[str, Any]) -> tuple[tuple[Fault, ...], tuple[Dropped, ...]]:
    """What is at fault with a body, and what of it does nothing."""
    try:
        return (), kling.read_input(endpoint.inputs["kling"], body)[1]
    except InvalidInput as error:
        return error.faults, ()
