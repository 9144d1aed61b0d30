"""A whole gateway that follows so many jobs at an upstream: `python -m bench.following FOLDER PORT JOBS`.

It prints its resident bytes before the jobs came, then its port and a key once it follows them all. Jobs go the whole way: accepted, held
for, leased, bought, followed.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

import uvloop

from bench.process import resident_bytes
from reelgate.app import House, open_house
from reelgate.contracts.channel import Channel
from reelgate.domain.clock import SystemClock
from reelgate.domain.media import VideoInput
from reelgate.folder import DataFolder
from reelgate.gateway.keyring import Principal
from reelgate.gateway.submit import Request
from reelgate.observe import configure_logs
from reelgate.server import serve
from reelgate.settings import read_settings

ENDPOINT = "fal-ai/veo3"
_TOGETHER = 64
_SETTINGS = {"max_queued": 1_000_000_000, "demo_credit": 1_000_000_000, "running_per_account": 1_000_000, "render_slots": 1}


async def live(folder: DataFolder, vendor_port: int, jobs: int) -> None:
    """Take the jobs, and follow them until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_house(read_settings(_SETTINGS), folder) as house, asyncio.TaskGroup() as tasks:
        await _set_up(house, vendor_port)
        work = tasks.create_task(house.work(alone=True))
        await _submit(house, 20)
        await _until_followed(house, 20)
        gc.collect()
        print(resident_bytes(os.getpid()), flush=True)
        for _ in range((jobs - 20) // _TOGETHER + 1):
            await asyncio.gather(*(_submit(house, 1) for _ in range(_TOGETHER)))
        await _until_followed(house, jobs)
        gc.collect()
        gc.freeze()
        app: Any = house.door
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        tasks.create_task(serve(app, host="127.0.0.1", port=0, stop=stop, ready=ready.set_result))
        print(await ready, (folder.secret("key") or b"").decode(), flush=True)
        await stop.wait()
        work.cancel()


async def _set_up(house: House, vendor_port: int) -> None:
    channel = Channel(
        id="vendor",
        provider="veo_gateway",
        address=f"http://127.0.0.1:{vendor_port}",
        models={ENDPOINT: ""},
        concurrency=100_000,
        created_at=SystemClock().now(),
    )
    await house.gateway.channels.add(channel, {"api_key": "k"}, actor="bench")


async def _submit(house: House, count: int) -> None:
    gateway = house.gateway
    endpoint = gateway.catalog.find(ENDPOINT)
    (key,) = [each for each in await gateway.store.keys("owner") if each.mode == "live"]
    assert endpoint is not None
    principal = Principal(account="owner", key_id=key.id, mode="live", line=key.id)
    for _ in range(count):
        wanted = VideoInput(prompt="A potter lifts a finished bowl from the wheel and smiles.", seconds=8, sound=True, aspect_ratio="16:9")
        await gateway.submit(Request(principal=principal, endpoint=endpoint, face="fal", base="http://127.0.0.1", input=wanted))


async def _until_followed(house: House, jobs: int) -> None:
    while len(house.worker.followed) < jobs:  # noqa: ASYNC110 -- it looks on, and must not take part
        await asyncio.sleep(0.2)


def main(path: str, vendor_port: str, jobs: str) -> None:
    """Open the folder and follow."""
    configure_logs("error")
    folder = DataFolder(Path(path))
    try:
        uvloop.run(live(folder, int(vendor_port), int(jobs)))
    finally:
        folder.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
