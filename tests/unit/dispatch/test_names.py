"""Names: asked in threads of their own, and only so many at once."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any

import pytest

from reelgate.dispatch.lanes import AT_ONCE
from reelgate.dispatch.names import SystemNames


async def test_the_systems_resolver_is_asked_for_names() -> None:
    assert set(await SystemNames().look_up("localhost")) <= {"127.0.0.1", "::1"}
    with pytest.raises(OSError, match="no name"):
        await SystemNames().look_up("a" * 64)  # longer than a label may be


async def test_a_look_up_that_hangs_holds_its_place_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a stranger could start threads without end by giving up early."""
    release = threading.Event()
    started: list[str] = []

    def hang(name: str, *_: Any, **__: Any) -> list[Any]:
        started.append(name)
        release.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    names = SystemNames(at_once=1)
    for name in ("first", "second"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await names.look_up(name)
    assert started == ["first"]
    release.set()
    assert await names.look_up("third") == ["127.0.0.1"]


async def test_names_of_silent_servers_keep_out_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """All places of the outbox go to one of them four times over, and each gives up long before its thread is back."""
    release = threading.Event()
    silent: list[str] = []

    def ask(name: str, *_: Any, **__: Any) -> list[Any]:
        if name.endswith(".silent.example"):
            silent.append(name)
            release.wait(30)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    names = SystemNames()

    async def give_up(name: str) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await names.look_up(name)

    try:
        for round_number in range(4):
            await asyncio.gather(*(give_up(f"{round_number}-{place}.silent.example") for place in range(AT_ONCE)))
        async with asyncio.timeout(5):
            assert await names.look_up("good.example") == ["127.0.0.1"]
        assert len(silent) == 4 * AT_ONCE
    finally:
        release.set()
