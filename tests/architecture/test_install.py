"""`make` on machines that lack something, and on machines that have it all already."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a clone as an installation reads."""
    folder = tmp_path / "clone"
    for name in ("Makefile", "pyproject.toml", "scripts/install.py", "requirements/runtime.txt", "requirements/dev.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def test_a_missing_venv_module_is_one_line_that_names_the_package(clone: Path, tmp_path: Path) -> None:
    without = tmp_path / "without"
    (without / "ensurepip").mkdir(parents=True)
    (without / "ensurepip" / "__init__.py").write_text('raise ImportError("left out by the distribution")\n')
    python = _program(tmp_path / "python3", f'PYTHONPATH="{without}" exec "{sys.executable}" "$@"')

    done = _run(["make", "-s", "demo", f"PYTHON={python}"], clone)

    said = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("make")]
    assert done.returncode != 0
    assert len(said) == 1
    assert said[0].startswith("reelgate: Python's venv module is missing here")
    assert "venv" in said[0].rpartition(": ")[2] or "pip" in said[0].rpartition(": ")[2]
    assert not (clone / ".venv").exists()


def test_an_old_python_makes_way_for_a_newer_one(clone: Path, tmp_path: Path) -> None:
    path = tmp_path / "bin"
    path.mkdir()
    _program(path / "python3.12", 'case "$1" in -c) exit 0;; *) echo "newer: $2";; esac')

    done = _run([_old_python(tmp_path), "scripts/install.py", "runtime"], clone, PATH=str(path))

    assert (done.returncode, done.stdout) == (0, "newer: runtime\n")


def test_an_old_python_alone_is_one_line(clone: Path, tmp_path: Path) -> None:
    done = _run([_old_python(tmp_path), "scripts/install.py", "runtime"], clone, PATH="")

    assert done.returncode == 1
    assert done.stderr.startswith("reelgate: Reelgate needs Python 3.11 or newer;")
    assert len(done.stderr.splitlines()) == 1


def test_what_is_installed_is_installed_once(clone: Path, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    calls.touch()
    (clone / ".venv" / "bin").mkdir(parents=True)
    _program(clone / ".venv" / "bin" / "python", f'case "$1" in -c) exit 0;; *) echo "$@" >> "{calls}";; esac')

    def installed(kind: str) -> int:
        before = len(calls.read_text().splitlines())
        done = _run([sys.executable, "scripts/install.py", kind], clone)
        assert done.returncode == 0, done.stderr
        return len(calls.read_text().splitlines()) - before

    assert installed("runtime") == 2  # the locked packages, then Reelgate itself
    assert installed("runtime") == 0
    assert installed("dev") == 2
    assert installed("runtime") == 0
    with (clone / "requirements" / "dev.txt").open("a") as lock:
        lock.write("# changed\n")
    assert installed("dev") == 2
    assert "--require-hashes" in calls.read_text().splitlines()[0]


def test_an_installation_that_failed_is_tried_again(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    _program(clone / ".venv" / "bin" / "python", 'case "$1" in -c) exit 0;; *) exit 7;; esac')
    for _ in range(2):
        done = _run([sys.executable, "scripts/install.py", "dev"], clone)
        assert done.returncode == 1
        assert "failed with status 7" in done.stderr


def test_the_network_that_finds_people_is_fetched_where_npm_is_and_kept_only_if_it_is_the_one_we_know(clone: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "requirements" / "models", clone / "requirements" / "models")
    (clone / "src" / "reelgate" / "engines" / "preview").mkdir(parents=True)
    (clone / ".venv" / "bin").mkdir(parents=True)
    _program(clone / ".venv" / "bin" / "python", 'case "$1" in -c) exit 0;; esac')
    (tmp_path / "bin").mkdir()
    package = "node_modules/@mediapipe/selfie_segmentation"
    _program(tmp_path / "bin" / "npm", f'test "$1" = ci && mkdir -p {package} && echo other > {package}/selfie_segmentation.tflite')
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = _run([sys.executable, "scripts/install.py", "runtime"], clone, PATH=path)
    assert done.returncode == 0, done.stderr
    assert "was not fetched" in done.stdout
    assert list(clone.rglob("*.tflite")) == []
    lock = (clone / "requirements" / "models" / "package-lock.json").read_text()
    assert "sha512-" in lock
    assert "://" not in lock


def _old_python(folder: Path) -> str:
    old = folder / "old"
    old.mkdir()
    (old / "sitecustomize.py").write_text('import sys\nsys.version_info = (3, 9, 2, "final", 0)\n')
    return _program(folder / "python3", f'PYTHONPATH="{old}" exec "{sys.executable}" "$@"')


def _program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def _run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    return subprocess.run(command, cwd=folder, env=known | environment, capture_output=True, text=True, check=False)
