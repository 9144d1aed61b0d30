"""The settings that a command works with: options first, then the environment, then a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reelgate.cli.trouble import Code, Trouble
from reelgate.folder import default_folder
from reelgate.settings import Settings, SettingsError, read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The settings in force, the data folder they name, and the file that was read, if there is one."""

    settings: Settings
    data: Path
    file: Path | None


def choose(given: dict[str, Any]) -> Chosen:
    """Read the settings; `Trouble` that names every bad one. `given` holds options by name, None where one was not used."""
    file = _file(given.get("data"))
    try:
        settings = read_settings(given, file)
    except SettingsError as error:
        raise Trouble(f"a setting cannot be used: {error.message} (`reelgate settings --help`)", Code.WRONG) from None
    return Chosen(settings=settings, data=(settings.data or default_folder()).absolute(), file=file)


def _file(data: Path | None) -> Path | None:
    named = os.environ.get("REELGATE_CONFIG")
    if named:
        file = Path(named)
        if not file.is_file():
            raise Trouble(f"REELGATE_CONFIG names {file}, and there is no such file", Code.WRONG)
        return file
    file = (data or Path(os.environ.get("REELGATE_DATA") or default_folder())) / "reelgate.toml"
    return file if file.is_file() else None
