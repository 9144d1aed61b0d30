"""The data folder: one process at a time, its secrets, and how a command finds a gateway that runs."""

from __future__ import annotations

import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import orjson
from platformdirs import user_data_path, user_state_path

from reelgate.domain.errors import StoreError
from reelgate.domain.keyform import MASTER_KEY_BYTES, read_master_key

LOCK = "lock"
SECRETS = ("pepper", "master.key", "key", "admin-key")
"""Files that only this user may read."""
BLOBS = "blobs"
TLS = "tls"
SETTINGS = "reelgate.toml"
UNFINISHED = "restore.part"
"""Where a restore is put together; while it is there the folder is not to be used."""

_OWNER_ONLY = 0o600


class DataFolder:
    """An opened data folder. As long as this object lives no other process can open it."""

    def __init__(self, path: Path, *, to_restore: bool = False) -> None:
        """Make the folder if need be and lock it; `StoreError` if it cannot be written or another process holds it, or if a restore
        into it was not finished and this is not the one to do so."""
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
        except OSError as error:
            message = f"the data folder {path} cannot be written: {error.strerror}"
            raise StoreError(message) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            message = f"another gateway already runs on the data folder {path}; stop it, or choose another with --data"
            raise StoreError(message) from error
        if (path / UNFINISHED).exists() and not to_restore:
            os.close(self._lock)
            message = f"a restore into the data folder {path} was not finished; run `reelgate restore` again"
            raise StoreError(message)

    @property
    def blobs(self) -> Path:
        """Where the bytes of videos and pictures lie."""
        return self.path / BLOBS

    @property
    def scratch(self) -> Path:
        """Where renders in progress write; emptied at every start."""
        return self.path / "scratch"

    def secret(self, name: str) -> bytes | None:
        """A secret kept in a file of this folder."""
        path = self.path / name
        return path.read_bytes().strip() if path.exists() else None

    def keep(self, name: str, secret: bytes) -> None:
        """Write a secret so that only this user can read it; it appears whole or not at all."""
        part = self.path / f"{name}.part"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret + b"\n")
            file.flush()
            os.fsync(file.fileno())
        part.rename(self.path / name)

    def forget(self, name: str) -> None:
        """Remove a file that `keep` wrote; no error if it is gone."""
        (self.path / name).unlink(missing_ok=True)

    def pepper(self) -> bytes:
        """The secret under which keys are hashed; made at the first start."""
        found = self.secret("pepper")
        if found is None:
            found = secrets.token_hex(32).encode()
            self.keep("pepper", found)
        return found

    def master_key(self) -> bytes:
        """The 32 bytes under which kept secrets are sealed; made at the first start. `StoreError` if the file holds something else."""
        found = self.secret("master.key")
        if found is None:
            found = secrets.token_hex(MASTER_KEY_BYTES).encode()
            self.keep("master.key", found)
        try:
            return read_master_key(found.decode("ascii", "replace"))
        except ValueError as error:
            message = f"{self.path / 'master.key'} cannot be used: {error}"
            raise StoreError(message) from None

    def close(self) -> None:
        """Let another process in."""
        os.close(self._lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A gateway that says it runs: where it answers and on which folder."""

    url: str
    data: Path
    pid: int


def default_folder() -> Path:
    """The user's data directory."""
    return user_data_path("reelgate", appauthor=False)


def announce(running: Running) -> Path:
    """Write where this gateway answers, for commands started from any folder; the file to remove at the end."""
    folder = announcements()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, part = folder / f"{running.pid}.json", folder / f"{running.pid}.part"
    part.write_bytes(orjson.dumps({"url": running.url, "data": str(running.data), "pid": running.pid}))
    part.rename(path)  # whoever looks sees all of it or nothing
    return path


def announced() -> list[Running]:
    """The gateways of this user that run; files of dead ones are removed."""
    found: list[Running] = []
    for path in sorted(announcements().glob("*.json")):
        if not path.stem.isdecimal():
            continue
        if not _alive(int(path.stem)):
            path.unlink(missing_ok=True)
            continue
        told = orjson.loads(path.read_bytes())
        found.append(Running(url=told["url"], data=Path(told["data"]), pid=told["pid"]))
    return found


def announcements() -> Path:
    """The folder in which this user's gateways say that they run."""
    chosen = os.environ.get("REELGATE_STATE")
    return (Path(chosen) if chosen else user_state_path("reelgate", appauthor=False)) / "running"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
