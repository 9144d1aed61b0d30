"""Who serves a job, and at what price."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from reelgate.contracts.endpoint import Endpoint, InputModel, OutputModel
from reelgate.contracts.engine import Engine, Order, Report
from reelgate.domain.errors import NotFound
from reelgate.domain.job import Serving
from reelgate.domain.media import Dropped, LocalFile, Video, VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import PerSecond, Source
from reelgate.gateway.serving import ServingRule
from reelgate.settings import read_settings

SOURCE = Source(text="a test", as_of=date(2026, 1, 1))
PRICE = PerSecond(rate=Money.dollars("0.07"), source=SOURCE)


class Easel:
    """An engine that is never asked to render."""

    def __init__(self, name: str = "easel", trouble: str = "", kind: str = "fal-ai/") -> None:
        self.name, self._trouble, self._kind = name, trouble, kind

    def serves(self, endpoint: str) -> bool:
        return endpoint.startswith(self._kind)

    def available(self) -> str:
        return self._trouble

    def cannot(self, endpoint: str, wanted: VideoInput) -> str:
        del endpoint, wanted
        return ""

    def unused(self, endpoint: str, wanted: VideoInput) -> tuple[Dropped, ...]:
        del endpoint, wanted
        return ()

    def wait_s(self, wanted: VideoInput) -> float:
        del wanted
        return 0

    def render(self, order: Order, folder: Path, report: Report) -> Video:
        del order, report
        return Video(source=LocalFile(folder), width=2, height=2, fps=24, frames=1, sound=False)


def endpoint(price: PerSecond | None = PRICE, name: str = "fal-ai/a") -> Endpoint:
    return Endpoint(
        id=name,
        title="",
        description="",
        kind="text-to-video",
        inputs={"fal": InputModel},
        outputs={"fal": OutputModel},
        source=SOURCE,
        price=price,
    )


def rule(channels: int = 0, engines: tuple[Engine, ...] = (), **given: str) -> ServingRule:
    return ServingRule(read_settings(given), {each.name: each for each in engines or (Easel(),)}, lambda: channels)


@pytest.mark.parametrize(
    ("preview", "channels", "live", "test"),
    [
        ("auto", 0, True, True),
        ("auto", 1, False, True),
        ("fallback", 1, True, True),
        ("test", 0, False, True),
        ("off", 0, False, False),
    ],
)
def test_who_is_served_by_the_preview(preview: str, channels: int, live: bool, test: bool) -> None:
    for is_test, served in ((False, live), (True, test)):
        chooses = rule(channels, preview=preview)
        if served:
            assert chooses.choose(endpoint(), VideoInput(), test=is_test).serving is Serving.PREVIEW
        else:
            with pytest.raises(NotFound, match=f"REELGATE_PREVIEW={preview}"):
                chooses.choose(endpoint(), VideoInput(), test=is_test)


def test_a_preview_is_free_unless_the_operator_says_as_listed() -> None:
    wanted = VideoInput(seconds=5)
    assert rule().choose(endpoint(), wanted, test=False).quote.words == "free"
    listed = rule(preview_price="list")
    assert listed.choose(endpoint(), wanted, test=False).quote.amount == Money.dollars("0.35")
    assert listed.choose(endpoint(), wanted, test=True).quote.amount == Money(0)
    assert listed.choose(endpoint(None), wanted, test=False).quote.amount == Money(0)


def test_an_engine_that_cannot_run_here_says_what_is_missing() -> None:
    broken = Easel("broken", "numpy not installed: pip install 'reelgate[preview]'")
    with pytest.raises(NotFound, match="pip install"):
        rule(engines=(broken,)).choose(endpoint(), VideoInput(), test=False)
    assert rule(engines=(broken, Easel("spare"))).choose(endpoint(), VideoInput(), test=False).engine == "spare"


def test_an_endpoint_that_no_engine_can_make_is_not_found() -> None:
    with pytest.raises(NotFound, match="no engine can make it"):
        rule().choose(endpoint(name="other/a"), VideoInput(), test=False)


@pytest.mark.parametrize(
    ("given", "channels", "words"),
    [
        ({}, 0, "no channels yet: the preview engine serves every model, free"),
        ({"preview_price": "list"}, 0, "no channels yet: the preview engine serves every model, at list price"),
        ({}, 1, "the preview engine serves test keys only"),
        ({"preview": "off"}, 0, "REELGATE_PREVIEW=off: the preview engine serves nobody"),
    ],
)
def test_the_rule_is_told_in_words(given: dict[str, str], channels: int, words: str) -> None:
    assert rule(channels, **given).describe() == words
