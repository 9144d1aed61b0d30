"""The lock files: what is wrong with them, and how they are written.

    python scripts/locks.py            checks them; status 1 if anything is wrong
    python scripts/locks.py --write    resolves anew: the newest versions that are at least a week old

A lock names versions and checksums and never a host: where packages come from is for pip's and npm's own settings.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
CLIENTS = (ROOT / "tests" / "clients" / "package-lock.json", REQUIREMENTS / "models" / "package-lock.json")
RUNTIME = ("--extra", "preview", "pyproject.toml", "requirements/build.in")

_COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
    *("--upgrade", "--exclude-newer", "7 days", "--custom-compile-command", "make lock"),
)
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
_HOST = re.compile(r"://|^\s*(?:-i\b|-f\b|--index-url|--extra-index-url|--find-links|--trusted-host)|^\S+ @ ")


def main(arguments: list[str]) -> int:
    """Write or check."""
    if arguments == ["--write"]:
        write()
    wrong = list(check())
    print("\n".join(wrong) or "Lock files: no host, every package with its checksums, all that is asked for")
    return 1 if wrong else 0


def write() -> None:
    """Resolve anew. What is installed at run time is the same in both files."""
    for name, more in (("runtime", ()), ("dev", ("requirements/dev.in", "-c", "requirements/runtime.txt"))):
        command = [str(ROOT / ".venv" / "bin" / _COMPILE[0]), *_COMPILE[1:], "-o", f"requirements/{name}.txt", *RUNTIME, *more]
        subprocess.run(command, cwd=ROOT, check=True)
    for lock in CLIENTS:
        lock.write_text(strip_clients(lock.read_text(encoding="utf-8")), encoding="utf-8")


def strip_clients(text: str) -> str:
    """npm's lock file without the places where authors take gifts: nobody fetches from them, and a lock names no host."""
    lock = json.loads(text)
    for package in lock["packages"].values():
        package.pop("funding", None)
    return json.dumps(lock, indent=2, ensure_ascii=False) + "\n"


def check() -> Iterator[str]:
    """What is wrong with the lock files of this tree, a line each."""
    texts = {name: (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8") for name in ("runtime", "dev")}
    for name, text in texts.items():
        yield from (f"requirements/{name}.txt: {words}" for words in wrong_with(text))
    pins = {name: pins_of(text) for name, text in texts.items()}
    oldest = (REQUIREMENTS / "clients-oldest.txt").read_text(encoding="utf-8")
    yield from (f"requirements/clients-oldest.txt: {words}" for words in wrong_with(oldest))
    yield from (f"requirements/dev.txt: differs from runtime.txt in {name}" for name in sorted(_differing(pins["runtime"], pins["dev"])))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {
        "runtime": [*project["dependencies"], *project["optional-dependencies"]["preview"], *_asked("build")],
        "dev": _asked("dev"),
    }
    for name, requirements in asked.items():
        yield from (f"requirements/{name}.txt: {each} is not locked" for each in requirements if _named(each) not in pins[name])
    for lock in CLIENTS:
        yield from (f"{lock.relative_to(ROOT)}: {words}" for words in wrong_with_clients(lock.read_text(encoding="utf-8")))


def wrong_with(text: str) -> Iterator[str]:
    """Breaches in one lock file of pip's."""
    for number, line in enumerate(text.splitlines(), 1):
        if _HOST.search(line):
            yield f"line {number} names a place to fetch from"
    for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE):
        pin = _PIN.match(block)
        if pin and "--hash=sha256:" not in block:
            yield f"{pin[1]} has no checksum"


def wrong_with_clients(text: str) -> Iterator[str]:
    """Breaches in npm's lock file."""
    for name, package in json.loads(text)["packages"].items():
        if "://" in json.dumps(package) or "resolved" in package:
            yield f"{name} names a host"
        if name and "integrity" not in package:
            yield f"{name} has no checksum"


def pins_of(text: str) -> dict[str, set[str]]:
    """Name and versions of everything locked; more than one version where the Pythons differ."""
    pins: dict[str, set[str]] = {}
    for line in text.splitlines():
        if pin := _PIN.match(line):
            pins.setdefault(pin[1], set()).add(pin[2])
    return pins


def _differing(runtime: dict[str, set[str]], dev: dict[str, set[str]]) -> set[str]:
    return {name for name, versions in runtime.items() if dev.get(name) != versions}


def _asked(name: str) -> list[str]:
    lines = (REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


def _named(requirement: str) -> str:
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else requirement


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
