from __future__ import annotations

import json

from tests.unit.cli.conftest import Served, Speak


def test_all_models_are_listed_with_kind_and_price(speak: Speak, gateway: Served) -> None:
    lines = speak("models").out.splitlines()
    assert lines[0].split() == ["model", "kind", "list", "price"]
    assert any(line.split() == ["scripted/text", "text-to-video", "$0.07", "a", "second"] for line in lines)
    assert any(line.split() == ["scripted/unpriced", "text-to-video", "not", "known"] for line in lines)


def test_words_search(speak: Speak, gateway: Served) -> None:
    found = json.loads(speak("models", "scripted", "image", "--json").out)
    assert [each["id"] for each in found] == ["scripted/picture"]


def test_one_model_is_explained_with_an_example(speak: Speak, gateway: Served) -> None:
    out = speak("models", "scripted/picture").out
    assert "--prompt   required; up to 100 characters\n    What the engine plays.\n" in out
    assert "--duration   default 5; 1 to 10\n" in out
    assert out.splitlines()[-1].endswith("run scripted/picture --prompt go --image picture.jpg -o video.mp4")


def test_one_model_as_json_has_its_fields(speak: Speak, gateway: Served) -> None:
    told = json.loads(speak("models", "scripted/text", "--json").out)
    assert told["input"]["prompt"]["required"] is True
    assert told["input"]["duration"]["default"] == 5


def test_a_search_that_finds_nothing_is_wrong_input(speak: Speak, gateway: Served) -> None:
    said = speak("models", "zebra")
    assert said.code == 2
    assert "no model has 'zebra'" in said.err
