"""A session that was made for one route takes no other, even when it is asked to."""

from __future__ import annotations

from ipaddress import ip_address

import aiohttp
import pytest

from reelgate.dispatch.route import Route, open_session
from reelgate.domain.address import Reach, read_address, read_ranges
from tests.unit.dispatch.origin import Origin, body, serving


def route_to(origin: Origin, *ips: str, opened: str = "127.0.0.0/8") -> Route:
    address = read_address(origin.url(host="pictures.example"))
    return Route(address=address, reach=Reach(opened=read_ranges(opened)), ips=tuple(map(ip_address, ips)))


async def test_the_judged_answer_is_where_the_connection_goes() -> None:
    async with serving() as origin:
        origin.says("/", body(b"hello"))
        async with open_session(route_to(origin, "127.0.0.1"), None) as session, session.get(origin.url(host="pictures.example")) as reply:
            assert await reply.read() == b"hello"


@pytest.mark.parametrize("host", ["other.example", "127.0.0.2", "localhost"])
async def test_another_host_is_not_reached_through_it(host: str) -> None:
    async with serving() as origin, open_session(route_to(origin, "127.0.0.1"), None) as session:
        with pytest.raises((aiohttp.ClientError, PermissionError)):
            await session.get(origin.url(host=host))
        assert origin.asked == []


async def test_another_port_is_not_reached_through_it() -> None:
    async with serving() as origin, serving() as other, open_session(route_to(origin, "127.0.0.1"), None) as session:
        with pytest.raises((aiohttp.ClientError, PermissionError)):
            await session.get(other.url(host="pictures.example"))
        assert other.asked == []


async def test_an_answer_that_should_not_have_passed_gets_no_socket() -> None:
    async with serving() as origin, open_session(route_to(origin, "127.0.0.1", opened="10.0.0.0/8"), None) as session:
        with pytest.raises((aiohttp.ClientError, PermissionError)):
            await session.get(origin.url(host="pictures.example"))
        assert origin.asked == []


def test_only_the_judged_addresses_pass() -> None:
    route = route_to(Origin(port=80), "127.0.0.1")
    assert route.passes("127.0.0.1")
    assert not route.passes("127.0.0.2")
    assert not route_to(Origin(port=80), "127.0.0.1", opened="10.0.0.0/8").passes("127.0.0.1")
