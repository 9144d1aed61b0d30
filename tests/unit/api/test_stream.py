"""A stream of events and its place among the open ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest

from reelgate.api._stream import EventStream
from reelgate.domain.errors import Limited
from reelgate.gateway.streams import Streams

SCOPE = {"type": "http", "asgi": {"version": "3.0"}}


async def _endless() -> AsyncIterator[bytes]:
    yield b": ping\n\n"
    await asyncio.Event().wait()


async def _broken() -> AsyncIterator[bytes]:
    yield b": ping\n\n"
    message = "a bug"
    raise RuntimeError(message)


async def test_a_stream_holds_its_place_until_its_reader_has_gone() -> None:
    streams, gone, started = Streams(per_account=1), asyncio.Event(), asyncio.Event()

    async def receive() -> MutableMapping[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(_: MutableMapping[str, Any]) -> None:
        started.set()

    stream = EventStream(_endless(), streams.open("alice"), {"x-one": "1"})
    assert (stream.headers["x-one"], stream.headers["cache-control"]) == ("1", "no-cache")
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(stream(SCOPE, receive, send))
        await started.wait()
        with pytest.raises(Limited):
            streams.open("alice")
        gone.set()
    streams.open("alice")


async def test_a_stream_that_breaks_gives_its_place_back() -> None:
    streams = Streams(per_account=1)

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(_: MutableMapping[str, Any]) -> None:
        return

    with pytest.raises(BaseException):  # noqa: B017, PT011 -- alone or in a group, as starlette's version has it
        await EventStream(_broken(), streams.open("alice"))(SCOPE, receive, send)
    streams.open("alice")
