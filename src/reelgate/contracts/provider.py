"""A provider is a vendor of videos: a name and a dialect. A leaf in `reelgate.providers` exports `PROVIDER: Provider`.

A provider does no I/O. It holds *talks*: generators that yield the call they want made and are sent the reply. Whoever drives a
talk knows the network, the channel's address, its secrets and its time limits; the talk knows the protocol and nothing else.

    def poll(self, ticket: Ticket) -> Talk[Verdict]:
        reply = yield HttpCall("GET", f"/v1/videos/{ticket['id']}")
        ...
        return Pending()

Rules that the conformance suite holds every provider to:

* Exactly one call of a submit has `buys=True`: the one after which somebody may have to pay. Every reply to it that is not a ticket
  and not a status of `Powers.refusals` is uncertain, whatever is raised, a bug in the talk included. So a submit reads the buying
  reply, raises what it means or returns the ticket; it makes no call after a ticket.
* `Rejected`, `Throttled`, `Unavailable`, `Misconfigured`, `Unserved` and `Garbled` say what a reply means. Their `message` is ours and fit
  for the caller (leave it empty for the usual words); the vendor's own code goes into `said`. Nothing of the vendor's text is passed on.
* `Misconfigured` is the whole account's trouble and benches its channel. What is said of one model alone is `Unserved`.
* On a poll, `Unavailable`, `Garbled` and `Throttled` mean "ask again"; only a returned `Done` or `Failed` ends a job.
* Addresses that came out of a reply are `Foreign`; a path is one on the channel's own host.
* An id that a reply gave is checked before it becomes part of a path (`dialects._reply.path_part`): the reply is a stranger's text.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

import orjson

from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.errors import Garbled
from reelgate.domain.job import Failure
from reelgate.domain.media import Foreign, VideoInput
from reelgate.domain.money import Money

T = TypeVar("T")

REFUSALS = frozenset({400, 401, 402, 403, 404, 405, 413, 422, 429})
"""Statuses by which a buying call is known not to have bought."""

Ticket: TypeAlias = Mapping[str, str]
"""The upstream's claim check, as stored: texts by name, "id" among them, which is unique among the jobs of a channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """One part of a multipart body. Without a `file_name` it is a plain field."""

    name: str
    content: bytes
    file_name: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One exchange. `path` begins with a slash and is appended to the channel's address, or is an address that came out of a reply,
    which the guard judges and which is sent no key.

    At most one of `json` and `parts` is the body. `keyless` leaves the channel's credential out. `origin` is another host of the
    vendor's own, as a constant of its provider and never out of a reply; "" for the channel's address. `reply_bytes` bounds what may
    come back.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str | Foreign
    json: Any = None
    parts: tuple[FilePart, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    buys: bool = False
    keyless: bool = False
    origin: str = ""
    reply_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """What came back, as large as its call allows. Names of headers are in lower case. It is a stranger's word."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def json(self) -> Any:
        """The body read as JSON; `Garbled` if it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise Garbled(said=f"http {self.status}, no JSON") from None

    @property
    def record(self) -> dict[str, Any]:
        """The same if it is an object; `Garbled` otherwise."""
        read = self.json
        if not isinstance(read, dict):
            raise Garbled(said=f"http {self.status}, no object")
        return read  # pyright: ignore[reportUnknownVariableType]  # keys of a JSON object are texts


Talk: TypeAlias = Generator[HttpCall, HttpReply, T]
"""A conversation: yields calls, is sent replies, returns what came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a provider is handed for a submit, or to find one again: all that it may know, nothing else.

    Every medium of `input` is a `Foreign` whose `url` can be sent: an address of the web, or a data URI. `model` is the vendor's name of
    what is to be made (what `Provider.offer` said, or what the operator renamed it to). `token` stands for this attempt and is the
    same whenever its submit is sent `again`, because nobody knows what came of the first time. `callback` is an address of ours that
    wakes us up, "" if we have none.
    """

    endpoint: Endpoint
    model: str
    input: VideoInput
    token: str
    now: datetime
    callback: str = ""
    again: bool = False
    options: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Not yet. `queued` if the upstream says that it has not begun; `fraction` 0 to 1 if it tells; `line` for the job's log, which
    its caller reads: a sentence of ours, never a word of the vendor's."""

    queued: bool = False
    fraction: float | None = None
    line: str = ""


@dataclass(frozen=True, slots=True)
class Inline:
    """A video that came within a reply."""

    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The video is there. `source` is its address, the call that fetches it where that needs the key, or the video itself.

    `cost` is what the upstream says it charged, if it does. `remarks` are for the caller, in our words.
    """

    source: Foreign | HttpCall | Inline
    seed: int | None = None
    cost: Money | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The upstream's verdict that there will be no video. The failure is in our words; `said` is the vendor's code."""

    failure: Failure
    said: str = ""
    cost: Money | None = None


Verdict: TypeAlias = Pending | Done | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One job of an upstream's list. `matches`: whether all that the list tells of it is what the order asked for."""

    ticket: Ticket
    created_at: datetime
    matches: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Headers that show who calls, good until an instant (None: for as long as the secret is)."""

    headers: Mapping[str, str]
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A part of an input that this provider's words cannot say. What is `content` may not be left out silently."""

    part: str
    content: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Powers:
    """What an upstream can do, as data; a provider that does not declare a power has it not.

    `dedupe`: what becomes of a second submit with the same token. "replayed": it answers as the first did; "refused": it is refused as a
    duplicate, which buys nothing; "": it is bought again. `finds`: it can be asked by our token. `lists`: it lists recent jobs.
    `calls_back`: it calls an address of each job's own. `cancels`: "no", only what is "queued", or what is "running" as well.
    `refusals`: statuses by which a submit is known not to have bought. `media`: whether it takes pictures by "address", or only as
    "data" in the body. `poll_s`: the shortest and the longest pause between polls. `window_s`: for how long after a submit in doubt its
    job may still turn up. `outputs_s`: for how long what was made can be fetched.
    """

    dedupe: Literal["", "refused", "replayed"] = ""
    finds: bool = False
    lists: bool = False
    calls_back: bool = False
    cancels: Literal["no", "queued", "running"] = "no"
    refusals: frozenset[int] = REFUSALS
    media: Literal["address", "data"] = "address"
    poll_s: tuple[float, float] = (2.0, 30.0)
    window_s: float = 1800.0
    outputs_s: float = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What a channel may choose: one of some `values`, each with what it means, the default first; or a text of a `form`, a regular
    expression, that is told of in a sentence."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    form: str = ""
    told: str = ""

    def takes(self, value: str) -> bool:
        """Whether a channel may have this value. One that only looks like another, `Yes` for `yes`, would count as the default."""
        return value in self.values if self.values else re.fullmatch(self.form, value) is not None

    @property
    def said(self) -> str:
        """What there is to choose, in a sentence or some."""
        return " ".join([self.told] if self.told else [f"{value}: {meaning}." for value, meaning in self.values.items()])


class Signers(Protocol):
    """By what it is known that a callback is the vendor's own."""

    def vouch(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether this call is signed, over exactly these bytes and at about this time. Names of headers are in lower case."""
        ...


class Provider(Protocol):
    """A vendor: a name, its usual address, and its dialect. The `options` that verbs are given are those of a channel: name to value."""

    @property
    def name(self) -> str:
        """Under which it is found; that of its module."""
        ...

    @property
    def title(self) -> str:
        """For people."""
        ...

    @property
    def address(self) -> str:
        """Where it is usually reached; "" where every channel has an address of its own."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of what a channel can have to show whose it is: ("api_key",)."""
        ...

    @property
    def options(self) -> Mapping[str, Option]:
        """What a channel may choose, by name."""
        ...

    def unfit(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> str:
        """Why a channel with these secrets must not have these options, "" if it may: a sentence that says what to set instead. Asked
        before a channel is kept; pure."""
        ...

    def powers(self, options: Mapping[str, str]) -> Powers:
        """What a channel with these options can do."""
        ...

    def offer(self, endpoint: Endpoint, options: Mapping[str, str]) -> str | None:
        """The vendor's name for this endpoint, None if it does not serve it; "" if it may, under a name that the operator has to say.
        Pure and quick: asked at submits."""
        ...

    def loses(self, endpoint: Endpoint, wanted: VideoInput, options: Mapping[str, str]) -> Sequence[Loss]:
        """What of this input cannot be said to it. Only asked of endpoints that it offers; pure."""
        ...

    def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
        """How calls show whose they are; may be a talk of its own where a token has to be fetched first."""
        ...

    def submit(self, order: Order) -> Talk[Ticket]:
        """Ask for the video."""
        ...

    def poll(self, ticket: Ticket) -> Talk[Verdict]:
        """How it stands."""
        ...

    def cancel(self, ticket: Ticket) -> Talk[bool]:
        """Ask to stop; True if the upstream says that it is stopped and will not be charged, False if it goes on or is over."""
        ...

    def find(self, order: Order) -> Talk[Ticket | None]:
        """The job that was submitted under this order's token, None if the upstream says that there is none. Only where `Powers.finds`."""
        ...

    def recent(self, order: Order, since: datetime) -> Talk[Sequence[Listed]]:
        """Jobs that the upstream took since then for this order's model. Only where `Powers.lists`."""
        ...

    def heard(self, body: bytes) -> Ticket | None:
        """Of which job a callback speaks, None if it cannot be read. It is a hint and is never believed: who hears it asks."""
        ...

    def signers(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> Talk[Signers | None]:
        """By what this vendor's callbacks are verified, None where they are not signed: then the path alone says whose they are. Asked
        once a day. `Misconfigured` for a secret that cannot be one. Only where `Powers.calls_back`."""
        ...

    def check(self) -> Talk[str]:
        """Ask something that costs nothing; a sentence on what the key was found good for. Raises as other talks do."""
        ...
