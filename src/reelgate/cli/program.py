"""By what name this program was started, so that the lines it prints work as pasted."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def own_name() -> str:
    """`reelgate` where that is on the path and is this program, else the way to it: `.venv/bin/reelgate`, `python -m reelgate`."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        return f"{shlex.quote(_shortest(Path(sys.executable)))} -m reelgate"
    found = shutil.which(started.name)
    if found is not None and _same(Path(found), started):
        return started.name
    return shlex.quote(_shortest(started))


def command(*words: str) -> str:
    """A whole command line of this program, quoted for a shell."""
    return " ".join([own_name(), *(shlex.quote(word) for word in words)])


def _shortest(path: Path) -> str:
    # The name as it was typed says where it lies in a virtual environment; its target would not.
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) and absolute.parent != here else str(absolute)


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other if other.exists() else one)
