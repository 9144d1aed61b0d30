"""Amounts, days and spans on the command line: read as people type them, shown to the last place that matters."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from reelgate.cli.trouble import Code, Trouble

_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_SPAN = re.compile(r"([0-9]{1,5})([hd])")
_SIGNS = {"USD": "$", "CNY": "¥"}


def dollars(amount: str, *, signed: bool = False, currency: str = "USD") -> str:
    """A decimal text as an amount: $1,000.00, −$0.0425; `signed` puts a + before what is above 0."""
    whole, _, places = amount.lstrip("-").partition(".")
    sign = "−" if amount.startswith("-") else "+" if signed and amount.strip("0.") else ""
    return f"{sign}{_SIGNS.get(currency, '')}{int(whole):,}.{places.rstrip('0').ljust(2, '0')}"


def read_amount(text: str, below: str) -> str:
    """An amount as it was typed, without its $; `below` is the command that is meant by one below 0."""
    amount = text.removeprefix("$")
    if not _AMOUNT.fullmatch(amount):
        raise Trouble(f"{text!r} is no amount: write dollars like 12 or 0.07, with at most six places", Code.WRONG)
    if amount.startswith("-"):
        raise Trouble("an amount is not below 0", Code.WRONG, below)
    return amount


def read_limit(text: str | None) -> str | None:
    """The amount of a limit, where "none" takes it away."""
    return None if text is None or text == "none" else read_amount(text, "none takes a limit away")


def read_count(text: str, option: str) -> int | None:
    """The number of a limit, where "none" takes it away."""
    if text == "none":
        return None
    if not (text.isascii() and text.isdecimal()):
        raise Trouble(f"{option} takes a whole number, or none", Code.WRONG)
    return int(text)


def read_span(text: str) -> timedelta | None:
    """A span such as 24h or 30d; None if it is none."""
    found = _SPAN.fullmatch(text)
    return None if found is None else timedelta(**{"hours" if found[2] == "h" else "days": int(found[1])})


def until(text: str) -> str | None:
    """When something ends: after a span from now, or on a day or at an instant, which the gateway reads; "none" for never."""
    if text == "none":
        return None
    span = read_span(text)
    return text if span is None else (datetime.now(UTC) + span).isoformat(timespec="milliseconds")


def day_words(instant: str | None) -> str:
    """The day of an instant, by this machine's clock; - for none."""
    return "-" if instant is None else f"{datetime.fromisoformat(instant).astimezone():%Y-%m-%d}"


def limit_words(limits: dict[str, Any]) -> list[str]:
    """What bounds an account or a key, in words."""
    told = {
        "per_second": "{} submits a second",
        "concurrency": "{} jobs at once",
    }
    words = [pattern.format(limits[name]) for name, pattern in told.items() if limits[name] is not None]
    words += [f"{dollars(limits['daily_spend'])} a day"] if limits["daily_spend"] is not None else []
    return words + ([f"models {', '.join(limits['models'])}"] if limits["models"] else [])
