"""Files that we keep: whose they are and how long they live, and how one comes in parts. The bytes lie in `contracts/blobs.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRow:
    """Whose a blob is and how long it lives."""

    name: str
    account: str
    job_id: str | None
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that is being sent in parts. `name` is that of the blob it will be, known before its first byte; the file lives for
    `keep_s` from its last part on, None for as long as the gateway keeps files. What is not finished by `expires_at` is dropped."""

    id: str
    account: str
    name: str
    file_name: str
    content_type: str
    keep_s: float | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an upload, kept as a blob of its own until all are there. Numbers begin at 1."""

    upload_id: str
    number: int
    blob: str
    size_bytes: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """What an account's uploads take up: files that came without a job, and parts; and how many uploads are not finished."""

    size_bytes: int
    open_count: int


class KeptFile(NamedTuple):
    """A blob as the books know it. `sha256` is empty for a part of an upload, which has no `expires_at` either."""

    name: str
    size_bytes: int
    sha256: str
    expires_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Whether its time is over: it may be there no more."""
        return self.expires_at is not None and self.expires_at <= now


class FileStore(Protocol):
    """What a store knows of files."""

    async def blob(self, name: str) -> BlobRow | None:
        """A blob by its unguessable name: the name is the right to it."""
        ...

    async def expired_blobs(self, now: datetime, limit: int) -> list[BlobRow]:
        """Blobs whose time is over."""
        ...

    async def forget_blob(self, name: str) -> None:
        """Remove a blob's row."""
        ...

    async def known_blobs(self) -> frozenset[str]:
        """The names of all blobs that have a row, and of all parts of uploads."""
        ...

    async def kept_videos(self, after: str, limit: int) -> list[KeptFile]:
        """The videos of jobs that are done and that are not forgotten, by name, the first one past `after` first: a page of all."""
        ...

    async def add_blob(self, row: BlobRow) -> bool:
        """Make a blob somebody's; False if the name has a row already."""
        ...

    async def open_upload(self, upload: Upload) -> None:
        """Begin an upload in parts."""
        ...

    async def upload(self, upload_id: str) -> Upload | None:
        """One upload: its id, which is unguessable, is the right to it."""
        ...

    async def add_part(self, part: Part) -> str | None:
        """Add or replace a part; the name of another blob that it replaced. `NotFound` if the upload is gone."""
        ...

    async def parts(self, upload_id: str) -> list[Part]:
        """The parts that are there, in order."""
        ...

    async def finish_upload(self, upload_id: str, row: BlobRow | None) -> list[str]:
        """The upload is now this blob, or is given up if that is None; the blobs of its parts, which have no row any more.

        Once more does nothing. `NotFound` if it was given up before and is to be a blob now.
        """
        ...

    async def uploaded(self, account: str, least_bytes: int) -> Uploaded:
        """What an account's uploads take up, where each file and each part counts as `least_bytes` at least."""
        ...

    async def stale_uploads(self, now: datetime, limit: int) -> list[Upload]:
        """Uploads that were not finished in time."""
        ...
