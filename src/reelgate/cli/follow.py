"""Follow a job to its end, and bring home what it made."""

from __future__ import annotations

import sys
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from reelgate.cli.client import Client, Unreached
from reelgate.cli.form import Form
from reelgate.cli.program import command
from reelgate.cli.progress import Progress, read_event, show_progress
from reelgate.cli.terminal import give_json, paint, printable, say
from reelgate.cli.trouble import Code, Trouble

OVER = frozenset({"done", "failed", "cancelled", "unknown"})
_LOOK_EVERY_S = 0.25
_PATIENCE_S = 30.0
_CANCEL_PATIENCE_S = 5.0


def follow(client: Client, job_id: str, progress: Progress) -> dict[str, Any]:
    """The job as it ended. A gateway that restarts meanwhile is waited for."""
    after, mute_since_s = 0, 0.0
    while True:
        try:
            job = client.get(f"/v1/jobs/{quote(job_id)}")
            events = client.get(f"/v1/jobs/{quote(job_id)}/events?after={after}")["data"]
        except Unreached as error:
            mute_since_s = _wait_for_gateway(error, job_id, mute_since_s, progress)
            continue
        mute_since_s = 0.0
        if job["state"] == "queued":
            progress.waiting(job["position"])
        for event in events:
            read_event(event, progress)
            after = max(after, event["sequence"])
        if job["state"] in OVER:
            return job
        _pause(_LOOK_EVERY_S)


def bring(client: Client, job: dict[str, Any], output: Path | None, *, as_json: bool, form: Form | None = None) -> None:
    """Write the video of a job that is over and print its path alone; `Trouble` with the reason if there is none."""
    if job["state"] != "done":
        if as_json:
            give_json(job)
        raise _failed(job, form)
    to = place(output, job["id"])
    size = client.fetch(job["video"]["url"], to)
    for each in job["dropped"]:
        say(f"{paint('note', 'yellow', sys.stderr)} {each['field']} did nothing: {each['reason']}")
    for remark in job["video"]["remarks"]:
        say(f"{paint('note', 'yellow', sys.stderr)} {printable(remark)}")
    say(f"{paint('done', 'green', sys.stderr)} {to}  {summary(job, size)}")
    if as_json:
        give_json({**job, "path": str(to)})
    else:
        print(to)


def see_through(client: Client, job_id: str, output: Path | None, *, as_json: bool, form: Form | None = None) -> None:
    """Follow a job and bring its video; an interrupt asks the gateway to cancel it."""
    try:
        with show_progress() as progress:
            job = follow(client, job_id, progress)
    except KeyboardInterrupt:
        raise take_back(client, job_id) from None
    bring(client, job, output, as_json=as_json, form=form)


def take_back(client: Client, job_id: str) -> Trouble:
    """Ask to cancel a job, and say what came of it and whether it was charged."""
    say(f"\ninterrupted; asking the gateway to cancel {job_id}")
    client.close()
    try:
        job = client.ask("POST", f"/v1/jobs/{quote(job_id)}/cancel")["job"]
        deadline_s = time.monotonic() + _CANCEL_PATIENCE_S
        while job["state"] not in OVER and time.monotonic() < deadline_s:
            _pause(_LOOK_EVERY_S)
            job = client.get(f"/v1/jobs/{quote(job_id)}")
    except Trouble as trouble:
        return Trouble(f"the cancel did not arrive: {trouble.message}", Code.INTERRUPTED, command("cancel", job_id))
    return Trouble(_what_came(job), Code.INTERRUPTED, command("jobs") if job["state"] == "cancelled" else command("get", job_id))


def place(output: Path | None, job_id: str) -> Path:
    """Where a video goes: the file, a name of its own in the folder, or one in the current folder."""
    name = f"reelgate-{job_id[-8:]}.mp4"
    if output is None:
        return Path(name)
    return output / name if output.is_dir() else output


def check_place(output: Path | None) -> None:
    """Stop before anything is asked for if its result could not be written."""
    if output is not None and not output.is_dir() and not output.absolute().parent.is_dir():
        raise Trouble(f"-o {output}: there is no folder {output.absolute().parent}", Code.WRONG, f"mkdir -p {output.absolute().parent}")


def cost_words(job: dict[str, Any]) -> str:
    """What a job cost, with the arithmetic."""
    amount = Decimal(job["cost"]["amount"])
    if not amount:
        return "free"
    words = job["cost"]["words"]
    return f"${amount:.4f}".rstrip("0").rstrip(".") + (f" ({words})" if words else "")


def size_words(size_bytes: int) -> str:
    """A size as people say it."""
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e6 else f"{max(size_bytes // 1000, 1)} kB"  # noqa: PLR2004 -- a megabyte


def summary(job: dict[str, Any], size: int) -> str:
    """The facts of a finished job on one line; `size` is that of its file in bytes."""
    video = job["video"]
    sound = ", with sound" if video["sound"] else ""
    took = f"took {job['render_s']:.1f} s" if job["render_s"] else ""
    clip = f"{video['seconds']:g} s at {video['width']}×{video['height']}{sound}"
    return " · ".join(each for each in (size_words(size), clip, cost_words(job), took, job["engine"], job["id"]) if each)


def _failed(job: dict[str, Any], form: Form | None) -> Trouble:
    tip = command("logs", job["id"])
    if job["state"] == "cancelled":
        return Trouble("cancelled; nothing was charged", Code.FAILED, tip)
    failure: dict[str, Any] = job["failure"] or {"message": "nobody knows how it ended", "field": None}
    where = ""
    if failure["field"]:
        where = f"{form.option(failure['field']) if form else failure['field']}: "
    return Trouble(f"{where}{failure['message'].rstrip('.')}; nothing was charged", Code.WRONG if where else Code.FAILED, tip)


def _what_came(job: dict[str, Any]) -> str:
    match job["state"]:
        case "cancelled":
            return "cancelled; nothing was charged"
        case "done":
            return f"it was done already; charged: {cost_words(job)}"
        case "failed" | "unknown":
            return "it had failed already; nothing was charged"
        case _:
            return f"asked to cancel; it still runs, and costs {cost_words(job)} if it ends before that"


def _wait_for_gateway(error: Unreached, job_id: str, since_s: float, progress: Progress) -> float:
    now_s = time.monotonic()
    if since_s and now_s - since_s > _PATIENCE_S:
        raise Trouble(f"{error.message}; the job goes on when it is back", Code.UNREACHED, command("get", job_id)) from None
    progress.note("the gateway does not answer; the job is safe, trying again")
    _pause(1.0)
    return since_s or now_s


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)
