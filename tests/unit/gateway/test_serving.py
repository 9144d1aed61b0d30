"""Who serves a job, and at what price."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.endpoint import Catalog, Endpoint, InputModel, OutputModel
from reelgate.contracts.engine import Engine, Order, Report
from reelgate.contracts.roster import Roster
from reelgate.domain.errors import NotFound
from reelgate.domain.job import Serving
from reelgate.domain.media import Dropped, LocalFile, Video, VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import Price, Rate, Source
from reelgate.gateway.channels import Channels
from reelgate.gateway.prices import Priced, PriceList
from reelgate.gateway.serving import ServingRule, charge
from reelgate.settings import read_settings
from tests.clock import FakeClock
from tests.unit.dispatch.channels import Acme, make_channel

SOURCE = Source(text="a test", as_of=date(2026, 1, 1))
PRICE = Price(unit="second", rates=(Rate(Money.dollars("0.07")),), source=SOURCE)


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


def endpoint(price: Price | None = PRICE, name: str = "fal-ai/a") -> Endpoint:
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
    nothing_set: Any = None  # a price list that was never refreshed has the catalog's prices, and asks no store
    prices = PriceList(nothing_set, Catalog([]), FakeClock())
    no_store: Any = None
    rolls = Channels(no_store, no_store, {"acme": Nobody()}, Catalog([]), FakeClock(), sells=no_store)
    rolls.roster = Roster([make_channel(f"acme-{number}") for number in range(channels)], rolls.providers)
    return ServingRule(read_settings(given), {each.name: each for each in engines or (Easel(),)}, rolls, prices)


class Nobody(Acme):
    """A provider that offers nothing."""

    def offer(self, endpoint: Endpoint, options: Mapping[str, str]) -> str | None:
        return None


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
            assert chooses.choose(endpoint(), VideoInput(), test=is_test, book="list").serving is Serving.PREVIEW
        else:
            with pytest.raises(NotFound, match=f"REELGATE_PREVIEW={preview}"):
                chooses.choose(endpoint(), VideoInput(), test=is_test, book="list")


def test_a_preview_is_free_unless_the_operator_says_as_listed() -> None:
    wanted = VideoInput(seconds=5)
    assert rule().choose(endpoint(), wanted, test=False, book="list").quote.words == "free"
    listed = rule(preview_price="list")
    assert listed.choose(endpoint(), wanted, test=False, book="list").quote.amount == Money.dollars("0.35")
    assert listed.choose(endpoint(), wanted, test=True, book="list").quote.amount == Money(0)
    quote = listed.choose(endpoint(), wanted, test=False, book="retail").quote
    assert (quote.words, quote.book) == ("5 s × $0.07", "list")  # whose price it is, where the account's own book has none
    assert listed.choose(endpoint(None), wanted, test=False, book="list").quote.amount == Money(0)


def test_without_a_price_an_engine_serves_free_and_no_paid_channel_serves() -> None:
    wanted, priced = VideoInput(seconds=5), Priced(PRICE, "list", None)
    for serving in Serving:
        assert charge(serving, priced, "fal-ai/a", wanted).amount == Money.dollars("0.35")
    assert charge(Serving.PREVIEW, None, "fal-ai/a", wanted).amount == Money(0)
    with pytest.raises(NotFound, match="fal-ai/a has no price, so no paid channel may serve it"):
        charge(Serving.PAID, None, "fal-ai/a", wanted)


def test_an_engine_that_cannot_run_here_says_what_is_missing() -> None:
    broken = Easel("broken", "numpy not installed: pip install 'reelgate[preview]'")
    with pytest.raises(NotFound, match="pip install"):
        rule(engines=(broken,)).choose(endpoint(), VideoInput(), test=False, book="list")
    assert rule(engines=(broken, Easel("spare"))).choose(endpoint(), VideoInput(), test=False, book="list").engine == "spare"


def test_an_endpoint_that_no_engine_can_make_is_not_found() -> None:
    with pytest.raises(NotFound, match="no engine can make it"):
        rule().choose(endpoint(name="other/a"), VideoInput(), test=False, book="list")


@pytest.mark.parametrize(
    ("given", "channels", "words"),
    [
        ({}, 0, "no channels yet: the preview engine serves every model, free"),
        ({"preview_price": "list"}, 0, "no channels yet: the preview engine serves every model, at list price"),
        ({}, 1, "1 channel for live keys; the preview engine serves test keys only"),
        ({"preview": "off"}, 0, "REELGATE_PREVIEW=off: the preview engine serves nobody"),
    ],
)
def test_the_rule_is_told_in_words(given: dict[str, str], channels: int, words: str) -> None:
    assert rule(channels, **given).describe() == words
