"""What the tests themselves stand on: the refusal of traffic, the clock, the honest last line."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator

import pytest

from tests import network
from tests.clock import BEGINNING, FakeClock

pytest_plugins = ["pytester"]


@pytest.fixture
def refused() -> Iterator[list[str]]:
    """What was refused so far; emptied afterwards, since here it is wanted."""
    yield network.refused
    network.refused.clear()


async def test_a_connection_beyond_this_machine_is_refused(refused: list[str]) -> None:
    with pytest.raises(network.TrafficRefused):
        await asyncio.open_connection("192.0.2.1", 80)
    with pytest.raises(network.TrafficRefused), socket.socket(socket.AF_INET6) as plain:
        plain.connect(("2001:db8::1", 80))
    assert len(refused) == 2


def test_a_name_is_not_looked_up(refused: list[str]) -> None:
    with pytest.raises(network.TrafficRefused):
        socket.getaddrinfo("example.com", 80)
    assert refused == ["socket.getaddrinfo 'example.com'"]


def test_a_datagram_beyond_this_machine_is_refused(refused: list[str]) -> None:
    with pytest.raises(network.TrafficRefused), socket.socket(type=socket.SOCK_DGRAM) as plain:
        plain.sendto(b"hello", ("192.0.2.1", 53))
    assert refused


async def test_loopback_and_local_sockets_answer() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
    left, right = socket.socketpair()
    left.close()
    right.close()


def test_time_moves_when_it_is_told(clock: FakeClock) -> None:
    clock.tick(minutes=1, seconds=1)
    assert (clock.now() - BEGINNING).total_seconds() == 61
    assert clock.monotonic_s() == 1_061
    with pytest.raises(ValueError, match="forward"):
        clock.tick(seconds=-1)


def test_the_last_line_counts_what_did_not_run_and_why(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    root = request.config.rootpath
    pytester.makeconftest((root / "tests" / "conftest.py").read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers =\n    needs\n    large\n")
    pytester.makepyfile(
        test_one="""
        import pytest

        def test_runs():
            pass

        @pytest.mark.needs("curl")
        def test_needs_a_program():
            pass

        @pytest.mark.large
        def test_is_long():
            pass

        @pytest.mark.xfail(reason="a known fault")
        def test_is_known_to_fail():
            assert False
        """,
        test_two="import pytest\npytest.skip('no such system', allow_module_level=True)\n",
    )
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PYTHONPATH", str(root))
    outcome = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider")
    assert outcome.outlines[-1].startswith("1 tests ran; 4 did not: ")
    for reason in ("curl is not installed", "large counts: make test-all", "known to fail: a known fault", "no such system"):
        assert reason in outcome.outlines[-1]
    assert "passed" in "\n".join(outcome.outlines[:-1])


def test_the_last_line_says_when_nothing_was_left_out() -> None:
    from tests.conftest import last_line

    assert last_line(12, Counter()) == "12 tests ran; none was left out."
    assert last_line(12, Counter({"Chromium is not installed": 2})) == "12 tests ran; 2 did not: 2 (Chromium is not installed)."
