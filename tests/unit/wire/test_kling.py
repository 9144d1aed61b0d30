"""Kling's words, with everything a text."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from reelgate.contracts.endpoint import InputModel
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import VideoInput
from reelgate.wire import kling


class Loose(InputModel):
    """A model of this test that shows what the wire handed to it."""

    prompt: str
    multi_shot: bool = False
    cfg_scale: float = 0.5
    camera_control: Annotated[dict[str, Any] | None, "as it came"] = None
    multi_prompt: list[dict[str, Any]] | None = None

    def wanted(self) -> VideoInput:
        return VideoInput(prompt=self.prompt, extras={"kling": self.model_dump(exclude_unset=True)})


def said(body: dict[str, Any]) -> dict[str, Any]:
    wanted, _ = kling.read_input(Loose, {"prompt": "p", **body})
    return {name: value for name, value in wanted.extras["kling"].items() if name != "prompt"}


@pytest.mark.parametrize(
    ("kind", "body", "name"),
    [
        ("text2video", {}, ("kling-v1", "std")),
        ("text2video", {"model_name": "", "mode": ""}, ("kling-v1", "std")),
        ("text2video", {"model_name": "kling-v1", "mode": "high"}, ("kling-v1", "pro")),
        ("image2video", {"model_name": "kling-v3", "mode": "4k"}, ("kling-v3", "4k")),
        ("image2video", {"model_name": None, "mode": "pro"}, ("kling-v1", "pro")),
        ("image2video", {"model": "kling-v3"}, ("kling-v1", "std")),
        ("multi-image2video", {}, ("kling-v1-6", "std")),
        ("omni-video", {}, ("kling-video-o1", "pro")),
        ("omni-video", {"model_name": "kling-v3-omni", "mode": "std"}, ("kling-v3-omni", "std")),
        ("motion-control", {}, ("kling-v2-6", "std")),
        ("avatar/image2video", {"model_name": "any", "mode": "pro"}, ("", "pro")),
        ("video-extend", {"model_name": "any", "mode": "any"}, ("", "")),
        ("effects", {"effect_scene": "hug"}, ("", "")),
        ("lip-sync", {"input": {"mode": "text2video"}}, ("", "text2video")),
        ("lip-sync", {"input": '{"mode": "audio2video"}'}, ("", "audio2video")),
    ],
)
def test_the_path_the_name_and_the_mode_choose_the_endpoint(kind: str, body: dict[str, Any], name: tuple[str, str]) -> None:
    assert kling.read_name(kind, body) == (kind, *name)


@pytest.mark.parametrize(
    ("kind", "body", "at"),
    [
        ("text2video", {"mode": "turbo"}, ("mode",)),
        ("text2video", {"mode": 5}, ("mode",)),
        ("text2video", {"model_name": ["kling-v1"]}, ("model_name",)),
        ("lip-sync", {}, ("input", "mode")),
        ("lip-sync", {"input": {"mode": "std"}}, ("input", "mode")),
    ],
)
def test_a_name_that_cannot_be_read_is_refused(kind: str, body: dict[str, Any], at: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        kling.read_name(kind, body)
    assert [each.path for each in refused.value.faults] == [at]


def test_what_is_text_on_paper_is_read_as_what_it_means() -> None:
    assert said({"multi_shot": "false", "cfg_scale": "0.7"}) == {"multi_shot": False, "cfg_scale": 0.7}
    assert said({"multi_shot": "", "cfg_scale": "", "multi_prompt": "", "camera_control": ""}) == {}
    assert said({"multi_prompt": '[{"prompt": "one"}]'}) == {"multi_prompt": [{"prompt": "one"}]}
    assert said({"camera_control": '{"type": "down_back"}'}) == {"camera_control": {"type": "down_back"}}


def test_json_text_that_is_none_is_left_for_the_model_to_refuse() -> None:
    with pytest.raises(InvalidInput) as refused:
        said({"multi_prompt": '[{"prompt": "one"'})
    assert refused.value.faults[0].path == ("multi_prompt",)


@pytest.mark.parametrize(
    "camera", [{"type": "normal", "config": "words"}, {"type": []}, {"type": {}}, {"type": "simple", "config": "words"}, "words", 5, [1]]
)
def test_a_camera_move_that_is_only_a_sample_is_ignored_and_told(camera: Any) -> None:
    wanted, dropped = kling.read_input(Loose, {"prompt": "p", "camera_control": camera})
    assert "camera_control" not in wanted.extras["kling"]
    assert [each.field for each in dropped] == ["camera_control"]


@pytest.mark.parametrize("camera", ["", None, {}, []])
def test_a_camera_move_that_says_nothing_is_no_wish_at_all(camera: Any) -> None:
    assert kling.read_input(Loose, {"prompt": "p", "camera_control": camera})[1] == ()


@pytest.mark.parametrize(
    ("info", "wanted"),
    [
        ({"enabled": True}, True),
        ({"enabled": "true"}, True),
        ('{"enabled": true}', True),
        ({"enabled": False}, False),
        ('{"enabled": "false"}', False),
        ({"enabled": None}, False),
        ({}, False),
        ("", False),
        ("words", False),
        (None, False),
    ],
)
def test_a_watermark_is_read_by_the_wire_and_no_model_hears_of_it(info: Any, wanted: bool) -> None:
    assert kling.read_watermark({"watermark_info": info}) is wanted
    assert kling.read_input(Loose, {"prompt": "p", "watermark_info": info})[1] == ()


def test_an_input_is_written_by_its_model() -> None:
    class Told(Loose):
        @classmethod
        def spoken(cls, wanted: VideoInput) -> dict[str, Any]:
            return {"prompt": wanted.prompt}

    assert kling.write_input(Told, VideoInput(prompt="p")) == {"prompt": "p"}


def test_what_the_wire_reads_itself_is_not_called_unknown() -> None:
    body = {"prompt": "p", "model_name": "kling-v1", "mode": "pro", "callback_url": "https://c", "external_task_id": "mine", "odd": 1}
    _, dropped = kling.read_input(Loose, body)
    assert [each.field for each in dropped] == ["odd"]
    assert kling.read_callback(body) == "https://c"
    assert kling.read_external_id(body) == "mine"


def test_ids_and_callbacks_are_short_texts_or_nothing() -> None:
    assert kling.read_external_id({"external_task_id": ""}) is None
    assert kling.read_callback({}) is None
    for value in (5, "x" * 256):
        with pytest.raises(InvalidInput):
            kling.read_external_id({"external_task_id": value})
