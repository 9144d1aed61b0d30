"""Tells a life by its seed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from structlog.types import EventDict

from tests.simulation.virtual import VirtualLoop, run
from tests.simulation.world import World, complaints, live, open_world


def tell(seed: int, scratch: Path, **given: Any) -> list[str]:
    """What went wrong in the life of this seed, bugs that were logged included."""
    with _bugs() as bugs:
        told = run(_lived(seed, loop := VirtualLoop(), scratch, given), loop)[1]
    return told + bugs


def story(seed: int, scratch: Path) -> list[tuple[str, str, int]]:
    """How its jobs ended: state, channel and number of attempts, in the order in which they came."""
    with _bugs():
        world, _ = run(_lived(seed, loop := VirtualLoop(), scratch, {}), loop)
    jobs = world.store.shelf.jobs  # type: ignore[attr-defined]
    attempts = world.store.shelf.attempts  # type: ignore[attr-defined]
    return [(jobs[each.id].state, jobs[each.id].channel, len(attempts.get(each.id, ()))) for each in world.jobs]


async def _lived(seed: int, loop: VirtualLoop, scratch: Path, given: dict[str, Any]) -> tuple[World, list[str]]:
    world = await open_world(seed, loop, scratch, **given)
    await live(world)
    return world, await complaints(world)


@contextmanager
def _bugs() -> Iterator[list[str]]:
    """What is logged as a bug meanwhile; all else is read by nobody."""
    found: list[str] = []

    def collect(_logger: Any, _method: str, event: EventDict) -> EventDict:
        if str(event["event"]).endswith("_bug"):
            found.append(f"{event['event']}: {sys.exc_info()[1]!r}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[collect], wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR), cache_logger_on_first_use=False
    )
    try:
        yield found
    finally:
        structlog.configure(**before)
