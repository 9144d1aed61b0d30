from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.cli.form import Form, read_media
from reelgate.cli.trouble import Code, Trouble

PROPERTIES: dict[str, Any] = {
    "prompt": {"type": "string", "description": "What is seen.", "maxLength": 100},
    "start_image_url": {"type": "string", "description": "The first picture."},
    "tail_image_url": {"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}], "description": "The last picture."},
    "duration": {"type": "string", "enum": ["5", "10"], "default": "5"},
    "cfg_scale": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
    "seed": {"anyOf": [{"type": "null"}, {"type": "integer"}]},
    "generate_audio": {"type": "boolean", "default": True},
    "camera": {"$ref": "#/components/schemas/Camera"},
    "voices": {"type": "array", "items": {"type": "string"}},
}
SCHEMAS = {
    "Input": {"properties": PROPERTIES, "required": ["prompt", "start_image_url"]},
    "Camera": {"type": "object", "description": "How it moves."},
}
FORM = Form("acme/clip", {"info": {"title": "Clip"}, "components": {"schemas": SCHEMAS}})


def read(*words: str, pairs: tuple[str, ...] = ()) -> dict[str, Any]:
    return FORM.read(words=words, pairs=pairs, base={})


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["--duration", "10"], {"duration": "10"}),
        (["--duration=10"], {"duration": "10"}),
        (["--cfg-scale", "0.3", "--seed", "7"], {"cfg_scale": 0.3, "seed": 7}),
        (["--generate-audio"], {"generate_audio": True}),
        (["--generate-audio", "--seed", "7"], {"generate_audio": True, "seed": 7}),
        (["--generate-audio", "false"], {"generate_audio": False}),
        (["--generate-audio=no"], {"generate_audio": False}),
        (["--no-generate-audio"], {"generate_audio": False}),
        (["--camera", '{"pan": 1}'], {"camera": {"pan": 1}}),
        (["--voices", '["a"]'], {"voices": ["a"]}),
        (["--tail-image", "https://example.com/a.png"], {"tail_image_url": "https://example.com/a.png"}),
        (["--prompt", "--seed"], {"prompt": "--seed"}),
    ],
)
def test_options_become_the_fields_of_the_model(words: list[str], given: dict[str, Any]) -> None:
    assert read(*words) == given


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--durration", "10"], "takes no --durration; --duration is meant"),
        (["--xyzzy", "1"], "there are --prompt, --image"),
        (["--cfg-scale", "much"], "--cfg-scale must be a number"),
        (["--seed", "1.5"], "--seed must be a whole number"),
        (["--generate-audio=perhaps"], "must be true or false"),
        (["--camera", "left"], "must be a JSON object"),
        (["--seed"], "--seed lacks its value"),
        (["stray"], "what is 'stray' for"),
    ],
)
def test_a_wrong_option_is_answered_in_a_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(Trouble) as trouble:
        read(*words)
    assert sentence in trouble.value.message
    assert trouble.value.code is Code.WRONG
    assert trouble.value.tips[0].endswith("models acme/clip")


def test_pairs_may_name_what_the_model_does_not_know() -> None:
    assert read(pairs=("seed=3", "mood=dark", "weights=[1, 2]")) == {"seed": 3, "mood": "dark", "weights": [1, 2]}
    with pytest.raises(Trouble, match="write it as key=value"):
        read(pairs=("seed",))


@given(st.text())
def test_a_text_arrives_as_it_was_typed(text: str) -> None:
    assert read(pairs=(f"prompt={text}",)) == {"prompt": text}


def test_options_are_stronger_than_the_input_they_start_from() -> None:
    given = FORM.read(words=["--seed", "2"], pairs=("duration=10",), base={"seed": 1, "duration": "5", "prompt": "x"})
    assert given == {"seed": 2, "duration": "10", "prompt": "x"}


def test_the_first_picture_is_called_image_whatever_the_model_calls_it() -> None:
    assert FORM.picture is not None
    assert FORM.option(FORM.picture.name) == "--image"
    assert FORM.option("tail_image_url") == "--tail-image-url"
    assert FORM.picture_value("https://example.com/a.png") == {"start_image_url": "https://example.com/a.png"}


def test_a_model_without_pictures_refuses_one() -> None:
    schemas = {"Input": {"properties": {"prompt": {"type": "string"}}}}
    with pytest.raises(Trouble, match="takes no picture"):
        Form("acme/words", {"info": {"title": "Words"}, "components": {"schemas": schemas}}).picture_value("a.png")


def test_what_is_required_and_missing_is_named_with_what_it_is() -> None:
    assert FORM.missing({"prompt": "x", "start_image_url": "y"}) is None
    missing = FORM.missing({"prompt": "x"})
    assert missing is not None
    assert missing.message == "--image is required: a file or a URL. The first picture."


def test_a_file_travels_as_a_data_uri(tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"\x89PNG")
    content = base64.b64encode(picture.read_bytes()).decode()
    assert read_media(str(picture)) == f"data:image/png;base64,{content}"
    assert read("--tail-image-url", str(picture))["tail_image_url"].startswith("data:image/png;base64,")


@pytest.mark.parametrize("address", ["https://example.com/a.png", "http://example.com/a.png", "data:image/png;base64,AAAA"])
def test_an_address_travels_as_it_is(address: str) -> None:
    assert read_media(address) == address


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match=r"--image .*none.png cannot be read: no such file"):
        FORM.picture_value(str(tmp_path / "none.png"))


def test_what_a_field_allows_is_told_in_words() -> None:
    told = {name: (field.allowed, field.default) for name, field in FORM.fields.items()}
    assert told["duration"] == ("5, 10", "5")
    assert told["cfg_scale"] == ("0 to 1", "0.5")
    assert told["prompt"] == ("up to 100 characters", "")
    assert told["generate_audio"] == ("", "true")
    assert FORM.fields["camera"].description == "How it moves."
