"""`reelgate deliveries`: what became of the webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import typer

from reelgate.cli.terminal import give_json, say, table, wants_json

if TYPE_CHECKING:
    from reelgate.cli.client import Client

Job = Annotated[str | None, typer.Argument(metavar="[JOB]", help="Only those of this job.")]
Id = Annotated[str, typer.Argument(help="The id of a delivery, as `reelgate deliveries list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Key = Annotated[str | None, typer.Option(help="A caller's key. Default: REELGATE_KEY, else the one in the gateway's data folder.")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="How many.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="What became of the webhooks: list and replay them.", no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_deliveries)
    group.command("replay")(replay)
    app.add_typer(group, name="deliveries")


def list_deliveries(job: Job = None, limit: Limit = 20, as_json: AsJson = False, key: Key = None) -> None:
    """List your deliveries, the newest first, with what the receiver said last."""
    path = "/v1/deliveries" if job is None else f"/v1/jobs/{quote(job, safe='')}/deliveries"
    found = _client(key).get(f"{path}?{urlencode({'limit': limit})}")["data"]
    if wants_json(as_json):
        give_json(found)
        return
    if not found:
        say("no deliveries")
        return
    print(table(["delivery", "job", "told", "state", "tries", "last", "next", "receiver"], [_row(each) for each in found]))


def replay(id: Id, as_json: AsJson = False, key: Key = None) -> None:
    """Send a delivery once more, from now on by the whole schedule, whether it was delivered or given up."""
    delivery = _client(key).ask("POST", f"/v1/deliveries/{quote(id, safe='')}/replay")
    if wants_json(as_json):
        give_json(delivery)
        return
    say(f"{delivery['id']} is sent once more to {delivery['url']}")


def _row(delivery: dict[str, Any]) -> list[str]:
    tries = delivery["tries"]
    last = _words(tries[-1]) if tries else "-"
    waits = delivery["next_at"] if delivery["state"] == "pending" else None
    following = f"{datetime.fromisoformat(waits).astimezone():%Y-%m-%d %H:%M:%S}" if waits else "-"
    return [
        delivery["id"],
        delivery["job_id"],
        delivery["told"],
        delivery["state"],
        str(len(tries)),
        last,
        following,
        delivery["url"],
    ]


def _words(tried: dict[str, Any]) -> str:
    """What the receiver said to a try, or why it said nothing."""
    return str(tried["status"]) if tried["status"] is not None else tried["note"] or "no answer"


def _client(key: str | None) -> Client:
    from reelgate.cli.client import caller

    return caller(key)
