"""`reelgate jobs`, `get`, `cancel`, `logs`: the life of a job without a browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import typer

from reelgate.cli.program import command
from reelgate.cli.terminal import Tone, give_json, paint, printable, say, table, wants_json
from reelgate.cli.trouble import Code, Trouble

if TYPE_CHECKING:
    from reelgate.cli.client import Client

Id = Annotated[str, typer.Argument(help="The id of a job, in any of its forms.")]
AnyId = Annotated[str | None, typer.Argument(metavar="[ID]", help="The id of a job.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Where the video goes: a file, or a folder that is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Key = Annotated[str | None, typer.Option(help="A caller's key. Default: REELGATE_KEY, else the one in the gateway's data folder.")]
State = Annotated[str, typer.Option(help="Only those in these states: queued, running, done, failed, cancelled.", show_default=False)]
Model = Annotated[str, typer.Option(help="Only those of this model.", show_default=False)]
Limit = Annotated[int, typer.Option(min=1, max=200, help="How many.")]
Forever = Annotated[bool, typer.Option("-f", "--follow", help="Go on as things happen.")]

_TONE_OF_STATE: dict[str, Tone] = {
    "queued": "dim",
    "running": "cyan",
    "done": "green",
    "failed": "red",
    "cancelled": "yellow",
    "unknown": "red",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("jobs")(jobs)
    app.command("get")(get)
    app.command("cancel")(cancel)
    app.command("logs")(logs)


def jobs(state: State = "", model: Model = "", limit: Limit = 20, as_json: AsJson = False, key: Key = None) -> None:
    """List your jobs, the newest first."""
    asked = urlencode({"state": state, "endpoint": model, "limit": limit})
    found = _client(key).get(f"/v1/jobs?{asked}")["data"]
    if wants_json(as_json):
        give_json(found)
        return
    if not found:
        say("no jobs")
        return
    from reelgate.cli.follow import cost_words

    rows = [[each["id"], _clock(each["created_at"], day=True), each["state"], each["endpoint"], cost_words(each)] for each in found]
    print(table(["job", "accepted", "state", "model", "cost"], rows))


def get(id: Id, output: Output = None, as_json: AsJson = False, key: Key = None) -> None:
    """Fetch the video of a job. If it is still under way, it is followed to its end first."""
    from reelgate.cli.follow import OVER, bring, check_place, follow
    from reelgate.cli.progress import show_progress

    check_place(output)
    client = _client(key)
    job = client.get(f"/v1/jobs/{quote(id)}")
    if job["state"] not in OVER:
        with show_progress() as progress:
            job = follow(client, job["id"], progress)
    bring(client, job, output, as_json=wants_json(as_json))


def cancel(id: Id, as_json: AsJson = False, key: Key = None) -> None:
    """Cancel a job, and say what came of it."""
    from reelgate.cli.follow import cost_words

    answer = _client(key).ask("POST", f"/v1/jobs/{quote(id)}/cancel")
    job = answer["job"]
    if wants_json(as_json):
        give_json(answer)
    match answer["cancelled"]:
        case "now":
            say("cancelled; nothing was charged")
        case "requested":
            say("asked to cancel; it stops within a second where that is possible")
        case _ if job["state"] == "cancelled":
            say("it was cancelled before; nothing was charged")
        case _:
            charged = f"charged: {cost_words(job)}" if job["state"] == "done" else "nothing was charged"
            raise Trouble(f"too late: it is {job['state']}; {charged}", Code.WRONG, command("logs", job["id"]))


def logs(id: AnyId = None, follow: Forever = False, as_json: AsJson = False, key: Key = None) -> None:
    """Tell the story of a job. With -f, everything that happens is told as it happens."""
    if id is None and not follow:
        raise Trouble("name a job, or follow all of them with -f", Code.WRONG, command("logs", "-f"), command("jobs"))
    client = _client(key)
    if id is None:
        _follow_all(client, as_json=wants_json(as_json))
        return
    if key is None and not follow and not wants_json(as_json) and (told := _as_its_operator_sees_it(id)) is not None:
        tell_whole(told)
        return
    path = f"/v1/jobs/{quote(id)}"
    for event in client.events(f"{path}/events") if follow else client.get(f"{path}/events")["data"]:
        print(_line_of_json(event) if wants_json(as_json) else _line(event), flush=True)
    if not wants_json(as_json) and (failure := client.get(path)["failure"]):
        print(f"{'':<14}{printable(failure['message'])}")


def _as_its_operator_sees_it(id: str) -> dict[str, Any] | None:
    """With its attempts; None where there is no admin key for that."""
    from reelgate.cli.client import admin

    try:
        return admin().get(f"/admin/v1/jobs/{quote(id)}")
    except Trouble:
        return None


def tell_whole(told: dict[str, Any]) -> None:
    """The story with each try at its time: where, by which choice, under which of the vendor's ids, and how it ended."""
    lines = [(event["at"], _line(event)) for event in told["events"]]
    for attempt in told["attempts"]:
        lines += [(at, f"{_clock(at)}  {text}") for at, text in _steps(attempt)]
    for _, line in sorted(lines, key=lambda each: each[0]):  # a stable sort: what happened in one millisecond stays in order
        print(line)
    if told["failure"]:
        print(f"{'':<14}{printable(told['failure']['message'])}")


def _steps(attempt: dict[str, Any]) -> Iterator[tuple[str, str]]:
    name = f"attempt {attempt['number']}"
    where = f"{attempt['channel']} as {attempt['model']}" if attempt["channel"] else attempt["engine"]
    why = f"  ({attempt['choice']})" if attempt["choice"] else ""
    yield attempt["opened_at"], printable(f"{name}: {where}{why}")
    if attempt["sent_at"]:
        yield attempt["sent_at"], f"{name}: sent"
    if attempt["upstream_id"]:  # one of before schema 5 does not know when it was accepted
        accepted_at = attempt["accepted_at"] or attempt["sent_at"] or attempt["opened_at"]
        yield accepted_at, printable(f"{name}: accepted, upstream id {attempt['upstream_id']}")
    if attempt["closed_at"]:
        yield attempt["closed_at"], printable(f"{name}: {attempt['state']}{', ' + attempt['note'] if attempt['note'] else ''}")
    if attempt["again_at"]:
        yield attempt["again_at"], f"{name}: the same, {attempt['tries']} times in all so far"


def _follow_all(client: Client, *, as_json: bool) -> None:
    names: dict[str, str] = {}
    say("following; Ctrl+C ends it")
    for event in client.events("/v1/events"):
        job_id = event["job_id"]
        if as_json:
            print(_line_of_json(event), flush=True)
            continue
        if job_id not in names:
            names[job_id] = client.get(f"/v1/jobs/{quote(job_id)}")["endpoint"]
        print(f"{_line(event)}  {names[job_id]}  {job_id}", flush=True)


def _line(event: dict[str, Any]) -> str:
    if event["state"]:
        text = paint(f"{event['state']:<9}", _TONE_OF_STATE[event["state"]], sys.stdout)
    elif event["fraction"] is not None:
        text = f"{printable(event['message'])}  {event['fraction']:.0%}"
    else:
        text = printable(event["message"])
    return f"{_clock(event['at'])}  {text}"


def _line_of_json(event: dict[str, Any]) -> str:
    import json

    return json.dumps(event, ensure_ascii=False)


def _clock(instant: str, *, day: bool = False) -> str:
    here = datetime.fromisoformat(instant).astimezone()
    return f"{here:%Y-%m-%d %H:%M:%S}" if day else f"{here:%H:%M:%S}.{here.microsecond // 1000:03d}"


def _client(key: str | None) -> Client:
    from reelgate.cli.client import caller

    return caller(key)
