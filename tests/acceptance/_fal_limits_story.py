"""Lives with fal's own Python client where there is room for one running and one waiting request, and no money at all.

    python _fal_limits_story.py sync | async | adaptor | adaptor-async RECEIVER [URL]

RECEIVER is an address for webhooks; the rest is as in `_fal_story.py`. The client repeats a 429 nine times by itself, for most of a
minute. Once it may do so, and finds room; then it is told to try only twice, so that its exception can be seen within the time of a
test. Nothing else of it is touched.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import fal_client.client

from tests.acceptance._fal_story import CLIP, HANGING, SMALL, begun, client_of, now, refusal, write_status

PRICED = "fal-ai/kling-video/v1.6/standard/text-to-video"


async def live(kind: str, receiver: str, *url: str) -> dict[str, Any]:
    """All of it, one after the other."""
    client, beside = client_of(kind, *url), client_of(kind.replace("async", "sync").replace("adaptor-sync", "adaptor"), *url)
    told: dict[str, Any] = {}
    told["poor"] = await refusal(lambda: client.submit(PRICED, {"prompt": "x"}))
    told["stranger"] = await refusal(lambda: client_of(kind, *url, key="rg_live_nobody").submit(CLIP, SMALL))

    running = await now(client.submit(CLIP, HANGING))
    await begun(running)
    waiting = await now(client.submit(CLIP, HANGING))
    told["waiting"] = write_status(await now(waiting.status(with_logs=True)))
    with at_first_repetition(lambda: beside.cancel(CLIP, waiting.request_id)) as repetitions:
        patient = await now(client.submit(CLIP, SMALL, webhook_url=f"{receiver}/made?of={kind}&with=a%20space"))
    told["repetitions"], told["made"] = len(repetitions), patient.request_id
    told["taken_back"] = await refusal(waiting.get)

    fal_client.client.MAX_ATTEMPTS = 2
    told["crowded"] = await refusal(lambda: client.submit(CLIP, SMALL))
    await now(running.cancel())
    told["video"] = await now(patient.get())
    refused = await now(client.submit(CLIP, SMALL | {"prompt": "[[refuse]]"}, webhook_url=f"{receiver}/refused"))
    told["refused"], told["refusal"] = refused.request_id, await refusal(refused.get)
    return told


@contextmanager
def at_first_repetition(act: Callable[[], None]) -> Iterator[list[str]]:
    """Do something as soon as the client says in its log that it will repeat a request; all that it says there."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())
            if len(said) == 1:
                act()

    log, listener = logging.getLogger("fal_client.client"), Listener()
    log.addHandler(listener)
    log.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        log.removeHandler(listener)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(live(*sys.argv[1:]))))
