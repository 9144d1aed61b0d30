"""A gateway with everything but its worker: jobs are accepted, held for and shown, and nobody takes them.

`python -m bench.house FOLDER` prints its port and a key. The server, the store and the faces are those of `reelgate up`.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from pathlib import Path
from typing import Any

import uvloop

from reelgate.app import open_house
from reelgate.folder import DataFolder
from reelgate.observe import configure_logs
from reelgate.server import serve
from reelgate.settings import read_settings

_SETTINGS = {"preview_price": "list", "max_queued": 1_000_000_000, "demo_credit": 1_000_000_000}


async def live(folder: DataFolder) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    def ready(port: int) -> None:
        gc.freeze()  # as `reelgate up` does
        print(port, (folder.secret("key") or b"").decode(), flush=True)

    async with open_house(read_settings(_SETTINGS), folder) as house:
        app: Any = house.door
        await serve(app, host="127.0.0.1", port=0, stop=stop, ready=ready)


def main(path: str) -> None:
    """Open the folder and serve it."""
    configure_logs("info")
    folder = DataFolder(Path(path))
    try:
        uvloop.run(live(folder))
    finally:
        folder.close()


if __name__ == "__main__":
    main(sys.argv[1])
