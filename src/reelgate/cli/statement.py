"""`reelgate statement`: what happened to an account's money."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import typer

from reelgate.cli.amount import dollars
from reelgate.cli.terminal import give_json, printable, say, table, wants_json
from reelgate.cli.usage import AsCsv, AsJson, From, Month, To, period_words, query_of

Account = Annotated[str, typer.Argument(help="The id of an account.")]

_KINDS = {"credit": "credit", "debit": "debit", "captured": "charge", "refund": "refund"}
_SUMS = {"credit": "credits", "debit": "debits", "captured": "charges", "refund": "refunds"}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("statement")(statement)


def statement(
    account: Account, *, month: Month = "", since: From = "", until: To = "", as_csv: AsCsv = False, as_json: AsJson = False
) -> None:
    """Show every movement of an account's money in a period, with the balance after it: reelgate statement bob --month 2026-11

    The balance is all that the account has, held money included: opening + the lines' changes = closing. A charge tells its arithmetic
    and whose price it was; a credit, a debit and a refund the reason that was given. Days are those of the account's time zone.
    """
    from reelgate.cli.client import admin

    path = f"/admin/v1/accounts/{quote(account, safe='')}/statement?{query_of(month, since, until)}"
    client = admin()
    if as_csv:
        print(client.text(f"{path}&format=csv"), end="")
        return
    told = client.get(path)
    if wants_json(as_json):
        give_json(told)
        return
    name = "" if told["name"] == told["account"] else f" ({printable(told['name'])})"
    print(f"statement of {told['account']}{name}, {period_words(told['period'])}\n")
    _print_lines(told)
    print()
    _print_totals(told)
    _say_how(told)


def _print_lines(told: dict[str, Any]) -> None:
    beside = _currency(told)
    head = ["at", "what", "change", *([f"in {beside}"] if beside else []), "balance", "of what"]
    rows = [_bound(told["period"]["from"], "opening", told["opening"], beside)]
    for line in told["lines"]:
        row = [_clock(line["at"]), _KINDS[line["kind"]], dollars(line["change"], signed=True)]
        if beside:
            row.append("-" if line["shown"] is None else dollars(line["shown"]["amount"], signed=True, currency=beside))
        rows.append([*row, dollars(line["balance"]), _of_what(line)])
    now, until = (datetime.fromisoformat(each) for each in (told["balance"]["at"], told["period"]["until"]))
    end = (told["period"]["to"], "closing") if until <= now else (_clock(told["balance"]["at"]), "so far")
    rows.append(_bound(*end, told["closing"], beside))
    print(table(head, rows, right={2, 3, 4} if beside else {2, 3}))


def _print_totals(told: dict[str, Any]) -> None:
    beside = _currency(told)
    rows = [
        [
            _SUMS[total["kind"]],
            f"{total['lines']:,} {'line' if total['lines'] == 1 else 'lines'}",
            dollars(total["change"], signed=True),
            *(["-" if total["shown"] is None else dollars(total["shown"], signed=True, currency=beside)] if beside else []),
        ]
        for total in told["totals"]
    ]
    if rows:
        print(table([], rows, right={1, 2, 3}))
    print(f"{dollars(told['opening'])} opening {_sum_words(told['change'])} = {dollars(told['closing'])} closing")


def _say_how(told: dict[str, Any]) -> None:
    balance = told["balance"]
    say(f"\nnow: {dollars(balance['available'])} available, and {dollars(balance['held'])} held for jobs under way")
    for rate in told["rates"]:
        since = datetime.fromisoformat(rate["since"]).astimezone(ZoneInfo(told["period"]["time_zone"]))
        say(f"{rate['currency']} by the rate of then: {rate['per_dollar']} a dollar from {since:%Y-%m-%d %H:%M} on")
    if _currency(told) and any(line["shown"] is None for line in told["lines"]):
        say(f"a - is of a time before any rate of {told['currency']}; where a line has none, its sum has none")


def _bound(day: str, what: str, balance: str, beside: str) -> list[str]:
    return [day, what, "", *([""] if beside else []), dollars(balance), ""]


def _of_what(line: dict[str, Any]) -> str:
    book = f", price book {line['book']}" if line["book"] else ""
    arithmetic = f"{line['words']}{book}" if line["words"] and line["kind"] == "captured" else ""
    job = f"job {line['job_id']}" if line["job_id"] else ""
    return printable("  ".join(each for each in (line["reason"], line["endpoint"], arithmetic, job) if each))


def _sum_words(change: str) -> str:
    return f"{'−' if change.startswith('-') else '+'} {dollars(change.lstrip('-'))} changes"


def _currency(told: dict[str, Any]) -> str:
    """The currency beside dollars, if there is one."""
    return "" if told["currency"] == "USD" else str(told["currency"])


def _clock(at: str) -> str:
    """An instant that is told by the clocks of the statement's zone already."""
    return at[:16].replace("T", " ")
