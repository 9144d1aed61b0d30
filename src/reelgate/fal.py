"""fal's own Python client, pointed at a Reelgate gateway, on plain http too.

    from reelgate.fal import SyncClient

    client = SyncClient(key="rg_live_…", url="http://127.0.0.1:8000")
    client.subscribe("fal-ai/veo3/fast", {"prompt": "a lighthouse at dusk"})

fal's client writes https into every address and reads its host from the environment at import. These subclasses leave all
of that as it is and turn each request around at the last moment: what was meant for fal's queue, its runs or its storage goes
to the gateway, and nothing, least of all the gateway's key, goes to fal. `submit`, `subscribe`, `run`, `status`, `result`,
`cancel`, the handles (`iter_events`, `get`) and `upload`, `upload_file`, `upload_image` work as they do with fal. What the
gateway does not offer raises `NotOnThisGateway`.

Needs fal's client, 1.0 or newer: `pip install fal-client`.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar
from urllib.parse import SplitResult, urlsplit

try:
    import fal_client
except ImportError as error:
    raise ImportError("reelgate.fal adapts fal's own client, which is not installed: pip install fal-client") from error

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable

    import httpx  # noqa: TID251 -- fal's client is made of it; this module sends nothing by itself

__all__ = ["DEFAULT_URL", "AsyncClient", "NotOnThisGateway", "SyncClient"]

DEFAULT_URL = "http://127.0.0.1:8000"
_SERVED = ("queue.fal.run", "fal.run", "rest.fal.ai", "rest.alpha.fal.ai", "v3.fal.media")
_FAL = ("fal.run", "fal.ai", "fal.media", "falrun.com")
_STREAMS = "this gateway makes whole videos, which do not stream; use subscribe, submit or run"
Manager = TypeVar("Manager")


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
        _check_seam(fal_client.SyncClient, "_client", "_token_manager", "_get_cdn_client")
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

    @cached_property
    def _token_manager(self) -> Any:
        return self._detour.turn_tokens(super()._token_manager)

    def _get_cdn_client(self) -> httpx.Client:
        client = super()._get_cdn_client()
        client.event_hooks["request"].append(self._detour.turn)
        return client

    def run(self, application: str, *arguments: Any, **options: Any) -> Any:
        """As with fal: wait for the result within one request. The gateway's runs are below `/run`."""
        return super().run(f"run/{application}", *arguments, **options)

    def stream(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def realtime(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def ws_connect(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)


@dataclass(unsafe_hash=True)
class AsyncClient(fal_client.AsyncClient):
    """`fal_client.AsyncClient` against a gateway; its arguments are those of `SyncClient`."""

    url: str | None = None

    def __post_init__(self) -> None:
        _check_seam(fal_client.AsyncClient, "_client", "_token_manager", "_cdn_client")
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

    @property
    def _token_manager(self) -> Awaitable[Any]:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self._turned_tokens(super()._token_manager)

    async def _turned_tokens(self, made: Awaitable[Any]) -> Any:
        return self._detour.turn_tokens(await made)

    @asynccontextmanager
    async def _cdn_client(self) -> AsyncGenerator[httpx.AsyncClient]:
        async with super()._cdn_client() as client:
            client.event_hooks["request"].append(self._detour.turn_later)
            yield client

    async def run(self, application: str, *arguments: Any, **options: Any) -> Any:
        """As with fal: wait for the result within one request. The gateway's runs are below `/run`."""
        return await super().run(f"run/{application}", *arguments, **options)

    def stream(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def realtime(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)

    def ws_connect(self, *_: Any, **__: Any) -> NoReturn:
        """Not offered: see `subscribe`."""
        raise NotOnThisGateway(_STREAMS)


class _Detour:
    """Turns requests for fal to a gateway, which has at its root what fal has on its hosts, and lets none through to fal."""

    def __init__(self, gateway: SplitResult) -> None:
        self._gateway = gateway
        run = os.environ.get("FAL_RUN_HOST", "fal.run")
        bases = {_read_base(name) for name in (*_SERVED, run, os.environ.get("FAL_QUEUE_RUN_HOST") or f"queue.{run}")}
        self._bases = sorted(bases, key=lambda base: len(base[1]), reverse=True)  # one may lie below another
        self._served = {host for host, _ in bases}

    def turn(self, request: httpx.Request) -> None:
        """Mend the address of a request that is about to be sent."""
        address = request.url
        host, path = address.netloc.decode("ascii"), address.raw_path
        below = next((each for name, each in self._bases if name == host and path.startswith(each + b"/")), None)
        if below is not None:
            to = self._gateway
            path = to.path.encode("ascii") + path.removeprefix(below)
            request.url = address.copy_with(scheme=to.scheme, host=to.hostname, port=to.port, raw_path=path)
            request.headers["host"] = to.netloc
        elif any(address.host == name or address.host.endswith(f".{name}") for name in _FAL):
            raise NotOnThisGateway(f"a request for {address.host} was not sent: this client belongs to a gateway, not to fal")

    async def turn_later(self, request: httpx.Request) -> None:
        """The same, as an asynchronous client asks for it."""
        self.turn(request)

    def turn_tokens(self, manager: Manager) -> Manager:
        """Mend the address at which upload tokens are asked for; that is done with a client of its own, which nobody can get at."""
        asked: Any = getattr(manager, "_url", None)
        if not isinstance(asked, str):
            raise _built_differently()
        address = urlsplit(asked)
        if address.netloc in self._served:
            vars(manager)["_url"] = self._gateway._replace(path=self._gateway.path + address.path, query=address.query).geturl()
        elif address.netloc != self._gateway.netloc:
            raise _built_differently()
        return manager


def _read_base(name: str) -> tuple[str, bytes]:
    """Host and port of what fal's client takes for a host, which may be followed by a path."""
    host, _, path = name.rstrip("/").partition("/")
    return host, f"/{path}".rstrip("/").encode("ascii")


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


def _check_seam(client: type, *seams: str) -> None:
    # The private names that this module leans on. Without them requests would go to fal, so it is better to stop here.
    if not all(hasattr(client, name) for name in seams):
        raise _built_differently()


def _built_differently() -> ImportError:
    version = fal_client.__version__
    return ImportError(f"fal-client {version} is built differently from those reelgate.fal knows; use it over `reelgate up --tls`")
