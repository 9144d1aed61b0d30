"""What a backup says of itself: a manifest for people and programs, and the sums of all its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from reelgate.domain.errors import GatewayError

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
FORMAT = 1

_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64}) [ *](?P<name>.+)")


class BackupError(GatewayError):
    """The backup cannot be taken or restored."""

    code = "backup"


class Unfit(BackupError):
    """What was copied is not what it should be; nothing of it was put in place."""

    code = "unfit_backup"

    def __init__(self, message: str, faults: tuple[str, ...] = ()) -> None:
        self.faults = faults
        super().__init__(message)


class Sum(NamedTuple):
    """Size and SHA-256 of a file."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many files, and how large they are together."""

    count: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup is. `created_at` is the moment of its database. Of the files that the database names `expired` many are not here
    because their time was over, and `lost` because they were lost or damaged before; `sums` is the SHA-256 of the list of all sums."""

    format: int
    reelgate: str
    created_at: datetime
    store: str
    schema: int
    jobs: int
    database: Mapping[str, Sum]
    secrets: tuple[str, ...]
    blobs: Counts
    expired: int
    lost: tuple[str, ...]
    sums: str


_MANIFEST = TypeAdapter(Manifest)


def write_manifest(manifest: Manifest) -> bytes:
    """As it is kept."""
    told = asdict(manifest) | {"database": {name: each._asdict() for name, each in manifest.database.items()}}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_manifest(backup: Path) -> Manifest:
    """The manifest of a backup; `BackupError` if this is none, or one of a form that is not known here."""
    try:
        raw = orjson.loads((backup / MANIFEST).read_bytes())
    except OSError as error:
        raise BackupError(f"{backup} is not a backup: {MANIFEST} cannot be read ({error.strerror})") from None
    except orjson.JSONDecodeError:
        raise Unfit(f"{backup / MANIFEST} is damaged: it is not JSON") from None
    if _form_of(raw) > FORMAT:
        raise BackupError(f"{backup} was written by a newer Reelgate: restore it with that one")
    try:
        return _MANIFEST.validate_python(raw)
    except ValidationError:
        raise Unfit(f"{backup / MANIFEST} is damaged") from None


def _form_of(raw: Any) -> int:
    try:
        return int(raw["format"])
    except (KeyError, TypeError, ValueError):
        return FORMAT


def write_sums(sums: Mapping[str, Sum]) -> bytes:
    """A line for every file, by name."""
    return "".join(f"{each.sha256}  {name}\n" for name, each in sorted(sums.items())).encode()


def read_sums(backup: Path, manifest: Manifest) -> Mapping[str, str]:
    """The SHA-256 of every file by its path inside the backup; `Unfit` if the list is not the one that the manifest knows."""
    try:
        raw = (backup / SUMS).read_bytes()
    except OSError as error:
        raise Unfit(f"{backup / SUMS} cannot be read ({error.strerror})") from None
    if sha256(raw).hexdigest() != manifest.sums:
        raise Unfit(f"{backup / SUMS} is damaged: it is not the list that {MANIFEST} knows")
    found: dict[str, str] = {}
    for line in raw.decode().splitlines():
        match = _LINE.fullmatch(line)
        if match is None or not _stays_inside(match["name"]):
            raise Unfit(f"{backup / SUMS} is damaged")
        found[match["name"]] = match["sha256"]
    if any(found.get(name) != each.sha256 for name, each in manifest.database.items()):
        raise Unfit(f"{backup / SUMS} and {MANIFEST} do not agree")
    return found


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
