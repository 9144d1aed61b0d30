"""Newcomers: every connection that waits at a listening socket is taken in one turn of the event loop.

A server of uvloop takes one in each turn, as libuv does. Where many callers keep the loop busy a turn lasts tens of milliseconds, and of a
thousand newcomers the last were left unread for seconds.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any

import structlog

_log = structlog.get_logger(__name__)

BACKLOG = 2048  # newcomers that the kernel keeps; the system's own limit may be lower
_TAKEN_IN_A_TURN = 512  # those who are already in must not wait for a flood at the door
_SHORTAGE_S = 1.0  # with no file descriptors or memory left, look again after so long
_SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Doorway:
    """One listening socket that does not block. `encrypted` are the arguments about TLS of `loop.connect_accepted_socket`."""

    def __init__(
        self, listening: socket.socket, protocol: Callable[[], asyncio.Protocol], loop: asyncio.AbstractEventLoop, encrypted: dict[str, Any]
    ) -> None:
        self._listening, self._protocol, self._loop, self._encrypted = listening, protocol, loop, encrypted
        self._entering: set[asyncio.Task[None]] = set()
        self._closed = False

    def open(self) -> None:
        """Take whoever comes, until `close`."""
        if not self._closed:
            self._loop.add_reader(self._listening, self._take)

    def close(self) -> None:
        """Take no more; whoever is not yet in, as amid a TLS handshake, is turned away."""
        self._closed = True
        self._loop.remove_reader(self._listening)
        self._listening.close()
        for each in self._entering:
            each.cancel()

    def _take(self) -> None:
        for _ in range(_TAKEN_IN_A_TURN):
            try:
                taken, _address = self._listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _SHORTAGES:
                    self._wait_out(error)
                    return
                continue  # a caller that is gone again: the error is its own, and the next one waits
            taken.settimeout(0)
            task = self._loop.create_task(self._let_in(taken))
            self._entering.add(task)
            task.add_done_callback(self._entering.discard)

    async def _let_in(self, taken: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, taken, **self._encrypted)
        except OSError as error:  # TLS errors and time-outs are of this kind too
            taken.close()
            _log.debug("newcomer_not_let_in", reason=type(error).__name__)
        except BaseException:
            taken.close()
            raise

    def _wait_out(self, error: OSError) -> None:
        _log.warning("connections_not_taken", reason=error.strerror, looks_again_s=_SHORTAGE_S)
        self._loop.remove_reader(self._listening)
        self._loop.call_later(_SHORTAGE_S, self.open)
