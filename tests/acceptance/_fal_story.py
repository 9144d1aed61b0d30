"""Lives through fal's queue with fal's own Python client, and prints what happened as JSON.

    python _fal_story.py sync | async | adaptor | adaptor-async [URL]

`sync` and `async` are the unmodified client, which finds its host and key in the environment; the adaptors are
`reelgate.fal` at the address given. fal's client reads its host when it is imported: hence a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import fal_client

import reelgate.fal

SMALL = {"prompt": "waves below a lighthouse", "duration": "1", "resolution": "480p"}
CLIP = "demo/text-to-video"
SLOW_S = 1


def live(client: Any) -> dict[str, Any]:
    """All that a program may go through, one after the other."""
    told: dict[str, Any] = {}
    handle = client.submit(CLIP, SMALL | {"prompt": f"{SMALL['prompt']} [[slow {SLOW_S}]]"})
    told["id"] = handle.request_id
    told["events"] = [write_status(each) for each in handle.iter_events(with_logs=True)]
    told["video"] = handle.get()
    told["status"] = write_status(client.status(CLIP, handle.request_id, with_logs=True))
    told["result"] = client.result(CLIP, handle.request_id)

    updates: list[dict[str, Any]] = []
    enqueued: list[str] = []
    told["subscribed"] = client.subscribe(
        CLIP, SMALL, with_logs=True, on_enqueue=enqueued.append, on_queue_update=lambda each: updates.append(write_status(each))
    )
    told["updates"], told["enqueued"] = updates, len(enqueued)

    told["refused"] = refusal(lambda: client.subscribe(CLIP, SMALL | {"prompt": "[[refuse]]"}))
    told["failed"] = refusal(lambda: client.subscribe(CLIP, SMALL | {"prompt": "[[fail]]"}))
    told["invalid"] = refusal(lambda: client.submit(CLIP, {"duration": "99"}))
    told["nowhere"] = refusal(lambda: client.submit("fal-ai/nobody/knows-this", SMALL))
    told["impatient"] = refusal(lambda: client.subscribe(CLIP, {"prompt": "[[hang]]"}, client_timeout=2))

    hanging = client.submit(CLIP, {"prompt": "[[hang]]"})
    next(each for each in hanging.iter_events() if isinstance(each, fal_client.InProgress))
    client.cancel(CLIP, hanging.request_id)
    told["cancelled"] = refusal(hanging.get)
    told["late"] = refusal(hanging.cancel)
    return told


async def live_async(client: Any) -> dict[str, Any]:
    """The same, with the asynchronous client."""
    told: dict[str, Any] = {}
    handle = await client.submit(CLIP, SMALL | {"prompt": f"{SMALL['prompt']} [[slow {SLOW_S}]]"})
    told["id"] = handle.request_id
    told["events"] = [write_status(each) async for each in handle.iter_events(with_logs=True)]
    told["video"] = await handle.get()
    told["status"] = write_status(await client.status(CLIP, handle.request_id, with_logs=True))
    told["result"] = await client.result(CLIP, handle.request_id)

    updates: list[dict[str, Any]] = []
    enqueued: list[str] = []
    told["subscribed"] = await client.subscribe(
        CLIP, SMALL, with_logs=True, on_enqueue=enqueued.append, on_queue_update=lambda each: updates.append(write_status(each))
    )
    told["updates"], told["enqueued"] = updates, len(enqueued)

    told["refused"] = await refusal_async(client.subscribe(CLIP, SMALL | {"prompt": "[[refuse]]"}))
    told["failed"] = await refusal_async(client.subscribe(CLIP, SMALL | {"prompt": "[[fail]]"}))
    told["invalid"] = await refusal_async(client.submit(CLIP, {"duration": "99"}))
    told["nowhere"] = await refusal_async(client.submit("fal-ai/nobody/knows-this", SMALL))
    told["impatient"] = await refusal_async(client.subscribe(CLIP, {"prompt": "[[hang]]"}, client_timeout=2))

    hanging = await client.submit(CLIP, {"prompt": "[[hang]]"})
    async for each in hanging.iter_events():
        if isinstance(each, fal_client.InProgress):
            break
    await client.cancel(CLIP, hanging.request_id)
    told["cancelled"] = await refusal_async(hanging.get())
    told["late"] = await refusal_async(hanging.cancel())
    return told


def write_status(status: Any) -> dict[str, Any]:
    """A status by the name of its class, with what it holds."""
    return {"is": type(status).__name__, **vars(status)}


def refusal(act: Any) -> dict[str, Any]:
    """The client's own exception."""
    try:
        return {"is": "none", "message": str(act())}
    except fal_client.FalClientError as error:
        return write_error(error)


async def refusal_async(act: Any) -> dict[str, Any]:
    """The same, of what is awaited."""
    try:
        return {"is": "none", "message": str(await act)}
    except fal_client.FalClientError as error:
        return write_error(error)


def write_error(error: Exception) -> dict[str, Any]:
    """An exception by the name of its class, with what it knows."""
    told = {"is": type(error).__name__, "message": getattr(error, "message", str(error))}
    return told | {name: getattr(error, name) for name in ("status_code", "error_type", "request_id") if hasattr(error, name)}


match sys.argv[1:]:
    case ["sync"]:
        printed = live(fal_client.SyncClient())
    case ["async"]:
        printed = asyncio.run(live_async(fal_client.AsyncClient()))
    case ["adaptor", url]:
        printed = live(reelgate.fal.SyncClient(url=url))
    case ["adaptor-async", url]:
        printed = asyncio.run(live_async(reelgate.fal.AsyncClient(url=url)))
sys.stdout.write(json.dumps(printed))
