"""fal's own Python client, pointed at a Reelgate gateway, on plain http too.

    from reelgate.fal import SyncClient

    client = SyncClient(key="rg_live_…", url="http://127.0.0.1:8000")
    client.subscribe("fal-ai/veo3/fast", {"prompt": "a lighthouse at dusk"})

fal's client writes https into every address and reads its host from the environment at import. These subclasses leave all
of that as it is and turn each request around at the last moment: what was meant for fal's queue goes to the gateway, and
nothing, least of all the gateway's key, goes to fal. `submit`, `subscribe`, `status`, `result`, `cancel` and the handles
(`iter_events`, `get`) work as they do with fal. What the gateway does not offer raises `NotOnThisGateway`.

Needs fal's client, 1.0 or newer: `pip install fal-client`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import SplitResult, urlsplit

try:
    import fal_client
except ImportError as error:
    raise ImportError("reelgate.fal adapts fal's own client, which is not installed: pip install fal-client") from error

if TYPE_CHECKING:
    from collections.abc import Awaitable

    import httpx  # noqa: TID251 -- fal's client is made of it; this module sends nothing by itself

__all__ = ["DEFAULT_URL", "AsyncClient", "NotOnThisGateway", "SyncClient"]

DEFAULT_URL = "http://127.0.0.1:8000"
_QUEUE = "queue.fal.run"
_FAL = ("fal.run", "fal.ai", "fal.media", "falrun.com")
_UPLOADS = "this gateway takes no uploads; give a picture as an address, or as a data URI: fal_client.encode_file(path)"
_STREAMS = "this gateway makes whole videos, which do not stream; use subscribe or submit"


class NotOnThisGateway(RuntimeError):
    """This part of fal's client has no counterpart at the gateway; nothing was sent."""


@dataclass(frozen=True)
class SyncClient(fal_client.SyncClient):
    """`fal_client.SyncClient` against a gateway.

    `key` is one of the gateway's, default `REELGATE_KEY`; `url` is its address with any path prefix, default `REELGATE_URL`,
    then `DEFAULT_URL`.
    """

    url: str | None = None

    def __post_init__(self) -> None:
        _check_seam(fal_client.SyncClient)
        object.__setattr__(self, "key", _key(self.key))
        object.__setattr__(self, "url", _address(self.url))

    @cached_property
    def _detour(self) -> _Detour:
        return _Detour(urlsplit(_address(self.url)))

    @cached_property
    def _client(self) -> httpx.Client:
        client = super()._client
        client.event_hooks["request"].append(self._detour.turn)
        return client

    def run(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def stream(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def realtime(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def ws_connect(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def upload(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: pictures go as addresses or data URIs."""
        raise NotOnThisGateway(_UPLOADS)

    def upload_file(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: pictures go as addresses or data URIs."""
        raise NotOnThisGateway(_UPLOADS)

    def upload_image(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: pictures go as addresses or data URIs."""
        raise NotOnThisGateway(_UPLOADS)


@dataclass(unsafe_hash=True)
class AsyncClient(fal_client.AsyncClient):
    """`fal_client.AsyncClient` against a gateway; its arguments are those of `SyncClient`."""

    url: str | None = None

    def __post_init__(self) -> None:
        _check_seam(fal_client.AsyncClient)
        self.key = _key(self.key)
        self.url = _address(self.url)

    @cached_property
    def _detour(self) -> _Detour:
        return _Detour(urlsplit(_address(self.url)))

    @property
    def _client(self) -> Awaitable[httpx.AsyncClient]:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self._turned(super()._client)

    async def _turned(self, made: Awaitable[httpx.AsyncClient]) -> httpx.AsyncClient:
        client = await made
        if self._detour.turn_later not in client.event_hooks["request"]:
            client.event_hooks["request"].append(self._detour.turn_later)
        return client

    async def run(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def stream(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def realtime(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def ws_connect(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    async def upload(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: pictures go as addresses or data URIs."""
        raise NotOnThisGateway(_UPLOADS)

    async def upload_file(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: pictures go as addresses or data URIs."""
        raise NotOnThisGateway(_UPLOADS)

    async def upload_image(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: pictures go as addresses or data URIs."""
        raise NotOnThisGateway(_UPLOADS)


class _Detour:
    """Turns requests for fal's queue to a gateway, and lets none through to fal."""

    def __init__(self, gateway: SplitResult) -> None:
        self._gateway = gateway
        self._queue = os.environ.get("FAL_QUEUE_RUN_HOST") or f"queue.{os.environ.get('FAL_RUN_HOST', 'fal.run')}"

    def turn(self, request: httpx.Request) -> None:
        """Mend the address of a request that is about to be sent."""
        address = request.url
        if address.netloc.decode("ascii") in {self._queue, _QUEUE}:
            to = self._gateway
            path = to.path.encode("ascii") + address.raw_path
            request.url = address.copy_with(scheme=to.scheme, host=to.hostname, port=to.port, raw_path=path)
            request.headers["host"] = to.netloc
        elif any(address.host == name or address.host.endswith(f".{name}") for name in _FAL):
            raise NotOnThisGateway(f"a request for {address.host} was not sent: this client belongs to a gateway, not to fal")

    async def turn_later(self, request: httpx.Request) -> None:
        """The same, as an asynchronous client asks for it."""
        self.turn(request)


def _key(given: str | None) -> str:
    key = given or os.environ.get("REELGATE_KEY")
    if not key:
        raise ValueError("no key: pass key=…, or set REELGATE_KEY, to one that `reelgate keys create` printed")
    return key


def _address(given: str | None) -> str:
    address = (given or os.environ.get("REELGATE_URL") or DEFAULT_URL).rstrip("/")
    if not address.startswith(("http://", "https://")) or not urlsplit(address).hostname:
        raise ValueError(f"the gateway's address begins with http:// or https://, for example {DEFAULT_URL}")
    return address


def _check_seam(client: type) -> None:
    # The one private name that this module leans on. Without it requests would go to fal, so it is better to stop here.
    if not hasattr(client, "_client"):
        version = fal_client.__version__
        raise ImportError(f"fal-client {version} is built differently from those reelgate.fal knows; use it over `reelgate up --tls`")
