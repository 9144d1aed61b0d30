"""Holds a provider's talks: makes the calls that they ask for, and knows of the one that buys whether it may have arrived."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol, TypeVar

import structlog
from prometheus_client import Counter, Histogram

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import Credential, HttpCall, HttpReply, Provider, Signers, Talk
from reelgate.contracts.roster import Offer
from reelgate.dispatch.backends import Backend, CallFailed
from reelgate.dispatch.skew import Skews
from reelgate.domain.clock import Clock
from reelgate.domain.errors import Garbled, LeaseLost, Misconfigured, StoreError, Unavailable, Uncertain, Unready, UpstreamError
from reelgate.domain.media import Foreign
from reelgate.metrics import CALLS, TALK_S

_log = structlog.get_logger(__name__)
T = TypeVar("T")
_TALKS = frozenset({"submit", "poll", "cancel", "find", "recent", "check", "signers"})
_SIGNERS_GOOD_FOR = timedelta(hours=24)
_SIGNERS_ASKED_AGAIN = timedelta(minutes=1)

Before = Callable[[], Awaitable[None]]
"""What has to be durable before the call that buys is sent; if it raises, nothing is sent."""


class Purse(Protocol):
    """Who has the channels' secrets."""

    async def secrets(self, channel_id: str) -> Mapping[str, str]:
        """The secrets of a channel, by their names; `StoreError` if they cannot be read."""
        ...


class Talks:
    """Holds talks over a backend, with each channel's own credential."""

    def __init__(self, backend: Backend, purse: Purse, clock: Clock) -> None:
        self._backend, self._purse, self._clock = backend, purse, clock
        self._credentials: dict[str, Credential] = {}
        self._signers: dict[str, tuple[datetime, Signers | None]] = {}
        self._skews = Skews()

    def skew(self, channel_id: str) -> timedelta:
        """By how much a channel's clock is ahead of ours, as far as its answers have shown."""
        return self._skews.of(channel_id)

    def forget(self, channel_id: str) -> None:
        """A channel has changed, or its credential was refused: make a new one for the next call."""
        self._credentials.pop(channel_id, None)
        self._signers.pop(channel_id, None)

    async def submit(self, offer: Offer, talk: Talk[T], before: Before) -> T:
        """Hold a talk that buys.

        `Uncertain` if the buying call may have arrived and came to anything but a ticket or a declared refusal, whatever it was that
        went wrong. Any other `UpstreamError` means that nothing was bought. What `before` raises passes through, and so does a
        cancellation: then only the attempt's row knows.
        """
        return await _measured(offer, talk, _Holding(self, offer, offer.channel.submit_timeout_s, before))

    async def hold(self, offer: Offer, talk: Talk[T]) -> T:
        """Hold a talk that buys nothing."""
        return await _measured(offer, talk, _Holding(self, offer, offer.channel.poll_timeout_s, None))

    async def vouch(self, offer: Offer, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a callback is its vendor's own, as far as its vendor signs. Keys are asked for once a day, and once more, at most each
        minute, where they do not fit: they may have been changed. `UpstreamError` if they cannot be had."""
        asked_at, signers = await self._known(offer, _SIGNERS_GOOD_FOR)
        now = self._clock.now()
        if signers is None or signers.vouch(headers, body, now):
            return True
        if now - asked_at < _SIGNERS_ASKED_AGAIN:
            return False
        _, signers = await self._known(offer, _SIGNERS_ASKED_AGAIN)
        return signers is None or signers.vouch(headers, body, now)

    async def _known(self, offer: Offer, good_for: timedelta) -> tuple[datetime, Signers | None]:
        kept, now = self._signers.get(offer.channel.id), self._clock.now()
        if kept is None or now - kept[0] >= good_for:
            talk = offer.provider.signers(await self._secrets(offer.channel), offer.channel.options)
            kept = self._signers[offer.channel.id] = (now, await self.hold(offer, talk))
        return kept

    async def headers(self, channel: Channel, provider: Provider) -> Mapping[str, str]:
        """The headers that show whose a call is, by the channel's clock."""
        kept, now = self._credentials.get(channel.id), self._clock.now() + self.skew(channel.id)
        if kept is None or _ends(kept, now):
            kept = await self._made(channel, provider, now)
            self._credentials[channel.id] = kept
        return kept.headers

    async def exchange(self, offer: Offer, call: HttpCall, timeout_s: float, headers: Mapping[str, str] | None = None) -> HttpReply:
        """One call, with the credential unless it goes without; `headers` where that is at hand."""
        if headers is None:
            keyless = call.keyless or isinstance(call.path, Foreign)
            headers = {} if keyless else await self.headers(offer.channel, offer.provider)
        return await self._exchanged(offer.channel, call, headers, timeout_s)

    async def _exchanged(self, channel: Channel, call: HttpCall, headers: Mapping[str, str], timeout_s: float) -> HttpReply:
        asked_at = self._clock.now()
        reply = await self._backend.exchange(channel, call, headers, timeout_s=timeout_s)
        elsewhere = call.origin or isinstance(call.path, Foreign)
        if not elsewhere and self._skews.learn(channel.id, reply, asked_at, self._clock.now()):
            kept = self._credentials.get(channel.id)
            if kept is not None and kept.until is not None:
                del self._credentials[channel.id]  # it was made by a clock that this channel does not go by
        return reply

    async def _made(self, channel: Channel, provider: Provider, now: datetime) -> Credential:
        talk = provider.credential(await self._secrets(channel), now)
        try:
            call = next(talk)
            while True:
                call = talk.send(await self._exchanged(channel, call, {}, channel.poll_timeout_s))
        except StopIteration as end:
            return end.value
        except CallFailed as error:
            raise Unavailable(said=error.said) from None

    async def _secrets(self, channel: Channel) -> Mapping[str, str]:
        try:
            return await self._purse.secrets(channel.id)
        except StoreError as error:
            raise Misconfigured(said="its secrets cannot be read") from error


class _Holding:
    """One talk under way."""

    def __init__(self, talks: Talks, offer: Offer, timeout_s: float, before: Before | None) -> None:
        self._talks, self._offer, self._timeout_s, self._before = talks, offer, timeout_s, before
        self._asked = False  # the call that buys was made
        self._bought = False  # and may have arrived, as far as is known

    async def hold(self, talk: Talk[T]) -> T:
        try:
            call = next(talk)
            while True:
                call = talk.send(await self._make(call))
        except StopIteration as end:
            return self._end(end.value)
        except (LeaseLost, Unready):
            raise
        except UpstreamError as error:
            if isinstance(error, Misconfigured):
                self._talks.forget(self._offer.channel.id)
            if self._bought and not isinstance(error, Uncertain):
                raise Uncertain(said=error.said) from error
            raise
        except Exception as error:
            # A bug of ours, or a reply that no line of a talk expected.  After the buying call it is as uncertain as a lost reply.
            _log.exception("talk_bug", channel=self._offer.channel.id)
            raise (Uncertain if self._bought else Garbled)(said=type(error).__name__) from error

    def _end(self, value: T) -> T:
        if self._before is not None and not self._asked:
            raise Garbled(said="a submit that bought nothing")
        return value

    async def _make(self, call: HttpCall) -> HttpReply:
        headers: Mapping[str, str] | None = None
        if call.buys:
            if self._before is None or self._asked:
                raise RuntimeError("a talk buys once, and only where a submit is held")
            shown = await self._talks.headers(self._offer.channel, self._offer.provider)  # no secret, no intent
            headers = {} if call.keyless else shown
            await self._before()
            self._asked = self._bought = True  # whatever is raised from here on, a bug of ours included
        try:
            reply = await self._talks.exchange(self._offer, call, self._timeout_s, headers)
        except CallFailed as error:
            # A question that follows the buying call is there because its answer did not say enough.
            if (call.buys and error.sent) or (self._asked and not call.buys):
                self._bought = True
                raise Uncertain(said=error.said) from None
            self._bought = self._bought and not call.buys
            raise Unavailable(said=error.said) from None
        if call.buys:
            self._bought = reply.status not in self._offer.powers.refusals
        return reply


async def _measured(offer: Offer, talk: Talk[T], holding: _Holding) -> T:
    """Hold a talk, and count how it ended by the class of what was raised. It is called what its generator is called."""
    called = getattr(talk, "__name__", "")
    name = called if called in _TALKS else "other"
    began_s, outcome = time.monotonic(), "ok"
    try:
        return await holding.hold(talk)
    except UpstreamError as error:
        outcome = type(error).__name__.lower()
        raise
    except BaseException:
        outcome = "cut"
        raise
    finally:
        counter, seconds = _figures(offer.channel.id, name, outcome)
        counter.inc()
        seconds.observe(time.monotonic() - began_s)


@lru_cache(1024)
def _figures(channel_id: str, name: str, outcome: str) -> tuple[Counter, Histogram]:
    """They are looked up with every poll."""
    return CALLS.labels(channel_id, name, outcome), TALK_S.labels(channel_id, name)


def _ends(credential: Credential, now: datetime) -> bool:
    return credential.until is not None and credential.until <= now + timedelta(seconds=5)
