"""Calls over a real socket: what came back, and whether anything was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import FilePart, HttpCall
from reelgate.dispatch.backends import CallFailed, HttpBackend
from reelgate.dispatch.guard import Guard
from reelgate.domain.address import Reach, read_ranges
from reelgate.domain.media import Foreign
from tests.unit.dispatch.channels import make_channel
from tests.unit.dispatch.origin import Origin, body, serving

BUY = HttpCall("POST", "/make", json={"prompt": "雪"}, buys=True)


@asynccontextmanager
async def _line(opened: str = "") -> AsyncIterator[tuple[HttpBackend, Channel, Origin]]:
    backend = HttpBackend(Guard(Reach(opened=read_ranges(opened))))
    async with serving() as origin:
        try:
            yield backend, make_channel(address=origin.url("/base")), origin
        finally:
            await backend.close()


async def test_a_call_goes_to_the_channel_s_address_with_its_headers_and_body() -> None:
    async with _line() as (backend, channel, origin):
        origin.says("/base/make", body(b'{"id": "7"}', "X-Odd: Yes"))
        call = HttpCall("POST", "/make", json={"prompt": "雪"}, query={"hook": "https://us/a?b=c"}, headers={"Idempotency-Key": "t"})
        reply = await backend.exchange(channel, call, {"Authorization": "Key k"}, timeout_s=5)
        assert (reply.status, reply.record, reply.headers["x-odd"]) == (200, {"id": "7"}, "Yes")
        head = origin.asked[0]
        assert head.startswith("POST /base/make?hook=https://us/a?b%3Dc HTTP/1.1\r\n")
        assert {"Authorization: Key k", "Idempotency-Key: t", "Content-Type: application/json"} <= set(head.split("\r\n"))
        assert origin.bodies == ['{"prompt":"雪"}'.encode()]


async def test_parts_are_sent_as_a_form() -> None:
    async with _line() as (backend, channel, origin):
        origin.says("/base/videos", body(b"{}"))
        parts = (
            FilePart(name="prompt", content=b"a boat"),
            FilePart(name="image", content=b"\x89PNG", file_name="a.png", content_type="image/png"),
        )
        await backend.exchange(channel, HttpCall("POST", "/videos", parts=parts), {}, timeout_s=5)
        assert "multipart/form-data; boundary=" in origin.asked[0]


async def test_parts_without_a_file_are_sent_as_a_form_of_the_same_kind() -> None:
    async with _line() as (backend, channel, origin):
        origin.says("/base/videos", body(b"{}"))
        parts = (FilePart(name="prompt", content="雪".encode()), FilePart(name="model", content=b"sora-2"))
        await backend.exchange(channel, HttpCall("POST", "/videos", parts=parts), {}, timeout_s=5)
        assert "multipart/form-data; boundary=" in origin.asked[0]
        assert b'name="prompt"' in origin.bodies[0]
        assert "雪".encode() in origin.bodies[0]


async def test_a_redirect_is_a_reply_and_is_not_followed() -> None:
    async with _line() as (backend, channel, origin):
        origin.redirects("/base/make", origin.url("/elsewhere"))
        assert (await backend.exchange(channel, BUY, {}, timeout_s=5)).status == 302
        assert len(origin.asked) == 1


async def test_nothing_was_sent_where_no_connection_ever_stood() -> None:
    backend = HttpBackend(Guard())
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    for address in (f"http://127.0.0.1:{port}", f"https://127.0.0.1:{port}"):
        with pytest.raises(CallFailed) as failed:
            await backend.exchange(make_channel(address=address), BUY, {}, timeout_s=5)
        assert not failed.value.sent
        assert address.partition("//")[2] not in str(failed.value)
    await backend.close()


async def test_a_handshake_that_fails_has_sent_nothing() -> None:
    backend = HttpBackend(Guard())
    async with serving() as origin:  # speaks no TLS
        with pytest.raises(CallFailed) as failed:
            await backend.exchange(make_channel(address=origin.url(scheme="https")), BUY, {}, timeout_s=0.5)
    assert not failed.value.sent
    await backend.close()


@pytest.mark.parametrize("buys", [True, False])
async def test_whatever_goes_wrong_on_a_connection_that_stood_may_have_arrived(buys: bool) -> None:
    async def hang(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async def vanish(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def babble(writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\x01\x02 not HTTP at all\r\n\r\n")

    async def break_off(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")

    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with _line() as (backend, channel, origin):
        for script in (hang, vanish, babble, break_off, drip):
            origin.scripts["/base/make"] = script
            with pytest.raises(CallFailed) as failed:
                await backend.exchange(channel, HttpCall("POST", "/make", json={}, buys=buys), {}, timeout_s=0.3)
            assert failed.value.sent, script.__name__


async def test_a_reply_is_read_up_to_a_limit() -> None:
    async with _line() as (backend, channel, origin):
        origin.says("/base/make", body(b"." * (HttpCall("GET", "/").reply_bytes + 1)))
        with pytest.raises(CallFailed) as failed:
            await backend.exchange(channel, BUY, {}, timeout_s=5)
        assert failed.value.sent


async def test_calls_that_buy_share_no_connection() -> None:
    async with _line() as (backend, channel, origin):
        origin.says("/base/make", body(b"{}"))
        for _ in range(3):
            await backend.exchange(channel, BUY, {}, timeout_s=5)
        assert all("Connection: close" in head or "connection: close" in head for head in origin.asked)


async def test_what_came_out_of_a_reply_goes_by_the_guard_and_without_a_key() -> None:
    async with _line("127.0.0.0/8") as (backend, channel, origin):
        origin.says("/elsewhere", body(b'{"a": 1}'))
        reply = await backend.exchange(channel, HttpCall("GET", Foreign(origin.url("/elsewhere"))), {"Authorization": "Key k"}, timeout_s=5)
        assert reply.record == {"a": 1}
        assert "Authorization" not in origin.asked[0]
    async with _line() as (backend, channel, origin):
        with pytest.raises(CallFailed):
            await backend.exchange(channel, HttpCall("GET", Foreign(origin.url("/elsewhere"))), {}, timeout_s=5)
        assert origin.asked == []


@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "DELETE"])
async def test_whatever_its_method_a_call_that_buys_is_sent_once(method: Any) -> None:
    async with _line() as (backend, channel, origin):
        origin.says("/base/make", b"")  # it reads the request and hangs up
        with pytest.raises(CallFailed):
            await backend.exchange(channel, HttpCall(method, "/make", buys=True), {}, timeout_s=5)
        assert len(origin.asked) == 1
