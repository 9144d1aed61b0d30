"""Channels, a provider and a network for tests of the relay: everything scripted, nothing sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from reelgate.contracts.channel import Channel
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import (
    Credential,
    Done,
    Failed,
    HttpCall,
    HttpReply,
    Listed,
    Loss,
    Option,
    Order,
    Pending,
    Powers,
    Signers,
    Talk,
    Ticket,
    Verdict,
)
from reelgate.contracts.roster import Offer
from reelgate.domain.errors import Garbled, Misconfigured, Rejected, Throttled, Unavailable, Unserved
from reelgate.domain.job import Failure
from reelgate.domain.media import Foreign, VideoInput
from tests.clock import BEGINNING

ENDPOINT = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
KEY = "a-key-that-nobody-may-see"


PLAIN = Powers(poll_s=(1.0, 10.0), window_s=120.0)


@dataclass(frozen=True, kw_only=True)
class Acme:
    """A provider with a protocol as plain as can be: POST /make buys, GET /jobs/ID tells."""

    name: str = "acme"
    title: str = "Acme"
    address: str = "https://acme.example"
    secrets: tuple[str, ...] = ("api_key",)
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    has: Powers = PLAIN
    lost: tuple[Loss, ...] = ()
    signs: bool = False

    def unfit(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> str:
        return ""

    def powers(self, options: Mapping[str, str]) -> Powers:
        return self.has

    def offer(self, endpoint: Endpoint, options: Mapping[str, str]) -> str | None:
        return "acme-1"

    def loses(self, endpoint: Endpoint, wanted: VideoInput, options: Mapping[str, str]) -> Sequence[Loss]:
        return self.lost

    def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
        yield from ()
        if not secrets.get("api_key"):
            raise Misconfigured(said="no api_key")
        return Credential(headers={"Authorization": f"Bearer {secrets['api_key']}"})

    def submit(self, order: Order) -> Talk[Ticket]:
        reply = yield HttpCall("POST", "/make", json={"prompt": order.input.prompt, "token": order.token}, buys=True)
        if reply.status == 401:
            raise Misconfigured(said="401")
        if reply.status == 404:
            raise Unserved(said="404")
        if reply.status == 422:
            raise Rejected(said="422")
        if reply.status == 429:
            raise Throttled(said="429", retry_after_s=3)
        return {"id": reply.record["id"]}

    def poll(self, ticket: Ticket) -> Talk[Verdict]:
        reply = yield HttpCall("GET", f"/jobs/{ticket['id']}")
        if reply.status >= 500:
            raise Unavailable(said="5xx")
        match reply.record.get("state"):
            case "working":
                return Pending(fraction=reply.record.get("fraction"), line=reply.record.get("line", ""))
            case "done":
                return Done(source=Foreign(reply.record["url"]))
            case "failed":
                return Failed(failure=Failure(code="upstream_failed", message="it was not made"), said="7")
            case _:
                raise Garbled(said="state")

    def cancel(self, ticket: Ticket) -> Talk[bool]:
        reply = yield HttpCall("POST", f"/jobs/{ticket['id']}/cancel")
        return bool(reply.record["stopped"])

    def find(self, order: Order) -> Talk[Ticket | None]:
        reply = yield HttpCall("GET", f"/find/{order.token}")
        if reply.status >= 500:
            raise Unavailable(said="5xx")
        found = reply.record["id"]
        return None if found is None else {"id": found}

    def recent(self, order: Order, since: datetime) -> Talk[Sequence[Listed]]:
        reply = yield HttpCall("GET", "/jobs")
        return [Listed(ticket={"id": each["id"]}, created_at=BEGINNING, matches=each["same"]) for each in reply.json]

    def heard(self, body: bytes) -> Ticket | None:
        return {"id": orjson.loads(body)["id"]}

    def signers(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> Talk[Signers | None]:
        if not self.signs:
            return None
        reply = yield HttpCall("GET", "/keys", keyless=True)
        if reply.status != 200:
            raise Unavailable(said="no keys")
        return _Word(reply.record["word"])

    def check(self) -> Talk[str]:
        reply = yield HttpCall("GET", "/me")
        if reply.status == 401:
            raise Misconfigured(said="401")
        return "the key is good"


@dataclass(frozen=True)
class _Word:
    """Vouches for calls that say a word."""

    word: str

    def vouch(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        return headers.get("word") == self.word


Script = HttpReply | Exception | Callable[[HttpCall], HttpReply]


class Wire:
    """A backend that answers from a script, in order, and remembers what was asked. The last answer is given again and again."""

    def __init__(self, *script: Script) -> None:
        self.script = deque(script)
        self.calls: list[HttpCall] = []
        self.headers: list[dict[str, str]] = []

    async def exchange(self, channel: Channel, call: HttpCall, headers: Mapping[str, str], *, timeout_s: float) -> HttpReply:
        self.calls.append(call)
        self.headers.append(dict(headers))
        answer = self.script.popleft() if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, HttpReply) else answer(call)

    @property
    def bought(self) -> int:
        """How many calls were made that buy."""
        return sum(call.buys for call in self.calls)


class Purse:
    """Has one secret."""

    async def secrets(self, channel_id: str) -> Mapping[str, str]:
        return {"api_key": KEY}


def says(body: Any, status: int = 200, **headers: str) -> HttpReply:
    """A reply of JSON."""
    return HttpReply(status=status, body=orjson.dumps(body), headers=headers)


def make_channel(channel_id: str = "acme-main", **facts: Any) -> Channel:
    """A channel at Acme."""
    given: dict[str, Any] = {"provider": "acme", "address": "https://acme.example", "created_at": BEGINNING, **facts}
    return Channel(id=channel_id, **given)


def make_offer(channel_id: str = "acme-main", provider: Acme | None = None, **facts: Any) -> Offer:
    """What a channel at Acme offers."""
    acme, channel = provider or Acme(), make_channel(channel_id, **facts)
    return Offer(channel=channel, provider=acme, model="acme-1", powers=acme.powers(channel.options))
