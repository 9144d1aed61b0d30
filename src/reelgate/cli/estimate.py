"""`reelgate run --dry-run`: what a video would cost, before it is made."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from reelgate.cli.terminal import give_json, paint, say
from reelgate.cli.trouble import Code, Trouble

if TYPE_CHECKING:
    from reelgate.cli.client import Answer, Client
    from reelgate.cli.form import Form


def estimate(client: Client, form: Form, given: dict[str, Any], *, as_json: bool) -> None:
    """Ask for a quote and print it: the price with its arithmetic on stdout, all else on stderr. Ends as refused if a submit would be."""
    from reelgate.cli.client import Refusal

    answer = client.exchange("POST", "/v1/quote", {"endpoint": form.endpoint, "input": given})
    if answer.status == 422 and (trouble := form.refused(_faults(answer))):  # noqa: PLR2004 -- HTTP
        raise trouble
    if answer.status >= 400:  # noqa: PLR2004 -- HTTP
        raise Refusal(answer)
    quote = answer.body
    if as_json:
        give_json(quote)
    else:
        print(price_line(quote))
        for each in quote["dropped"]:
            say(f"{paint('note', 'yellow', sys.stderr)} {each['field']} would do nothing: {each['reason']}")
        say(f"{served_line(quote)}; nothing was made and nothing spent")
    if quote["refusal"]:
        raise Trouble(quote["refusal"], Code.REFUSED)


def price_line(quote: dict[str, Any]) -> str:
    """The amount with its arithmetic and whose price it is: `$0.35 = 5 s × $0.07 (price book list)`."""
    if quote["book"] is None:
        return "$0.00 (free)"
    since = f", since {quote['since'][:10]}" if quote["since"] else ""
    shown = quote["shown"]
    beside = f"; {shown['amount']} {shown['currency']} at {shown['per_dollar']} a dollar" if shown else ""
    return f"{_dollars(quote['amount'])} = {quote['words']} (price book {quote['book']}{since}{beside})"


def served_line(quote: dict[str, Any]) -> str:
    """Who would make it and when: `made by preview; starts at once, takes about 3 s`."""
    wait, takes = quote["wait"]["starts_in_s"], quote["wait"]["takes_s"]
    ahead = quote["wait"]["ahead"]
    start = (
        "starts at once"
        if wait == 0
        else f"{ahead} ahead of it"
        if wait is None
        else f"starts in about {_span(wait)} ({ahead} ahead of it)"
    )
    return f"made by {quote['engine']}; {start}" + (f", takes about {_span(takes)}" if takes is not None else "")


def _faults(answer: Answer) -> list[tuple[list[str | int], str]]:
    from reelgate.cli.client import record, records

    faults = records(record(record(answer.body).get("error")).get("faults"))
    return [(list(each["field"].split(".")), each["message"]) for each in faults if each["field"]]


def _dollars(amount: str) -> str:
    whole, _, places = amount.partition(".")
    return f"${whole}.{places.rstrip('0').ljust(2, '0')}"


def _span(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"  # noqa: PLR2004 -- longer ones in minutes
