from __future__ import annotations

import subprocess
import sys

from reelgate import __version__
from tests.unit.cli.conftest import Speak

HEAVY = ("aiohttp", "apsw", "pydantic", "rich", "starlette", "uvicorn", "cryptography")


def test_help_names_every_command(speak: Speak) -> None:
    said = speak("--help")
    assert said.code == 0
    for command in ("up", "demo", "run", "models", "jobs", "get", "cancel", "logs", "deliveries", "accounts", "keys", "doctor", "settings"):
        assert f"\n  {command} " in said.out


def test_the_version_is_printed_alone(speak: Speak) -> None:
    assert speak("--version").out == f"{__version__}\n"


def test_an_unknown_command_is_wrong_input(speak: Speak) -> None:
    said = speak("fly")
    assert said.code == 2
    assert "fly" in said.err
    assert not said.out


def test_a_trouble_becomes_a_sentence_and_its_exit_code(speak: Speak) -> None:
    said = speak("jobs")
    assert said.code == 4
    assert said.err.startswith("error no gateway runs")
    assert "see: " in said.err


def test_help_waits_for_none_of_the_large_packages() -> None:
    look = f"import reelgate.cli, sys; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
