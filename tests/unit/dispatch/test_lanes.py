"""Whose turn it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from reelgate.contracts.outbox import Delivery
from reelgate.dispatch import lanes as rules
from reelgate.dispatch.lanes import Lanes
from reelgate.domain.job import JobState
from tests.story import later

NOW = later(0)
_number = count(1)


def delivery(receiver: str = "receiver.example", account: str = "ada", until: datetime | None = None) -> Delivery:
    return Delivery(
        id=f"delivery-{next(_number)}",
        account=account,
        job_id="job",
        face="fal",
        url=f"https://{receiver}/hook?token=hush",
        told=JobState.DONE,
        changed_at=NOW,
        next_at=until or NOW + timedelta(seconds=60),
    )


def begun(lanes: Lanes, now: datetime = NOW) -> list[Delivery]:
    """All that may begin now."""
    found: list[Delivery] = []
    while each := lanes.begin(now):
        found.append(each)
    return found


def test_a_letter_is_sent_in_its_turn_and_once() -> None:
    lanes = Lanes()
    first, second = delivery(), delivery()
    assert lanes.join(first, NOW)
    assert lanes.join(second, NOW)
    assert begun(lanes) == [first, second]


def test_a_receiver_has_ten_at_once_and_the_next_when_one_ends() -> None:
    lanes = Lanes()
    many = [delivery() for _ in range(12)]
    for each in many:
        lanes.join(each, NOW)
    assert begun(lanes) == many[:10]
    lanes.end(many[3])
    assert begun(lanes) == [many[10]]


def test_a_receiver_that_never_answers_holds_up_nobody_else() -> None:
    lanes = Lanes()
    for _ in range(500):
        lanes.join(delivery("black.hole"), NOW)
    assert len(begun(lanes)) == 10
    other = delivery("other.example")
    lanes.join(other, NOW)
    assert begun(lanes) == [other]


def test_a_receiver_with_many_names_leaves_room_for_other_accounts() -> None:
    lanes = Lanes()
    for number in range(500):
        lanes.join(delivery(f"{number}.black.hole", "mallory"), NOW)
    assert len(begun(lanes)) == rules.AT_ONCE_PER_ACCOUNT
    lanes.join(theirs := delivery("0.black.hole"), NOW)
    assert begun(lanes) == [theirs]


def test_there_are_fifty_at_once_in_all() -> None:
    lanes = Lanes()
    for number in range(100):
        lanes.join(delivery(f"{number}.example", f"account-{number}"), NOW)
    assert len(begun(lanes)) == rules.AT_ONCE


def test_receivers_take_turns() -> None:
    lanes = Lanes()
    mine = [delivery("one.example") for _ in range(3)]
    theirs = [delivery("two.example") for _ in range(2)]
    for each in (*mine, *theirs):
        lanes.join(each, NOW)
    assert begun(lanes) == [mine[0], theirs[0], mine[1], theirs[1], mine[2]]


def test_the_same_host_is_one_receiver_however_it_is_written() -> None:
    lanes = Lanes()
    for number in range(12):
        lanes.join(delivery("Receiver.Example:443" if number % 2 else "receiver.example.", f"account-{number}"), NOW)
    assert len(begun(lanes)) == rules.AT_ONCE_PER_RECEIVER


def test_what_would_be_begun_too_late_is_let_go() -> None:
    """Its time might end while it is under way, and somebody else would send it too."""
    lanes = Lanes()
    old, new = delivery(until=later(60)), delivery(until=later(90))
    lanes.join(old, NOW)
    lanes.join(new, NOW)
    assert begun(lanes, later(41)) == [new]


def test_what_finds_no_room_is_let_go_and_the_stale_make_room() -> None:
    lanes = Lanes()
    for _ in range(rules.WAITING_PER_LANE):
        assert lanes.join(delivery(), NOW)
    assert not lanes.join(delivery(), NOW)
    assert lanes.join(delivery("other.example"), NOW)
    assert lanes.join(delivery(until=later(120)), later(50))


def test_one_account_fills_its_own_room_only() -> None:
    lanes = Lanes()
    joined = sum(lanes.join(delivery(f"{number % 100}.example", "mallory"), NOW) for number in range(rules.WAITING_PER_ACCOUNT + 5))
    assert joined == rules.WAITING_PER_ACCOUNT
    assert lanes.join(delivery("0.example"), NOW)


def test_names_of_strangers_do_not_gather() -> None:
    lanes = Lanes()
    for number in range(30):
        lanes.join(delivery(f"{number}.example"), NOW)
        lanes.end(begun(lanes)[0])
    assert [len(each) for each in vars(lanes).values() if not isinstance(each, int)] == [0, 0, 0, 0]


def test_an_address_that_cannot_be_read_is_sent_to_the_guard_all_the_same() -> None:
    lanes = Lanes()
    lanes.join(unreadable := delivery("a b"), NOW)
    assert begun(lanes) == [unreadable]
