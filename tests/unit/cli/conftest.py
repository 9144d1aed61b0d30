"""A gateway in a thread of this process, over the memory store, with the scripted engine; and the command line, spoken as users do."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import structlog
import typer.main

from reelgate.app import open_house
from reelgate.cli import main
from reelgate.cli.client import Client
from reelgate.cli.locate import Located
from reelgate.folder import DataFolder, Running, announce
from reelgate.server import serve
from reelgate.settings import read_settings
from tests.house import PLUGINS

WIDE = "400"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A gateway that answers."""

    url: str
    data: Path
    state: Path

    @property
    def key(self) -> str:
        return (self.data / "key").read_text().strip()

    def client(self) -> Client:
        return Client(Located(url=self.url, how="by the test", data=self.data), self.key)


Speak = Callable[..., Said]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No gateway is known, and nothing is set, unless a test says so."""
    for name in [name for name in os.environ if name.startswith(("REELGATE_", "FAL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("REELGATE_STATE", str(tmp_path / "no-state"))
    monkeypatch.setenv("COLUMNS", WIDE)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """Where logs go is one choice for the whole process; a test that makes it gives it back."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(autouse=True, scope="session")
def _one_tree_of_commands() -> Iterator[None]:
    """Typer makes the whole tree anew whenever a command runs, as a process does once; hundreds of commands run in this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Speak:
    """Run a command in this process, as a user types it."""

    def run(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["reelgate", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return Said(code=int(end.value.code or 0), out=out, err=err)

    return run


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One gateway for all tests of the command line."""
    home = tmp_path_factory.mktemp("cli")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(PLUGINS))
        patch.syspath_prepend(str(PLUGINS))
        patch.setenv("REELGATE_STATE", str(home / "state"))
        told: Queue[Any] = Queue()
        thread = threading.Thread(target=lambda: asyncio.run(_live(home / "data", told)), daemon=True)
        thread.start()
        loop, stop, port = told.get(timeout=30)
        url = f"http://127.0.0.1:{port}"
        announce(Running(url=url, data=home / "data", pid=os.getpid()))
        yield Served(url=url, data=home / "data", state=home / "state")
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def gateway(served: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    """That gateway, announced where commands look, and with its log turned off: it writes from another thread."""
    structlog.configure(logger_factory=structlog.testing.CapturingLoggerFactory())
    monkeypatch.setenv("REELGATE_STATE", str(served.state))
    return served


async def _live(data: Path, told: Queue[Any]) -> None:
    folder, stop = DataFolder(data), asyncio.Event()
    loop = asyncio.get_running_loop()
    settings = read_settings({"database": "memory", "min_free_bytes": 0, "preview_price": "list"})
    try:
        async with open_house(settings, folder) as house, asyncio.TaskGroup() as tasks:
            app: Any = house.door
            worker = tasks.create_task(house.work(alone=True))
            tasks.create_task(serve(app, host="127.0.0.1", port=0, stop=stop, ready=lambda port: told.put((loop, stop, port))))
            await stop.wait()
            worker.cancel()
    finally:
        folder.close()
