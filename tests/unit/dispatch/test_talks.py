"""Talks that buy, and what is known when something goes wrong on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from reelgate.contracts.provider import Credential, HttpCall, HttpReply, Order, Talk, Ticket
from reelgate.dispatch.backends import CallFailed
from reelgate.dispatch.talks import Talks
from reelgate.domain.errors import Garbled, LeaseLost, Misconfigured, Rejected, StoreError, Throttled, Unavailable, Uncertain, UpstreamError
from reelgate.domain.media import Foreign
from tests.clock import FakeClock
from tests.unit.dispatch.channels import KEY, Acme, Purse, Wire, make_offer, says

OFFER = make_offer()
BUY = HttpCall("POST", "/make", json={}, buys=True)


class Intent:
    """Remembers whether the intent was written before anything was sent."""

    def __init__(self, wire: Wire) -> None:
        self.wire, self.sent_before = wire, -1

    async def __call__(self) -> None:
        self.sent_before = self.wire.bought


def _buying(*after: object) -> Talk[Ticket]:
    reply = yield BUY
    return {"id": reply.record["id"]}


async def _submit(wire: Wire, talk: Talk[Ticket] | None = None) -> Ticket:
    intent = Intent(wire)
    try:
        return await Talks(wire, Purse(), FakeClock()).submit(OFFER, talk or _buying(), intent)
    finally:
        assert wire.bought == 0 or intent.sent_before == 0, "the intent comes first"


async def test_a_ticket_comes_of_a_buying_call() -> None:
    assert await _submit(Wire(says({"id": "7"}))) == {"id": "7"}


async def test_a_vendor_s_keys_are_asked_for_once_a_day_and_again_where_they_do_not_fit() -> None:
    clock, offer = FakeClock(), replace(OFFER, provider=Acme(signs=True))
    wire = Wire(says({"word": "old"}), says({"word": "new"}))
    talks = Talks(wire, Purse(), clock)
    assert await talks.vouch(offer, {"word": "old"}, b"")
    assert await talks.vouch(offer, {"word": "old"}, b"")
    assert not await talks.vouch(offer, {"word": "new"}, b""), "asked a moment ago"
    assert (len(wire.calls), wire.headers) == (1, [{}])
    clock.tick(minutes=1)
    assert await talks.vouch(offer, {"word": "new"}, b"")
    assert not await talks.vouch(offer, {"word": "old"}, b"")
    assert len(wire.calls) == 2
    clock.tick(hours=24)
    assert await talks.vouch(offer, {"word": "new"}, b"")
    assert len(wire.calls) == 3


async def test_keys_that_cannot_be_had_vouch_for_nothing() -> None:
    offer = replace(OFFER, provider=Acme(signs=True))
    with pytest.raises(Unavailable):
        await Talks(Wire(says({}, 503)), Purse(), FakeClock()).vouch(offer, {"word": "old"}, b"")
    assert await Talks(Wire(), Purse(), FakeClock()).vouch(OFFER, {}, b""), "a vendor that signs nothing"


async def test_every_call_shows_the_key_but_one_to_a_foreign_address() -> None:
    wire = Wire(says({"id": "7"}))
    await _submit(wire)
    assert wire.headers == [{"Authorization": f"Bearer {KEY}"}]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (CallFailed("refused", sent=False), Unavailable),
        (CallFailed("reset", sent=True), Uncertain),
        (CallFailed("too slow", sent=True), Uncertain),
        (says({"oops": 1}), Uncertain),
        (HttpReply(status=200, body=b"<html>"), Uncertain),
        (HttpReply(status=200, body=b"[]"), Uncertain),
        (says({"detail": "x"}, 500), Uncertain),
        (says({"detail": "x"}, 503), Uncertain),
        (says({"detail": "x"}, 408), Uncertain),
        (says({"detail": "x"}, 409), Uncertain),
        (says({"detail": "x"}, 302), Uncertain),
        (says({}, 401), Misconfigured),
        (says({}, 422), Rejected),
        (says({}, 429), Throttled),
        (says({"no": "id"}, 400), Garbled),
    ],
)
async def test_what_a_buying_call_may_come_to(answer: HttpReply | Exception, expected: type[UpstreamError]) -> None:
    with pytest.raises(UpstreamError) as raised:
        await _submit(Wire(answer), Acme().submit(_order()))
    assert type(raised.value) is expected


async def test_a_bug_after_the_buying_call_is_as_uncertain_as_a_lost_reply() -> None:
    def clumsy() -> Talk[Ticket]:
        reply = yield BUY
        return {"id": reply.headers["no-such-header"]}

    with pytest.raises(Uncertain):
        await _submit(Wire(says({"id": "7"})), clumsy())


@pytest.mark.parametrize("bug", [RuntimeError("closed"), EOFError(), TypeError("a header")])
async def test_a_bug_while_the_buying_call_is_made_is_so_too(bug: Exception) -> None:
    with pytest.raises(Uncertain):
        await _submit(Wire(bug))
    with pytest.raises(Unavailable):
        await _submit(Wire(CallFailed("refused", sent=False)))


async def test_a_bug_after_a_declared_refusal_bought_nothing() -> None:
    def clumsy() -> Talk[Ticket]:
        reply = yield BUY
        return {"id": reply.headers["no-such-header"]}

    with pytest.raises(Garbled):
        await _submit(Wire(says({}, 422)), clumsy())


async def test_a_call_before_the_one_that_buys_is_no_purchase() -> None:
    def uploading() -> Talk[Ticket]:
        yield HttpCall("POST", "/uploads", json={})
        yield BUY
        return {"id": "7"}

    wire = Wire(CallFailed("reset", sent=True))
    with pytest.raises(Unavailable):
        await _submit(wire, uploading())
    assert wire.bought == 0


async def test_a_refusal_that_a_later_call_explains_is_a_ticket_after_all() -> None:
    def asking() -> Talk[Ticket]:
        yield BUY
        found = yield HttpCall("GET", "/find")
        return {"id": found.record["id"]}

    assert await _submit(Wire(says({}, 400), says({"id": "8"})), asking()) == {"id": "8"}


async def test_a_talk_that_buys_twice_is_stopped() -> None:
    def greedy() -> Talk[Ticket]:
        yield BUY
        yield BUY
        return {"id": "7"}

    wire = Wire(says({"id": "7"}))
    with pytest.raises(Uncertain):
        await _submit(wire, greedy())
    assert wire.bought == 1


async def test_a_submit_that_bought_nothing_has_no_ticket() -> None:
    def idle() -> Talk[Ticket]:
        yield HttpCall("GET", "/me")
        return {"id": "7"}

    with pytest.raises(Garbled):
        await _submit(Wire(says({})), idle())


async def test_nothing_is_sent_where_the_intent_cannot_be_written() -> None:
    async def refuse() -> None:
        raise LeaseLost

    wire = Wire(says({"id": "7"}))
    with pytest.raises(LeaseLost):
        await Talks(wire, Purse(), FakeClock()).submit(OFFER, _buying(), refuse)
    assert wire.calls == []


async def test_nothing_is_bought_where_only_a_question_is_held() -> None:
    wire = Wire(says({"id": "7"}))
    with pytest.raises(Garbled):
        await Talks(wire, Purse(), FakeClock()).hold(OFFER, _buying())
    assert wire.calls == []


async def test_a_credential_is_kept_until_shortly_before_its_end() -> None:
    class Signing(Acme):
        def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
            yield from ()
            return Credential(headers={"Authorization": now.isoformat()}, until=now + timedelta(minutes=30))

    clock, wire, offer = FakeClock(), Wire(says({})), make_offer(provider=Signing())
    talks = Talks(wire, Purse(), clock)
    await talks.hold(offer, offer.provider.check())
    clock.tick(minutes=29)
    await talks.hold(offer, offer.provider.check())
    clock.tick(seconds=56)
    await talks.hold(offer, offer.provider.check())
    assert wire.headers[0] == wire.headers[1] != wire.headers[2]


async def test_a_credential_is_made_by_the_channel_s_clock() -> None:
    class Signing(Acme):
        def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
            yield from ()
            return Credential(headers={"Authorization": now.isoformat()}, until=now + timedelta(minutes=30))

    clock = FakeClock()
    theirs = clock.now() - timedelta(minutes=10)
    refused = replace(says({}, 401), headers={"date": format_datetime(theirs, usegmt=True)})
    wire, offer = Wire(refused, says({})), make_offer(provider=Signing())
    talks = Talks(wire, Purse(), clock)
    with pytest.raises(Misconfigured):
        await talks.hold(offer, offer.provider.check())
    await talks.hold(offer, offer.provider.check())
    first, second = (datetime.fromisoformat(headers["Authorization"]) for headers in wire.headers)
    assert first == clock.now()
    assert abs(second - theirs) <= timedelta(seconds=1)
    assert talks.skew(offer.channel.id) == second - clock.now()


async def test_a_date_from_elsewhere_says_nothing_of_a_channel_s_clock() -> None:
    clock, offer = FakeClock(), make_offer()
    other = replace(says({}), headers={"date": format_datetime(clock.now() + timedelta(minutes=10), usegmt=True)})

    def asked() -> Talk[None]:
        yield HttpCall("GET", Foreign("https://cdn.example/video.mp4"))

    talks = Talks(Wire(other), Purse(), clock)
    await talks.hold(offer, asked())
    assert talks.skew(offer.channel.id) == timedelta()


async def test_a_credential_that_is_refused_is_made_anew() -> None:
    class Counting(Acme):
        def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
            reply = yield HttpCall("POST", "/token")
            return Credential(headers={"Authorization": reply.record["token"]})

    wire = Wire(says({"token": "one"}), says({}, 401), says({"token": "two"}), says({}))
    talks, offer = Talks(wire, Purse(), FakeClock()), make_offer(provider=Counting())
    with pytest.raises(Misconfigured):
        await talks.hold(offer, offer.provider.check())
    assert await talks.hold(offer, offer.provider.check()) == "the key is good"
    assert [headers.get("Authorization") for headers in wire.headers] == [None, "one", None, "two"]


async def test_secrets_that_cannot_be_read_are_the_channels_trouble() -> None:
    class Locked:
        async def secrets(self, channel_id: str) -> Mapping[str, str]:
            raise StoreError("another master key")

    wire = Wire(says({"id": "7"}))
    with pytest.raises(Misconfigured):
        await Talks(wire, Locked(), FakeClock()).submit(OFFER, _buying(), Intent(wire))
    assert wire.calls == []


def _order() -> Order:
    from reelgate.app import load_catalog
    from reelgate.domain.media import VideoInput
    from tests.clock import BEGINNING
    from tests.unit.dispatch.channels import ENDPOINT

    endpoint = load_catalog().find(ENDPOINT)
    assert endpoint is not None
    return Order(endpoint=endpoint, model="acme-1", input=VideoInput(prompt="a boat"), token="t" * 32, now=BEGINNING)


async def test_a_question_after_the_buying_call_that_is_not_answered_leaves_all_in_doubt() -> None:
    def asks_again() -> Talk[Ticket]:
        yield BUY
        reply = yield HttpCall("GET", "/which")
        return {"id": reply.record["id"]}

    for failed in (CallFailed("refused", sent=False), CallFailed("reset", sent=True)):
        with pytest.raises(Uncertain):
            await _submit(Wire(says({}, 400), failed), asks_again())
