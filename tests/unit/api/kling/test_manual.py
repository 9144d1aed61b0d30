"""What Kling's routes are said to be for."""

from __future__ import annotations

from reelgate.api.kling.manual import write_manual
from reelgate.app import load_catalog
from reelgate.contracts.endpoint import Catalog
from reelgate.wire import kling
from reelgate.wire.kling_task import Form

LEGACY = [("/kling/v1/videos/text2video", "text2video", Form.FLAT), ("/v1/videos/avatar/image2video", "avatar/image2video", Form.VENDOR)]


def test_each_path_is_created_at_listed_and_asked_in_its_form() -> None:
    manual = write_manual(Catalog([]), LEGACY, [("/text-to-video", "text-to-video")], ["/tasks"])
    told = {each.call: each.answers[200] for each in manual.operations}
    assert told == {
        "POST /kling/v1/videos/text2video": "KlingTask",
        "GET /kling/v1/videos/text2video": "KlingTasks",
        "GET /kling/v1/videos/text2video/{task_id}": "KlingTask",
        "POST /v1/videos/avatar/image2video": "KlingAnswer",
        "GET /v1/videos/avatar/image2video": "KlingAnswers",
        "GET /v1/videos/avatar/image2video/{task_id}": "KlingAnswer",
        "POST /text-to-video/{model}": "KlingAnswer",
        "GET /tasks": "KlingAnswers",
        "POST /tasks": "KlingAnswers",
    }
    assert {each.body for each in manual.operations if each.body} <= set(manual.schemas)


def test_a_create_has_an_example_that_its_path_takes() -> None:
    catalog = load_catalog()
    [example] = write_manual(catalog, LEGACY, [], []).schemas["Kling.text2video"]["examples"]
    endpoint = catalog.named("kling", *kling.read_name("text2video", example))
    assert endpoint is not None
    assert kling.read_input(endpoint.inputs["kling"], example)
