"""Bad days: each call of each dialect over a real socket, with each fault. What comes of it is said as the contract says, and nothing is
bought twice."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import Pending, Talk
from reelgate.contracts.roster import Offer
from reelgate.dialects import veo
from reelgate.dialects.fal_queue import FalQueue
from reelgate.dispatch.backends import HttpBackend
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.talks import Talks
from reelgate.domain.address import Reach, read_ranges
from reelgate.domain.clock import SystemClock
from reelgate.domain.errors import Garbled, Throttled, Unavailable, Uncertain, UpstreamError
from tests.acceptance._chaos import RETRY_AFTER_S, ChaosVendor, Fault, bad_day
from tests.acceptance._gateway import Gateway, running
from tests.acceptance._vendor import WEBHOOK_SECRET, Vendor, selling
from tests.clock import BEGINNING
from tests.conformance.test_providers import PROVIDERS, TALKS, Told

# Patience ends where nothing comes or never enough, and nowhere else: however busy the machine is, a connection must stand before it does.
_PATIENCE_S = {Fault.DRIP: 1.5, Fault.BLACK_HOLE: 1.5}
_LONG_S = 30.0
_GOOD = {"ticket", "done", "pending", "listed", "good", "signs"}
_VERBS = ("submit", "poll", "cancel", "find", "recent", "check", "signers")
_NO_ANSWER = {Fault.REFUSED, Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.LOST_REPLY, Fault.DRIP, Fault.BLACK_HOLE, Fault.GARBAGE}

# What the contract says of a call that buys: it is known that nothing was bought only where no connection stood, or by a declared refusal.
_OF_A_PURCHASE: dict[Fault, type[UpstreamError]] = {
    **dict.fromkeys(Fault, Uncertain),
    Fault.REFUSED: Unavailable,
    Fault.THROTTLED: Throttled,
    Fault.THROTTLED_SILENTLY: Throttled,
}
# And of any other: whatever it is, it is asked again.
_OF_A_QUESTION: dict[Fault, type[UpstreamError]] = {
    **dict.fromkeys(_NO_ANSWER, Unavailable),
    Fault.WRONG_JSON: Garbled,
    Fault.THROTTLED: Throttled,
    Fault.THROTTLED_SILENTLY: Throttled,
    Fault.SERVER_ERROR: Unavailable,
}


class Purse:
    """Has the secrets of a talk's file."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self._secrets = secrets

    async def secrets(self, channel_id: str) -> dict[str, str]:
        return self._secrets


Hold = Callable[[Talks, Offer, Talk[Any]], Awaitable[Any]]


async def _hold(talks: Talks, offer: Offer, talk: Talk[Any], *, buys: bool) -> Any:
    async def before() -> None:
        """The intent, which is durable elsewhere."""

    return await (talks.submit(offer, talk, before) if buys else talks.hold(offer, talk))


async def suffer(told: Told, fault: Fault, place: int, hold: Any = _hold) -> tuple[Any, ChaosVendor]:
    """Hold a talk on a bad day: what came of it, and what the vendor saw."""
    provider = PROVIDERS[told.provider]
    options = told.talk.get("options", {})
    async with bad_day(told.talk["exchange"], fault, place) as vendor:
        address = f"http://127.0.0.1:{vendor.port}"
        channel = Channel(
            id="bad",
            provider=told.provider,
            address=address,
            submit_timeout_s=_PATIENCE_S.get(fault, _LONG_S),
            poll_timeout_s=_PATIENCE_S.get(fault, _LONG_S),
            created_at=BEGINNING,
        )
        offer = Offer(channel=channel, provider=provider, model="m", powers=provider.powers(options))
        backend = HttpBackend(Guard(Reach(opened=read_ranges("127.0.0.0/8")), clock=SystemClock()))
        talks = Talks(backend, Purse(told.file["secrets"]), SystemClock())
        try:
            return await hold(talks, offer, told.begin(), buys=told.talk["verb"] == "submit"), vendor
        except UpstreamError as error:
            return error, vendor
        finally:
            await backend.close()


def wrong_with(told: Told, fault: Fault, place: int, ended: Any, vendor: ChaosVendor) -> Iterator[str]:
    """What is not as the contract says."""
    call = told.talk["exchange"][place]["call"]
    name = f"{told.provider}: {told.talk['verb']}: call {place}: {fault.name}"
    if vendor.bought > 1:
        yield f"{name}: asked to buy {vendor.bought} times"
    expected = _expected(told, call, place, fault)
    if isinstance(ended, UpstreamError):
        if type(ended) not in expected:
            yield f"{name}: {type(ended).__name__} instead of {' or '.join(each.__name__ for each in expected)}"
        if isinstance(ended, Throttled) and ended.retry_after_s != (RETRY_AFTER_S if fault is Fault.THROTTLED else None):
            yield f"{name}: to be asked again after {ended.retry_after_s}"
    elif fault in _NO_ANSWER or not _is_harmless(told, ended):
        yield f"{name}: came to {ended}"


def _expected(told: Told, call: Any, place: int, fault: Fault) -> set[type[UpstreamError]]:
    if call.get("buys"):
        return {_OF_A_PURCHASE[fault]}
    if told.talk["verb"] == "submit" and place:
        return {Uncertain}  # what was bought before is not known any more
    return {_OF_A_QUESTION[fault], *({Unavailable} if fault is Fault.WRONG_JSON else ())}


def _is_harmless(told: Told, ended: Any) -> bool:
    """Nothing that ends a job or makes a ticket: it goes on, was not stopped, there are none; a key that may ask is a good one."""
    return isinstance(ended, Pending) or ended is False or ended == [] or told.talk["verb"] == "check"


def chosen(provider: str) -> list[Told]:
    """One talk of each verb that goes well, the longest: the one with most calls."""
    found: list[Told] = []
    for verb in _VERBS:
        mine = [each for each in TALKS if each.provider == provider and each.talk["verb"] == verb and each.talk["exchange"]]
        well = [each for each in mine if _GOOD & each.talk["ends"].keys() or each.talk["ends"].get("value") is True]
        found += sorted(well, key=lambda each: -len(each.talk["exchange"]))[:1]
    return found


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_every_call_of_a_dialect_on_every_bad_day(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    talks = chosen(provider)
    assert {"submit", "poll", "check"} <= {each.talk["verb"] for each in talks}
    monkeypatch.setattr(veo, "STORAGE", "")  # vendors' other hosts are on the socket too
    monkeypatch.setitem(PROVIDERS, "fal", replace(cast("FalQueue", PROVIDERS["fal"]), key_set=""))

    async def day() -> list[str]:
        room = asyncio.Semaphore(40)

        async def case(told: Told, fault: Fault, place: int) -> list[str]:
            async with room:
                return list(wrong_with(told, fault, place, *await suffer(told, fault, place)))

        cases = [case(told, fault, place) for told in talks for place in range(len(told.talk["exchange"])) for fault in Fault]
        return [words for each in await asyncio.gather(*cases) for words in each]

    assert asyncio.run(day()) == []


def test_a_driver_that_tries_a_purchase_again_is_found_out() -> None:
    async def eager(talks: Talks, offer: Offer, talk: Talk[Any], *, buys: bool) -> Any:
        try:
            return await _hold(talks, offer, talk, buys=buys)
        except Uncertain:
            return await _hold(talks, offer, told.begin(), buys=buys)

    told = next(each for each in chosen("fal") if each.talk["verb"] == "submit")
    ended, vendor = asyncio.run(suffer(told, Fault.LOST_REPLY, 0, eager))
    assert any("asked to buy 2 times" in words for words in wrong_with(told, Fault.LOST_REPLY, 0, ended, vendor))


def test_a_driver_that_takes_a_lost_reply_for_a_refusal_is_found_out() -> None:
    told = next(each for each in chosen("kling") if each.talk["verb"] == "submit")
    _, vendor = asyncio.run(suffer(told, Fault.LOST_REPLY, 0))
    assert vendor.sold == 1
    assert list(wrong_with(told, Fault.LOST_REPLY, 0, Unavailable(said="reset"), vendor)) != []


# -- a whole gateway on such days ----------------------------------------------------------------------------------------

# By the id of a channel, which is its provider's unless it stands below.
_ENDPOINTS = {
    "fal": "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
    "fal_gateway": "fal-ai/kling-video/v2.1/master/text-to-video",
    "reelgate": "fal-ai/kling-video/v2/master/text-to-video",
    "openai": "fal-ai/kling-video/v1.6/standard/text-to-video",
    "kling": "fal-ai/kling-video/v2.6/pro/text-to-video",
    "kling_unsigned": "fal-ai/kling-video/v3/pro/text-to-video",
    "replicate": "fal-ai/kling-video/v3/standard/text-to-video",
}
_SETTINGS: dict[str, dict[str, Any]] = {
    "fal": {"options": {"callbacks": "open"}},  # the vendor itself has no such keys as this one
    "openai": {"options": {"body": "json"}},
    "kling": {"address": "/kling", "secrets": {"api_key": "k", "webhook_secret": WEBHOOK_SECRET}},
    "kling_unsigned": {"provider": "kling", "address": "/kling"},
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Vendor]]:
    """A gateway whose channels are all at one vendor, which can call it back."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    environment = {"REELGATE_PUBLIC_URL": f"http://127.0.0.1:{port}", "REELGATE_ALLOW_PRIVATE": "127.0.0.0/8"}
    data = tmp_path_factory.mktemp("chaos") / "data"
    with selling() as vendor, running(data, "--port", str(port), environment=environment) as gateway:
        for name, endpoint in _ENDPOINTS.items():
            body: dict[str, Any] = {"id": name, "provider": name, "secrets": {"api_key": "k"}, "address": ""} | _SETTINGS.get(name, {})
            body |= {"address": f"{vendor.url}{body['address']}", "models": {endpoint: "wan" if name == "openai" else ""}, "window_s": 10}
            assert gateway.call("POST", "/admin/v1/channels", body, key=gateway.admin_key).status == 201
        yield gateway, vendor


def test_each_job_ends_as_it_should_and_was_sold_once(house: tuple[Gateway, Vendor]) -> None:
    gateway, vendor = house
    before = gateway.purse()
    jobs = {
        (provider, day): gateway.submit(_ENDPOINTS[provider], {"prompt": f"a boat of {provider} {day} end"})["request_id"]
        for provider, day in _DAYS
    }
    ended = {each: gateway.end_of(job) for each, job in jobs.items()}
    assert {each: job["state"] for each, job in ended.items()} == _DAYS
    assert {each: len(job["attempts"]) for each, job in ended.items()} == dict.fromkeys(_DAYS, 1)
    assert {(provider, day): vendor.sold_of(f"a boat of {provider} {day} end") for provider, day in _DAYS} == dict.fromkeys(_DAYS, 1)
    told = {(provider, day): vendor.heard_of(f"a boat of {provider} {day} end") for provider, day in _DAYS}
    assert {each: answers for each, answers in told.items() if answers} == {
        ("fal", "twice"): [200, 200],
        ("fal", "first"): [200],
        ("reelgate", "twice"): [200, 200],
        ("reelgate", "forged"): [401],
        ("kling", "twice"): [200, 200],
        ("kling", "first"): [200],
        ("kling", "forged"): [401],
        ("kling_unsigned", "twice"): [200, 200],
        ("kling_unsigned", "forged"): [200],
        ("replicate", "twice"): [200, 200],
        ("replicate", "first"): [200],
        ("replicate", "forged"): [401],
    }
    assert gateway.state()["breaches"] == []
    after = gateway.purse()
    charged = sum(Decimal(job["cost"]["amount"]) for job in ended.values() if job["state"] == "done")
    assert (Decimal(before[0]) - Decimal(after[0]), Decimal(after[1])) == (charged, 0)


_DAYS = {
    ("fal", "twice"): "done",  # the callback comes twice
    ("fal", "first"): "done",  # it comes before the answer, which never comes
    ("fal", "lost"): "unknown",
    ("fal_gateway", "lost"): "unknown",
    ("reelgate", "twice"): "done",  # and both were signed
    ("reelgate", "forged"): "done",  # a callback that somebody else has signed is refused; the job is asked for in its time
    ("reelgate", "lost"): "done",  # sent again, and answered as the first time
    ("openai", "lost"): "done",  # found in the list
    ("kling", "twice"): "done",
    ("kling", "first"): "done",
    ("kling", "forged"): "done",
    ("kling", "lost"): "done",  # found by our own id
    ("kling_unsigned", "twice"): "done",
    ("kling_unsigned", "forged"): "done",  # nobody signs there: who knows the address may make us ask, and no more
    ("replicate", "twice"): "done",
    ("replicate", "first"): "done",
    ("replicate", "forged"): "done",
    ("replicate", "lost"): "done",  # found in the list
}
