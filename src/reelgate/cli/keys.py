"""`reelgate keys`: what callers show."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, say, table, wants_json
from reelgate.cli.trouble import Code, Trouble

Name = Annotated[str, typer.Argument(help="A label, so that you know it again.")]
Account = Annotated[str, typer.Option(help="Whose key it is.")]
Test = Annotated[bool, typer.Option("--test", help="A test key: its jobs cost nothing and only ever reach the preview engine.")]
Pair = Annotated[bool, typer.Option("--pair", help="An access key and a secret key, for clients that sign tokens as Kling's do.")]
Only = Annotated[str | None, typer.Option("--account", help="Only those of this account.", show_default=False)]
KeyId = Annotated[str, typer.Argument(help="The id of a key or pair, as `reelgate keys list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="What callers show: create, list and revoke keys.", no_args_is_help=True, rich_markup_mode=None)
    group.command("create")(create)
    group.command("list")(list_keys)
    group.command("revoke")(revoke)
    app.add_typer(group, name="keys")


def create(name: Name, account: Account = "owner", test: Test = False, pair: Pair = False, as_json: AsJson = False) -> None:
    """Create a key. It alone goes to stdout, and it is shown this once: KEY=$(reelgate keys create ci).

    A pair goes there as two lines that a shell can read: eval "$(reelgate keys create ci --pair)" sets ACCESS_KEY and SECRET_KEY.
    """
    from reelgate.cli.client import admin

    asked = {"name": name, "account": account, "mode": "test" if test else "live", "pair": pair}
    made = admin().ask("POST", "/admin/v1/keys", asked)
    key = made["key"]
    if wants_json(as_json):
        give_json(made)
        return
    if pair:
        print(f"ACCESS_KEY={made['access_key']}\nSECRET_KEY={made['secret_key']}")
        say(f"{key['mode']} pair ({key['name']}) of account {key['account']}; keep the secret key now, it is not shown again")
        return
    print(made["secret"])
    say(f"{key['mode']} key {key['id']} ({key['name']}) of account {key['account']}; keep it now, it is not shown again")


def list_keys(account: Only = None, as_json: AsJson = False) -> None:
    """List the keys, without what is secret of them."""
    from reelgate.cli.client import admin

    keys = admin().get("/admin/v1/keys" + (f"?{urlencode({'account': account})}" if account else ""))["data"]
    if wants_json(as_json):
        give_json(keys)
        return
    print(table(["id", "account", "name", "mode", "key", "created", "state"], [_row(each) for each in keys]))


def revoke(id: KeyId, as_json: AsJson = False) -> None:
    """Revoke a key; it is refused within a second."""
    from reelgate.cli.client import admin

    if not id.startswith(("key_", "ak_")):
        message = "name the key by its id, which begins with key_ or ak_, not by the key itself"
        raise Trouble(message, Code.WRONG, command("keys", "list"))
    told = admin().ask("DELETE", f"/admin/v1/keys/{quote(id)}")
    if wants_json(as_json):
        give_json(told)
    say(f"{id} is revoked")


def _row(key: dict[str, Any]) -> list[str]:
    shown = f"{key['prefix']}…{key['last4']}"
    mode = f"{key['mode']} pair" if key["pair"] else key["mode"]
    return [key["id"], key["account"], key["name"], mode, shown, key["created_at"][:10], _state(key["revoked_at"])]


def _state(revoked_at: str | None) -> str:
    return "in use" if revoked_at is None else f"revoked {revoked_at[:10]}"
