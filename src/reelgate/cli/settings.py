"""`reelgate settings`: every setting, its value, where that comes from, and its reason."""

from __future__ import annotations

import os
import sys
import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from reelgate.cli.terminal import give_json, paint, wants_json

if TYPE_CHECKING:
    from reelgate.cli.chosen import Chosen

Data = Annotated[Path | None, typer.Option(help="Data folder whose reelgate.toml is read.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_WIDTH = 100


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("settings")(settings)


def settings(data: Data = None, as_json: AsJson = False) -> None:
    """List every setting with its value, default and reason. Each may be set in the environment or in one .toml file."""
    from reelgate.cli.chosen import choose

    chosen = choose({"data": data})
    every = _every(chosen)
    if wants_json(as_json):
        give_json([asdict(each) for each in every])
        return
    for each in every:
        print(_text(each))
    file = f"{chosen.file} (read)" if chosen.file else f"{chosen.data / 'reelgate.toml'} (not there)"
    print(f"\nFile: {file}\nThe environment is stronger than the file; options of `reelgate up` are stronger than both.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    name: str
    variable: str
    value: Any
    default: Any
    origin: str
    reason: str


def _every(chosen: Chosen) -> list[_Setting]:
    from reelgate.settings import Settings

    values, defaults = chosen.settings.model_dump(mode="json"), _defaults()
    in_file = _names_in(chosen.file)
    return [
        _Setting(
            name=name,
            variable=f"REELGATE_{name.upper()}",
            value=values[name],
            default=defaults[name],
            origin="environment" if f"REELGATE_{name.upper()}" in os.environ else "file" if name in in_file else "default",
            reason=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def _defaults() -> dict[str, Any]:
    from reelgate.settings import Settings

    return Settings.model_construct().model_dump(mode="json")


def _names_in(file: Path | None) -> frozenset[str]:
    import tomllib

    return frozenset() if file is None else frozenset(tomllib.loads(file.read_text(encoding="utf-8")))


def _text(setting: _Setting) -> str:
    value = paint(_word(setting.value), "bold", sys.stdout)
    origin = "" if setting.origin == "default" else f"   from the {setting.origin}; default {_word(setting.default)}"
    reason = textwrap.fill(setting.reason, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{setting.variable} = {value}{origin}\n{paint(reason, 'dim', sys.stdout)}"


def _word(value: Any) -> str:
    if value is None or value in ("", []):
        return "(none)"
    return ", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)
