"""Every endpoint that is found keeps the promises of the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reelgate.contracts.endpoint import Catalog, Endpoint, InputModel
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import VideoInput
from reelgate.domain.money import FREE
from reelgate.wire import fal, kling, kling2026

LEAVES: dict[str, tuple[Endpoint, ...]] = load_leaves("reelgate.catalog", "ENDPOINTS")
ENDPOINTS = [each for leaf in LEAVES.values() for each in leaf]
INPUTS = [pytest.param(each, wire, id=f"{wire}:{each.id}") for each in ENDPOINTS for wire in each.inputs]
READ = {"fal": fal.read_input, "kling": kling.read_input, "kling2026": kling2026.read_input}
WRITE = {"fal": fal.write_input, "kling": kling.write_input, "kling2026": kling2026.write_input}
SCRIPTED = {"demo/slow", "demo/fails", "demo/refuses", "demo/no-progress"}  # they say more than they were told
SOMETIMES_IDLE = {"camera_control", "settings.audio"}  # whether they count rests on other fields
_NOT_FOUND = "no public price was found"
_BY_LENGTH = "it is billed by the length of a video or a sound that nobody has measured when the job is accepted"
UNPRICED = {
    "fal-ai/kling-video/v1/": _NOT_FOUND,
    "fal-ai/kling-video/v1.5/": _NOT_FOUND,
    "fal-ai/kling-video/v1.6/standard/elements": _NOT_FOUND,
    "fal-ai/kling-video/v1.6/pro/elements": _NOT_FOUND,
    "fal-ai/kling-video/o1/": _NOT_FOUND,
    "fal-ai/kling-video/o3/": _NOT_FOUND,
    "fal-ai/veo3.1/lite": _NOT_FOUND,
    "kling/v1/image2video/kling-v1-5/std": _NOT_FOUND,
    "kling/v1/video-extend": _NOT_FOUND,
    "kling/v1/effects": "each scene has a price of its own",
    "fal-ai/kling-video/ai-avatar/": _BY_LENGTH,
    "fal-ai/kling-video/lipsync/": _BY_LENGTH,
    "fal-ai/kling-video/v2.6/standard/motion-control": _BY_LENGTH,
    "fal-ai/kling-video/v2.6/pro/motion-control": _BY_LENGTH,
    "fal-ai/kling-video/v3/standard/motion-control": _BY_LENGTH,
    "fal-ai/kling-video/v3/pro/motion-control": _BY_LENGTH,
}
ASKED_FOR = {
    *(f"fal-ai/kling-video/v1/standard/{kind}-to-video" for kind in ("text", "image")),
    *(f"fal-ai/kling-video/v1.5/pro/{kind}-to-video" for kind in ("text", "image")),
    *(f"fal-ai/kling-video/v1.6/{mode}/{kind}-to-video" for mode in ("standard", "pro") for kind in ("text", "image")),
    *(f"fal-ai/kling-video/{version}/master/{kind}-to-video" for version in ("v2", "v2.1") for kind in ("text", "image")),
    *(f"fal-ai/kling-video/v2.1/{mode}/image-to-video" for mode in ("standard", "pro")),
    *(f"fal-ai/kling-video/{version}/pro/{kind}-to-video" for version in ("v2.5-turbo", "v2.6") for kind in ("text", "image")),
    *(f"fal-ai/kling-video/v3/{mode}/{kind}-to-video" for mode in ("standard", "pro", "4k") for kind in ("text", "image")),
    *(f"fal-ai/{veo}{kind}" for veo in ("veo3", "veo3/fast", "veo3.1", "veo3.1/fast") for kind in ("", "/image-to-video")),
}


@pytest.fixture
def catalog() -> Catalog:
    return Catalog(ENDPOINTS)


def test_the_families_that_people_ask_for_are_there(catalog: Catalog) -> None:
    assert {name for name in ASKED_FOR if catalog.find(name) is None} == set()


def test_no_two_endpoints_share_an_id_or_a_name(catalog: Catalog) -> None:
    assert len(catalog) == len(ENDPOINTS)
    with pytest.raises(ValueError, match="two endpoints"):
        Catalog([*ENDPOINTS, ENDPOINTS[0]])
    named = next(each for each in ENDPOINTS if each.names)
    with pytest.raises(ValueError, match="two endpoints of the name"):
        Catalog([*ENDPOINTS, replace(named, id="another/id")])


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.id)
def test_an_endpoint_says_what_it_is_and_where_that_was_read(endpoint: Endpoint) -> None:
    assert endpoint.title
    assert endpoint.description.endswith(".")
    assert endpoint.source.text
    assert date(2025, 1, 1) < endpoint.source.as_of < date(2027, 1, 1)
    assert endpoint.inputs.keys() == endpoint.outputs.keys()
    assert set(endpoint.names) <= set(endpoint.inputs)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.id)
def test_an_endpoint_has_a_dated_price_or_is_known_to_have_none(endpoint: Endpoint) -> None:
    if endpoint.price is None:
        assert any(endpoint.id.startswith(each) for each in UNPRICED)
        return
    assert endpoint.price.source.text
    assert date(2025, 1, 1) < endpoint.price.source.as_of < date(2027, 1, 1)
    amount = endpoint.price.quote(VideoInput(seconds=5)).amount
    assert (amount == FREE) == endpoint.id.startswith("demo/")


@pytest.mark.parametrize(("endpoint", "wire"), INPUTS)
def test_every_field_is_explained(endpoint: Endpoint, wire: str) -> None:
    schema = endpoint.inputs[wire].model_json_schema()
    assert schema["description"]
    for name, field in _fields(schema):
        assert field.get("title"), name
        assert field.get("description"), name
        assert field.get("examples"), name
        assert "anyOf" not in field, name
    one_of_two = {"multi_prompt", "image_tail"} & schema["properties"].keys()  # a prompt or shots, a first picture or a last one
    assert schema.get("required", []) or endpoint.id in SCRIPTED or one_of_two


@pytest.mark.parametrize(("endpoint", "wire"), INPUTS)
def test_the_examples_make_a_request(endpoint: Endpoint, wire: str) -> None:
    schema = endpoint.inputs[wire].model_json_schema()
    body = {name: field["examples"][0] for name, field in schema["properties"].items()}
    wanted, _ = READ[wire](endpoint.inputs[wire], lawful(endpoint.inputs[wire], wire, body))
    assert wanted.prompt or endpoint.kind in {"lip-sync", "effects"}
    assert wanted.resolution in {"480p", "720p", "1080p", "4k"}
    assert wanted.aspect_ratio in {"auto", "16:9", "9:16", "1:1"}
    assert 1 <= wanted.seconds <= 15
    if endpoint.kind == "image-to-video":
        assert wanted.first_frame is not None


@pytest.mark.parametrize(("endpoint", "wire"), [each for each in INPUTS if each.values[0].id not in SCRIPTED])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_what_an_endpoint_wants_it_can_say(endpoint: Endpoint, wire: str, data: st.DataObject) -> None:
    model: Any = endpoint.inputs[wire]
    body = lawful(model, wire, data.draw(bodies(model)))
    wanted, dropped = READ[wire](model, body)
    assert {each.field for each in dropped} <= set(model.ignored) | SOMETIMES_IDLE
    assert addresses_in(wanted) == []
    assert READ[wire](model, WRITE[wire](model, wanted)) == (wanted, ())


def test_a_word_that_is_lost_on_the_way_is_found_out() -> None:
    """The negative control of the test above: a model that forgets a field."""
    model: Any = next(each for each in ENDPOINTS if each.id == "fal-ai/veo3").public
    wanted, _ = fal.read_input(model, {"prompt": "p", "seed": 5})
    said = model.spoken(wanted)
    del said["seed"]
    assert fal.read_input(model, said)[0] != wanted


def test_an_address_that_stays_in_an_extra_is_found_out() -> None:
    """The other negative control: a picture that nobody would fetch, because its field does not say that it is one."""
    lost = VideoInput(extras={"kling": {"image_list": [{"image": "https://example.com/a.png"}]}})
    assert addresses_in(lost) == ["https://example.com/a.png"]


def addresses_in(wanted: VideoInput) -> list[str]:
    """What looks like a medium among the extras, where none may be."""
    found: list[str] = []
    left: list[Any] = [wanted.extras]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
        elif isinstance(value, str) and value.startswith(("http://", "https://", "data:", "video:")):
            found.append(value)
    return found


# -- what resellers of these vendors print, with words of our own -------------------------------------------------------

_KLING = {"negative_prompt": "grain, low contrast", "cfg_scale": 0.5}
SAMPLES = [
    (
        "fal-ai/kling-video/v2.5-turbo/pro/image-to-video",
        {"prompt": "Two kites rise side by side.", "image_url": "http://127.0.0.1:9/kites.jpg", "duration": "5", **_KLING},
        {"seconds": 5, "resolution": "1080p", "aspect_ratio": "auto"},
    ),
    (
        "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
        {"prompt": "A baker opens her shop at dawn.", "duration": "5", "aspect_ratio": "16:9", **_KLING},
        {"seconds": 5, "resolution": "1080p", "aspect_ratio": "16:9"},
    ),
    (
        "fal-ai/kling-video/v2.1/standard/image-to-video",
        {
            "prompt": "Mist drifts between the pines.",
            "image_url": "http://127.0.0.1:9/pines.webp",
            "duration": "5",
            "aspect_ratio": "16:9",
            **_KLING,
        },
        {"seconds": 5, "resolution": "720p", "aspect_ratio": "16:9"},
    ),
    (
        "fal-ai/veo3/image-to-video",
        {
            "prompt": 'A man lowers his book and says, "there you are!"',
            "image_url": "http://127.0.0.1:9/reader.png",
            "aspect_ratio": "auto",
            "duration": "8s",
            "generate_audio": True,
            "resolution": "720p",
        },
        {"seconds": 8, "resolution": "720p", "aspect_ratio": "auto", "sound": True},
    ),
]


@pytest.mark.parametrize(("endpoint_id", "body", "expected"), SAMPLES, ids=[each[0] for each in SAMPLES])
def test_what_resellers_print_is_taken_whole(catalog: Catalog, endpoint_id: str, body: dict[str, Any], expected: dict[str, Any]) -> None:
    endpoint = catalog.find(endpoint_id)
    assert endpoint is not None
    wanted, dropped = fal.read_input(endpoint.inputs["fal"], body)
    assert dropped == ()
    assert {name: getattr(wanted, name) for name in expected} == expected


@pytest.mark.parametrize("camera", [{}, {"camera_control": {"type": "normal", "config": "some words"}}], ids=["plain", "with a camera"])
def test_what_resellers_print_of_klings_path_is_taken(catalog: Catalog, camera: dict[str, Any]) -> None:
    body = {"model_name": "kling-v1", "prompt": "A paper boat in the rain.", "multi_shot": "false", "mode": "high", **camera}
    endpoint = catalog.named("kling", *kling.read_name("text2video", body))
    assert endpoint is not None
    wanted, dropped = kling.read_input(endpoint.inputs["kling"], body)
    assert [each.field for each in dropped] == list(camera)
    assert (wanted.resolution, wanted.seconds, wanted.sound) == ("1080p", 5, False)


# -- bodies by a schema --------------------------------------------------------------------------------------------------


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part["properties"].items()


def lawful(model: type[InputModel], wire: str, body: dict[str, Any]) -> dict[str, Any]:
    """A body for this wire that breaks no rule between fields, which a schema does not tell: what is at fault is left out or, where
    it is missing, taken from the examples."""
    schema = _schema(model)
    body = deepcopy(body)
    for _ in range(8):
        sent = {**body, "contents": _parts(body["contents"])} if wire == "kling2026" and "contents" in body else body
        try:
            READ[wire](model, sent)
        except InvalidInput as error:
            for fault in error.faults:
                _mend(body, schema, fault)
        else:
            return sent
    assume(False)
    raise AssertionError


def _mend(body: dict[str, Any], schema: dict[str, Any], fault: Fault) -> None:
    path = list(takewhile(lambda part: isinstance(part, str), fault.path))
    part, fields = body, schema["properties"]
    for name in path[:-1]:
        part, fields = part[name], schema["$defs"][fields[name]["$ref"].rpartition("/")[2]]["properties"]
    if fault.kind == "missing":
        part[path[-1]] = fields[path[-1]]["examples"][0]
    else:
        part.pop(path[-1], None)


def _parts(contents: dict[str, Any]) -> list[dict[str, Any]]:
    """The contents of a body of 2026 as they are sent: a list of parts that name their types."""
    parts: list[dict[str, Any]] = []
    for name, value in contents.items():
        if name == "prompt":
            parts.append({"type": name, "text": value})
        else:
            parts += [{"type": name, **each} for each in (value if isinstance(value, list) else [value])]
    return parts


@cache
def _schema(model: type[InputModel]) -> dict[str, Any]:
    return model.model_json_schema()


@cache
def bodies(model: type[InputModel]) -> st.SearchStrategy[dict[str, Any]]:
    schema = _schema(model)
    return _objects(schema, schema.get("$defs", {}))


def _objects(schema: dict[str, Any], parts: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    required = set(schema.get("required", ()))
    values = {name: _values(name, field, parts) for name, field in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: value for name, value in values.items() if name in required},
        optional={name: value for name, value in values.items() if name not in required},
    )


def _values(name: str, schema: dict[str, Any], parts: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _objects(parts[schema["$ref"].rpartition("/")[2]], parts)
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")])[:3])
    if schema["type"] == "array":
        least, most = schema.get("minItems", 0), min(3, schema["maxItems"])
        return st.lists(_values(name, schema["items"], parts), min_size=least, max_size=most)
    return _scalars(schema)


_ANY_BUT_ADDRESSES = st.characters(exclude_categories=["Cs"], exclude_characters=":")


def _scalars(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema.get("format") == "uri":
        return st.sampled_from(["https://example.com/a.png", "http://example.com/b", "data:image/png;base64,AAAA"])
    if "pattern" in schema:
        return st.text("abcdef_0123456789", min_size=1, max_size=20)
    if schema["type"] == "string":
        return st.text(_ANY_BUT_ADDRESSES, min_size=schema.get("minLength", 0), max_size=20)
    if schema["type"] == "boolean":
        return st.booleans()
    least, most = schema["minimum"], schema.get("maximum", schema.get("exclusiveMaximum", 1) - 1)
    return st.integers(least, most) if schema["type"] == "integer" else st.sampled_from([least, (least + most) / 2, most])
