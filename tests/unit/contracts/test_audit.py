"""The chain of the audit log: which of its lines do not follow from those before them."""

from __future__ import annotations

from dataclasses import replace

from reelgate.contracts.audit import FIRST, AuditLine, broken_links, chain
from tests.story import deed


def linked(*numbers: int) -> list[AuditLine]:
    """Lines of these numbers, each with the right hash for what stands before it."""
    lines: list[AuditLine] = []
    for number in numbers:
        told = deed(subject=f"thing {number}")
        lines.append(AuditLine(number=number, deed=told, hash=chain(lines[-1].hash if lines else FIRST, number, told)))
    return lines


def test_a_chain_that_nobody_touched_is_whole() -> None:
    assert list(broken_links(linked(1, 2, 3))) == []
    assert list(broken_links([])) == []


def test_a_gap_is_found_though_every_hash_is_right() -> None:
    assert list(broken_links(linked(1, 3, 4))) == [3]
    assert list(broken_links(linked(2, 3))) == [2]


def test_a_line_that_was_changed_is_found_and_what_follows_its_hash_is_not() -> None:
    lines = linked(1, 2, 3, 4)
    changed = [*lines[:1], replace(lines[1], deed=deed(subject="another")), *lines[2:]]
    assert list(broken_links(changed)) == [2]
    assert list(broken_links([lines[0], lines[2], lines[1], lines[3]])) == [3, 2, 4]


def test_a_hash_is_of_all_that_a_line_says() -> None:
    told = deed(subject="a", reason="because", at=1, amount=5)
    other = [replace(told, actor="b"), replace(told, action="b"), replace(told, subject="b"), replace(told, reason="b")]
    other += [replace(told, at=deed(at=2).at), replace(told, detail={"amount": 6})]
    hashes = {chain(FIRST, 1, each) for each in [told, *other]} | {chain(FIRST, 2, told), chain(b"x" * 32, 1, told)}
    assert len(hashes) == 9
    assert chain(FIRST, 1, deed(amount=5, note="a")) == chain(FIRST, 1, deed(note="a", amount=5))  # in whatever order it is told
