"""How long is waited."""

from __future__ import annotations

import random

import pytest
import structlog

from reelgate.dispatch.patience import full_jitter_s, until_stored
from reelgate.domain.errors import LeaseLost, Unready
from tests.simulation.virtual import VirtualLoop, run

_log = structlog.get_logger(__name__)


def test_a_write_is_tried_until_the_disk_has_room() -> None:
    tries: list[int] = []

    async def verb() -> str:
        tries.append(1)
        if len(tries) < 4:
            raise Unready
        return "stored"

    loop = VirtualLoop()
    assert run(until_stored(verb, _log), loop) == "stored"
    assert len(tries) == 4


def test_or_until_somebody_else_owns_the_job() -> None:
    async def verb() -> None:
        raise Unready

    with pytest.raises(LeaseLost):
        run(until_stored(verb, _log, lambda: True), VirtualLoop())


def test_those_who_failed_together_do_not_come_back_together() -> None:
    chance = random.Random(1)  # noqa: S311 -- the same in every run
    pauses = [full_jitter_s(3, chance, base_s=1, cap_s=60) for _ in range(200)]
    assert max(pauses) <= 8
    assert max(pauses) - min(pauses) > 7
    assert max(full_jitter_s(40, chance, base_s=1, cap_s=60) for _ in range(200)) <= 60
