"""fal's client turned to a gateway. What it does against one that runs is told by the acceptance tests."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import fal_client
import httpx  # noqa: TID251 -- requests are made and looked at; none is sent
import pytest
from fal_client.client import CDNToken

from reelgate import fal
from reelgate.fal import AsyncClient, NotOnThisGateway, SyncClient

KEY = "rg_live_made_up"
TOKEN = CDNToken(token="a", token_type="Bearer", base_upload_url="http://127.0.0.1:8000", expires_at=datetime.max.replace(tzinfo=UTC))


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REELGATE_KEY", "REELGATE_URL", "FAL_KEY", "FAL_RUN_HOST", "FAL_QUEUE_RUN_HOST"):
        monkeypatch.delenv(name, raising=False)


def turned(address: str, gateway: str = "http://127.0.0.1:8000") -> httpx.Request:
    request = httpx.Request("POST", address)
    fal._Detour(urlsplit(gateway)).turn(request)  # noqa: SLF001 -- the one place where a key could go astray
    return request


@pytest.mark.parametrize(
    ("gateway", "there"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/fal-ai/veo3?logs=1"),
        ("https://video.example.com/gw", "https://video.example.com/gw/fal-ai/veo3?logs=1"),
        ("http://[::1]:9000", "http://[::1]:9000/fal-ai/veo3?logs=1"),
    ],
)
def test_what_was_meant_for_fals_queue_goes_to_the_gateway(gateway: str, there: str) -> None:
    request = turned("https://queue.fal.run/fal-ai/veo3?logs=1", gateway)
    assert str(request.url) == there
    assert request.headers["host"] == urlsplit(gateway).netloc


def test_a_queue_that_the_environment_names_is_turned_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_QUEUE_RUN_HOST", "localhost:8443")
    assert str(turned("https://localhost:8443/fal-ai/veo3").url) == "http://127.0.0.1:8000/fal-ai/veo3"


@pytest.mark.parametrize("host", ["fal.run", "rest.fal.ai", "rest.alpha.fal.ai", "v3.fal.media"])
def test_what_was_meant_for_fals_other_hosts_goes_there_too(host: str) -> None:
    request = turned(f"https://{host}/x/y?z=1", "https://video.example.com/gw")
    assert str(request.url) == "https://video.example.com/gw/x/y?z=1"


@pytest.mark.parametrize("host", ["falrun.com", "queue.falrun.com", "api.fal.ai", "fal.media", "fal.ai", "fal.run:8443", "x.queue.fal.run"])
def test_nothing_goes_to_fal(host: str) -> None:
    with pytest.raises(NotOnThisGateway, match=f"a request for {host.partition(':')[0]} was not sent"):
        turned(f"https://{host}/x")


def test_addresses_that_the_gateway_gave_are_followed_as_they_are() -> None:
    assert str(turned("http://video.example.com/files/x.mp4").url) == "http://video.example.com/files/x.mp4"


def test_a_client_is_one_of_fals_with_the_gateways_key_and_address() -> None:
    client = SyncClient(key=KEY, url="http://127.0.0.1:9000/")
    assert isinstance(client, fal_client.SyncClient)
    assert (client.key, client.url, client.default_timeout) == (KEY, "http://127.0.0.1:9000", 120.0)
    assert KEY not in repr(client)


def test_key_and_address_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_KEY", KEY)
    monkeypatch.setenv("REELGATE_URL", "https://video.example.com")
    client = AsyncClient()
    assert (client.key, client.url) == (KEY, "https://video.example.com")


def test_a_key_of_fal_is_not_taken_for_one_of_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", "of-fal")
    with pytest.raises(ValueError, match="REELGATE_KEY"):
        SyncClient()


def test_an_address_without_a_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with http"):
        SyncClient(key=KEY, url="127.0.0.1:8000")


@pytest.mark.parametrize("name", ["stream", "realtime", "ws_connect"])
async def test_what_the_gateway_does_not_offer_is_said_before_anything_is_sent(name: str) -> None:
    with pytest.raises(NotOnThisGateway):
        getattr(SyncClient(key=KEY), name)("x", {})
    with pytest.raises(NotOnThisGateway):
        getattr(AsyncClient(key=KEY), name)("x", {})


def test_every_public_verb_of_fals_client_is_either_its_own_or_refused() -> None:
    known = {"submit", "subscribe", "run", "status", "result", "cancel", "get_handle", "upload", "upload_file", "upload_image"}
    refused = {"stream", "realtime", "ws_connect"}
    for client in (fal_client.SyncClient, fal_client.AsyncClient):
        verbs = {name for name in vars(client) if not name.startswith("_") and callable(getattr(client, name))}
        assert verbs <= known | refused, "a new verb: does it send to the queue, or must it be refused?"


@pytest.mark.parametrize("gateway", ["http://127.0.0.1:8000", "https://video.example.com/gw"])
async def test_upload_tokens_are_asked_for_at_the_gateway(gateway: str) -> None:
    there = f"{gateway}/storage/auth/token?storage_type=fal-cdn-v3"
    manager = SyncClient(key=KEY, url=gateway)._token_manager  # noqa: SLF001 -- the client that asks is out of reach
    assert manager._url == there  # noqa: SLF001
    client = AsyncClient(key=KEY, url=gateway)
    for _ in range(2):
        assert (await client._token_manager)._url == there  # noqa: SLF001


def test_each_way_to_fal_has_its_bend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client that fal's uploads are made with is one that was turned; a name that is not there would be found here."""
    client = SyncClient(key=KEY)
    monkeypatch.setattr(client._token_manager, "get_token", lambda: TOKEN)  # noqa: SLF001
    for made in (client._client, client._get_cdn_client()):  # noqa: SLF001
        assert client._detour.turn in made.event_hooks["request"]  # noqa: SLF001


async def test_each_way_to_fal_has_its_bend_in_the_asynchronous_client_too() -> None:
    client = AsyncClient(key=KEY)
    async with client._cdn_client() as made:  # noqa: SLF001
        assert made.event_hooks["request"] == [client._detour.turn_later]  # noqa: SLF001
    for _ in range(2):
        assert (await client._client).event_hooks["request"] == [client._detour.turn_later]  # noqa: SLF001


def test_a_client_of_another_build_is_refused_rather_than_let_through_to_fal() -> None:
    with pytest.raises(ImportError, match="built differently"):
        fal._check_seam(object, "_client")  # noqa: SLF001 -- no such version exists yet
    detour = fal._Detour(urlsplit("http://127.0.0.1:8000"))  # noqa: SLF001
    for manager in (SimpleNamespace(), SimpleNamespace(_url=None), SimpleNamespace(_url="https://elsewhere.fal.ai/token")):
        with pytest.raises(ImportError, match="built differently"):
            detour.turn_tokens(manager)


def test_without_fals_client_it_says_what_to_install() -> None:
    look = "import sys; sys.modules['fal_client'] = None; import reelgate.fal"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=False)
    assert done.stderr.strip().endswith("not installed: pip install fal-client")


def test_it_imports_nothing_of_ours() -> None:
    tree = ast.parse(Path(fal.__file__).read_text())
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [name for name in named if name.startswith("reelgate")]
