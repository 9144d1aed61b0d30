"""A face is a public protocol that we serve: a leaf in `reelgate.api` or `reelgate.web` that exports `FACE: Face`.

It reads its wire's requests, asks the gateway, and answers exactly in the vendor's shape. It knows HTTP; nobody below
it does. It has one table from our error codes to its own statuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.routing import BaseRoute

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.dispatch import Dispatch
from reelgate.contracts.endpoint import Catalog
from reelgate.contracts.engine import Engine
from reelgate.contracts.letter import Scribe
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.gateway.accounts import Accounts
from reelgate.gateway.channels import Channels
from reelgate.gateway.door import Budget, Doorplate
from reelgate.gateway.follow import Follow
from reelgate.gateway.inspector import Inspector
from reelgate.gateway.keyring import Keyring
from reelgate.gateway.keys import Keys
from reelgate.gateway.passing import Passing
from reelgate.gateway.prices import PriceList
from reelgate.gateway.quoting import Quoting
from reelgate.gateway.reports import Reports
from reelgate.gateway.serving import ServingRule
from reelgate.gateway.streams import Streams
from reelgate.gateway.submit import Submit
from reelgate.gateway.tariff import Tariff
from reelgate.gateway.trial import Trials
from reelgate.gateway.upload import Uploads
from reelgate.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """What a face may use."""

    settings: Settings
    clock: Clock
    catalog: Catalog
    keyring: Keyring
    accounts: Accounts
    keys: Keys
    channels: Channels
    passing: Passing
    prices: PriceList
    tariff: Tariff
    reports: Reports
    inspector: Inspector
    rule: ServingRule
    quoting: Quoting
    submit: Submit
    trials: Trials
    follow: Follow
    uploads: Uploads
    store: Store
    blobs: Blobs
    dispatch: Dispatch
    doorplate: Doorplate
    engines: Mapping[str, Engine]
    signing_key: Ed25519PrivateKey
    budget: Budget = field(default_factory=Budget)
    streams: Streams = field(default_factory=Streams)


class Face(Protocol):
    """A public protocol.

    `rank` orders the route table, smaller first: 10, or more for a face that takes what others have left. Routes whose path
    begins with a parameter are asked after all that begin with a fixed word, whatever their rank.
    """

    name: str
    rank: int

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        """The face's routes, over this gateway."""
        ...


@runtime_checkable
class Unguarded(Protocol):
    """A face that also serves a port which no key guards."""

    def unguarded(self, gateway: Gateway) -> Sequence[BaseRoute]:
        """What it serves there, over this gateway."""
        ...


@runtime_checkable
class Correspondent(Protocol):
    """A face that also tells callers of their jobs by webhooks."""

    name: str

    def scribe(self, gateway: Gateway) -> Scribe:
        """Who writes the letters of jobs that came by this face."""
        ...
