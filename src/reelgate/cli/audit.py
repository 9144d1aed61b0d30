"""`reelgate audit`: who did what, and whether the log of it is as it was written."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from typing import Annotated, Any, cast
from urllib.parse import urlencode

import typer

from reelgate.cli.amount import dollars
from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, is_live, printable, say, table, wants_json, wrapped
from reelgate.cli.trouble import Code, Trouble

Subject = Annotated[str | None, typer.Argument(metavar="[SUBJECT]", help="Only about this account, key, job, model or price book.")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="How many.")]
Before = Annotated[int | None, typer.Option(min=1, help="Only lines before the one of this number.", show_default=False)]
Verify = Annotated[bool, typer.Option("--verify", help="Make every hash anew and say whether the log is as it was written.")]
Head = Annotated[str, typer.Option(help="The head that an earlier check told: was anything cut off?", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)


def audit(
    subject: Subject = None,
    *,
    limit: Limit = 20,
    before: Before = None,
    verify: Verify = False,
    head: Head = "",
    as_json: AsJson = False,
) -> None:
    """List what admins did, the newest first; or, with --verify, look whether the log is as it was written.

    Each line is sealed to all before it by a hash. Whoever changes, removes or adds one breaks the chain from there on, and --verify
    says where. Whoever cuts off the end does not: keep the head that --verify prints elsewhere, and give it to the next check.
    """
    from reelgate.cli.client import admin

    if verify or head:
        _verify(admin().get(f"/admin/v1/audit/verify?{urlencode({'head': head} if head else {})}"), as_json=wants_json(as_json))
        return
    asked: dict[str, Any] = {"limit": limit, "before": before, "subject": subject}
    page = admin().get(f"/admin/v1/audit?{urlencode({name: value for name, value in asked.items() if value})}")
    if wants_json(as_json):
        give_json(page["data"])
        return
    if not page["data"]:
        say("nothing is in the log")
        return
    lines = page["data"]
    head, *rows = table(["line", "at", "by", "did", "to"], [_row(line) for line in lines], right={0}).splitlines()
    print(head)
    for line, row in zip(lines, rows, strict=True):
        print(row)
        for more in _told(line):
            print(f"      {more}")
    if page["next"]:
        say(f"older ones: {command('audit', *([subject] if subject else []), '--before', str(page['next']))}")


def _verify(verdict: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        give_json(verdict)
    elif verdict["head"]:
        print(verdict["head"])
    if verdict["broken"]:
        lines = ", ".join(map(str, verdict["broken"]))
        message = f"the audit log was changed: of its {verdict['lines']} lines these do not follow from the ones before them: {lines}"
        raise Trouble(message, Code.FAILED, command("audit", "--before", str(verdict["broken"][0] + 1)))
    if verdict["kept"] is False:
        raise Trouble("the audit log was cut off or written anew: the head that you gave is not in it", Code.FAILED, command("audit"))
    kept = ", and the head that you gave is among them" if verdict["kept"] else ""
    say(f"{verdict['lines']} lines, each sealed to the one before it{kept}; keep this head elsewhere for the next check")


def _row(line: dict[str, Any]) -> list[str]:
    at = datetime.fromisoformat(line["at"]).astimezone()
    return [str(line["number"]), f"{at:%Y-%m-%d %H:%M}", line["actor"], line["action"], line["subject"]]


def _told(line: dict[str, Any]) -> list[str]:
    """How and why, on lines of their own."""
    why = [f"“{line['reason']}”"] if line["reason"] else []
    between = " → " if line["action"].endswith(".change") else ", "
    how = [
        f"{_NAMES.get(name, name)} {_plain(name, value, between)}" for name, value in line["detail"].items() if not _unasked(name, value)
    ]
    text = printable("; ".join([*why, *how]))
    room = shutil.get_terminal_size().columns - 6
    return (wrapped(text, room) if is_live(sys.stdout) else [text]) if text else []


def _plain(name: str, value: Any, between: str) -> str:
    if name == "price":
        return _price(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return between.join(_plain(name, each, ", ") for each in cast("list[Any]", value)) or "none"
    if isinstance(value, str) and name in {"amount", "daily_spend", "spend_limit"}:
        return dollars(value)
    return ("all of it" if name == "amount" else "none") if value is None else str(value)


def _price(price: dict[str, Any]) -> str:
    """A rule as it was set: the amounts in the order in which they are asked."""
    rates: list[str] = []
    for rate in price["rates"]:
        conditions = ", ".join("".join(_spelled(part) for part in each) for each in rate["when"])
        amount = f"{rate['micros'] // 1_000_000}.{rate['micros'] % 1_000_000:06d}"
        rates.append(f"{dollars(amount)} a {price['unit']}" + (f" where {conditions}" if conditions else ""))
    return ", ".join(rates)


def _spelled(part: Any) -> str:
    return str(part).lower() if isinstance(part, bool) else str(part)


def _unasked(name: str, value: Any) -> bool:
    """Whether nobody typed it: the key by which this command line makes a movement repeatable."""
    return name == "reference" and str(value).startswith("cli-")


_NAMES = {
    "spend_limit": "limit",
    "daily_spend": "a day",
    "per_second": "submits a second",
    "concurrency": "jobs at once",
    "expires_at": "expires",
    "time_zone": "days of",
    "per_dollar": "a dollar is",
    "former_until": "the former one works until",
}
