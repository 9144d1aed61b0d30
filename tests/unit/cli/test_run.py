from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Served, Speak


def test_a_run_prints_the_path_alone_and_the_rest_on_stderr(speak: Speak, gateway: Served, tmp_path: Path) -> None:
    said = speak("run", "scripted/text", "--prompt", "go", "--duration", "4", "-o", str(tmp_path / "clip.mp4"))
    assert said.code == 0, said.err
    assert said.out == f"{tmp_path / 'clip.mp4'}\n"
    assert "$0.28 (4 s × $0.07)" in said.err
    assert "\033" not in said.err


def test_a_file_goes_along_as_the_picture(speak: Speak, gateway: Served, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"\x89PNG, or so it says")
    said = speak("run", "scripted/picture", "--prompt", "go", "--image", str(picture), "-o", str(tmp_path))
    assert said.code == 0, said.err
    assert Path(said.out.strip()).read_bytes() == picture.read_bytes()  # the scripted engine gives back what it was given


def test_json_describes_the_finished_job(speak: Speak, gateway: Served) -> None:
    said = speak("run", "scripted/text", "-i", "prompt=go", "--json")
    told = json.loads(said.out)
    assert (told["state"], told["endpoint"]) == ("done", "scripted/text")
    assert Path(told["path"]).is_file()


def test_the_whole_input_may_come_from_a_file(speak: Speak, gateway: Served, tmp_path: Path) -> None:
    (tmp_path / "input.json").write_text('{"prompt": "go", "duration": 2}')
    assert "$0.14" in speak("run", "scripted/text", "--input", "input.json").err
    (tmp_path / "input.json").write_text("[]")
    assert "must hold one JSON object" in speak("run", "scripted/text", "--input", "input.json").err
    (tmp_path / "input.json").write_text("{")
    assert "is no JSON" in speak("run", "scripted/text", "--input", "input.json").err
    assert "no such file" in speak("run", "scripted/text", "--input", "none.json").err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("scripted/text", "--prompt", "fail"), 1, "as the script says; nothing was charged"),
        (("scripted/text", "--prompt", "refuse"), 2, "--prompt: as the script says"),
        (("scripted/text",), 2, "--prompt is required: What the engine plays."),
        (("scripted/picture", "--prompt", "go"), 2, "--image is required: a file or a URL. A picture."),
        (("scripted/picture", "--prompt", "go", "--image", "none.png"), 2, "--image none.png cannot be read"),
        (("scripted/text", "--prompt", "go", "--image", "none.png"), 2, "scripted/text takes no picture"),
        (("scripted/text", "--prompt", "go", "--duration", "99"), 2, "--duration: "),
        (("scripted/text", "--prompt", "go", "--durration", "5"), 2, "--duration is meant"),
        (("scripted/txt", "--prompt", "go"), 2, "there is no model scripted/txt; scripted/text is meant?"),
        (("--duration", "5", "scripted/text"), 2, "the model comes first"),
        (("scripted/text", "--prompt", "go", "-o", "none/clip.mp4"), 2, "there is no folder"),
        (("scripted/text", "--prompt", "go", "--key", "rg_live_wrong"), 3, "invalid key credentials"),
    ],
)
def test_what_goes_wrong_has_a_sentence_a_code_and_a_way_on(
    speak: Speak, gateway: Served, words: tuple[str, ...], code: int, told: str
) -> None:
    said = speak("run", *words)
    assert said.code == code, said.err
    assert told in said.err
    assert "\n  see: " in said.err
    assert not said.out


def test_without_a_gateway_it_says_where_was_looked(speak: Speak) -> None:
    said = speak("run", "scripted/text", "--prompt", "go")
    assert said.code == 4
    assert "no gateway runs" in said.err
