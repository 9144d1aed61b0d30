"""What a server remembers of all its clients."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs
from uvicorn import Config

from reelgate.server.listener import Limits, Listener


@pytest.fixture
def listener() -> Iterator[Listener]:
    application: Any = object()
    loop = asyncio.new_event_loop()
    yield Listener(app=application, config=Config(application, log_config=None), limits=Limits(), tls=False, loop=loop, app_state={})
    loop.close()


def test_each_address_is_advised_once(listener: Listener) -> None:
    with capture_logs() as logs:
        for client in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.1"):
            listener.advise_tls(client)
    assert [log["client"] for log in logs] == ["192.0.2.1", "192.0.2.2"]


def test_a_scan_of_the_net_does_not_fill_the_memory_or_the_log(listener: Listener) -> None:
    with capture_logs() as logs:
        for number in range(5_000):
            listener.advise_tls(f"2001:db8::{number:x}")
    assert len(logs) == 1_000


def test_all_that_a_stop_waits_for_fits_into_ten_seconds() -> None:
    assert Limits().grace_s + 1.5 < 10
