"""A face is a public protocol that we serve: a leaf in `reelgate.api` or `reelgate.web` that exports `FACE: Face`.

It reads its wire's requests, asks the gateway, and answers exactly in the vendor's shape. It knows HTTP; nobody below
it does. It has one table from our error codes to its own statuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.routing import BaseRoute

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.dispatch import Dispatch
from reelgate.contracts.endpoint import Catalog
from reelgate.contracts.engine import Engine
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.gateway.accounts import Accounts, Keyring
from reelgate.gateway.door import Budget, Doorplate
from reelgate.gateway.follow import Follow
from reelgate.gateway.serving import ServingRule
from reelgate.gateway.streams import Streams
from reelgate.gateway.submit import Submit
from reelgate.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """What a face may use."""

    settings: Settings
    clock: Clock
    catalog: Catalog
    keyring: Keyring
    accounts: Accounts
    rule: ServingRule
    submit: Submit
    follow: Follow
    store: Store
    blobs: Blobs
    dispatch: Dispatch
    doorplate: Doorplate
    engines: Mapping[str, Engine]
    budget: Budget = field(default_factory=Budget)
    streams: Streams = field(default_factory=Streams)


ANYBODYS_WORDS = 90


class Face(Protocol):
    """A public protocol.

    `rank` orders the route table, smaller first: 10 for a face of fixed words, `ANYBODYS_WORDS` for one whose paths may begin with
    any word, which is asked last.
    """

    name: str
    rank: int

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        """The face's routes, over this gateway."""
        ...
