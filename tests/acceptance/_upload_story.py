"""Sends files with fal's own Python client in all its ways, makes a video of one, and prints what happened as JSON.

    python _upload_story.py sync | async | adaptor | adaptor-async FOLDER [URL]

The folder holds `scene.png`, `scène 雪.png` and `large.bin`. What counts as large is less than it is for fal, so that a test need
not move a hundred megabytes. `sync` and `async` are the unmodified client; the adaptors are `reelgate.fal` at the address given.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from pathlib import Path
from typing import Any

import fal_client
import fal_client.client
from PIL import Image

import reelgate.fal

CLIP = "demo/image-to-video"
SMALL = {"prompt": "the camera rises", "duration": "1", "resolution": "480p"}
fal_client.client.MULTIPART_THRESHOLD = 1 << 20
fal_client.client.MULTIPART_CHUNK_SIZE = 1 << 18


async def live(client: Any, folder: Path) -> dict[str, Any]:
    """All ways one after the other; a client of either kind."""
    scene, large = folder / "scene.png", folder / "large.bin"
    told: dict[str, Any] = {}
    told["bytes"] = await now(client.upload(scene.read_bytes(), "image/png", "scene.png"))
    told["nameless"] = await now(client.upload(scene.read_bytes(), "image/png"))
    told["text"] = await now(client.upload("a subtitle", "text/plain", "words.txt"))
    told["file"] = await now(client.upload_file(scene))
    told["named"] = await now(client.upload_file(folder / "scène 雪.png"))
    told["image"] = await now(client.upload_image(Image.open(scene), format="png"))
    told["storage"] = await now(client.upload(scene.read_bytes(), "image/png", "scene.png", repository="fal"))
    told["short"] = await now(client.upload(b"x", "image/png", "x.png", lifecycle=fal_client.StorageSettings(expires_in="1h")))
    told["large"] = await now(client.upload(large.read_bytes(), "video/mp4", "large.mp4"))
    told["large_file"] = await now(client.upload_file(large))
    told["made"] = await now(client.subscribe(CLIP, {**SMALL, "image_url": told["file"]}))
    told["made_of_named"] = await now(client.subscribe(CLIP, {**SMALL, "image_url": told["named"]}))
    told["run"] = await now(client.run(CLIP, {**SMALL, "image_url": told["image"]}))
    return told


async def now(given: Any) -> Any:
    """What an asynchronous client promises, or another one gave."""
    return await given if inspect.isawaitable(given) else given


match sys.argv[1:]:
    case ["sync", folder]:
        client: Any = fal_client.SyncClient()
    case ["async", folder]:
        client = fal_client.AsyncClient()
    case ["adaptor", folder, url]:
        client = reelgate.fal.SyncClient(url=url)
    case ["adaptor-async", folder, url]:
        client = reelgate.fal.AsyncClient(url=url)
sys.stdout.write(json.dumps(asyncio.run(live(client, Path(folder)))))
