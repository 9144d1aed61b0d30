"""A vendor on a socket that plays a talk from its file, and at one of its calls does what networks and vendors do on bad days."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

_DRIPS_EVERY_S = 0.05
_HOLDS_S = 5.0
RETRY_AFTER_S = 7.0


class Fault(Enum):
    """What happens to one call. With a callback twice and one before the answer, which need a whole gateway, they are twelve: the two
    kinds of 429 are one fault."""

    REFUSED = auto()  # nobody listens
    RESET_BEFORE = auto()  # the connection stands, and breaks before anything of the request is read
    RESET_AFTER = auto()  # it breaks when the request was read, and the vendor has not taken it
    LOST_REPLY = auto()  # the vendor has taken it, and its answer never comes
    DRIP = auto()  # an answer that takes longer than anybody waits
    BLACK_HOLE = auto()  # no answer, and no end
    GARBAGE = auto()  # bytes that are no HTTP
    WRONG_JSON = auto()  # an answer of another shape
    THROTTLED = auto()  # 429 with a time
    THROTTLED_SILENTLY = auto()  # 429 without one
    SERVER_ERROR = auto()  # 503


TAKES = frozenset({Fault.LOST_REPLY, Fault.DRIP, Fault.BLACK_HOLE, Fault.GARBAGE, Fault.WRONG_JSON})
"""After these the vendor has sold what was asked for."""


@dataclass(slots=True)
class ChaosVendor:
    """Answers call after call as a talk's file says, but for the one at `place`. `bought` are the requests that buy which it read whole,
    `sold` how many of them it took."""

    exchange: Sequence[Mapping[str, Any]]
    fault: Fault
    place: int
    port: int = 0
    answered: int = 0
    bought: int = 0
    sold: int = 0
    listening: asyncio.Server | None = field(default=None, repr=False)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one call."""
        number = self.answered  # a library may ask again what was not answered, where that buys nothing
        faulty = number == self.place
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if faulty and self.fault is Fault.RESET_BEFORE:
                _reset(writer)
                return
            await _read_request(reader)
            buys = bool(self.exchange[min(number, len(self.exchange) - 1)]["call"].get("buys"))
            self.bought += buys
            self.sold += buys and (not faulty or self.fault in TAKES)
            if faulty:
                await self._misbehave(writer)
            elif number < len(self.exchange):
                self.answered += 1
                await _say(writer, self.exchange[number]["reply"])
                if self.answered == self.place and self.fault is Fault.REFUSED and self.listening is not None:
                    self.listening.close()
        with suppress(ConnectionError):
            writer.close()

    async def _misbehave(self, writer: asyncio.StreamWriter) -> None:
        match self.fault:
            case Fault.RESET_AFTER:
                _reset(writer)
            case Fault.DRIP:
                for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}":
                    writer.write(bytes((byte,)))
                    await writer.drain()
                    await asyncio.sleep(_DRIPS_EVERY_S)
            case Fault.BLACK_HOLE:
                await asyncio.sleep(_HOLDS_S)
            case Fault.GARBAGE:
                writer.write(b"\x00\xff this is no HTTP at all \x01\r\n\r\n")
                await writer.drain()
            case Fault.WRONG_JSON:
                await _say(writer, {"status": 200, "json": {"weather": ["fine", 7]}})
            case Fault.THROTTLED:
                await _say(writer, {"status": 429, "json": {}, "headers": {"Retry-After": f"{RETRY_AFTER_S:.0f}"}})
            case Fault.THROTTLED_SILENTLY:
                await _say(writer, {"status": 429, "json": {}})
            case Fault.SERVER_ERROR:
                await _say(writer, {"status": 503, "json": {}})
            case _:
                return  # the connection is closed without a word


@asynccontextmanager
async def bad_day(exchange: Sequence[Mapping[str, Any]], fault: Fault, place: int) -> AsyncGenerator[ChaosVendor]:
    """A vendor for the length of a block."""
    vendor = ChaosVendor(exchange, fault, place)
    if fault is Fault.REFUSED and place == 0:
        vendor.port = _nobody()
        yield vendor
        return
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    vendor.port, vendor.listening = server.sockets[0].getsockname()[1], server
    try:
        yield vendor
    finally:
        server.close()


def _nobody() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def _reset(writer: asyncio.StreamWriter) -> None:
    found: socket.socket = writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _read_request(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.partition(b":")[2]))
        elif line.startswith(b"transfer-encoding:"):
            while (size := int((await reader.readline()).strip() or b"0", 16)) > 0:
                await reader.readexactly(size + 2)
            await reader.readline()


async def _say(writer: asyncio.StreamWriter, reply: Mapping[str, Any]) -> None:
    body = reply["text"].encode() if "text" in reply else json.dumps(reply["json"]).encode()
    headers = {"Content-Type": "application/json", "Connection": "close", **(reply.get("headers") or {}), "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {reply['status']} X\r\n{lines}\r\n".encode() + body)
    await writer.drain()
