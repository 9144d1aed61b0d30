from __future__ import annotations

import json

import pytest

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
