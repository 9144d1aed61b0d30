"""`reelgate models`: what can be called, and what each takes."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, paint, table, wants_json
from reelgate.cli.trouble import Code, Trouble

if TYPE_CHECKING:
    from reelgate.cli.client import Client
    from reelgate.cli.form import Field, Form

Which = Annotated[list[str] | None, typer.Argument(metavar="[ID]", help="An id, or words to search for.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_WIDTH = 110


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("models")(models)


def models(which: Which = None, as_json: AsJson = False) -> None:
    """List the models. With an id: what it takes, what it costs, and an example."""
    from reelgate.cli.client import caller

    client = caller(None)
    every: list[dict[str, Any]] = client.get("/v1/models")["data"]
    asked = " ".join(which or ())
    one = next((each for each in every if each["id"] == asked.strip("/")), None)
    if one is not None:
        _show(client, one, as_json=wants_json(as_json))
        return
    found = [each for each in every if _fits(each, asked)]
    if not found:
        raise Trouble(f"no model has {asked!r} in its id, title or kind", Code.WRONG, command("models"))
    if wants_json(as_json):
        give_json(found)
        return
    rows = [[each["id"], each["kind"], _price(each) + ("   (ended at its vendor)" if each["ended"] else "")] for each in found]
    print(table(["model", "kind", "list price"], rows))


def _fits(model: dict[str, Any], words: str) -> bool:
    text = f"{model['id']} {model['title']} {model['kind']}".lower()
    return all(word in text for word in words.lower().split())


def _price(model: dict[str, Any]) -> str:
    price: dict[str, str | None] = model["price"] or {}
    return price.get("words") or "not known"


def _ended(model: dict[str, Any]) -> str:
    ended = model["ended"]
    if ended is None:
        return ""
    follows = f", followed by {ended['successor']}" if ended["successor"] else ""
    return f"   (ended at its vendor on {ended['on']}{follows})"


def _show(client: Client, model: dict[str, Any], *, as_json: bool) -> None:
    from reelgate.cli.run import find_form

    form = find_form(client, model["id"])
    if as_json:
        give_json({**model, "input": {field.name: {**field.schema, "required": field.required} for field in form.fields.values()}})
        return
    print(f"{paint(model['title'], 'bold', sys.stdout)}   {model['id']}")
    print(f"{form.description}\n")
    print(f"List price  {_price(model)}{_ended(model)}\n")
    for field in sorted(form.fields.values(), key=lambda field: not field.required):
        print(_explain(form, field))
    print(f"\n{_example(form)}")


def _explain(form: Form, field: Field) -> str:
    facts = ["required"] if field.required else [f"default {field.default}"] if field.default else []
    facts += [field.allowed] if field.allowed else []
    width = min(shutil.get_terminal_size().columns, _WIDTH)
    words = textwrap.fill(field.description, width, initial_indent="    ", subsequent_indent="    ")
    return f"{paint(form.option(field.name), 'cyan', sys.stdout)}   {'; '.join(facts)}".rstrip() + f"\n{words}"


def _example(form: Form) -> str:
    words = ["run", form.endpoint]
    for field in form.fields.values():
        if not field.required:
            continue
        examples = field.schema.get("examples") or [""]
        words += [form.option(field.name), "picture.jpg" if field.media else str(examples[0])]
    return command(*words, "-o", "video.mp4")
