"""Newcomers are taken all at once, also where the event loop has much to do."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import uvloop

from reelgate.server import doorway
from reelgate.server.doorway import BACKLOG, Doorway

_NEWCOMERS = 100
_TURNS = 20  # of the loop, in each of which it could have looked after those who are in


class Guest(asyncio.Protocol):
    """Counts those who came in."""

    came = 0
    first: asyncio.Event

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        type(self).came += 1
        self.first.set()
        self.transport = transport


class Short(socket.socket):
    """A listening socket of a process that has no file descriptors left, the first time it is asked."""

    shortages = 0
    first: asyncio.Event

    def accept(self) -> tuple[socket.socket, Any]:
        if not self.shortages:
            self.shortages += 1
            self.first.set()
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


def _listening(kind: type[socket.socket] = socket.socket) -> socket.socket:
    made = kind(socket.AF_INET, socket.SOCK_STREAM)
    made.bind(("127.0.0.1", 0))
    made.listen(BACKLOG)
    made.settimeout(0)
    return made


def _counted() -> type[Guest]:
    return type("Counted", (Guest,), {"came": 0, "first": asyncio.Event()})


async def _came_in_a_few_turns(taker: Callable[[socket.socket, type[Guest]], Any]) -> int:
    listening, guests = _listening(), _counted()
    newcomers = [socket.create_connection(listening.getsockname()) for _ in range(_NEWCOMERS)]
    try:
        door = taker(listening, guests)
        if asyncio.iscoroutine(door):
            door = await door
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        came = guests.came
        door.close()
        return came
    finally:
        for each in newcomers:
            each.close()
        listening.close()


def _by_doorway(listening: socket.socket, guests: type[Guest]) -> Doorway:
    door = Doorway(listening, guests, asyncio.get_running_loop(), {})
    door.open()
    return door


async def _by_uvloop(listening: socket.socket, guests: type[Guest]) -> asyncio.AbstractServer:
    return await asyncio.get_running_loop().create_server(guests, sock=listening)


def test_all_newcomers_are_in_after_a_few_turns_of_the_loop() -> None:
    assert uvloop.run(_came_in_a_few_turns(_by_doorway)) == _NEWCOMERS


def test_a_server_of_uvloop_would_have_left_most_of_them_at_the_door() -> None:
    """Where this fails, uvloop takes newcomers at once, and `doorway.py` can go."""
    assert uvloop.run(_came_in_a_few_turns(_by_uvloop)) <= _TURNS + 2


async def test_a_shortage_of_file_descriptors_is_waited_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorway, "_SHORTAGE_S", 0.01)
    listening, guests = _listening(Short), _counted()
    door = Doorway(listening, guests, asyncio.get_running_loop(), {})
    door.open()
    assert isinstance(listening, Short)
    listening.first = asyncio.Event()
    with socket.create_connection(listening.getsockname()):
        async with asyncio.timeout(20):
            await guests.first.wait()
    assert listening.shortages == 1
    door.close()


async def test_a_door_that_was_closed_amid_a_shortage_stays_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorway, "_SHORTAGE_S", 0.01)
    listening, guests = _listening(Short), _counted()
    assert isinstance(listening, Short)
    door = Doorway(listening, guests, asyncio.get_running_loop(), {})
    door.open()
    listening.first = asyncio.Event()
    with socket.create_connection(listening.getsockname()):
        async with asyncio.timeout(20):
            await listening.first.wait()
        door.close()
        await asyncio.sleep(0.05)
    assert guests.came == 0


async def test_who_is_amid_a_handshake_is_turned_away_at_the_close() -> None:
    listening, guests = _listening(), _counted()
    door = Doorway(listening, guests, asyncio.get_running_loop(), {"ssl": ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)})
    door.open()
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    await asyncio.sleep(0.05)
    door.close()
    async with asyncio.timeout(20):
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
    writer.close()
    assert guests.came == 0


async def test_a_handshake_that_is_none_lets_nobody_in() -> None:
    listening, guests = _listening(), _counted()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    door = Doorway(listening, guests, asyncio.get_running_loop(), {"ssl": context, "ssl_handshake_timeout": 5.0})
    door.open()
    for _ in range(3):
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(20):
            with suppress(ConnectionResetError):
                await reader.read()
        writer.close()
    assert guests.came == 0
    door.close()
