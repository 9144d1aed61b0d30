"""`reelgate accounts`: who pays."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, say, table, wants_json

Name = Annotated[str, typer.Argument(help="Its name and id: a-z, 0-9, '.', '_' and '-'.")]
Account = Annotated[str, typer.Argument(help="The id of an account.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Who pays: create and list accounts, give them secrets.", no_args_is_help=True, rich_markup_mode=None)
    group.command("create")(create)
    group.command("list")(list_accounts)
    group.command("webhook-secret")(webhook_secret)
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


def _dollars(amount: str) -> str:
    from decimal import Decimal

    return f"${Decimal(amount):,.2f}"
