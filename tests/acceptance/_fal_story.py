"""Lives through fal's queue with fal's own Python client, and prints what happened as JSON.

    python _fal_story.py sync | async | adaptor | adaptor-async [URL]

`sync` and `async` are the unmodified client, which finds its host and key in the environment; the adaptors are
`reelgate.fal` at the address given. fal's client reads its host when it is imported: hence a process of its own.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import fal_client

import reelgate.fal

SMALL = {"prompt": "waves below a lighthouse", "duration": "1", "resolution": "480p"}
CLIP = "demo/text-to-video"
SLOW_S = 1
HANGING = {"prompt": "[[hang]]"}


async def live(client: Any) -> dict[str, Any]:
    """All that a program may go through, one after the other; a client of either kind."""
    told: dict[str, Any] = {"version": fal_client.__version__}
    handle = await now(client.submit(CLIP, SMALL | {"prompt": f"{SMALL['prompt']} [[slow {SLOW_S}]]"}))
    told["id"] = handle.request_id
    told["events"] = [write_status(each) async for each in one_by_one(handle.iter_events(with_logs=True))]
    told["video"] = await now(handle.get())
    told["status"] = write_status(await now(client.status(CLIP, handle.request_id, with_logs=True)))
    told["result"] = await now(client.result(CLIP, handle.request_id))
    told["over"] = await refusal(handle.cancel)

    updates: list[dict[str, Any]] = []
    enqueued: list[str] = []
    told["subscribed"] = await now(
        client.subscribe(
            CLIP, SMALL, with_logs=True, on_enqueue=enqueued.append, on_queue_update=lambda each: updates.append(write_status(each))
        )
    )
    told["updates"], told["enqueued"] = updates, len(enqueued)

    told["run"] = await now(client.run(CLIP, SMALL))
    told["refused_run"] = await refusal(lambda: client.run(CLIP, SMALL | {"prompt": "[[refuse]]"}))
    told["refused"] = await refusal(lambda: client.subscribe(CLIP, SMALL | {"prompt": "[[refuse]]"}))
    told["failed"] = await refusal(lambda: client.subscribe(CLIP, SMALL | {"prompt": "[[fail]]"}))
    told["invalid"] = await refusal(lambda: client.submit(CLIP, {"duration": "99"}))
    told["nowhere"] = await refusal(lambda: client.submit("fal-ai/nobody/knows-this", SMALL))
    told["lost"] = await refusal(lambda: client.status(CLIP, "00000000-0000-7000-8000-000000000000"))
    told["impatient"] = await refusal(lambda: client.subscribe(CLIP, HANGING, client_timeout=2))

    hanging = await now(client.submit(CLIP, HANGING))
    await begun(hanging)
    await now(client.cancel(CLIP, hanging.request_id))
    told["cancelled"] = await refusal(hanging.get)
    told["late"] = await refusal(hanging.cancel)
    return told


async def now(given: Any) -> Any:
    """What an asynchronous client promises, or another one gave."""
    return await given if inspect.isawaitable(given) else given


async def one_by_one(given: Any) -> AsyncIterator[Any]:
    """What either kind of client goes through."""
    if hasattr(given, "__aiter__"):
        async for each in given:
            yield each
    else:
        for each in given:
            yield each


async def begun(handle: Any) -> None:
    """Returns once the request is being worked on."""
    async for status in one_by_one(handle.iter_events()):
        if isinstance(status, fal_client.InProgress):
            return


async def refusal(act: Any) -> dict[str, Any]:
    """The client's own exception."""
    try:
        return {"is": "none", "message": str(await now(act()))}
    except fal_client.FalClientError as error:
        return write_error(error)


def write_status(status: Any) -> dict[str, Any]:
    """A status by the name of its class, with what it holds."""
    return {"is": type(status).__name__, **vars(status)}


def write_error(error: Exception) -> dict[str, Any]:
    """An exception by the name of its class, with what it knows."""
    told = {"is": type(error).__name__, "message": getattr(error, "message", str(error))}
    return told | {name: getattr(error, name) for name in ("status_code", "error_type", "request_id") if hasattr(error, name)}


def client_of(kind: str, url: str = "", key: str | None = None) -> Any:
    """A client of fal's, or of the adaptor at `url`; without a `key` it finds one in the environment."""
    match kind:
        case "sync":
            return fal_client.SyncClient(key=key)
        case "async":
            return fal_client.AsyncClient(key=key)
        case "adaptor":
            return reelgate.fal.SyncClient(url=url, key=key)
        case _:
            return reelgate.fal.AsyncClient(url=url, key=key)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(live(client_of(*sys.argv[1:])))))
