"""What the documents repeat from the code: endpoints, settings, commands, errors. Each function writes one piece of Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from reelgate import cli
from reelgate.api import _reply
from reelgate.api.admin.channels import SCHEMAS as ADMIN_SCHEMAS
from reelgate.app import load_catalog
from reelgate.cli.trouble import Code
from reelgate.contracts.channel import Channel
from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import Provider
from reelgate.discovery import load_leaves
from reelgate.domain import errors
from reelgate.domain.job import Failure, Job, JobState, Serving
from reelgate.domain.media import VideoInput
from reelgate.domain.money import FREE
from reelgate.domain.pricing import NOTHING
from reelgate.settings import Settings
from reelgate.wire import fal, kling_task

_FAMILY = re.compile(r"Demo|Kling \S+|\w+ [\d.]+")
ROOT = Path(__file__).resolve().parent.parent
VERIFIED, TALKS = ROOT / "docs" / "verified", ROOT / "tests" / "fixtures" / "providers"
_COLUMNS = "100"
_AT = datetime(2026, 1, 1, tzinfo=UTC)

# --- endpoints --------------------------------------------------------------------------------------------------------


def endpoints() -> str:
    """Every endpoint by family, the newest first: id, kind, list price, and when that was read."""
    every = sorted(load_catalog(), key=lambda each: (_family(each) != "Demo", _family(each)), reverse=True)
    rows = [row for family, members in groupby(every, _family) for row in (f"| **{family}** | | | |", *map(_endpoint, members))]
    return "\n".join([f"<summary>{len(every)} endpoints</summary>", "", *_head("Endpoint", "Kind", "List price", "As of"), *rows])


def _family(endpoint: Endpoint) -> str:
    found = _FAMILY.match(endpoint.title)
    return found[0] if found else endpoint.title


def _endpoint(endpoint: Endpoint) -> str:
    price = endpoint.price
    words, read = ("not known", endpoint.source.as_of) if price is None else (price.describe(), price.source.as_of)
    if price is not None and price.quote(VideoInput()).amount == FREE:
        words = "free"
    ended = "" if endpoint.ended is None else f"; ended at the vendor {endpoint.ended.on.isoformat()}"
    return f"| `{endpoint.id}` | {endpoint.kind} | {words}{ended} | {read.isoformat()} |"


def kling_names() -> str:
    """What Kling's paths take as a model and a mode or resolution, and the endpoint behind it."""
    return f"{_names_on('kling', '`model_name`', '`mode`')}\n\nOf 2026:\n\n{_names_on('kling2026', 'Model', '`resolution`')}"


def _names_on(wire: str, model: str, mode: str) -> str:
    named = sorted((name, endpoint.id) for endpoint in load_catalog() for name in endpoint.names.get(wire, ()))
    rows = [f"| `{kind}` | {_word(name)} | {_word(how)} | `{endpoint}` |" for (kind, name, how), endpoint in named]
    return "\n".join([*_head("Path", model, mode, "Endpoint"), *rows])


def _word(word: str) -> str:
    return f"`{word}`" if word else ""


# --- settings and commands --------------------------------------------------------------------------------------------


def settings() -> str:
    """Every setting with its default and its reason."""
    defaults = Settings.model_construct().model_dump(mode="json")
    rows = [
        f"| `REELGATE_{name.upper()}` | {_value(defaults[name])} | {field.description} |" for name, field in Settings.model_fields.items()
    ]
    return "\n".join([*_head("Variable", "Default", "What it decides, and why it is so"), *rows])


def _value(value: Any) -> str:
    if value is None or value in ("", []):
        return "none"
    return f"`{', '.join(map(str, value)) if isinstance(value, list) else value}`"


def channel_settings() -> str:
    """Every setting of a channel: its name in the settings file and in the API, its option, its default and unit, what it decides."""
    told, options = ADMIN_SCHEMAS["ChannelChange"]["properties"], _options_of("channels", "set")
    rows = [
        f"| `{each.name}` | `{options[each.name]}` | {_default(each)} | {_unit(each.name)} | {told[each.name]['description']} |"
        for each in fields(Channel)
        if each.name in told
    ]
    return "\n".join([*_head("Setting", "Option", "Default", "Unit", "What it decides"), *rows])


def _default(setting: Field[Any]) -> str:
    if setting.name == "address":
        return "the provider's own"
    plain = setting.default if setting.default is not MISSING else ""  # tables are empty
    if plain is None or plain == "":
        return "none"
    return f"`{str(plain).lower() if isinstance(plain, bool) else f'{plain:g}' if isinstance(plain, float) else plain}`"


def _unit(setting: str) -> str:
    return "seconds" if setting.endswith("_s") else _UNITS.get(setting, "")


_UNITS: Mapping[str, str] = {"concurrency": "jobs", "per_second": "submits a second"}


def _options_of(*words: str) -> dict[str, str]:
    """The options of a command by the names of its parameters."""
    found: Any = get_command(cli.app)
    for word in words:
        found = found.commands[word]
    return {each.name: " / ".join([*each.opts, *each.secondary_opts]) for each in found.params}


def commands() -> str:
    """What each command says of itself."""
    return "\n\n".join(f"## {' '.join(['reelgate', *words])}\n\n```text\n{_help(words)}\n```" for words in _every_command())


def _every_command() -> Iterator[list[str]]:
    yield []
    for name in _subcommands([]):
        inner = _subcommands([name])
        yield from ([name, each] for each in inner)
        if not inner:
            yield [name]


def _subcommands(words: list[str]) -> list[str]:
    _, found, listed = _help(words).partition("\nCommands:\n")
    return [line.split()[0] for line in listed.splitlines() if re.match(r"  [a-z]", line)] if found else []


def _help(words: list[str]) -> str:
    shown = CliRunner().invoke(cli.app, [*words, "--help"], prog_name="reelgate", env={"COLUMNS": _COLUMNS, "TERM": "dumb"}, color=False)
    if shown.exit_code:
        raise RuntimeError(f"reelgate {' '.join(words)} --help: {shown.output}")
    return "\n".join(line.rstrip() for line in shown.output.strip().splitlines())


# --- errors -----------------------------------------------------------------------------------------------------------


def refusals() -> str:
    """Requests that are not taken: what each face answers, why, and what helps."""
    rows = [f"| `{code}` | {_on_fal(error)} | {_on_kling(error)} | {_on_ours(error)} | {_why(code)} |" for code, error in _refusals()]
    return "\n".join([*_head("Code", "fal", "Kling", "/v1, /admin/v1", "Cause", "Cure"), *rows])


def endings() -> str:
    """Jobs that were taken and ended without a video."""
    rows = [f"| `{code}` | {_end_on_fal(job)} | {_end_on_kling(job)} | {_why(code)} |" for code, job in _ended_jobs()]
    return "\n".join([*_head("Code", "fal, at the result", "Kling, in `task_status_msg`", "Cause", "Cure"), *rows])


def exits() -> str:
    """The exit codes of the command line."""
    return "\n".join([*_head("Exit code", "Meaning"), *(f"| {code.value} | {_EXITS[code]} |" for code in Code)])


# --- dialects ---------------------------------------------------------------------------------------------------------


def dialects() -> str:
    """What each way of speaking to upstreams has shown so far: live by a record, else what its talks rest on."""
    found: dict[str, list[str]] = {}
    providers = load_leaves("reelgate.providers", "PROVIDER", Provider)
    for name, provider in sorted(providers.items()):
        found.setdefault(type(provider).__module__.rpartition(".")[2], []).append(name)
    rows = (f"| `{dialect}` | {', '.join(f'`{name}`' for name in names)} | {shown(names)} |" for dialect, names in sorted(found.items()))
    return "\n".join([*_head("Dialect", "Providers", "Shown"), *rows])


def shown(names: Iterable[str], verified: Path = VERIFIED) -> str:
    """The best that was shown of providers of one dialect: live by the newest record that was made at the vendor itself, else the vendor's
    mock, else what the newest of their talks rests on. Records made at others who speak as the vendor does are not the vendor's."""
    names = list(names)
    paths = [path for name in names for path in sorted(verified.glob(f"{name}-[0-9]*.json"))]
    records = [(path, told) for path in paths if (told := json.loads(path.read_text(encoding="utf-8")))["vendor"]]
    if records:
        path, told = max(records, key=lambda each: each[1]["date"])
        return f"live, {told['date']}: [{_went(told['steps'])}](docs/verified/{path.name})"
    mocked = [MOCKED[name] for name in names if name in MOCKED]
    if mocked:
        return f"vendor's mock, {max(mocked)}"
    sources = [json.loads(path.read_text(encoding="utf-8"))["source"] for name in names for path in sorted((TALKS / name).glob("*.json"))]
    newest = max(sources, key=lambda each: each["date"])
    return f"{_SHOWN[newest['kind']]}, {newest['date']}"


def _went(steps: Mapping[str, Mapping[str, Any]]) -> str:
    if any(step["good"] is False for step in steps.values()):
        return "see the record"
    well = [name for name, step in steps.items() if step["good"]]
    return "all went well" if len(well) == len(steps) else f"{', '.join(well)} went well"


MOCKED: Mapping[str, str] = {"openai": "2026-11-26", "replicate": "2026-11-26"}
"""Since when `tests/vendor_mock_*.py` play these vendors, as their own published descriptions have it."""
_SHOWN: Mapping[str, str] = {"documents": "written from documents", "recorded": "recorded"}


def _refusals() -> Iterator[tuple[str, errors.GatewayError]]:
    for kind in _below(errors.CallerError):
        yield kind.code, errors.InvalidInput([errors.Fault(path=("prompt",), message="x")]) if kind is errors.InvalidInput else kind("x")
    yield errors.Unready.code, errors.Unready("x")
    yield errors.GatewayError.code, errors.GatewayError("x")


def _below(kind: type[errors.GatewayError]) -> Iterator[type[errors.GatewayError]]:
    yield kind
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from _below(each)


def _ended_jobs() -> Iterator[tuple[str, Job]]:
    refused = errors.Fault(path=("prompt",), message="x", kind="content_policy_violation")
    picture = errors.Fault(path=("image_url",), message="x", kind="image_load_error")
    yield "content_policy_violation", _job(Failure(code="rejected", message="x", fault=refused))
    yield "rejected", _job(Failure(code="rejected", message="x", fault=picture))
    for code in (
        "render_failed",
        "worker_died",
        "start_timeout",
        "upstream_unavailable",
        "upstream_failed",
        "upstream_unknown",
        "output_lost",
        "internal_error",
    ):
        yield code, _job(Failure(code=code, message="x"))
    yield "cancelled", _job(None, JobState.CANCELLED)


def _job(failure: Failure | None, state: JobState = JobState.FAILED) -> Job:
    return Job(
        id="01a1fe4d-d5d9-7193-be6f-c3a5095920b7",
        account="owner",
        key_id="",
        endpoint="demo/fails",
        face="fal",
        base="",
        input=VideoInput(),
        quote=NOTHING,
        serving=Serving.PREVIEW,
        engine="preview",
        state=state,
        created_at=_AT,
        updated_at=_AT,
        failure=failure,
    )


def _on_fal(error: errors.GatewayError) -> str:
    reply = fal.write_error(error, app="owner/alias")
    return f"{reply.status}{_kind(json.loads(reply.body))}"


def _on_kling(error: errors.GatewayError) -> str:
    reply = kling_task.write_error(error)
    words = f"{reply.status}, code {json.loads(reply.body)['code']}"
    if isinstance(error, errors.Unauthenticated):
        words += f"; without a key {json.loads(kling_task.write_error(errors.Unauthenticated('x', why='missing')).body)['code']}"
    return words


def _on_ours(error: errors.GatewayError) -> str:
    return str(_reply.refusal(error).status_code)


def _end_on_fal(job: Job) -> str:
    reply = fal.write_failure(job)
    return f"{reply.status}{_kind(json.loads(reply.body))}"


def _end_on_kling(job: Job) -> str:
    return kling_task.write_task_object(job, kling_task.Form.VENDOR)["task_status_msg"].partition(":")[0]


def _kind(body: Mapping[str, Any]) -> str:
    if isinstance(body["detail"], list):
        return ", a list"
    return f", `{body['error_type']}`" if "error_type" in body else ""


def _why(code: str) -> str:
    cause, cure = _WHY[code]
    return f"{cause} | {cure}"


def _head(*names: str) -> Iterable[str]:
    return (f"| {' | '.join(names)} |", f"| {' | '.join('---' for _ in names)} |")


_WHY: Mapping[str, tuple[str, str]] = {
    "bad_request": (
        "The request cannot be understood, its body broke off, or a file that was sent already would become another.",
        "Read the message.",
    ),
    "invalid_input": (
        "Fields are missing or wrong, or would do nothing in a strict request; all of them are named at once.",
        "Mend the fields named in `loc`, or in the message; `reelgate models ID` shows what is taken.",
    ),
    "unauthenticated": (
        "No key, a mistyped or unknown one, one that was revoked, or a token that is not well signed or out of its time.",
        "Send `Authorization: Key …` (or `Bearer …`); the first key lies in the file `key` of the data folder.",
    ),
    "forbidden": ("An admin key on a caller's route, or a caller's key on an admin route.", "Use the other key."),
    "not_found": (
        "No such endpoint or job, or nothing serves the endpoint; the message names the setting in the way.",
        "`reelgate models` lists the ids. Jobs of other accounts are not found either.",
    ),
    "conflict": (
        "The `Idempotency-Key`, or Kling's `external_task_id`, was used before for another request.",
        "Take a new one for each new request.",
    ),
    "insufficient_funds": (
        "The price is more than the balance; the message names both.",
        "Money is added by `reelgate credit`. Previews are free unless `REELGATE_PREVIEW_PRICE=list`.",
    ),
    "limited": (
        "As many jobs wait as may, the queue is longer than `fal_max_queue_length`, too many streams are open, or uploads are too much.",
        "Wait as `Retry-After` says; an operator raises `REELGATE_MAX_QUEUED` or `REELGATE_UPLOAD_QUOTA`.",
    ),
    "too_large": (
        "The body is larger than `REELGATE_MAX_BODY`, or a file larger than `REELGATE_MAX_UPLOAD`.",
        "Give the picture as an address instead of a data URI, or upload it.",
    ),
    "unready": (
        "The disk is full, the store takes no writes, or too many large bodies are under way; nothing was accepted.",
        "Try again as `Retry-After` says; the operator makes room.",
    ),
    "internal_error": ("A fault of the gateway.", "Report it with the lines of the gateway's log; nothing was charged."),
    "content_policy_violation": ("The prompt was refused; in a preview only where it says `[[refuse]]`.", "Another prompt."),
    "rejected": (
        "A picture or a video could not be fetched or used; `type` says how (below).",
        "Look at what lies at the address; private networks need `REELGATE_ALLOW_PRIVATE`.",
    ),
    "upstream_unavailable": ("No channel took the job: each refused it or could not be reached. Nothing was bought.", "Try again later."),
    "upstream_failed": ("The upstream took the job and says that it failed.", "Try again; it costs nothing."),
    "upstream_unknown": (
        "The upstream never said whether it took the job, so it was not sent again. It costs the caller nothing.",
        "Submit anew if you still want it.",
    ),
    "output_lost": ("The upstream finished, and its file could not be fetched, or was no video.", "Try again, then report it."),
    "render_failed": ("The engine failed at this input, or the prompt says `[[fail]]`.", "Try again, then report it."),
    "worker_died": (
        "Three processes died or ran out of time or memory at this job.",
        "A smaller picture, or a greater `REELGATE_RENDER_LIMIT_S` or `REELGATE_RENDER_MEMORY_BYTES`.",
    ),
    "start_timeout": ("It did not start within the `X-Fal-Request-Timeout` that came with it.", "Wait longer, or render more at once."),
    "cancelled": ("It was cancelled.", "Nothing to do; nothing was charged."),
}

_EXITS: Mapping[Code, str] = {
    Code.DONE: "done",
    Code.FAILED: "the job failed, or what was checked is not in order",
    Code.WRONG: "wrong input, or an address, port or folder that cannot be used",
    Code.REFUSED: "the key or the balance",
    Code.UNREACHED: "no gateway answers",
    Code.INTERRUPTED: "Ctrl+C",
}
