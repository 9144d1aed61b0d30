"""`reelgate accounts`: who pays."""

from __future__ import annotations

import sys
from typing import Annotated, Any
from urllib.parse import quote

import typer

from reelgate.cli.amount import dollars, limit_words, read_count, read_limit
from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, paint, printable, say, table, wants_json
from reelgate.cli.trouble import Code, Trouble

Id = Annotated[str, typer.Argument(help="Its id: a-z, 0-9, '.', '_' and '-'.")]
Account = Annotated[str, typer.Argument(help="The id of an account.")]
Name = Annotated[str | None, typer.Option(help="A name for people. Default: its id.", show_default=False)]
Book = Annotated[str | None, typer.Option(help="The price book that it belongs to. Default: list.", show_default=False)]
Currency = Annotated[str | None, typer.Option(help="USD, or CNY to show amounts in both.", show_default=False)]
Zone = Annotated[str | None, typer.Option("--time-zone", help="Whose days its limits and reports follow.", show_default=False)]
PerDay = Annotated[str | None, typer.Option("--per-day", metavar="DOLLARS", help="Most that a day's jobs may cost; none takes it away.")]
Rate = Annotated[str | None, typer.Option("--rate", metavar="N", help="Most submits a second; none takes it away.")]
Jobs = Annotated[str | None, typer.Option("--jobs", metavar="N", help="Most jobs at once, the rest wait; none takes it away.")]
Model = Annotated[list[str] | None, typer.Option("--model", metavar="ID", help="Only this model; may be repeated, and end in *.")]
Reason = Annotated[str, typer.Option(help="Why, for the audit log.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Who pays: create, show and change accounts.", no_args_is_help=True, rich_markup_mode=None)
    group.command("create")(create)
    group.command("list")(list_accounts)
    group.command("show")(show)
    group.command("set")(change)
    group.command("webhook-secret")(webhook_secret)
    app.add_typer(group, name="accounts")


def create(
    id: Id,
    *,
    name: Name = None,
    book: Book = None,
    currency: Currency = None,
    time_zone: Zone = None,
    per_day: PerDay = None,
    rate: Rate = None,
    jobs: Jobs = None,
    model: Model = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Create an account with a balance of 0; its id alone goes to stdout.

    It can buy nothing until money is added: reelgate credit ACCOUNT 100 --reason "invoice 17".
    """
    from reelgate.cli.client import admin

    asked = {"id": id, "reason": reason, **_wanted(name, book, currency, time_zone), **limits_of(per_day, rate, jobs, model)}
    account = admin().ask("POST", "/admin/v1/accounts", asked)
    if wants_json(as_json):
        give_json(account)
        return
    print(account["id"])
    say(f"account {account['id']} created; give it a key: {command('keys', 'create', 'NAME', '--account', account['id'])}")
    say(f"and money: {command('credit', account['id'], 'AMOUNT', '--reason', 'TEXT')}")


def list_accounts(as_json: AsJson = False) -> None:
    """List the accounts with what they have, what is held for jobs under way, and what today's jobs cost."""
    from reelgate.cli.client import admin

    accounts = admin().get("/admin/v1/accounts")["data"]
    if wants_json(as_json):
        give_json(accounts)
        return
    head = ["account", "available", "held", "today", "book", "currency", "days of", "since"]
    print(table(head, [_row(each) for each in accounts], right={1, 2, 3}))


def show(account: Account, as_json: AsJson = False) -> None:
    """Show one account whole: its balance, its price book, what bounds it and how much of that is used."""
    from reelgate.cli.client import admin

    told = admin().get(f"/admin/v1/accounts/{quote(account, safe='')}")
    if wants_json(as_json):
        give_json(told)
        return
    _show(told)


def change(
    account: Account,
    *,
    name: Name = None,
    book: Book = None,
    currency: Currency = None,
    time_zone: Zone = None,
    per_day: PerDay = None,
    rate: Rate = None,
    jobs: Jobs = None,
    model: Model = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Change what is named of an account, from its next request on. What is not named stays."""
    from reelgate.cli.client import admin

    asked = {**_wanted(name, book, currency, time_zone), **limits_of(per_day, rate, jobs, model)}
    if not asked:
        raise Trouble("nothing to change was named", Code.WRONG, command("accounts", "set", "--help"))
    told = admin().ask("PATCH", f"/admin/v1/accounts/{quote(account, safe='')}", {**asked, "reason": reason})
    if wants_json(as_json):
        give_json(told)
        return
    _show(told)


def webhook_secret(account: Account, as_json: AsJson = False) -> None:
    """Make a new secret that the account's webhooks are signed with. It alone goes to stdout, and it is shown this once.

    The former secret signs beside it for 7 days more, so that receivers have the time to change.
    """
    from reelgate.cli.client import admin

    made = admin().ask("POST", f"/admin/v1/accounts/{quote(account, safe='')}/webhook-secret")
    if wants_json(as_json):
        give_json(made)
        return
    print(made["secret"])
    say(f"webhooks of account {account} are signed with it from now on; keep it now, it is not shown again")


def limits_of(per_day: str | None, rate: str | None, jobs: str | None, model: list[str] | None) -> dict[str, Any]:
    """Limits as they were typed, those that were."""
    limits: dict[str, Any] = {}
    if per_day is not None:
        limits["daily_spend"] = read_limit(per_day)
    if rate is not None:
        limits["per_second"] = read_count(rate, "--rate")
    if jobs is not None:
        limits["concurrency"] = read_count(jobs, "--jobs")
    if model:
        limits["models"] = [] if model == ["none"] else model
    return {"limits": limits} if limits else {}


def _wanted(name: str | None, book: str | None, currency: str | None, time_zone: str | None) -> dict[str, Any]:
    given = {"name": name, "book": book, "currency": currency, "time_zone": time_zone}
    return {field: value for field, value in given.items() if value is not None}


def _row(account: dict[str, Any]) -> list[str]:
    amounts = [dollars(account[name]) for name in ("available", "held", "spent_today")]
    return [account["id"], *amounts, account["book"], account["currency"], account["time_zone"], account["created_at"][:10]]


def _show(account: dict[str, Any]) -> None:
    bounds = limit_words(account["limits"])
    print(f"{paint(account['id'], 'bold', sys.stdout)}   {printable(account['name'])}")
    rows = [
        ["available", dollars(account["available"])],
        ["held", f"{dollars(account['held'])} for jobs under way"],
        ["today", f"{dollars(account['spent_today'])} for jobs of today ({account['time_zone']}): held and charged, less refunds"],
        ["limits", "; ".join(bounds) if bounds else "none of its own"],
        ["price book", account["book"]],
        ["currency", account["currency"]],
        ["days of", account["time_zone"]],
        ["since", account["created_at"][:10]],
    ]
    print(table([], rows))
