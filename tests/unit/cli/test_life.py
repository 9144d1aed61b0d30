from __future__ import annotations

import asyncio
import http.client
import os
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import structlog

from reelgate.cli import life
from reelgate.cli.life import live
from reelgate.cli.trouble import Code, Trouble
from reelgate.dispatch.worker import Worker
from reelgate.folder import DataFolder, announced
from reelgate.settings import Settings, read_settings


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    folder = DataFolder(tmp_path / "data")
    yield folder
    folder.close()


def chosen(port: int = 0) -> Settings:
    return read_settings({"port": port, "database": "memory"})


async def said(capsys: pytest.CaptureFixture[str]) -> str:
    """The address in the banner, once it is there."""
    text = ""
    while not (found := re.search(r"Address +(\S+)", text)):
        await asyncio.sleep(0.01)
        text += capsys.readouterr().out
    return found[1]


async def test_it_answers_is_announced_and_leaves_when_told(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        living = tasks.create_task(live(chosen(), folder, stop, tls=False))
        url = await said(capsys)
        assert [(each.url, each.data, each.pid) for each in announced()] == [(url, folder.path, os.getpid())]
        assert await asyncio.to_thread(status_of, url) == 200
        stop.set()
    assert living.result() is Code.DONE
    assert announced() == []


async def test_over_https_it_answers_under_its_own_authority(folder: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(live(chosen(), folder, stop, tls=True))
        url = await said(capsys)
        trusting = ssl.create_default_context(cafile=folder.path / "tls" / "ca.pem")
        assert await asyncio.to_thread(status_of, url, trusting) == 200
        stop.set()


async def test_a_taken_port_is_one_sentence(folder: DataFolder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Trouble, match="is taken by another program") as trouble:
        await live(chosen(taken.getsockname()[1]), folder, asyncio.Event(), tls=False)
    assert trouble.value.code is Code.WRONG
    assert announced() == []


async def test_a_worker_that_dies_takes_the_gateway_with_it(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(_: Worker, *, alone: bool) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Worker, "run", die)
    with structlog.testing.capture_logs() as lines:
        assert await live(chosen(), folder, asyncio.Event(), tls=False) is Code.FAILED
    assert [line["event"] for line in lines] == ["stopped_by_a_fault"]
    assert "the disk is gone" in repr(lines[0]["exc_info"].exceptions)


async def test_a_signal_asks_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life.threading, "Timer", _NoTimer)
    stop = asyncio.Event()
    life.stop_on_signals(stop)
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        async with asyncio.timeout(5):
            await stop.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)


class _NoTimer:
    """In place of the one that would end this process, were it late."""

    daemon = False

    def __init__(self, *_: object) -> None: ...

    def start(self) -> None: ...


def status_of(url: str, trusting: ssl.SSLContext | None = None) -> int:
    netloc = urlsplit(url).netloc
    connection = http.client.HTTPSConnection(netloc, context=trusting) if trusting else http.client.HTTPConnection(netloc)
    connection.request("GET", "/healthz")
    status = connection.getresponse().status
    connection.close()
    return status
