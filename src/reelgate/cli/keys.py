"""`reelgate keys`: what callers show."""

from __future__ import annotations

import sys
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from reelgate.cli.accounts import Jobs, Model, PerDay, Rate, Reason, limits_of
from reelgate.cli.amount import day_words, dollars, limit_words, read_limit, read_span, until
from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, paint, printable, say, table, wants_json
from reelgate.cli.trouble import Code, Trouble

Name = Annotated[str, typer.Argument(help="A label, so that you know it again.")]
NewName = Annotated[str | None, typer.Option("--name", help="Another label.", show_default=False)]
Account = Annotated[str, typer.Option(help="Whose key it is.")]
Test = Annotated[bool, typer.Option("--test", help="A test key: its jobs cost nothing and only ever reach the preview engine.")]
Admin = Annotated[bool, typer.Option("--admin", help="An admin key: for these commands and /admin/v1, not for jobs.")]
Pair = Annotated[bool, typer.Option("--pair", help="An access key and a secret key, for clients that sign tokens as Kling's do.")]
FromStdin = Annotated[
    bool,
    typer.Option("--secret-from-stdin", help="Take over a key that the customer has, unchanged: 24 to 512 visible characters."),
]
Limit = Annotated[str | None, typer.Option("--limit", metavar="DOLLARS", help="Most that its jobs may cost for good; none takes it away.")]
From = Annotated[list[str] | None, typer.Option("--from", metavar="CIDR", help="Only from these addresses; may be repeated.")]
Expires = Annotated[str | None, typer.Option("--expires", metavar="30d|DATE", help="When it ends: after 12h or 30d, or on a day.")]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="It may look, and change nothing.")]
Writes = Annotated[bool | None, typer.Option("--read-only/--read-write", help="Whether it may only look.", show_default=False)]
Overlap = Annotated[str, typer.Option("--overlap", metavar="24h|7d", help="For how long the former key works beside it; at most 7d.")]
Only = Annotated[str | None, typer.Option("--account", help="Only those of this account.", show_default=False)]
KeyId = Annotated[str, typer.Argument(help="The id of a key or pair, as `reelgate keys list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="What callers show: create, change, rotate and revoke keys.", no_args_is_help=True, rich_markup_mode=None)
    group.command("create")(create)
    group.command("list")(list_keys)
    group.command("show")(show)
    group.command("set")(change)
    group.command("rotate")(rotate)
    group.command("revoke")(revoke)
    app.add_typer(group, name="keys")


def create(
    name: Name,
    *,
    account: Account = "owner",
    test: Test = False,
    admin: Admin = False,
    pair: Pair = False,
    secret_from_stdin: FromStdin = False,
    limit: Limit = None,
    per_day: PerDay = None,
    rate: Rate = None,
    jobs: Jobs = None,
    model: Model = None,
    networks: From = None,
    expires: Expires = None,
    read_only: ReadOnly = False,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Create a key. It alone goes to stdout, and it is shown this once: KEY=$(reelgate keys create ci).

    A pair goes there as two lines that a shell can read: eval "$(reelgate keys create ci --pair)" sets ACCESS_KEY and SECRET_KEY. A
    customer's own key is taken over without being shown: reelgate keys create old --account bob --secret-from-stdin < key.txt
    """
    from reelgate.cli.client import admin as admin_client

    if test and admin:
        raise Trouble("a key is a test key or an admin key, not both", Code.WRONG, command("keys", "create", "--help"))
    asked: dict[str, Any] = {"name": name, "account": account, "mode": "test" if test else "admin" if admin else "live", "pair": pair}
    asked |= {"reason": reason, **_bounds(limit, networks, expires, read_only or None), **limits_of(per_day, rate, jobs, model)}
    if secret_from_stdin:
        asked["secret"] = _from_stdin()
    made = admin_client().ask("POST", "/admin/v1/keys", asked)
    if wants_json(as_json):
        give_json(made)
        return
    _tell_once(made)


def list_keys(account: Only = None, as_json: AsJson = False) -> None:
    """List the keys, without what is secret of them."""
    from reelgate.cli.client import admin

    keys = admin().get("/admin/v1/keys" + (f"?{urlencode({'account': account})}" if account else ""))["data"]
    if wants_json(as_json):
        give_json(keys)
        return
    print(table(["id", "account", "name", "mode", "key", "spent", "state"], [_row(each) for each in keys], right={5}))


def show(id: KeyId, as_json: AsJson = False) -> None:
    """Show one key whole: what it may do, what bounds it, how much of that is used, and when it was last shown."""
    from reelgate.cli.client import admin

    key = admin().get(f"/admin/v1/keys/{_checked(id)}")
    if wants_json(as_json):
        give_json(key)
        return
    _show(key)


def change(
    id: KeyId,
    *,
    name: NewName = None,
    limit: Limit = None,
    per_day: PerDay = None,
    rate: Rate = None,
    jobs: Jobs = None,
    model: Model = None,
    networks: From = None,
    expires: Expires = None,
    read_only: Writes = None,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Change what is named of a key, within a second. What is not named stays."""
    from reelgate.cli.client import admin

    asked = {**({} if name is None else {"name": name}), **_bounds(limit, networks, expires, read_only)}
    asked |= limits_of(per_day, rate, jobs, model)
    if not asked:
        raise Trouble("nothing to change was named", Code.WRONG, command("keys", "set", "--help"))
    key = admin().ask("PATCH", f"/admin/v1/keys/{_checked(id)}", {**asked, "reason": reason})
    if wants_json(as_json):
        give_json(key)
        return
    _show(key)


def rotate(id: KeyId, overlap: Overlap = "24h", reason: Reason = "", as_json: AsJson = False) -> None:
    """Create a key that follows a former one, with all that it has and may. It alone goes to stdout, and it is shown this once.

    The former key works beside it until the overlap is over, so that nobody is locked out. What both spend counts together.
    """
    from reelgate.cli.client import admin

    span = read_span(overlap)
    if span is None:
        raise Trouble("--overlap is a span like 24h or 7d; 0h ends the former key at once", Code.WRONG, command("keys", "rotate", "--help"))
    asked = {"overlap_s": int(span.total_seconds()), "reason": reason}
    made = admin().ask("POST", f"/admin/v1/keys/{_checked(id)}/rotate", asked)
    if wants_json(as_json):
        give_json(made)
        return
    _tell_once(made)
    say(f"it follows {id}, which works for {overlap} more")


def revoke(id: KeyId, reason: Reason = "", as_json: AsJson = False) -> None:
    """Revoke a key; it is refused within a second."""
    from reelgate.cli.client import admin

    told = admin().ask("DELETE", f"/admin/v1/keys/{_checked(id)}" + (f"?{urlencode({'reason': reason})}" if reason else ""))
    if wants_json(as_json):
        give_json(told)
    say(f"{id} is revoked")


def _checked(id: str) -> str:
    """An id for a path: whoever pastes the key itself is told so, before it gets into a log."""
    if not id.startswith(("key_", "ak_")):
        message = "name the key by its id, which begins with key_ or ak_, not by the key itself"
        raise Trouble(message, Code.WRONG, command("keys", "list"))
    return quote(id, safe="")


def _bounds(limit: str | None, networks: list[str] | None, expires: str | None, read_only: bool | None) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    if limit is not None:
        bounds["spend_limit"] = read_limit(limit)
    if networks:
        bounds["networks"] = [] if networks == ["none"] else networks
    if expires is not None:
        bounds["expires_at"] = until(expires)
    if read_only is not None:
        bounds["scopes"] = ["read"] if read_only else ["read", "write"]
    return bounds


def _from_stdin() -> str:
    if sys.stdin.isatty():
        say("paste the key, then Enter:")
    secret = sys.stdin.readline().strip("\r\n")
    if not secret:
        message = "no key came on stdin"
        raise Trouble(message, Code.WRONG, command("keys", "create", "NAME", "--secret-from-stdin") + " < key.txt")
    return secret


def _tell_once(made: dict[str, Any]) -> None:
    key = made["key"]
    if "secret_key" in made:
        print(f"ACCESS_KEY={made['access_key']}\nSECRET_KEY={made['secret_key']}")
        say(f"{key['mode']} pair ({key['name']}) of account {key['account']}; keep the secret key now, it is not shown again")
    elif "secret" in made:
        print(made["secret"])
        say(f"{key['mode']} key {key['id']} ({key['name']}) of account {key['account']}; keep it now, it is not shown again")
    else:
        print(key["id"])
        say(f"the customer's own key works as {key['mode']} key {key['id']} ({key['name']}) of account {key['account']}")


def _row(key: dict[str, Any]) -> list[str]:
    shown = f"{key['prefix']}…{key['last4']}"
    mode = f"{key['mode']} pair" if key["pair"] else key["mode"]
    return [key["id"], key["account"], key["name"], mode, shown, dollars(key["spent"]), _state(key)]


def _state(key: dict[str, Any]) -> str:
    if key["state"] == "revoked":
        return f"revoked {day_words(key['revoked_at'])}"
    if key["state"] == "expired":
        return f"expired {day_words(key['expires_at'])}"
    return "in use" if key["expires_at"] is None else f"to {day_words(key['expires_at'])}"


def _show(key: dict[str, Any]) -> None:
    print(f"{paint(key['id'], 'bold', sys.stdout)}   {printable(key['name'])}")
    spent = dollars(key["spent"]) + (f" of {dollars(key['spend_limit'])}" if key["spend_limit"] is not None else "")
    bounds = limit_words(key["limits"])
    follows = "" if key["line"] == key["id"] else f"; together with those that it follows, from {key['line']} on"
    rows = [
        ["account", key["account"]],
        ["mode", f"{key['mode']} pair" if key["pair"] else key["mode"]],
        ["key", f"{key['prefix']}…{key['last4']}"],
        ["state", f"in use {_state(key)}" if key["state"] == "in use" and key["expires_at"] else _state(key)],
        ["may", "read and write" if "write" in key["scopes"] else "read only"],
        ["spent", f"{spent}{follows}"],
        ["limits", "; ".join(bounds) if bounds else "none of its own"],
        ["from", ", ".join(key["networks"]) or "anywhere"],
        ["created", f"{day_words(key['created_at'])} by {key['created_by']}"],
        ["last used", day_words(key["last_used_at"])],
    ]
    print(table([], rows))
