"""Brings one large video home as the gateway does: `python -m bench.copying FOLDER PORT`.

It prints by how many bytes its memory grew at most, the CPU seconds that it took, and those of a plain copy with a checksum.
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from pathlib import Path

import aiohttp
import uvloop

from reelgate.blobs.local import BLOBS
from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import HttpCall, Provider
from reelgate.contracts.roster import Offer
from reelgate.discovery import load_leaves
from reelgate.dispatch.backends import HttpBackend
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.outputs import Outputs
from reelgate.dispatch.talks import Talks
from reelgate.domain.address import Reach
from reelgate.domain.clock import SystemClock
from reelgate.domain.media import VideoInput


class Purse:
    """Has a key."""

    async def secrets(self, channel_id: str) -> dict[str, str]:
        return {"api_key": "k"}


async def copy(folder: Path, port: int) -> None:
    """Fetch, look at, keep; then the plain copy."""
    provider = load_leaves("reelgate.providers", "PROVIDER", Provider)["veo_gateway"]
    address = f"http://127.0.0.1:{port}"
    channel = Channel(id="vendor", provider=provider.name, address=address, created_at=SystemClock().now())
    offer = Offer(channel=channel, provider=provider, model="m", powers=provider.powers({}))
    guard, clock = Guard(Reach(), clock=SystemClock()), SystemClock()
    backend = HttpBackend(guard)
    outputs = Outputs(guard, backend, Talks(backend, Purse(), clock), folder / "scratch")
    blobs = await BLOBS.open(folder / "blobs", "")
    before_bytes, began_s = _peak_bytes(), time.process_time()
    fetched = await outputs.fetch(offer, HttpCall("GET", "/film.mp4"), wanted=VideoInput(seconds=8))
    await blobs.adopt(fetched.path, content_type="video/mp4")
    took_s = time.process_time() - began_s
    print(_peak_bytes() - before_bytes, took_s, await _plainly(f"{address}/film.mp4", folder / "plain"), flush=True)
    await backend.close()


async def _plainly(url: str, to: Path) -> float:
    """CPU seconds of a copy in a dozen lines, with the checksum that a kept file has."""
    began_s, digest = time.process_time(), hashlib.sha256()
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        with to.open("wb") as file:
            async for chunk in answer.content.iter_chunked(1 << 18):
                digest.update(chunk)
                file.write(chunk)
    return time.process_time() - began_s


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    uvloop.run(copy(Path(sys.argv[1]), int(sys.argv[2])))
