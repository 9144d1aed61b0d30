"""Takes a backup of a data folder, whether a gateway works on it or not.

Files first, the database second, files that came meanwhile third: a file is there before a row names it, so whatever the
database of the backup names has been there to be copied. Files are only ever removed when their time is over or nobody names
them any more; if one that the copy names was removed before it could be copied, the database is copied again.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, ParamSpec, TypeVar

from reelgate import __version__
from reelgate.backup.copying import batches, check_room, copy, hold, is_one_disk, keep, link, settle, settle_names, sum_of
from reelgate.backup.manifest import FORMAT, MANIFEST, SUMS, BackupError, Counts, Manifest, Sum, Unfit, write_manifest, write_sums
from reelgate.backup.source import Source
from reelgate.contracts.blobs import Blobs
from reelgate.contracts.file import KeptFile
from reelgate.contracts.store import Survey
from reelgate.domain.clock import Clock
from reelgate.folder import SECRETS, SETTINGS, TLS

P = ParamSpec("P")
T = TypeVar("T")

_BEGUN = "manifest.part"
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a backup is wanted. `spare_bytes` stay free on the disk of the data folder; `despite_losses`: leave out what is lost there."""

    linked: bool = False
    despite_losses: bool = False
    spare_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A backup that is in place. `linked` of its files share their bytes with the data folder."""

    path: Path
    manifest: Manifest
    linked: int


async def take(source: Source, to: Path, wish: Wish, clock: Clock, told: Callable[[str], None]) -> Taken:
    """Put a backup at `to`, whole or not at all. `StoreError` or `BackupError` says why not, `Unfit` what is wrong with the data.

    `told` hears of each step.
    """
    _check_place(source, to)
    before = await source.store.survey(source.folder)
    _check_room(source, to, before, wish)
    with _stage(to) as part:
        bringing = _Bringing(source, await source.blobs.open(source.files, ""), part, clock, wish)
        told(f"copies {len(before.files)} files, {sum(file.size_bytes for file in before.files) / 1e6:.1f} MB")
        await bringing.bring(before.files)
        told(f"copies the database, {before.size_bytes / 1e6:.1f} MB")
        manifest = await _copy_store(source, part, bringing, clock)
        told("checks the copy")
        if faults := await source.store.check(part):
            raise Unfit("the copy of the database is not in order; no backup was taken", tuple(faults))
        secrets = await _in_thread(_bring_secrets, source.folder, part, bringing.sums)
        manifest = await _in_thread(_seal, part, replace(manifest, secrets=secrets), bringing.sums)
        _publish(part, to)
    return Taken(path=to, manifest=manifest, linked=bringing.linked)


class _Bringing:
    """Brings files into the backup, each once."""

    def __init__(self, source: Source, blobs: Blobs, part: Path, clock: Clock, wish: Wish) -> None:
        self._source, self._blobs, self._part, self._clock, self._wish = source, blobs, part, clock, wish
        self.sums: dict[str, Sum] = {}
        self.linked = 0
        self.lost: set[str] = set()
        self._place_of: dict[str, str] = {}

    async def bring(self, files: Iterable[KeptFile]) -> list[KeptFile]:
        """Copy those that are not here yet; those that were not found, unless they are lost already."""
        wanted = [file for file in files if file.name not in self._place_of and file.name not in self.lost]
        missing: list[KeptFile] = []
        damaged: list[KeptFile] = []
        for batch in batches(wanted):
            found = await asyncio.gather(*map(self._bring_one, batch), return_exceptions=True)  # none is still at it when one failed
            for file, brought in zip(batch, found, strict=True):
                if isinstance(brought, BaseException):
                    raise brought
                if brought is None:
                    missing.append(file)
                elif brought.is_what(file):
                    self._keep(file.name, brought)
                else:
                    damaged.append(file)
        self.give_up(damaged)
        return missing

    def give_up(self, files: list[KeptFile]) -> None:
        """These are lost or damaged; `Unfit` if the backup was not wanted without them."""
        if files and not self._wish.despite_losses:
            names = tuple(f"{file.name} ({file.size_bytes} bytes)" for file in files)
            message = f"files of {self._source.folder} that are lost or damaged: {len(files)}; no backup was taken"
            raise Unfit(message, names)
        self.lost.update(file.name for file in files)

    def drop_all_but(self, names: set[str]) -> None:
        """What the database of the backup does not name any more has no place in it."""
        for name in self._place_of.keys() - names:
            place = self._place_of.pop(name)
            (self._part / place).unlink()
            del self.sums[place]

    def _keep(self, name: str, brought: _Brought) -> None:
        self._place_of[name] = brought.place
        self.sums[brought.place] = brought.sum
        self.linked += brought.linked

    async def _bring_one(self, file: KeptFile) -> _Brought | None:
        path = await self._blobs.local(file.name)
        if path is None:
            return None
        try:
            return await _in_thread(self._copy, path, file)
        except FileNotFoundError:  # removed at this moment
            return None
        except OSError as error:
            raise BackupError(f"{error.filename or path} cannot be copied: {error.strerror}") from error

    def _copy(self, path: Path, file: KeptFile) -> _Brought:
        place = path.relative_to(self._source.folder)
        to = self._part / place
        shared = link(path, to, file.sha256) if self._wish.linked else None
        brought = _Brought(place.as_posix(), copy(path, to) if shared is None else shared, linked=shared is not None)
        if not brought.is_what(file):
            to.unlink()
        return brought


class _Brought(NamedTuple):
    """A file that was copied or linked."""

    place: str
    sum: Sum
    linked: bool

    def is_what(self, file: KeptFile) -> bool:
        """Whether it is as the books say."""
        return self.sum == Sum(file.size_bytes, file.sha256 or self.sum.sha256)


async def _copy_store(source: Source, part: Path, bringing: _Bringing, clock: Clock) -> Manifest:
    """The database, with all files that it names; the manifest as far as it is known then."""
    for _ in range(_TRIES):
        at = clock.now()
        await source.store.copy(source.folder, part)
        snapshot = await source.store.survey(part)
        missing = await bringing.bring(snapshot.files)
        expired = [file for file in missing if file.is_over(clock.now())]
        wanted = {file.name: file for file in missing if not file.is_over(clock.now())}
        if wanted:
            still_named = {file.name for file in (await source.store.survey(source.folder)).files}
            bringing.give_up([file for name, file in wanted.items() if name in still_named])
        if all(name in bringing.lost for name in wanted):
            bringing.drop_all_but({file.name for file in snapshot.files})
            return _manifest(source, at, snapshot, bringing, len(expired))
    raise BackupError("files are removed faster than they can be copied; try again when there is less to do")


async def _in_thread(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """In a thread that is waited for if this is cancelled: nothing is written after the place was cleared."""
    under_way = asyncio.gather(asyncio.to_thread(work, *given, **named))
    try:
        (done,) = await asyncio.shield(under_way)
    except asyncio.CancelledError:
        await asyncio.wait([under_way])
        raise
    return done


def _manifest(source: Source, at: datetime, snapshot: Survey, bringing: _Bringing, expired: int) -> Manifest:
    named = {file.name for file in snapshot.files}
    return Manifest(
        format=FORMAT,
        reelgate=__version__,
        created_at=at,
        store=source.store.name,
        schema=snapshot.schema,
        jobs=snapshot.jobs,
        database={},
        secrets=(),
        blobs=Counts(count=len(bringing.sums), size_bytes=sum(each.size_bytes for each in bringing.sums.values())),
        expired=expired,
        lost=tuple(sorted(bringing.lost & named)),
        sums="",
    )


def _bring_secrets(folder: Path, part: Path, sums: dict[str, Sum]) -> tuple[str, ...]:
    """The secrets of the folder, its certificates and its settings; the names of those that there are."""
    below = [path for path in sorted((folder / TLS).rglob("*")) if path.is_file()]
    found = [path for path in (*(folder / name for name in (*SECRETS, SETTINGS)), *below) if path.is_file()]
    for path in found:
        name = path.relative_to(folder)
        sums[name.as_posix()] = copy(path, part / name)
    return tuple(path.relative_to(folder).as_posix() for path in found)


def _seal(part: Path, manifest: Manifest, sums: dict[str, Sum]) -> Manifest:
    """Write the sums and the manifest, and make all of it durable."""
    database = {path.name: sum_of(path) for path in sorted(part.iterdir()) if path.is_file() and path.name not in {_BEGUN, *sums}}
    listed = keep(part / SUMS, write_sums({**sums, **database}))
    manifest = replace(manifest, database=database, sums=listed.sha256)
    keep(part / MANIFEST, write_manifest(manifest))
    settle(part)
    return manifest


def _publish(part: Path, to: Path) -> None:
    (part / _BEGUN).unlink()
    settle_names(part)
    part.rename(to)
    settle_names(to.parent)


@contextmanager
def _stage(to: Path) -> Generator[Path]:
    """Where a backup is put together; what is left of it is removed if it does not come to its end."""
    part = to.with_name(f"{to.name}.part")
    try:
        lock = _begin(to, part)
    except OSError as error:
        raise BackupError(f"{part} cannot be written: {error.strerror}") from error
    try:
        yield part
    except OSError as error:
        raise BackupError(f"{error.filename or part} cannot be written: {error.strerror}; no backup was taken") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)  # it has another name by now, if all went well
        os.close(lock)


def _begin(to: Path, part: Path) -> int:
    if part.exists():
        _clear(to, part)
    part.mkdir(0o700)
    lock = hold(part)
    if lock is None:
        raise BackupError(f"another backup to {to} is being taken")
    keep(part / _BEGUN, b"a backup is being taken here\n")
    return lock


def _clear(to: Path, part: Path) -> None:
    """Remove what a backup has left that was broken off; `BackupError` if it is none, or is still going on."""
    lock = hold(part)
    if lock is None:
        raise BackupError(f"another backup to {to} is being taken")
    try:
        if not (part / _BEGUN).is_file():
            raise BackupError(f"{part} is in the way, and is not a backup that was broken off")
        shutil.rmtree(part)
    finally:
        os.close(lock)


def _check_place(source: Source, to: Path) -> None:
    if to.exists() or to.is_symlink():
        raise BackupError(f"{to} is there already: a backup is a new folder")
    if not to.parent.is_dir():
        raise BackupError(f"the folder {to.parent} is not there")
    if to.resolve().is_relative_to(source.folder.resolve()):
        raise BackupError(f"{to} lies in the data folder: a backup would be lost with it")


def _check_room(source: Source, to: Path, before: Survey, wish: Wish) -> None:
    shared = is_one_disk(source.folder, to.parent)
    files_bytes = 0 if wish.linked and shared else sum(file.size_bytes for file in before.files)
    check_room(to.parent, before.size_bytes + files_bytes + (wish.spare_bytes if shared else 0))
