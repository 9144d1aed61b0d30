"""How channels do."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from reelgate.dispatch.health import Health
from reelgate.domain.errors import LeaseLost, Misconfigured, Rejected, Throttled, Unavailable, Unserved
from tests.clock import FakeClock
from tests.unit.dispatch.channels import make_channel


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def health(clock: FakeClock) -> Health:
    return Health(clock, random.Random(1))  # noqa: S311 -- the same in every run


def test_a_channel_has_as_many_jobs_as_it_may(health: Health) -> None:
    channel = make_channel(concurrency=2)
    with health.place(channel.id):
        assert health.room(channel) == 1
        with health.place(channel.id):
            assert health.obstacle(channel).words == "full: 2 of 2"
        assert health.room(channel) == 1
    assert health.room(channel) == 2


def test_a_place_that_was_handed_on_is_left_once_and_later(health: Health) -> None:
    channel = make_channel(concurrency=2)
    with health.place(channel.id) as place:
        held = place.hand_on()
    assert health.room(channel) == 1
    held.leave()
    held.leave()
    assert health.room(channel) == 2


def test_a_place_is_left_whatever_happens(health: Health) -> None:
    channel = make_channel(concurrency=1)
    with pytest.raises(LeaseLost), health.place(channel.id):
        raise LeaseLost
    assert health.room(channel) == 1


def test_a_probe_that_told_nothing_of_the_channel_may_be_sent_again(health: Health, clock: FakeClock) -> None:
    channel = make_channel()
    health.ill(channel.id, Misconfigured(said="401"))
    clock.tick(seconds=31)
    with health.place(channel.id) as place:
        place.ask()
        assert health.obstacle(channel).words, "one at a time"
    assert health.obstacle(channel).words == ""


def test_submits_are_so_many_a_second(health: Health, clock: FakeClock) -> None:
    channel = make_channel(per_second=2)
    health.place(channel.id).ask()
    health.place(channel.id).ask()
    assert health.obstacle(channel).until == clock.now() + timedelta(seconds=1)
    clock.tick(seconds=1)
    assert health.obstacle(channel).words == ""


def test_five_failures_in_a_row_set_a_channel_aside_for_longer_each_time(health: Health, clock: FakeClock) -> None:
    channel = make_channel()
    for _ in range(4):
        health.ill(channel.id, Unavailable(said="refused"))
    assert health.obstacle(channel).words == ""
    health.ill(channel.id, Unavailable(said="refused"))
    first = health.obstacle(channel)
    assert first.words == "set aside: upstream_unavailable (refused)"
    assert first.until == clock.now() + timedelta(seconds=30)
    assert not first.busy
    clock.tick(seconds=31)
    health.place(channel.id).ask()
    health.ill(channel.id, Unavailable(said="refused"))
    assert health.obstacle(channel).until == clock.now() + timedelta(seconds=60)


def test_after_its_time_one_probe_is_let_through_and_decides(health: Health, clock: FakeClock) -> None:
    channel = make_channel()
    health.ill(channel.id, Misconfigured(said="401"))
    clock.tick(seconds=31)
    assert health.obstacle(channel).words == ""
    health.place(channel.id).ask()
    assert health.obstacle(channel).words == "set aside: upstream_unavailable (401)"
    health.well(channel.id)
    assert health.obstacle(channel).words == ""
    assert health.report()[channel.id].reason == ""


def test_half_of_the_last_twenty_is_too_much(health: Health) -> None:
    channel = make_channel()
    for _ in range(10):
        health.well(channel.id)
        health.ill(channel.id, Unavailable())
    assert health.obstacle(channel).words.startswith("set aside")


def test_an_input_that_is_refused_says_nothing_of_the_channel(health: Health) -> None:
    channel = make_channel()
    for _ in range(30):
        health.ill(channel.id, Rejected())
    assert health.obstacle(channel).words == ""


def test_a_model_that_is_not_there_is_left_alone_and_the_others_are_not(health: Health, clock: FakeClock) -> None:
    channel, since = make_channel(), clock.now()
    for _ in range(30):
        health.ill(channel.id, Unserved(said="1203"), model="acme-9")
    found = health.obstacle(channel, "acme-9")
    assert (found.words, found.busy, found.since) == ("it does not have this model", False, since)
    assert found.until == since + timedelta(seconds=30), "many jobs that find it out at once count once"
    assert health.obstacle(channel, "acme-1").words == health.obstacle(channel).words == ""
    assert health.report()[channel.id].reason == ""


def test_a_missing_model_is_asked_for_again_after_longer_each_time_until_it_is_there(health: Health, clock: FakeClock) -> None:
    channel, since = make_channel(), clock.now()
    for wait_s in (30, 60, 90):
        health.ill(channel.id, Unserved(), model="acme-9")
        found = health.obstacle(channel, "acme-9")
        assert (found.until, found.since) == (clock.now() + timedelta(seconds=wait_s), since)
        clock.tick(seconds=wait_s)
        assert health.obstacle(channel, "acme-9").words == ""
    health.well(channel.id, model="acme-9")
    health.ill(channel.id, Unserved(), model="acme-9")
    assert health.obstacle(channel, "acme-9").until == clock.now() + timedelta(seconds=30)


def test_a_probe_that_met_a_missing_model_may_be_sent_again(health: Health, clock: FakeClock) -> None:
    channel = make_channel()
    health.ill(channel.id, Misconfigured(said="401"))
    clock.tick(seconds=31)
    health.place(channel.id).ask()
    health.ill(channel.id, Unserved(), model="acme-9")
    assert health.obstacle(channel, "acme-1").words == ""


def test_missing_models_that_nobody_asked_for_of_late_are_forgotten_and_their_number_is_bounded(health: Health, clock: FakeClock) -> None:
    channel = make_channel()
    for number in range(1001):
        health.ill(channel.id, Unserved(), model=f"acme-{number}")
    health.ill(channel.id, Unserved())
    assert [health.obstacle(channel, name).words != "" for name in ("acme-0", "acme-999", "acme-1000", "")] == [True, True, False, False]
    clock.tick(seconds=631)
    health.ill(channel.id, Unserved(), model="acme-1000")
    assert health.obstacle(channel, "acme-1000").until == clock.now() + timedelta(seconds=30)


def test_a_channel_that_is_full_by_its_own_word_is_left_alone_for_so_long(health: Health, clock: FakeClock) -> None:
    channel = make_channel()
    health.ill(channel.id, Throttled(retry_after_s=40))
    found = health.obstacle(channel)
    assert found.busy
    assert found.until is not None
    assert timedelta(seconds=40) <= found.until - clock.now() <= timedelta(seconds=50)
    clock.tick(seconds=51)
    assert health.obstacle(channel).words == ""


def test_what_it_took_when_it_was_full_is_what_it_gets_and_then_one_more_at_a_time(health: Health, clock: FakeClock) -> None:
    channel = make_channel(concurrency=20)
    taken = [health.place(channel.id) for _ in range(5)]
    refused = [health.place(channel.id) for _ in range(15)]
    for each in refused:
        health.ill(channel.id, Throttled(retry_after_s=40))
        each.leave()
    clock.tick(seconds=50)
    assert health.room(channel) == 0
    found = health.obstacle(channel)
    assert (found.words, found.busy, found.until) == ("full: 5 of 5 by its own word", True, None)
    taken[0].leave()
    assert health.room(channel) == 1, "a job that has ended leaves its place at once"
    health.place(channel.id)
    clock.tick(seconds=15)
    assert health.room(channel) == 1
    clock.tick(seconds=30)
    assert health.room(channel) == 3
    clock.tick(seconds=3600)
    assert health.room(channel) == 15, "what was so an hour ago is not so for ever"


def test_what_is_full_with_nothing_gets_one_at_a_time(health: Health, clock: FakeClock) -> None:
    channel = make_channel(concurrency=20)
    with health.place(channel.id):
        health.ill(channel.id, Throttled(retry_after_s=1))
    clock.tick(seconds=1.3)
    assert health.room(channel) == 1
    assert health.obstacle(channel).words == ""
    health.took(channel.id, 60)
    assert health.starts_in_s(channel, "job-1") == 60
    health.well(channel.id)
    assert health.room(channel) == 1, "one success does not open it for all"


def test_a_word_of_days_is_believed_for_minutes(health: Health, clock: FakeClock) -> None:
    channel = make_channel()
    health.ill(channel.id, Throttled(retry_after_s=1e9))
    until = health.obstacle(channel).until
    assert until is not None
    assert until <= clock.now() + timedelta(minutes=12.5)


def test_a_report_tells_since_when_and_why(health: Health, clock: FakeClock) -> None:
    channel = make_channel()
    health.place(channel.id)
    since = clock.now()
    health.ill(channel.id, Misconfigured(said="1102"))
    clock.tick(seconds=40)
    health.ill(channel.id, Misconfigured(said="1102"))
    told = health.report()[channel.id]
    assert (told.reason, told.since, told.running) == ("upstream_unavailable (1102)", since, 1)
    assert told.next_at == clock.now() + timedelta(seconds=60)


def test_when_a_full_channel_will_begin_one_more_rests_on_its_pace_and_on_who_waits(health: Health, clock: FakeClock) -> None:
    channel = make_channel(concurrency=2)
    assert health.starts_in_s(channel, "job-1") is None
    health.took(channel.id, 60)
    assert health.starts_in_s(channel, "job-1") == 30
    health.waits(channel.id, "job-1")
    assert health.starts_in_s(channel, "job-1") == 30
    assert health.starts_in_s(channel, "job-2") == 60
    clock.tick(seconds=11)
    assert health.starts_in_s(channel, "job-2") == 30, "job-1 has gone elsewhere: it says so no more"


def test_the_newest_counts_most_of_how_long_jobs_wait_and_run(health: Health) -> None:
    assert health.queue_s("acme-main") == 0
    health.began("acme-main", 10)
    health.began("acme-main", 20)
    assert health.queue_s("acme-main") == 12
