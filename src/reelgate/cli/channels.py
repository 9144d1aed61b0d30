"""`reelgate channels`: the accounts at providers that real videos are bought through."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from reelgate.cli.channel_settings import (
    Address,
    Cancelled,
    Concurrency,
    JobLimit,
    Models,
    Options,
    Patience,
    PerSecond,
    PollTimeout,
    Priority,
    StoreOutputs,
    SubmitTimeout,
    Weight,
    Window,
    pairs,
    settings_of,
)
from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, say, table, wants_json
from reelgate.cli.trouble import Code, Trouble

Id = Annotated[str, typer.Argument(metavar="CHANNEL", help="The id of a channel.")]
NewId = Annotated[str, typer.Argument(metavar="CHANNEL", help="Its id: a-z, 0-9, '.', '_' and '-'.")]
Provider = Annotated[str, typer.Argument(help="The provider; `reelgate channels providers` lists them.")]
SecretEnv = Annotated[
    list[str] | None,
    typer.Option("--secret-env", metavar="NAME=VARIABLE", help="A secret that an environment variable holds: api_key=FAL_KEY."),
]
FromStdin = Annotated[bool, typer.Option("--secrets-from-stdin", help="Read secrets from stdin, one NAME=VALUE a line.")]
Run = Annotated[bool, typer.Option("--run", help="Make a real video through it.")]
OneModel = Annotated[str, typer.Option("--model", help="The model to try. Default: the cheapest.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask whether the cost is fine.")]
Confirm = Annotated[bool, typer.Option("--confirm", help="Confirm the vendor's list price where no other was set.")]
Note = Annotated[str, typer.Option(help="Why, for people and for the audit log.", show_default=False)]
Reason = Annotated[str, typer.Option(help="Why, for the audit log.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="Accounts at providers, through which videos are bought.", no_args_is_help=True, rich_markup_mode=None)
    group.command("add")(add)
    group.command("list")(list_channels)
    group.command("show")(show)
    group.command("set")(change)
    group.command("test")(check)
    group.command("costs")(costs)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("remove")(remove)
    group.command("providers")(providers)
    app.add_typer(group, name="channels")


def add(
    channel: NewId,
    provider: Provider,
    *,
    address: Address = None,
    models: Models = None,
    options: Options = None,
    priority: Priority = None,
    weight: Weight = None,
    concurrency: Concurrency = None,
    per_second: PerSecond = None,
    submit_timeout_s: SubmitTimeout = None,
    poll_timeout_s: PollTimeout = None,
    job_limit_s: JobLimit = None,
    window_s: Window = None,
    patience_s: Patience = None,
    on_cancel: Cancelled = None,
    store_outputs: StoreOutputs = None,
    secret_env: SecretEnv = None,
    secrets_from_stdin: FromStdin = False,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Set up a channel. It is given work at once; live keys are served by channels from the first one on. Its id goes to stdout.

    reelgate channels add fal-main fal --secret-env api_key=FAL_KEY

    A secret is never an argument, which others on this machine could read.
    """
    settings = settings_of(
        address=address,
        models=models,
        options=options,
        priority=priority,
        weight=weight,
        concurrency=concurrency,
        per_second=per_second,
        submit_timeout_s=submit_timeout_s,
        poll_timeout_s=poll_timeout_s,
        job_limit_s=job_limit_s,
        window_s=window_s,
        patience_s=patience_s,
        on_cancel=on_cancel,
        store_outputs=store_outputs,
    )
    secrets = _secrets(secret_env, from_stdin=secrets_from_stdin)
    told = _ask("POST", "/admin/v1/channels", {"id": channel, "provider": provider, "secrets": secrets, "reason": reason, **settings})
    if wants_json(as_json):
        give_json(told)
        return
    print(told["id"])
    say(f"{told['provider']} at {told['address']}: {_count(told['offers'], 'model')}")
    if told["without_cost"]:
        say(f"for {_count(told['without_cost'], 'model')} the vendor's list price counts as cost until `prices set --channel` says another")
    say(f"see whether its key is good, for nothing: {command('channels', 'test', channel)}")


def list_channels(as_json: AsJson = False) -> None:
    """List the channels, and how each does in the gateway that is asked."""
    found = _ask("GET", "/admin/v1/channels")["data"]
    if wants_json(as_json):
        give_json(found)
        return
    if not found:
        say(f"there are no channels yet: {command('channels', 'add')}")
        return
    rows = [
        [each["id"], each["provider"], str(each["priority"]), _count(each["offers"], "model"), _jobs(each), _state(each)] for each in found
    ]
    print(table(["channel", "provider", "priority", "offers", "jobs", "state"], rows))


def show(channel: Id, as_json: AsJson = False) -> None:
    """Show one channel with all that is set, but for its secrets, which nobody sees again."""
    told = _ask("GET", _path(channel))
    if wants_json(as_json):
        give_json(told)
        return
    _show(told)


def change(
    channel: Id,
    *,
    address: Address = None,
    models: Models = None,
    options: Options = None,
    priority: Priority = None,
    weight: Weight = None,
    concurrency: Concurrency = None,
    per_second: PerSecond = None,
    submit_timeout_s: SubmitTimeout = None,
    poll_timeout_s: PollTimeout = None,
    job_limit_s: JobLimit = None,
    window_s: Window = None,
    patience_s: Patience = None,
    on_cancel: Cancelled = None,
    store_outputs: StoreOutputs = None,
    secret_env: SecretEnv = None,
    secrets_from_stdin: FromStdin = False,
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Change what is named of a channel, within a second. What is not named stays.

    Models, options and secrets are each replaced as a whole. Its provider stays: jobs that it has are asked for there.
    """
    asked = settings_of(
        address=address,
        models=models,
        options=options,
        priority=priority,
        weight=weight,
        concurrency=concurrency,
        per_second=per_second,
        submit_timeout_s=submit_timeout_s,
        poll_timeout_s=poll_timeout_s,
        job_limit_s=job_limit_s,
        window_s=window_s,
        patience_s=patience_s,
        on_cancel=on_cancel,
        store_outputs=store_outputs,
    )
    if secrets := _secrets(secret_env, from_stdin=secrets_from_stdin):
        asked["secrets"] = secrets
    if not asked:
        raise Trouble("nothing to change was named", Code.WRONG, command("channels", "set", "--help"))
    told = _ask("PATCH", _path(channel), {**asked, "reason": reason})
    if wants_json(as_json):
        give_json(told)
        return
    _show(told)


def check(channel: Id, *, run: Run = False, model: OneModel = "", yes: Yes = False, as_json: AsJson = False) -> None:
    """Ask a channel something that costs nothing, to see whether its key is good. Status 1 if it is not.

    With --run a real video is made through it, the cheapest that it can make. What that costs is said before it is bought.
    """
    if run:
        _run(channel, model, yes=yes, as_json=wants_json(as_json))
        return
    told = _ask("POST", f"{_path(channel)}/check")
    if wants_json(as_json):
        give_json(told)
    else:
        say(f"{channel}: {told['said']}; this cost nothing")
    if not told["good"]:
        raise Trouble(f"{channel} is not good", Code.WRONG, command("channels", "show", channel))


def costs(channel: Id, *, confirm: Confirm = False, as_json: AsJson = False) -> None:
    """List what the models of a channel cost you there. With --confirm the vendor's list price is yours where you said no other."""
    path = f"{_path(channel)}/costs"
    told = _ask("POST", path) if confirm else _ask("GET", path)
    if wants_json(as_json):
        give_json(told)
        return
    rows = [[each["endpoint"], each["price"] or "none", "yes" if each["confirmed"] else "no"] for each in told["data"]]
    print(table(["model", "cost", "confirmed"], rows))
    if confirm:
        say(f"{told['confirmed']} confirmed")
    elif any(not each["confirmed"] for each in told["data"]):
        say(f"confirm them: {command('channels', 'costs', channel, '--confirm')}")
        say(f"set another one: {command('prices', 'set')} … --channel {channel}")


def pause(channel: Id, note: Note = "") -> None:
    """Give a channel no more work. What it has begun is followed to its end."""
    _ask("POST", f"{_path(channel)}/pause", {"note": note})
    say(f"{channel} is paused; {command('channels', 'resume', channel)} gives it work again")


def resume(channel: Id) -> None:
    """Give a channel work again."""
    _ask("POST", f"{_path(channel)}/resume")
    say(f"{channel} is given work")


def remove(channel: Id, reason: Reason = "") -> None:
    """Forget a channel and its secrets. Jobs that it still has could not be asked for any more, so it must have none."""
    told = _ask("GET", _path(channel))
    if told["health"]["running"]:
        raise Trouble(f"{channel} has {_jobs(told)} jobs: pause it and wait for them", Code.WRONG, command("channels", "pause", channel))
    _ask("DELETE", _path(channel) + (f"?{urlencode({'reason': reason})}" if reason else ""))
    say(f"{channel} is gone")


def providers(as_json: AsJson = False) -> None:
    """List the vendors that channels can be set up at, with the secrets and options that each knows."""
    found = _ask("GET", "/admin/v1/providers")["data"]
    if wants_json(as_json):
        give_json(found)
        return
    rows = [[each["name"], each["title"], each["address"] or "its own", ", ".join(each["secrets"]), str(each["models"])] for each in found]
    print(table(["provider", "what", "address", "secrets", "models"], rows))
    for each in found:
        for name, text in each["options"].items():
            say(f"--option {name}= of {each['name']}: {text}")


def _show(told: dict[str, Any]) -> None:
    plain = {
        name: value for name, value in told.items() if name not in {"offers", "without_cost", "health", "secrets", "models", "options"}
    }
    rows = [[name, str(value)] for name, value in plain.items() if value not in (None, "")]
    rows += [
        [name, ", ".join(f"{key}={value}" if value else key for key, value in told[name].items()) or "all"]
        for name in ("models", "options")
    ]
    rows += [
        ["secrets", ", ".join(told["secrets"])],
        ["offers", _count(told["offers"], "model")],
        ["jobs", _jobs(told)],
        ["health", _state(told)],
    ]
    print(table(["what", "value"], rows))


def _run(channel: str, model: str, *, yes: bool, as_json: bool) -> None:
    """Name the cost, ask, buy, and bring the video home."""
    from reelgate.cli.client import admin
    from reelgate.cli.follow import see_through
    from reelgate.cli.terminal import agrees

    client = admin()
    path = f"{_path(channel)}/trial"
    trial = client.get(f"{path}?{urlencode({'endpoint': model})}")
    say(f"a real video of {trial['endpoint']} through {channel} costs you about ${trial['cost']} ({trial['words']})")
    if not yes and not agrees("buy it?"):
        raise Trouble("nothing was bought", Code.WRONG, command("channels", "test", channel, "--run", "--yes"))
    job = client.ask("POST", path, {"endpoint": trial["endpoint"], "cost": trial["cost"]})["job"]
    from reelgate.cli.client import caller

    see_through(caller(None), job["id"], None, as_json=as_json)


def _ask(method: str, path: str, body: Any = None) -> Any:
    from reelgate.cli.client import admin

    return admin().ask(method, path, body)


def _path(channel: str) -> str:
    return f"/admin/v1/channels/{quote(channel, safe='')}"


def _secrets(variables: list[str] | None, *, from_stdin: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, variable in pairs(variables, "--secret-env").items():
        value = os.environ.get(variable, "")
        if not value:
            raise Trouble(f"the environment has no {variable}", Code.WRONG, "set it, or use --secrets-from-stdin")
        found[name] = value
    if from_stdin:
        found |= pairs([line.strip() for line in sys.stdin if line.strip()], "a line of stdin")
    return found


def _count(ids: list[str], what: str) -> str:
    return f"{len(ids)} {what}{'' if len(ids) == 1 else 's'}"


def _jobs(told: dict[str, Any]) -> str:
    return f"{told['health']['running']} of {told['concurrency']}"


def _state(told: dict[str, Any]) -> str:
    if told["state"] == "paused":
        return f"paused: {told['note']}" if told["note"] else "paused"
    reason = told["health"]["reason"]
    return f"set aside since {told['health']['since']}: {reason}; next try {told['health']['next_at']}" if reason else "active"
