"""Kling's words of 2026: the model in the path, settings, options, and contents that name their types."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.catalog._image2026 import Image2026Audio1080, Image2026Shots720, Image2026x720
from reelgate.catalog._omni2026 import Omni2026x720
from reelgate.catalog._text2026 import Text2026Shots720, Text2026Turbo720, Text2026x720
from reelgate.contracts.endpoint import InputModel
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.media import Foreign
from reelgate.wire import kling2026

FIRST = {"type": "first_frame", "url": "https://example.com/a.png"}
LAST = {"type": "last_frame", "url": "https://example.com/b.png"}
PROMPT = {"type": "prompt", "text": "a fox"}


def faults_of(model: type[InputModel], body: dict[str, Any]) -> dict[tuple[str | int, ...], Fault]:
    with pytest.raises(InvalidInput) as refused:
        kling2026.read_input(model, body)
    return {each.path: each for each in refused.value.faults}


@pytest.mark.parametrize(
    ("model", "body", "resolution"),
    [
        ("kling-3.0", {}, "720p"),
        ("kling-3.0", {"settings": {"resolution": "4k"}}, "4k"),
        ("kling-3.0", {"settings": '{"resolution": "1080P"}'}, "1080p"),
        ("kling-3.0", {"settings": {"resolution": ""}}, "720p"),
        ("kling-3.0", {"settings": {"audio": "native"}, "contents": [FIRST, LAST]}, "720p"),
        ("kling-2.6", {"settings": {"audio": "native"}}, "1080p"),
        ("kling-2.6", {"settings": {"audio": "native", "resolution": "720p"}}, "720p"),
        ("kling-2.6", {"settings": {"audio": "off"}}, "720p"),
        ("kling-2.6", {"contents": [FIRST, LAST]}, "1080p"),
        ("kling-2.5-turbo", {"contents": [FIRST, LAST]}, "1080p"),
        ("kling-2.5-turbo", {"contents": [FIRST]}, "720p"),
        ("kling-2.5-turbo", {"contents": "words"}, "720p"),
    ],
)
def test_the_path_and_the_resolution_choose_the_endpoint(model: str, body: dict[str, Any], resolution: str) -> None:
    assert kling2026.read_name("image-to-video", model, body) == ("image-to-video", model, resolution)


@pytest.mark.parametrize("resolution", ["480p", 720, ["4k"]])
def test_a_resolution_that_there_is_not_is_refused(resolution: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        kling2026.read_name("text-to-video", "kling-3.0", {"settings": {"resolution": resolution}})
    assert refused.value.faults[0].path == ("settings", "resolution")


def test_the_options_are_read_by_the_wire() -> None:
    body = {
        "prompt": "p",
        "options": {"callback_url": "https://c", "external_task_id": "mine", "watermark_info": {"enabled": True}, "x": 1},
    }
    assert kling2026.read_callback(body) == "https://c"
    assert kling2026.read_external_id(body) == "mine"
    assert kling2026.read_watermark(body) is True
    assert [each.field for each in kling2026.read_input(Text2026x720, body)[1]] == ["options.x"]
    assert kling2026.read_callback({}) is kling2026.read_external_id({"options": ""}) is None
    assert kling2026.read_watermark({}) is False
    with pytest.raises(InvalidInput) as refused:
        kling2026.read_external_id({"options": {"external_task_id": 5}})
    assert refused.value.faults[0].path == ("options", "external_task_id")


def test_a_video_from_text_has_its_settings_inside() -> None:
    body = {"prompt": "a fox", "settings": {"duration": "7", "aspect_ratio": "1:1", "audio": "native", "resolution": "720p"}}
    wanted, dropped = kling2026.read_input(Text2026Shots720, body)
    assert (wanted.prompt, wanted.seconds, wanted.aspect_ratio, wanted.sound, wanted.resolution) == ("a fox", 7, "1:1", True, "720p")
    assert dropped == ()
    assert kling2026.read_input(Text2026Shots720, {"prompt": "a fox", "settings": '{"duration": 7}'})[0].seconds == 7


def test_several_shots_are_taken_for_granted_and_the_prompt_stays_whole() -> None:
    prompt = "shot 1, 2, a fox; shot 2, 3, it looks up;"
    assert kling2026.read_input(Text2026Shots720, {"prompt": prompt, "settings": {"multi_shot": True}})[0].extras == {}
    wanted, _ = kling2026.read_input(Text2026Shots720, {"prompt": prompt, "settings": {"multi_shot": "false"}})
    assert (wanted.prompt, wanted.shots) == (prompt, ())
    assert wanted.extras == {"kling2026": {"settings": {"multi_shot": False}}}


def test_contents_are_known_by_their_types_wherever_they_stand() -> None:
    voice = {"type": "voice", "voice_id": "calm", "id": "1"}
    wanted, dropped = kling2026.read_input(Image2026Audio1080, {"contents": [FIRST, voice, PROMPT], "settings": {"audio": "native"}})
    assert wanted.prompt == "a fox"
    assert wanted.first_frame == Foreign("https://example.com/a.png", "contents.first_frame.url")
    assert wanted.extras == {"kling2026": {"contents": {"voice": [{"voice_id": "calm", "id": "1"}]}}}
    assert dropped == ()
    written = kling2026.write_input(Image2026Audio1080, wanted)
    assert written["contents"] == [PROMPT, FIRST, voice]
    assert written["settings"] == {"resolution": "1080p", "duration": 5, "audio": "native"}
    assert kling2026.read_input(Image2026Audio1080, written) == (wanted, ())


@pytest.mark.parametrize("name", ["url", "first_frame", "image", "image_url"])
def test_an_address_is_found_under_a_name_that_one_would_think_of(name: str) -> None:
    wanted, _ = kling2026.read_input(Image2026x720, {"contents": [{"type": "first_frame", name: "https://example.com/a.png"}]})
    assert wanted.first_frame == Foreign("https://example.com/a.png", "contents.first_frame.url")


@pytest.mark.parametrize("model", [Image2026x720, Text2026x720])
def test_a_prompt_may_stand_among_the_contents_or_beside_them(model: type[InputModel]) -> None:
    pictures = [FIRST] if model is Image2026x720 else []
    inside, _ = kling2026.read_input(model, {"contents": [*pictures, PROMPT]})
    beside, _ = kling2026.read_input(model, {"contents": pictures, "prompt": "a fox"})
    assert inside == beside
    assert inside.prompt == "a fox"


def test_a_picture_in_base64_is_a_picture() -> None:
    wanted, _ = kling2026.read_input(Image2026x720, {"contents": [{"type": "first_frame", "url": "/9j/4AAQSkZJRgABAQAAAQABAAD"}]})
    assert wanted.first_frame == Foreign("data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAAAQABAAD", "contents.first_frame.url")


def test_references_keep_the_names_by_which_the_prompt_speaks_of_them() -> None:
    pictures = [{"type": "refer_image", "url": f"https://example.com/{number}.png", "id": f"image_{number}"} for number in (1, 2)]
    wanted, _ = kling2026.read_input(Omni2026x720, {"contents": [PROMPT, {**FIRST, "id": "start"}, *pictures]})
    assert [each.field for each in wanted.references] == ["contents.refer_image.0.url", "contents.refer_image.1.url"]
    assert wanted.extras["kling2026"]["contents"] == {
        "first_frame": {"id": "start"},
        "refer_image": [{"url": 0, "id": "image_1"}, {"url": 1, "id": "image_2"}],
    }
    assert kling2026.read_input(Omni2026x720, kling2026.write_input(Omni2026x720, wanted)) == (wanted, ())


def test_a_fault_is_at_the_callers_own_place() -> None:
    faults = faults_of(Image2026Shots720, {"contents": [PROMPT], "settings": {"duration": 99, "audio": "loud"}})
    assert {path: each.kind for path, each in faults.items()} == {
        ("contents", "first_frame"): "missing",
        ("settings", "duration"): "one_of",
        ("settings", "audio"): "one_of",
    }
    assert faults[("settings", "duration")].limits == {"expected": [str(number) for number in range(3, 16)]}


@pytest.mark.parametrize(
    ("contents", "at"),
    [
        ("words", ("contents",)),
        ([FIRST, "words"], ("contents", 1)),
        ([{"url": "https://example.com/a.png"}], ("contents", 0)),
        ([FIRST, FIRST], ("contents", 1)),
        ([{"type": "first_frame"}], ("contents", "first_frame", "url")),
        ([{"type": "first_frame", "url": "fox.png"}], ("contents", "first_frame", "url")),
    ],
)
def test_contents_that_are_none_are_refused(contents: Any, at: tuple[str | int, ...]) -> None:
    assert set(faults_of(Image2026x720, {"contents": contents})) == {at}


def test_a_part_of_a_type_that_there_is_not_is_named_and_dropped() -> None:
    _, dropped = kling2026.read_input(Image2026x720, {"contents": [FIRST, {"type": "mood", "text": "blue"}]})
    assert [each.field for each in dropped] == ["contents.1"]


def test_what_is_gone_is_named_and_dropped() -> None:
    gone = {"negative_prompt": "blur", "cfg_scale": 0.5, "mode": "pro", "camera_control": {"type": "down_back"}, "image_tail": "https://b"}
    _, dropped = kling2026.read_input(Text2026x720, {"prompt": "p", **gone, "settings": {"seed": 5}})
    assert {each.field for each in dropped} == {*gone, "settings.seed"}


@pytest.mark.parametrize(
    ("model", "body", "at"),
    [
        (Text2026x720, {"prompt": "p", "contents": [FIRST]}, ("contents",)),
        (Text2026x720, {"prompt": "p", "settings": {"audio": "native"}}, ("settings", "audio")),
        (Text2026x720, {"prompt": "p", "settings": {"multi_shot": True}}, ("settings", "multi_shot")),
        (Image2026x720, {"contents": [FIRST, LAST]}, ("contents", "last_frame")),
        (Image2026x720, {"contents": [FIRST, {"type": "element", "element_id": 5, "id": "x"}]}, ("contents", "element")),
        (Image2026Audio1080, {"contents": [FIRST, LAST], "settings": {"audio": "native"}}, ("contents", "last_frame")),
        (Image2026Audio1080, {"contents": [FIRST, {"type": "voice", "voice_id": "v"}]}, ("contents", "voice")),
    ],
)
def test_what_a_model_does_not_make_is_refused(model: type[InputModel], body: dict[str, Any], at: tuple[str, ...]) -> None:
    (fault,) = faults_of(model, body).values()
    assert (fault.path, fault.kind) == (at, "feature_not_supported")


@pytest.mark.parametrize("settings", [{"audio": "off"}, {"multi_shot": False}, {"audio": ""}, {"multi_shot": None}, {}])
def test_what_asks_for_nothing_is_never_refused(settings: dict[str, Any]) -> None:
    assert kling2026.read_input(Text2026x720, {"prompt": "p", "settings": settings})[1] == ()


def test_turbo_always_sounds_and_says_so_where_it_was_to_be_silent() -> None:
    silent, dropped = kling2026.read_input(Text2026Turbo720, {"prompt": "p", "settings": {"audio": "off"}})
    assert silent.sound
    assert [each.field for each in dropped] == ["settings.audio"]
    assert kling2026.read_input(Text2026Turbo720, {"prompt": "p", "settings": {"audio": "native"}}) == (silent, ())
