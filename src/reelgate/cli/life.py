"""The life of a gateway process: from an opened data folder to a stop that keeps its word."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import structlog

from reelgate.app import House, open_house
from reelgate.cli.banner import Started, show
from reelgate.cli.trouble import Code, Trouble
from reelgate.dispatch.worker import Worker
from reelgate.domain.errors import StoreError
from reelgate.folder import DataFolder, Running, announce
from reelgate.server import CannotListen, TlsFiles, serve
from reelgate.settings import Settings, SettingsError

_log = structlog.get_logger(__name__)
_LEAVE_WITHIN_S = 9.5
_LOOK_EVERY_S = 0.01


async def live(settings: Settings, folder: DataFolder, stop: asyncio.Event, *, tls: bool) -> Code:
    """Serve until `stop` is set. `Trouble` if the folder or the address cannot be used; FAILED if a part of it died."""
    known = folder.secret("key") is not None
    os.umask(0o077)  # what is written here is this user's alone, whatever folder it is put in
    _take_descriptors()
    try:
        files = _certificate(settings, folder) if tls else None
        async with open_house(settings, folder) as house:
            return await _run(house, folder, stop, files, known=known)
    except (StoreError, SettingsError) as error:
        raise Trouble(error.message, Code.WRONG) from None


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and Ctrl+C set `stop`, and see to it that the process is gone in time; a second one ends it at once."""
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        _log.info("stopping", signal=signal.Signals(number).name)
        deadline = threading.Timer(_LEAVE_WITHIN_S, os._exit, (Code.FAILED,))
        deadline.daemon = True
        deadline.start()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number)


async def _run(house: House, folder: DataFolder, stop: asyncio.Event, files: TlsFiles | None, *, known: bool) -> Code:
    settings = house.gateway.settings
    app: Any = house.door  # uvicorn knows every kind of message by a type of its own
    bound: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    try:
        async with asyncio.TaskGroup() as parts:
            parts.create_task(serve(app, host=settings.host, port=settings.port, stop=stop, ready=bound.set_result, tls=files))
            port = await bound
            if settings.metrics_port:
                aside: Any = house.side_door
                parts.create_task(serve(aside, host=settings.host, port=settings.metrics_port, stop=stop, ready=_ready))
            work = parts.create_task(house.work(alone=True))
            await _at_work(house.worker, stop)
            started = Started(settings=settings, folder=folder, port=port, tls=files, rule=house.gateway.rule.describe(), known=known)
            gc.freeze()  # what is loaded now stays; the collector need not walk it again and again
            with _announced(started):
                show(started)
                await stop.wait()
            work.cancel()
    except ExceptionGroup as group:
        _explain(group)
        return Code.FAILED
    return Code.DONE


def _ready(port: int) -> None:
    _log.info("metrics_served", port=port)


def _explain(group: ExceptionGroup[Exception]) -> None:
    """`Trouble` where it is the address; anything else goes to the log whole."""
    taken, _ = group.split(CannotListen)
    if taken is not None:
        raise Trouble(_first(taken).message, Code.WRONG) from None
    _log.error("stopped_by_a_fault", exc_info=group)


def _take_descriptors() -> None:
    """As many descriptors as the system allows: each connection, each render and each file needs one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # a system may set a bound of its own below the one it tells
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _at_work(worker: Worker, stop: asyncio.Event) -> None:
    while worker.alive() and not stop.is_set():  # noqa: ASYNC110 -- a sentence, not an event: it says what is wrong until nothing is
        await asyncio.sleep(_LOOK_EVERY_S)


@contextmanager
def _announced(started: Started) -> Generator[None]:
    try:
        file = announce(Running(url=started.url, data=started.folder.path, pid=os.getpid()))
    except OSError as error:
        _log.warning("not_announced", why=str(error))
        yield
        return
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _certificate(settings: Settings, folder: DataFolder) -> TlsFiles:
    from reelgate.cli.certificate import certificate_files

    public = urlsplit(settings.public_url).hostname
    return certificate_files(folder.path / "tls", [name for name in (settings.host, public) if name])


def _first(group: ExceptionGroup[CannotListen]) -> CannotListen:
    error = group.exceptions[0]
    return error if isinstance(error, CannotListen) else _first(error)
