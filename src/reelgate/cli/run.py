"""`reelgate run`: one video from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast
from urllib.parse import quote

import typer

from reelgate.cli.program import command
from reelgate.cli.trouble import Code, Trouble

if TYPE_CHECKING:
    from reelgate.cli.client import Answer, Client
    from reelgate.cli.form import Form

Endpoint = Annotated[str, typer.Argument(help="Which model: an id that `reelgate models` lists.")]
Prompt = Annotated[str | None, typer.Option(help="What should be seen.")]
Image = Annotated[str | None, typer.Option(metavar="FILE|URL", help="The first picture.")]
Pairs = Annotated[list[str] | None, typer.Option("-i", metavar="KEY=VALUE", help="Any other field; may be repeated.")]
Input = Annotated[Path | None, typer.Option("--input", metavar="FILE", help="The whole input as JSON; - reads it from stdin.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Where the video goes: a file, or a folder that is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the finished job as JSON instead of the path.")]
Key = Annotated[str | None, typer.Option(help="A caller's key. Default: REELGATE_KEY, else the one in the gateway's data folder.")]

DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what it would cost and when it would start; nothing is made or spent.")]

_ANY_OPTION = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run", context_settings=_ANY_OPTION)(run)


def run(
    context: typer.Context,
    *,
    endpoint: Endpoint,
    prompt: Prompt = None,
    image: Image = None,
    pairs: Pairs = None,
    input: Input = None,
    output: Output = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    """Make a video and write it to a file. Every field of the model is an option: --duration 10, --cfg-scale 0.5, --generate-audio."""
    from reelgate.cli.client import caller
    from reelgate.cli.estimate import estimate
    from reelgate.cli.follow import check_place, see_through
    from reelgate.cli.terminal import wants_json

    if endpoint.startswith("-"):
        raise Trouble(f"the model comes first, then {endpoint}", Code.WRONG, command("run", "--help"))
    check_place(output)
    client = caller(key)
    form = find_form(client, endpoint)
    given = form.read(words=context.args, pairs=pairs or (), base=_read_input(input))
    if prompt is not None:
        given["prompt"] = prompt
    if image is not None:
        given.update(form.picture_value(image))
    if trouble := form.missing(given):
        raise trouble
    if dry_run:
        estimate(client, form, given, as_json=wants_json(as_json))
        return
    see_through(client, _submit(client, form, given), output, as_json=wants_json(as_json), form=form)


def find_form(client: Client, endpoint: str) -> Form:
    """What a model takes; `Trouble` that names a near one if there is none of that id."""
    import difflib

    from reelgate.cli.client import Refusal
    from reelgate.cli.form import Form

    endpoint = endpoint.strip("/")
    try:
        return Form(endpoint, client.get(f"/v1/models/{quote(endpoint)}/openapi.json"))
    except Refusal as refusal:
        if refusal.answer.status != 404:  # noqa: PLR2004 -- HTTP
            raise
    known = [each["id"] for each in client.get("/v1/models")["data"]]
    near = difflib.get_close_matches(endpoint, known, n=1, cutoff=0.5)
    hint = f"; {near[0]} is meant?" if near else ""
    raise Trouble(f"there is no model {endpoint}{hint}", Code.WRONG, command("models"))


def _submit(client: Client, form: Form, given: dict[str, Any]) -> str:
    from reelgate.cli.client import Refusal

    answer = client.exchange("POST", f"/{quote(form.endpoint)}", given)
    if answer.status == 422 and (trouble := _at_options(answer, form)):  # noqa: PLR2004 -- HTTP
        raise trouble
    if answer.status >= 400:  # noqa: PLR2004 -- HTTP
        raise Refusal(answer)
    return str(answer.body["request_id"])


def _at_options(answer: Answer, form: Form) -> Trouble | None:
    """The faults of an input that fal's face refused, each at the option that it was given by."""
    from reelgate.cli.client import record, records

    return form.refused([(each["loc"][1:], each["msg"]) for each in records(record(answer.body).get("detail"))])


def _read_input(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        read = json.loads(sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Trouble(f"--input {path} cannot be read: {(error.strerror or '').lower()}", Code.WRONG) from None
    except ValueError as error:
        raise Trouble(f"--input {path} is no JSON: {error}", Code.WRONG) from None
    if not isinstance(read, dict):
        raise Trouble(f"--input {path} must hold one JSON object", Code.WRONG)
    return cast("dict[str, Any]", read)
