from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reelgate.cli import jobs
from reelgate.cli.follow import follow
from reelgate.cli.progress import Silent
from tests.unit.cli.conftest import Served, Speak


def made(gateway: Served, prompt: str, *, ended: bool = True) -> str:
    client = gateway.client()
    job_id = client.ask("POST", "/scripted/text", {"prompt": prompt})["request_id"]
    if ended:
        follow(client, job_id, Silent())
    return job_id


def test_jobs_are_listed_the_newest_first(speak: Speak, gateway: Served) -> None:
    first, second = made(gateway, "go"), made(gateway, "fail")
    lines = speak("jobs").out.splitlines()
    assert lines[0].split() == ["job", "accepted", "state", "model", "cost"]
    assert [line.split()[0] for line in lines[1:3]] == [second, first]
    told = json.loads(speak("jobs", "--state", "failed", "--limit", "1", "--json").out)
    assert [each["id"] for each in told] == [second]


def test_no_jobs_is_a_sentence(speak: Speak, gateway: Served) -> None:
    said = speak("jobs", "--model", "scripted/none")
    assert (said.out, said.err) == ("", "no jobs\n")


def test_an_unknown_state_is_wrong_input(speak: Speak, gateway: Served) -> None:
    said = speak("jobs", "--state", "sleeping")
    assert said.code == 2
    assert "state: one of queued" in said.err


def test_a_finished_job_is_fetched(speak: Speak, gateway: Served, tmp_path: Path) -> None:
    said = speak("get", made(gateway, "go"), "-o", str(tmp_path / "clip.mp4"))
    assert (said.code, said.out) == (0, f"{tmp_path / 'clip.mp4'}\n")
    assert (tmp_path / "clip.mp4").is_file()


def test_a_job_under_way_is_followed_first(speak: Speak, gateway: Served) -> None:
    said = speak("get", made(gateway, "wait 0.5", ended=False), "--json")
    assert json.loads(said.out)["state"] == "done"


def test_a_failed_job_is_told_as_such(speak: Speak, gateway: Served) -> None:
    said = speak("get", made(gateway, "fail"))
    assert said.code == 1
    assert "as the script says; nothing was charged" in said.err


def test_a_waiting_job_is_cancelled(speak: Speak, gateway: Served) -> None:
    job_id = made(gateway, "wait 60", ended=False)
    said = speak("cancel", job_id)
    assert said.code == 0
    assert said.err.startswith(("cancelled; nothing was charged", "asked to cancel"))
    follow(gateway.client(), job_id, Silent())
    assert speak("cancel", job_id).err == "it was cancelled before; nothing was charged\n"


def test_a_finished_job_is_not_cancelled_and_says_what_it_cost(speak: Speak, gateway: Served) -> None:
    said = speak("cancel", made(gateway, "go"))
    assert said.code == 2
    assert "too late: it is done; charged: $0.35" in said.err


@pytest.mark.parametrize("words", [("get", "none"), ("cancel", "none"), ("logs", "none")])
def test_an_unknown_job_is_wrong_input(speak: Speak, gateway: Served, words: tuple[str, ...]) -> None:
    said = speak(*words)
    assert said.code == 2
    assert "see: " in said.err


def test_the_story_of_a_job_ends_with_why_it_failed(speak: Speak, gateway: Served) -> None:
    out = speak("logs", made(gateway, "fail")).out
    assert [line.split()[1] for line in out.splitlines()[:2]] == ["queued", "running"]
    assert "attempt 1: scripted" in out
    assert "attempt 1: failed" in out
    assert out.splitlines()[-1].strip() == "as the script says"


TOLD: dict[str, Any] = {
    "events": [],
    "failure": None,
    "attempts": [
        {
            "number": 1,
            "state": "abandoned",
            "engine": "relay",
            "channel": "acme",
            "model": "a1",
            "choice": "acme: priority 0",
            "upstream_id": None,
            "accepted_at": None,
            "note": "upstream_busy: 429",
            "tries": 41,
            "opened_at": "2026-01-01T12:00:00Z",
            "sent_at": "2026-01-01T12:00:01Z",
            "closed_at": "2026-01-01T12:00:02Z",
            "again_at": "2026-01-01T12:30:00Z",
        },
        {
            "number": 2,
            "state": "done",
            "engine": "relay",
            "channel": "beta",
            "model": "b1",
            "choice": None,
            "upstream_id": "up-7",
            "accepted_at": "2026-01-01T12:31:02Z",
            "note": None,
            "tries": 1,
            "again_at": None,
            "opened_at": "2026-01-01T12:31:00Z",
            "sent_at": "2026-01-01T12:31:01Z",
            "closed_at": "2026-01-01T12:35:00Z",
        },
    ],
}


def test_a_timeline_tells_when_each_attempt_was_accepted_and_how_often_it_was_refused(capsys: pytest.CaptureFixture[str]) -> None:
    jobs.tell_whole(TOLD)
    assert [line.split("  ", 1)[1] for line in capsys.readouterr().out.splitlines()] == [
        "attempt 1: acme as a1  (acme: priority 0)",
        "attempt 1: sent",
        "attempt 1: abandoned, upstream_busy: 429",
        "attempt 1: the same, 41 times in all so far",
        "attempt 2: beta as b1",
        "attempt 2: sent",
        "attempt 2: accepted, upstream id up-7",
        "attempt 2: done",
    ]


def test_an_attempt_that_was_accepted_before_that_was_written_down_is_told_when_it_was_sent(capsys: pytest.CaptureFixture[str]) -> None:
    old = {**TOLD["attempts"][1], "accepted_at": None}
    jobs.tell_whole({**TOLD, "attempts": [old]})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ", 1)[1] for line in lines][2] == "attempt 2: accepted, upstream id up-7"
    assert lines[1].split("  ", 1)[0] == lines[2].split("  ", 1)[0]


def test_a_job_is_followed_live(speak: Speak, gateway: Served) -> None:
    said = speak("logs", "-f", made(gateway, "wait 0.5", ended=False))
    assert [line.split()[1] for line in said.out.splitlines()][-1] == "done"


def test_a_story_as_json_is_one_event_a_line(speak: Speak, gateway: Served) -> None:
    events = [json.loads(line) for line in speak("logs", made(gateway, "go"), "--json").out.splitlines()]
    assert [each["state"] for each in events if each["state"]] == ["queued", "running", "done"]


def test_logs_of_nothing_are_wrong_input(speak: Speak, gateway: Served) -> None:
    said = speak("logs")
    assert said.code == 2
    assert "logs -f" in said.err
