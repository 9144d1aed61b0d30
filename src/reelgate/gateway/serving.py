"""Who serves a job: settled once, when it is accepted, and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.engine import Engine
from reelgate.contracts.roster import Offer
from reelgate.domain.errors import Fault, InvalidInput, NotFound
from reelgate.domain.job import Serving
from reelgate.domain.media import Dropped, VideoInput
from reelgate.domain.pricing import NOTHING, Quote
from reelgate.gateway.channels import Channels
from reelgate.gateway.prices import Priced, PriceList
from reelgate.settings import Settings

RELAY = "relay"
"""The engine of a job that goes to a channel: which one is told when it has been chosen."""


@dataclass(frozen=True, slots=True)
class Served:
    """By which class, by which engine, and at what price."""

    serving: Serving
    engine: str
    quote: Quote


class ServingRule:
    """Applies `REELGATE_PREVIEW`. A paying customer never gets a preview unless the operator said so.

    It judges by the channels and prices that `refresh` has seen, which is awaited before every choice and costs nothing for a second.
    """

    def __init__(self, settings: Settings, engines: Mapping[str, Engine], channels: Channels, prices: PriceList) -> None:
        self._settings, self._engines, self._channels, self._prices = settings, engines, channels, prices
        self._free: dict[str, Served] = {}
        self._ready: set[str] = set()

    async def refresh(self) -> None:
        """See what operators have set up and priced since."""
        await self._prices.refresh()
        await self._channels.refresh()

    def choose(self, endpoint: Endpoint, wanted: VideoInput, *, test: bool, book: str, strictly: Sequence[Dropped] | None = None) -> Served:
        """Who serves this, at what price of an account's price book; `NotFound` that says what stands in the way.

        `strictly` is what the endpoint itself cannot take of the request, where the caller wants every field of it to count:
        then only who uses them all is considered, and `InvalidInput` names the fields that nobody does.
        """
        offers = () if test else self._channels.roster.configured(endpoint)
        if offers:
            _check_not_ended(endpoint)
            _check_said(offers, endpoint, wanted, strictly)
            quote = charge(Serving.PAID, self._prices.sale(book, endpoint), endpoint.id, wanted)
            return Served(Serving.PAID, RELAY, quote)
        if not self._preview_serves(test=test):
            message = f"nothing serves {endpoint.id}: no channel offers it and REELGATE_PREVIEW={self._settings.preview}"
            raise NotFound(message)
        able = self._able(endpoint, wanted)
        engine = (able[0] if strictly is None else _that_uses_all(able, endpoint, wanted, strictly)).name
        served = self._free.get(endpoint.id)
        if served is None or served.engine != engine:
            served = self._free[endpoint.id] = Served(Serving.PREVIEW, engine, NOTHING)
        if test or self._settings.preview_price == "free":
            return served
        return Served(served.serving, engine, charge(served.serving, self._prices.sale(book, endpoint), endpoint.id, wanted))

    def describe(self) -> str:
        """Which rule holds now, in a sentence for people."""
        channels = len(self._channels.roster)
        if channels and self._settings.preview != "fallback":
            tests = "the preview engine serves test keys only" if self._preview_serves(test=True) else "the preview engine serves nobody"
            return f"{channels} channel{'s' if channels > 1 else ''} for live keys; {tests}"
        if self._preview_serves(test=False):
            cost = "free" if self._settings.preview_price == "free" else "at list price"
            reason = "no channels yet" if self._settings.preview == "auto" else f"REELGATE_PREVIEW={self._settings.preview}"
            return f"{reason}: the preview engine serves every model, {cost}"
        if self._preview_serves(test=True):
            return "the preview engine serves test keys only"
        return "REELGATE_PREVIEW=off: the preview engine serves nobody"

    def _preview_serves(self, *, test: bool) -> bool:
        match self._settings.preview:
            case "off":
                return False
            case "test":
                return test
            case "fallback":
                return True
            case "auto":
                return test or not len(self._channels.roster)

    def _able(self, endpoint: Endpoint, wanted: VideoInput) -> list[Engine]:
        """The engines that can make this here and now, at least one."""
        able: list[Engine] = []
        troubles: list[str] = []
        for engine in self._engines.values():
            if engine.serves(endpoint.id):
                trouble = self._missing(engine) or engine.cannot(endpoint.id, wanted)
                able += [] if trouble else [engine]
                troubles += [trouble] if trouble else []
        if not able:
            missing = "; ".join(troubles) or "no engine can make it"
            message = f"nothing serves {endpoint.id} on this machine: {missing}"
            raise NotFound(message)
        return able

    def _missing(self, engine: Engine) -> str:
        """What an engine lacks here. Looking takes longer than all the rest of a submit, so what is there is believed to stay."""
        if engine.name in self._ready:
            return ""
        trouble = engine.available()
        if not trouble:
            self._ready.add(engine.name)
        return trouble


def _check_not_ended(endpoint: Endpoint) -> None:
    if endpoint.ended is not None:
        successor = f"; use {endpoint.ended.successor}" if endpoint.ended.successor else ""
        raise NotFound(f"{endpoint.id} ended at its vendor on {endpoint.ended.on.isoformat()}{successor}")


def _check_said(offers: Sequence[Offer], endpoint: Endpoint, wanted: VideoInput, strictly: Sequence[Dropped] | None) -> None:
    """`InvalidInput` if no channel can be told all of the content that is asked for, or anything at all where all is to count."""
    faults: list[Fault] = []
    for offer in offers:
        lost = [each for each in offer.provider.loses(endpoint, wanted, offer.channel.options) if each.content or strictly is not None]
        if not lost and not strictly:
            return
        told = {each.part: "no channel that serves this model can be told this" for each in lost}
        told |= {each.field: each.reason for each in strictly or ()}
        faults = faults or [Fault(path=(part,), message=why, kind="feature_not_supported") for part, why in told.items()]
    raise InvalidInput(faults)


def _that_uses_all(able: Sequence[Engine], endpoint: Endpoint, wanted: VideoInput, dropped: Sequence[Dropped]) -> Engine:
    unused = [(*dropped, *engine.unused(endpoint.id, wanted)) for engine in able]
    for engine, left_out in zip(able, unused, strict=True):
        if not left_out:
            return engine
    raise InvalidInput([Fault(path=(each.field,), message=each.reason, kind="feature_not_supported") for each in unused[0]])


def charge(serving: Serving, priced: Priced | None, endpoint_id: str, wanted: VideoInput) -> Quote:
    """What a class of service costs at a price. Without one an engine serves for nothing, and no paid channel serves: `NotFound`."""
    if priced is not None:
        return priced.quote(wanted)
    if serving is Serving.PAID:
        message = f"{endpoint_id} has no price, so no paid channel may serve it; the operator sets one with `reelgate prices set`"
        raise NotFound(message)
    return NOTHING
