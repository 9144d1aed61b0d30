"""What the engine says of itself, without anything heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reelgate.domain.media import Shot, VideoInput
from reelgate.engines.preview import ENGINE


@pytest.mark.parametrize(
    "endpoint",
    [
        "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
        "fal-ai/veo3/image-to-video",
        "fal-ai/kling-video/o1/reference-to-video",
        "kling/v1/videos/multi-image2video",
    ],
)
def test_it_draws_films_from_words_and_pictures(endpoint: str) -> None:
    assert ENGINE.serves(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "fal-ai/kling-video/lipsync/audio-to-video",
        "fal-ai/kling-video/v1.6/pro/effects",
        "fal-ai/kling-video/ai-avatar/v2/pro",
        "fal-ai/kling-video/v2.6/pro/motion-control",
        "fal-ai/kling-video/o1/video-to-video/edit",
        "openai/sora",
        "fal-ai",
        "",
    ],
)
def test_it_leaves_alone_what_it_cannot_even_pretend(endpoint: str) -> None:
    assert not ENGINE.serves(endpoint)


def test_it_can_run_here() -> None:
    assert ENGINE.available() == ""


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reelgate.engines.preview.find_spec", lambda name: None if name == "cv2" else object())

    assert ENGINE.available() == "opencv-python-headless not installed: pip install 'reelgate[preview]'"


def test_it_waits_as_long_as_the_slowest_shot_asks() -> None:
    assert ENGINE.wait_s(VideoInput(prompt="sea")) == 0
    assert ENGINE.wait_s(VideoInput(shots=(Shot(prompt="[[slow 3]]", seconds=1), Shot(prompt="[[slow 7]]", seconds=1)))) == 7


def test_declaring_it_loads_nothing_heavy() -> None:
    program = "import sys, reelgate.engines.preview; print([name for name in ('numpy', 'cv2', 'av', 'PIL') if name in sys.modules])"

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
