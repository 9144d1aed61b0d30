"""Whose turn it is."""

from __future__ import annotations

from collections import Counter, deque
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
    lanes.join(first)
    lanes.join(second)
    assert begun(lanes) == [first, second]


def test_a_receiver_has_ten_at_once_and_the_next_when_one_ends() -> None:
    lanes = Lanes()
    many = [delivery() for _ in range(12)]
    for each in many:
        lanes.join(each)
    assert begun(lanes) == many[:10]
    lanes.end(many[3])
    assert begun(lanes) == [many[10]]


def test_a_receiver_that_never_answers_holds_up_nobody_else() -> None:
    lanes = Lanes()
    for _ in range(500):
        lanes.join(delivery("black.hole"))
    assert len(begun(lanes)) == 10
    other = delivery("other.example")
    lanes.join(other)
    assert begun(lanes) == [other]


def test_a_receiver_with_many_names_leaves_room_for_other_accounts() -> None:
    lanes = Lanes()
    for number in range(500):
        lanes.join(delivery(f"{number}.black.hole", "mallory"))
    assert len(begun(lanes)) == rules.AT_ONCE // 2
    lanes.join(theirs := delivery("0.black.hole"))
    assert begun(lanes) == [theirs]


def test_there_are_fifty_at_once_in_all() -> None:
    lanes = Lanes()
    for number in range(100):
        lanes.join(delivery(f"{number}.example", f"account-{number}"))
    assert len(begun(lanes)) == rules.AT_ONCE


def test_accounts_take_turns_however_many_names_one_of_them_has() -> None:
    lanes = Lanes()
    for number in range(5000):
        lanes.join(delivery(f"{number}.black.hole", "mallory"))
        lanes.join(delivery(f"{number}.black.hole", "mallet"))
    lanes.join(delivery("good.example", "bob"))
    assert [each.account for _ in range(4) if (each := lanes.begin(NOW))] == ["mallory", "mallet", "bob", "mallory"]


def test_whoever_comes_while_others_wait_for_silence_finds_room_at_once() -> None:
    lanes = Lanes()
    for number in range(500):
        for account in ("mallory", "mallet", "malice"):
            lanes.join(delivery(f"{number}.black.hole", account))
    assert len(begun(lanes)) < rules.AT_ONCE
    lanes.join(good := delivery("good.example", "bob"))
    assert begun(lanes) == [good]


def test_who_came_first_has_in_time_no_more_than_others() -> None:
    lanes = Lanes()
    under_way = deque[Delivery]()
    for account in ("mallory", "mallet", "malice"):
        for number in range(500):
            lanes.join(delivery(f"{number}.black.hole", account))
        under_way += begun(lanes)
    for _ in range(100):
        lanes.end(under_way.popleft())
        under_way += begun(lanes)
    shares = Counter(each.account for each in under_way)
    assert max(shares.values()) - min(shares.values()) <= 1


def test_receivers_take_turns() -> None:
    lanes = Lanes()
    mine = [delivery("one.example") for _ in range(3)]
    theirs = [delivery("two.example") for _ in range(2)]
    for each in (*mine, *theirs):
        lanes.join(each)
    assert begun(lanes) == [mine[0], theirs[0], mine[1], theirs[1], mine[2]]


def test_the_same_host_is_one_receiver_however_it_is_written() -> None:
    lanes = Lanes()
    for number in range(12):
        lanes.join(delivery("Receiver.Example:443" if number % 2 else "receiver.example.", f"account-{number}"))
    assert len(begun(lanes)) == rules.AT_ONCE_PER_RECEIVER


def test_what_would_be_begun_too_late_is_let_go() -> None:
    """Its time might end while it is under way, and somebody else would send it too."""
    lanes = Lanes()
    old, new = delivery(until=later(60)), delivery(until=later(90))
    lanes.join(old)
    lanes.join(new)
    assert begun(lanes, later(41)) == [new]


def test_an_account_has_at_most_half_of_what_the_others_leave_waiting() -> None:
    lanes = Lanes()
    assert lanes.full(NOW) == frozenset()
    for number in range(rules.WAITING // 2 - 1):
        lanes.join(delivery(f"{number % 100}.example", "mallory"))
    assert lanes.full(NOW) == frozenset()
    lanes.join(delivery("0.example", "mallory"))
    assert lanes.full(NOW) == {"mallory"}
    for _ in range(rules.WAITING // 4):
        lanes.join(delivery())
    assert lanes.full(NOW) == {"mallory", "ada"}, "and of anybody else something may still be taken"


def test_the_stale_make_room() -> None:
    lanes = Lanes()
    for number in range(rules.WAITING // 2):
        lanes.join(delivery(f"{number % 100}.example"))
    lanes.join(fresh := delivery("0.example", until=later(90)))
    assert lanes.full(NOW + timedelta(seconds=40)) == {"ada"}
    assert lanes.full(NOW + timedelta(seconds=41)) == frozenset()
    assert begun(lanes, NOW + timedelta(seconds=41)) == [fresh]


def test_names_of_strangers_do_not_gather() -> None:
    lanes = Lanes()
    for number in range(30):
        lanes.join(delivery(f"{number}.example"))
        lanes.end(begun(lanes)[0])
    assert [len(each) for each in vars(lanes).values() if not isinstance(each, int)] == [0, 0, 0]


def test_an_address_that_cannot_be_read_is_sent_to_the_guard_all_the_same() -> None:
    lanes = Lanes()
    lanes.join(unreadable := delivery("a b"))
    assert begun(lanes) == [unreadable]
