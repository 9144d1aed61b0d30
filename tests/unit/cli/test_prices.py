from __future__ import annotations

import json

import pytest

from tests.unit.cli.conftest import Served, Speak

MODEL = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
FRESH = "fal-ai/kling-video/v1.6/standard/image-to-video"
OTHER = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"


def row(speak: Speak, model: str, *words: str) -> str:
    return next(line for line in speak("prices", "list", *words).out.splitlines() if line.startswith(f"{model} "))


def test_prices_are_listed_and_searched(speak: Speak, gateway: Served) -> None:
    assert row(speak, "demo/text-to-video").split() == ["demo/text-to-video", "list", "free"]
    found = speak("prices", "list", "turbo", "text").out.splitlines()
    assert found[0].split() == ["model", "book", "price"]
    assert all("turbo" in line for line in found[1:])
    assert {each["endpoint"] for each in json.loads(speak("prices", "list", "v2.5-turbo/pro", "--json").out)} == {MODEL, OTHER}
    said = speak("prices", "list", "no such words")
    assert (said.code, said.out) == (2, "")


def test_a_price_is_set_with_conditions_and_ended(speak: Speak, gateway: Served) -> None:
    said = speak("prices", "set", OTHER, "0.09", "--when", "sound=true,seconds>=10:0.2", "--reason", "a new year")
    assert (said.code, said.out) == (0, "$0.09 a second, $0.20 with sound and where seconds ≥ 10\n")
    assert f"{OTHER} costs this in price book list from " in said.err
    assert "$0.09 a second" in row(speak, OTHER)
    said = speak("prices", "end", OTHER)
    assert (said.out, f"what was set for {OTHER} in price book list ends at " in said.err) == ("", True)
    told = speak("prices", "history", OTHER).out.splitlines()
    assert told[1].startswith("the catalog")
    assert told[-2].endswith("$0.09 a second, $0.20 with sound and where seconds ≥ 10")
    assert told[-1].endswith("ends: what it costs without")
    assert json.loads(speak("prices", "history", OTHER, "--json").out)["listed"]
    assert json.loads(speak("prices", "end", OTHER, "--json").out)["price"] is None


def test_what_is_set_to_follow_and_what_it_costs_the_house_are_told(speak: Speak, gateway: Served) -> None:
    assert json.loads(speak("prices", "set", MODEL, "0.08", "--from", "2126-12-01", "--json").out)["since"].startswith("2126-12-01")
    assert speak("prices", "set", MODEL, "0.05", "--channel", "acme").err.startswith(f"{MODEL} costs this at channel acme from ")
    told = row(speak, MODEL)
    assert "; $0.08 a second from 2126-12-01" in told
    assert told.endswith("; costs us $0.05 a second at acme")
    assert "$0.08 a second (set from 2126-12-01" in row(speak, MODEL, "--at", "2127-01-01")
    assert speak("prices", "end", MODEL, "--from", "2126-12-01").code == 0


def test_a_book_is_entered_by_a_factor(speak: Speak, gateway: Served) -> None:
    said = speak("prices", "create-book", "retail", "--note", "walk-in customers")
    assert said.out == "retail\n"
    assert "prices enter retail --times 1.2" in said.err
    said = speak("prices", "enter", "retail", "--times", "1.2", "--round", "up:0.001", "--only", MODEL)
    assert said.out.splitlines()[1].split(maxsplit=1) == [MODEL, "$0.084 a second"]
    assert "1 prices in book retail from " in said.err
    assert "list × 1.2, rounded up to $0.001" in said.err
    assert row(speak, MODEL, "--book", "retail").split(maxsplit=2)[1] == "retail"
    assert len(json.loads(speak("prices", "enter", "retail", "--times", "2", "--json").out)) > 10
    books = json.loads(speak("prices", "books", "--json").out)
    assert next(each["note"] for each in books if each["id"] == "retail") == "walk-in customers"
    assert [line.split()[0] for line in speak("prices", "books").out.splitlines()] == ["book", *(each["id"] for each in books)]
    assert json.loads(speak("prices", "create-book", "vip", "--json").out)["id"] == "vip"


def test_rates_are_set_and_listed(speak: Speak, gateway: Served) -> None:
    assert speak("prices", "set-rate", "CNY", "7.12").err.startswith("a dollar is shown as 7.12 CNY from ")
    rates = speak("prices", "rates").out.splitlines()
    assert rates[-1].split()[:2] == ["CNY", "7.12"]
    assert json.loads(speak("prices", "set-rate", "CNY", "7.2", "--json").out)["per_dollar"] == "7.2"
    assert len(json.loads(speak("prices", "rates", "--json").out)) == len(rates)


def test_prices_that_still_hold_are_confirmed(speak: Speak, gateway: Served) -> None:
    said = speak("prices", "confirm", FRESH)
    assert (said.out.splitlines()[1].split(maxsplit=1), said.err) == ([FRESH, "$0.045 a second"], "1 confirmed\n")
    assert row(speak, FRESH).endswith("; confirmed)")
    assert json.loads(speak("prices", "confirm", "--json").out)
    assert speak("prices", "confirm").err == "no price is older than 60 days\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("set", MODEL, "-1"), "an amount is not below 0"),
        (("set", MODEL, "1", "--per", "minute"), "a price is for one of second, video"),
        (("set", MODEL, "1", "--when", "sound=true"), "a condition, a colon and an amount"),
        (("set", MODEL, "1", "--when", "odd=1:2"), "there is no field to price by of this name"),
        (("set", MODEL, "1", "--from", "2020-01-01"), "never in the past"),
        (("set", "no/such", "1"), "there is no model no/such"),
        (("end", "demo/text-to-video"), "no price was set"),
        (("history", "demo/no-such"), "nothing was set"),
        (("enter", "list", "--times", "2"), "entered by a factor"),
        (("set-rate", "EUR", "1"), "currency: CNY"),
        (("create-book", "A b"), "name: "),
    ],
)
def test_what_cannot_be_set_is_wrong_input(speak: Speak, gateway: Served, words: tuple[str, ...], told: str) -> None:
    said = speak("prices", *words)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
