"""`reelgate prices`: what everything costs whom, from when."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from reelgate.cli.amount import read_amount
from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, say, table, wants_json
from reelgate.cli.trouble import Code, Trouble

Words = Annotated[list[str] | None, typer.Argument(metavar="[WORDS]", help="Only models whose id or title has these words.")]
Endpoint = Annotated[str, typer.Argument(help="The id of a model, or the beginning of some with a * at the end.")]
Some = Annotated[list[str] | None, typer.Argument(metavar="[ID]", help="Ids of models; all that are older than 60 days if none is named.")]
Amount = Annotated[str, typer.Argument(help="Dollars for each second, or for each video.")]
Per = Annotated[str, typer.Option("--per", help="What the amount is for: second or video.")]
When = Annotated[
    list[str] | None,
    typer.Option(metavar="CONDITION:AMOUNT", help="Another amount where fields of the input say so: 'sound=true,resolution=4k:0.14'."),
]
Book = Annotated[str, typer.Option(help="The price book.")]
Into = Annotated[str, typer.Argument(help="The price book that they are written into.")]
NewBook = Annotated[str, typer.Argument(help="Its id: a-z, 0-9, '.', '_' and '-'.")]
Note = Annotated[str, typer.Option(help="What it is for.", show_default=False)]
Channel = Annotated[str, typer.Option(help="A channel, whose cost price it is.", show_default=False)]
From = Annotated[str | None, typer.Option("--from", metavar="DATE", help="From when: a day, or an instant. Default: now.")]
At = Annotated[str | None, typer.Option("--at", metavar="DATE", help="As of a day, or an instant. Default: now.")]
Times = Annotated[str, typer.Option(help='What amounts of "list" are multiplied by: 1.2.')]
Round = Annotated[str, typer.Option("--round", metavar="RULE:STEP", help="How they are rounded: up, down or nearest, and to what.")]
Only = Annotated[list[str] | None, typer.Option("--only", metavar="ID", help="Only this model; may be repeated.")]
Currency = Annotated[str, typer.Argument(help="CNY.")]
PerDollar = Annotated[str, typer.Argument(help="How many of it a dollar is: 7.12.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit log.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="What everything costs: prices, price books, rates.", no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_prices)
    group.command("set", context_settings={"ignore_unknown_options": True})(set_price)
    group.command("end")(end)
    group.command("history")(history)
    group.command("confirm")(confirm)
    group.command("books")(books)
    group.command("create-book")(create_book)
    group.command("enter")(enter)
    group.command("rates")(rates)
    group.command("set-rate")(set_rate)
    app.add_typer(group, name="prices")


def list_prices(words: Words = None, book: Book = "list", at: At = None, as_json: AsJson = False) -> None:
    """List what every model costs in a price book, whose price that is, what channels charge for it, and what is set to follow."""
    from reelgate.cli.client import admin

    asked = {"book": book, **({} if at is None else {"at": at})}
    rows = admin().get(f"/admin/v1/prices?{urlencode(asked)}")["data"]
    found = [row for row in rows if all(word.lower() in f"{row['endpoint']} {row['title']}".lower() for word in words or ())]
    if wants_json(as_json):
        give_json(found)
        return
    if not found:
        raise Trouble("no model has all these words in its id or title", Code.WRONG, command("prices", "list"))
    print(table(["model", "book", "price"], [[row["endpoint"], _whose(row), _price_words(row)] for row in found]))


def set_price(
    endpoint: Endpoint,
    amount: Amount,
    *,
    per: Per = "second",
    when: When = None,
    book: Book = "list",
    channel: Channel = "",
    since: From = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Set a price from now, or from a day on; what was set before stays in the history. The whole rule goes to stdout.

    reelgate prices set MODEL 0.07 --when 'sound=true:0.14' --book retail --from 2026-12-01

    Of several --when the first one that applies counts. A price never begins in the past, and jobs keep the price at which they were
    accepted.
    """
    asked: dict[str, Any] = {"endpoint": endpoint, "unit": per, "amount": read_amount(amount, command("prices", "end", endpoint))}
    asked |= {"special": [_special(each) for each in when or ()], "book": book, "channel": channel, "since": since, "reason": reason}
    dated = _post("/admin/v1/prices", asked)
    if wants_json(as_json):
        give_json(dated)
        return
    print(dated["price"]["words"])
    say(f"{endpoint} costs this {_place(dated)} from {_instant(dated['since'])} on")


def end(
    endpoint: Endpoint, *, book: Book = "list", channel: Channel = "", since: From = None, reason: Reason = "", as_json: AsJson = False
) -> None:
    """End what was set for a model, so that it costs again what it would without."""
    dated = _post("/admin/v1/prices/end", {"endpoint": endpoint, "book": book, "channel": channel, "since": since, "reason": reason})
    if wants_json(as_json):
        give_json(dated)
        return
    say(f"what was set for {endpoint} {_place(dated)} ends at {_instant(dated['since'])}")


def history(endpoint: Endpoint, book: Book = "list", channel: Channel = "", as_json: AsJson = False) -> None:
    """Show all that was ever set for a model in a price book, or at a channel, in the order in which it was."""
    from reelgate.cli.client import admin

    asked = {"endpoint": endpoint, "book": book, "channel": channel}
    told = admin().get(f"/admin/v1/prices/history?{urlencode(asked)}")
    if wants_json(as_json):
        give_json(told)
        return
    rows = [["the catalog", f"read {told['listed']['as_of']}", told["listed"]["words"]]] if told["listed"] else []
    rows += [[_instant(each["since"]), _instant(each["created_at"]), _dated_words(each)] for each in told["data"]]
    if not rows:
        raise Trouble(f"nothing was set for {endpoint} there", Code.WRONG, command("prices", "list"))
    print(table(["from", "set", "price"], rows))


def confirm(endpoints: Some = None, reason: Reason = "", as_json: AsJson = False) -> None:
    """Say that prices of the book "list" still hold, after a look at their vendors' pages: they count as read today."""
    rows = _post("/admin/v1/prices/confirm", {"endpoints": endpoints or [], "reason": reason})["data"]
    if wants_json(as_json):
        give_json(rows)
        return
    if not rows:
        say("no price is older than 60 days")
        return
    print(table(["model", "price"], [[row["endpoint"], row["price"]["words"]] for row in rows]))
    say(f"{len(rows)} confirmed")


def books(as_json: AsJson = False) -> None:
    """List the price books. An account belongs to one; where its book has no price for a model, that of the book "list" counts."""
    from reelgate.cli.client import admin

    found = admin().get("/admin/v1/books")["data"]
    if wants_json(as_json):
        give_json(found)
        return
    print(
        table(
            ["book", "since", "note"],
            [[each["id"], "-" if each["id"] == "list" else each["created_at"][:10], each["note"]] for each in found],
        )
    )


def create_book(name: NewBook, note: Note = "", as_json: AsJson = False) -> None:
    """Create a price book; its id alone goes to stdout. Until prices are set in it, it costs what the book "list" does."""
    book = _post("/admin/v1/books", {"name": name, "note": note})
    if wants_json(as_json):
        give_json(book)
        return
    print(book["id"])
    say(f"give it prices: {command('prices', 'enter', book['id'], '--times', '1.2', '--round', 'up:0.001')}")
    say(f"and accounts: {command('accounts', 'set', 'ACCOUNT', '--book', book['id'])}")


def enter(
    book: Into,
    *,
    times: Times,
    rounding: Round = "up:0.000001",
    only: Only = None,
    since: From = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Write amounts into a price book: those of "list" times a factor, rounded. What is kept and shown is amounts, not the factor.

    reelgate prices enter retail --times 1.2 --round up:0.001
    """
    asked = {"factor": times, "rounding": rounding, "endpoints": only or [], "since": since, "reason": reason}
    rows = _post(f"/admin/v1/books/{quote(book, safe='')}/enter", asked)["data"]
    if wants_json(as_json):
        give_json(rows)
        return
    print(table(["model", "price"], [[row["endpoint"], row["price"]["words"]] for row in rows]))
    say(f"{len(rows)} prices in book {book} from {_instant(rows[0]['since'])} on: {rows[0]['entered']}")


def rates(as_json: AsJson = False) -> None:
    """List the rates by which amounts are shown in another currency. The books are in dollars always."""
    from reelgate.cli.client import admin

    found = admin().get("/admin/v1/exchange-rates")["data"]
    if wants_json(as_json):
        give_json(found)
        return
    if not found:
        say(f"none was set; {command('prices', 'set-rate', 'CNY', '7.12')}")
        return
    print(table(["currency", "a dollar is", "from"], [[each["currency"], each["per_dollar"], _instant(each["since"])] for each in found]))


def set_rate(currency: Currency, per_dollar: PerDollar, since: From = None, reason: Reason = "", as_json: AsJson = False) -> None:
    """Set how many units of a currency a dollar is shown as, from now or from a day on."""
    rate = _post("/admin/v1/exchange-rates", {"currency": currency, "per_dollar": per_dollar, "since": since, "reason": reason})
    if wants_json(as_json):
        give_json(rate)
        return
    say(f"a dollar is shown as {rate['per_dollar']} {rate['currency']} from {_instant(rate['since'])} on")


def _post(path: str, asked: dict[str, Any]) -> Any:
    from reelgate.cli.client import admin

    return admin().ask("POST", path, asked)


def _special(text: str) -> dict[str, str]:
    condition, colon, amount = text.rpartition(":")
    if not colon or not condition:
        raise Trouble(
            f"--when {text!r} is a condition, a colon and an amount: sound=true:0.14", Code.WRONG, command("prices", "set", "--help")
        )
    return {"when": condition, "amount": read_amount(amount, command("prices", "set", "--help"))}


def _whose(row: dict[str, Any]) -> str:
    return "-" if row["sale"] is None else str(row["sale"]["book"])


def _price_words(row: dict[str, Any]) -> str:
    sale = row["sale"]
    words = "no price: no paid channel serves it" if sale is None else sale["words"]
    if sale is not None and sale["since"] is not None:
        words += f" (set from {_instant(sale['since'])} on{'; ' + sale['entered'] if sale['entered'] else ''})"
    if row["next"] is not None:
        words += f"; {_dated_words(row['next'])} from {_instant(row['next']['since'])} on"
    return words + "".join(f"; costs us {cost['words']} at {channel}" for channel, cost in row["costs"].items())


def _dated_words(dated: dict[str, Any]) -> str:
    if dated["price"] is None:
        return "ends: what it costs without"
    return dated["price"]["words"] + (f" ({dated['entered']})" if dated["entered"] else "")


def _place(dated: dict[str, Any]) -> str:
    return f"at channel {dated['channel']}" if dated["channel"] else f"in price book {dated['book']}"


def _instant(text: str) -> str:
    from datetime import datetime

    at = datetime.fromisoformat(text).astimezone()
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{at:%Y-%m-%d %H:%M %Z}"
