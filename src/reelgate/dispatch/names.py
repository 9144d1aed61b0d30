"""Looks up names for the guard, so that a name server which keeps silent holds up nobody else."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

Lookup: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]
"""`lookup(name)`: every IP address of that name, as text; `OSError` where there is none."""


_AT_ONCE = 256
"""A try gives up after 15 s, its thread only when the resolver does, after a minute with three silent servers: the fifty tries that
the outbox has under way leave four times as many threads behind. With fewer places those would keep out the names of all others."""


class SystemNames:
    """Asks the system's resolver, in threads of its own.

    The resolver cannot be interrupted, and a stranger's name server may keep it waiting for half a minute. In the
    loop's shared pool a handful of such names would hold up all else that uses it; as daemons these threads do not keep
    the process from leaving either.
    """

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._free = asyncio.Semaphore(at_once)

    async def look_up(self, name: str) -> Sequence[str]:
        """Every address of a name; `OSError` where it has none."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def told(found: Sequence[str] | OSError) -> None:
            self._free.release()  # not before the thread is done, though its caller may be gone long since
            if answer.done():
                return
            if isinstance(found, OSError):
                answer.set_exception(found)
            else:
                answer.set_result(found)

        def ask() -> None:
            found = _getaddrinfo(name)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(told, found)

        threading.Thread(target=ask, name="name-lookup", daemon=True).start()
        return await answer


def _getaddrinfo(name: str) -> Sequence[str] | OSError:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except OSError as error:
        return error
    except UnicodeError:
        return OSError(errno.EINVAL, "no name")
    return [str(place[0]) for *_, place in found]
