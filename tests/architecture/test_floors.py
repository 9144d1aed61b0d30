"""The floors hold, and a breach that is planted in a copy is found by the contract that is there for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LEAVES = "Leaves of one folder do not know each other, and nobody imports a leaf by name"
BREACHES: list[tuple[str, str, str]] = [
    ("domain/cheat.py", "import reelgate.contracts.store", "Floors"),
    ("gateway/cheat.py", "import reelgate.dispatch", "Floors"),
    ("cheat.py", "", "Floors"),  # a new module at the top has no floor yet
    ("catalog/cheat.py", "import reelgate.catalog.other", LEAVES),
    ("catalog/_cheat.py", "import reelgate.catalog.other", LEAVES),
    ("gateway/cheat.py", "import reelgate.catalog.other", LEAVES),
    ("gateway/cheat.py", "import reelgate.catalog._shared", LEAVES),
    ("wire/cheat.py", "import reelgate.wire.other", LEAVES),
    ("catalog/cheat.py", "import aiohttp", "No I/O below the dispatcher"),
    ("wire/cheat.py", "import asyncio", "No I/O below the dispatcher"),
    ("dispatch/cheat.py", "import starlette.requests", "The web framework is known to the faces, the web, gateway.face, app and server"),
    ("gateway/cheat.py", "import reelgate.gateway.other", "No cycles"),
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house with a room on every floor, under the contracts of the real one."""
    package = tmp_path / "src" / "reelgate"
    for folder in ("domain", "contracts", "wire", "catalog", "engines", "storage", "blobs", "gateway", "dispatch", "api", "server", "cli"):
        (package / folder).mkdir(parents=True)
        (package / folder / "__init__.py").touch()
        (package / folder / "other.py").touch()
    (package / "__init__.py").touch()
    for name in ("app", "fal", "settings", "discovery", "observe", "folder"):
        (package / f"{name}.py").touch()
    (package / "catalog" / "_shared.py").touch()
    (package / "gateway" / "face.py").write_text("import starlette.routing\n")
    (package / "contracts" / "store.py").touch()
    (package / "gateway" / "submit.py").write_text("import reelgate.contracts.store\nimport reelgate.settings\n")
    (package / "catalog" / "other.py").write_text("import reelgate.catalog._shared\nimport reelgate.wire.other\n")
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "leaves.py", tmp_path / "scripts")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_a_house_in_order_breaks_nothing(house: Path) -> None:
    assert broken(house) == set()


@pytest.mark.parametrize(("name", "line", "contract"), BREACHES)
def test_a_planted_breach_is_found(house: Path, name: str, line: str, contract: str) -> None:
    (house / "src" / "reelgate" / name).write_text(f"{line}\n")
    if contract == "No cycles":
        (house / "src" / "reelgate" / "gateway" / "other.py").write_text("import reelgate.gateway.cheat\n")
    assert broken(house) == {contract}


def broken(house: Path) -> set[str]:
    """Names of the contracts that this house breaks."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=house,
        env=os.environ | {"PYTHONPATH": f"{house / 'src'}:{house}", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return {line.split(" BROKEN")[0] for line in done.stdout.splitlines() if " BROKEN" in line}
