from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from reelgate.cli import channels
from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import Provider
from reelgate.discovery import load_leaves
from tests.unit.cli.conftest import Served, Speak

KEY = "a-key-that-nobody-may-see"
ALONE = "fal-ai/kling-video/v2.1/master/text-to-video"  # what no other test has a price of


def test_a_channel_is_set_up_listed_paused_and_removed(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_KEY", KEY)
    said = speak("channels", "add", "main", "reelgate", "--address", "http://127.0.0.1:9", "--secret-env", "api_key=THEIR_KEY")
    assert (said.code, said.out) == (0, "main\n")
    assert "channels test main" in said.err
    assert KEY not in said.err
    head, row = speak("channels", "list").out.splitlines()
    assert head.split() == ["channel", "provider", "priority", "offers", "jobs", "state"]
    assert row.split()[:2] == ["main", "reelgate"]
    assert row.endswith("active")
    assert "is paused" in speak("channels", "pause", "main", "--note", "out of credit").err
    assert speak("channels", "list").out.splitlines()[1].endswith("paused: out of credit")
    assert KEY not in speak("channels", "show", "main").out
    assert json.loads(speak("channels", "show", "main", "--json").out)["secrets"] == ["api_key"]
    assert "is given work" in speak("channels", "resume", "main").err
    said = speak("channels", "test", "main")
    assert (said.code, "this cost nothing" in said.err) == (2, True)
    assert "is gone" in speak("channels", "remove", "main").err
    assert json.loads(speak("channels", "list", "--json").out) == []
    assert "there are no channels yet" in speak("channels", "list").err


def test_each_setting_can_be_said_and_changed(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_KEY", KEY)
    words = "--per-second 2 --submit-timeout 20 --poll-timeout 10 --job-limit 3600 --window 60 --on-cancel release --no-store-outputs"
    speak("channels", "add", "main", "reelgate", "--address", "http://127.0.0.1:9", "--secret-env", "api_key=THEIR_KEY", *words.split())
    told = json.loads(speak("channels", "show", "main", "--json").out)
    assert {name: told[name] for name in ("per_second", "submit_timeout_s", "poll_timeout_s", "job_limit_s", "window_s")} == {
        "per_second": 2,
        "submit_timeout_s": 20,
        "poll_timeout_s": 10,
        "job_limit_s": 3600,
        "window_s": 60,
    }
    assert (told["on_cancel"], told["store_outputs"]) == ("release", False)
    words = f"--window none --store-outputs --model {ALONE}=theirs --patience 5 --json"
    changed = json.loads(speak("channels", "set", "main", *words.split()).out)
    other = {"window_s": None, "store_outputs": True, "models": {ALONE: "theirs"}, "patience_s": 5}
    assert {name: value for name, value in changed.items() if value != told[name] and name not in {"offers", "without_cost"}} == other
    assert json.loads(speak("channels", "set", "main", "--model", "none", "--json").out)["models"] == {}
    assert "store_outputs" in speak("channels", "set", "main", "--no-store-outputs", "--reason", "links will do").out
    speak("channels", "remove", "main", "--reason", "too dear")
    reasons = {(each["action"], each["reason"]) for each in json.loads(speak("audit", "main", "--json").out)}
    assert {("channel.change", "links will do"), ("channel.remove", "too dear")} <= reasons


def test_a_change_names_something_and_numbers_are_numbers(speak: Speak, gateway: Served) -> None:
    for words, why in (("", "nothing to change"), ("--window soon", "--window takes a number, or none"), ("--model =x", "--model")):
        said = speak("channels", "set", "main", *words.split())
        assert (said.code, why in said.err) == (2, True)


@pytest.mark.parametrize("command", [channels.add, channels.change])
def test_there_is_an_option_for_each_setting(command: Callable[..., Any]) -> None:
    settings = {each.name for each in fields(Channel)} - {"id", "provider", "state", "note", "created_at"}
    assert settings - set(inspect.signature(command).parameters) == set()


def test_a_real_run_names_its_price_and_buys_nothing_unasked(speak: Speak, gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEIR_KEY", KEY)
    speak("channels", "add", "main", "reelgate", "--address", "http://127.0.0.1:9", "--secret-env", "api_key=THEIR_KEY", "--model", ALONE)
    before = json.loads(speak("jobs", "--json").out)
    said = speak("channels", "test", "main", "--run")
    assert said.code != 0
    assert "costs you about $1.4" in said.err
    assert "nothing was bought" in said.err
    assert json.loads(speak("jobs", "--json").out) == before
    costs = speak("channels", "costs", "main")
    assert "confirm them" in costs.err
    assert {line.split()[-1] for line in costs.out.splitlines()[1:]} == {"no"}
    assert "confirmed" in speak("channels", "costs", "main", "--confirm").err
    assert "yes" in {line.split()[-1] for line in speak("channels", "costs", "main").out.splitlines()[1:]}
    speak("channels", "remove", "main")


def test_providers_are_listed(speak: Speak, gateway: Served) -> None:
    said = speak("channels", "providers")
    names = [line.split()[0] for line in said.out.splitlines()[1:]]
    assert names == sorted(load_leaves("reelgate.providers", "PROVIDER", Provider))
    assert {"fal", "kling", "openai", "reelgate", "veo"} <= set(names)
    assert "--option generation= of kling" in said.err


def test_a_secret_is_no_argument_and_one_that_is_missing_is_named(speak: Speak, gateway: Served) -> None:
    said = speak("channels", "add", "main", "fal", "--secret-env", "api_key=NO_SUCH_VARIABLE")
    assert said.code == 2
    assert "NO_SUCH_VARIABLE" in said.err
    assert speak("channels", "add", "main", "fal", "--secret-env", "api_key").code == 2
    assert speak("channels", "add", "main", "nobody", "--option", "a").code == 2
    assert speak("channels", "show", "main").code != 0
