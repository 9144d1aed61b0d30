"""What the connections of one server share."""

from __future__ import annotations

import asyncio
import resource
from dataclasses import dataclass, field
from typing import Any

import structlog
from uvicorn import Config
from uvicorn._types import ASGI3Application
from uvicorn.server import ServerState

_log = structlog.get_logger(__name__)

_ADVISED_LIMIT = 1_000
_OWN_DESCRIPTORS = 512
_LEAST_CONNECTIONS = 32
_MOST_CONNECTIONS = 20_000


def _affordable() -> int:
    """All descriptors of this process but those that it needs for itself, and never more than one process can serve."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(_LEAST_CONNECTIONS, min(_MOST_CONNECTIONS, descriptors - _OWN_DESCRIPTORS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a client may take, in seconds, how long a stopping server waits for requests that run, and how many connections
    there may be: whoever opens more than that must not take the descriptors that renders and files need. A body that has brought
    `body_bytes` in its `body_s` is given as long again."""

    head_s: float = 10
    body_s: float = 60
    body_bytes: int = 4 << 20
    idle_s: float = 75
    stall_s: float = 60
    linger_s: float = 2
    grace_s: float = 7.5
    connections: int = field(default_factory=_affordable)


@dataclass(slots=True, kw_only=True)
class Listener:
    """What the connections of one server share."""

    app: ASGI3Application
    config: Config
    limits: Limits
    tls: bool
    loop: asyncio.AbstractEventLoop
    app_state: dict[str, Any]
    state: ServerState = field(default_factory=ServerState)
    _advised: set[str] = field(default_factory=set[str])

    def advise_tls(self, client: str) -> None:
        """Say once per address why its https does not work here."""
        if client in self._advised or len(self._advised) >= _ADVISED_LIMIT:
            return
        self._advised.add(client)
        _log.warning(
            "tls_on_plain_port",
            client=client,
            advice="a client spoke https to this port, which speaks plain http: start with `reelgate up --tls` "
            "(fal's own Python client needs it), or use the adaptor `reelgate.fal`",
        )
