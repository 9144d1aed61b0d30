"""The audit log, read whole: a planted change is found, wherever it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reelgate.contracts.audit import FIRST, AuditLine, Deed, chain
from reelgate.gateway import trail
from reelgate.gateway.trail import verify
from tests.clock import BEGINNING


class Log:
    """A log as a store keeps it, that somebody has got at."""

    def __init__(self, count: int) -> None:
        self.lines: list[AuditLine] = []
        before = FIRST
        for number in range(1, count + 1):
            deed = Deed(actor="key_1", action="account.credit", subject="ada", at=BEGINNING, reason=f"invoice {number}")
            before = chain(before, number, deed)
            self.lines.append(AuditLine(number=number, deed=deed, hash=before))

    async def audit(self, *, before: int = 0, limit: int = 100, subject: str = "") -> list[AuditLine]:
        found = [line for line in self.lines if not before or line.number < before]
        return sorted(found, key=lambda line: -line.number)[:limit]

    async def audit_head(self) -> AuditLine | None:
        return max(self.lines, key=lambda line: line.number, default=None)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "_PAGE", 5)


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 10, 23])
async def test_a_log_as_it_was_written_is_sound(count: int) -> None:
    log = Log(count)
    verdict = await verify(log)
    assert (verdict.sound, verdict.lines, verdict.broken) == (True, count, ())
    assert verdict.head == (log.lines[-1] if log.lines else None)


@pytest.mark.parametrize("at", [0, 4, 5, 11, 22])
@pytest.mark.parametrize("what", [{"reason": "invoice 99"}, {"actor": "key_2"}, {"detail": {"amount": "1.000000"}}])
async def test_a_changed_line_is_found(at: int, what: dict[str, Any]) -> None:
    log = Log(23)
    log.lines[at] = replace(log.lines[at], deed=replace(log.lines[at].deed, **what))
    assert (await verify(log)).broken == (at + 1,)


@pytest.mark.parametrize("gone", [range(1), range(7, 8), range(3, 14)])
async def test_lines_that_were_taken_out_are_found(gone: range) -> None:
    log = Log(23)
    log.lines = [line for line in log.lines if line.number - 1 not in gone]
    verdict = await verify(log)
    assert (verdict.broken, verdict.lines) == ((gone.stop + 1,), 23 - len(gone))


@pytest.mark.parametrize("number", [0, -3])
async def test_a_line_before_the_first_is_found(number: int) -> None:
    log = Log(3)
    log.lines.insert(0, replace(log.lines[0], number=number))
    assert number in (await verify(log)).broken


async def test_a_line_that_was_written_anew_with_its_hash_breaks_the_next() -> None:
    log = Log(9)
    forged = replace(log.lines[3].deed, reason="nothing")
    log.lines[3] = replace(log.lines[3], deed=forged, hash=chain(log.lines[2].hash, 4, forged))
    assert (await verify(log)).broken == (5,)


async def test_who_has_kept_the_head_sees_that_the_end_was_cut_off() -> None:
    log = Log(9)
    head = log.lines[-1]
    assert (await verify(log, (head.number, head.hash))).kept
    log.lines = log.lines[:-2]
    assert (await verify(log)).sound
    verdict = await verify(log, (head.number, head.hash))
    assert (verdict.kept, verdict.sound) == (False, False)


async def test_of_very_many_breaks_the_first_are_told() -> None:
    log = Log(60)
    log.lines = [replace(line, hash=b"\0" * 32) for line in log.lines]
    assert (await verify(log)).broken == tuple(range(1, 21))
