"""`reelgate accounts`: who pays."""

from __future__ import annotations

from typing import Annotated

import typer

from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, say, table, wants_json

Name = Annotated[str, typer.Argument(help="Its name and id: a-z, 0-9, '.', '_' and '-'.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Who pays: create and list accounts.", no_args_is_help=True, rich_markup_mode=None)
    group.command("create")(create)
    group.command("list")(list_accounts)
    app.add_typer(group, name="accounts")


def create(name: Name, as_json: AsJson = False) -> None:
    """Create an account with a balance of 0; its id alone goes to stdout."""
    from reelgate.cli.client import admin

    account = admin().ask("POST", "/admin/v1/accounts", {"name": name})
    if wants_json(as_json):
        give_json(account)
        return
    print(account["id"])
    say(f"account {account['id']} created; give it a key: {command('keys', 'create', 'NAME', '--account', account['id'])}")


def list_accounts(as_json: AsJson = False) -> None:
    """List the accounts with what they have and what is held for jobs under way."""
    from reelgate.cli.client import admin

    accounts = admin().get("/admin/v1/accounts")["data"]
    if wants_json(as_json):
        give_json(accounts)
        return
    rows = [[each["id"], _dollars(each["available"]), _dollars(each["held"]), each["created_at"][:10]] for each in accounts]
    print(table(["account", "available", "held", "since"], rows))


def _dollars(amount: str) -> str:
    from decimal import Decimal

    return f"${Decimal(amount):,.2f}"
