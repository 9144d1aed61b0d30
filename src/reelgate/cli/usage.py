"""`reelgate usage`: what was charged, in groups."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from reelgate.cli.amount import dollars
from reelgate.cli.terminal import give_json, printable, say, table, wants_json

By = Annotated[str, typer.Option(help="One or two of model, key, account, channel, day, with a comma between them.")]
Month = Annotated[str, typer.Option(metavar="2026-11", help="A month. Default: this one.", show_default=False)]
From = Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.", show_default=False)]
To = Annotated[str, typer.Option("--to", metavar="DATE", help="The last day, which is included.", show_default=False)]
Account = Annotated[str, typer.Option(help="Only of this account, by the days of its time zone.", show_default=False)]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, for a spreadsheet.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("usage")(usage)


def usage(
    *,
    by: By = "model",
    month: Month = "",
    since: From = "",
    until: To = "",
    account: Account = "",
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Show what jobs were charged in a period, in groups: reelgate usage --by model,day --month 2026-11

    Every amount is a sum of the ledger's own entries, and every total is the sum of its rows: what a statement charges, this shows too.
    Days are those of the account's time zone; of all accounts together, of the owner's.
    """
    from reelgate.cli.client import admin

    path = f"/admin/v1/usage?{query_of(month, since, until, by=by, account=account)}"
    client = admin()
    if as_csv:
        print(client.text(f"{path}&format=csv"), end="")
        return
    told = client.get(path)
    if wants_json(as_json):
        give_json(told)
        return
    whose = f"account {told['account']}" if told["account"] else "all accounts"
    print(f"usage of {whose}, {period_words(told['period'])}\n")
    print(table([", ".join(told["by"]), *_HEAD], [*_rows(told), ["total", *_sums(told["total"]), ""]], right=_NUMBERS))
    say("\nnet = charged − refunded, as booked on these days; share = part of all that was charged")


def query_of(month: str, since: str, until: str, **more: str) -> str:
    """The query for a period, without what was not said."""
    return urlencode({name: value for name, value in {"month": month, "from": since, "to": until, **more}.items() if value})


def period_words(period: dict[str, Any]) -> str:
    """The days of a report and whose they are."""
    days = period["from"] if period["from"] == period["to"] else f"{period['from']} to {period['to']}"
    return f"{days} (days of {period['time_zone']})"


def _rows(told: dict[str, Any]) -> Iterator[list[str]]:
    """A row a group; of two dimensions the second one's rows stand below the first one's, with their sum."""
    if len(told["by"]) < 2:  # noqa: PLR2004 -- dimensions
        yield from ([_label(told["by"], row, 0), *_sums(row), _share(row)] for row in told["rows"])
        return
    for label, group in groupby(told["rows"], lambda row: _label(told["by"], row, 0)):
        rows = list(group)
        yield [label, *[""] * len(_HEAD)]
        yield from ([f"  {_label(told['by'], row, 1)}", *_sums(row), _share(row)] for row in rows)
        if len(rows) > 1:
            yield ["  together", *_sums(_added(rows)), ""]


def _label(by: list[str], row: dict[str, Any], at: int) -> str:
    if at >= len(by):
        return "all"
    value = str(row[by[at]]) or "-"
    return printable(f"{row['key_name']} ({value})" if by[at] == "key" and row["key_name"] else value)


def _sums(row: dict[str, Any]) -> list[str]:
    return [f"{row['jobs']:,}", *(dollars(row[name]) for name in _AMOUNTS)]


def _share(row: dict[str, Any]) -> str:
    return "" if row["share"] is None else f"{row['share']} %"


def _added(rows: list[dict[str, Any]]) -> dict[str, Any]:
    from decimal import Decimal

    return {"jobs": sum(row["jobs"] for row in rows), **{name: f"{sum(Decimal(row[name]) for row in rows):f}" for name in _AMOUNTS}}


_AMOUNTS = ("charged", "refunded", "net")
_HEAD = ("jobs", *_AMOUNTS, "share")
_NUMBERS = frozenset(range(1, 1 + len(_HEAD)))
