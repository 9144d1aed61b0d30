"""Files that are sent, whole or in parts."""

from __future__ import annotations

from datetime import datetime

from reelgate.contracts.file import BlobRow, KeptFile, Part, Upload, Uploaded
from reelgate.domain.errors import NotFound
from reelgate.storage._rule import NO_UPLOAD, to_the_ms
from reelgate.storage.memory.room import Room


class Uploads(Room):
    """Verbs for blobs: those that come without a job, and what becomes of all of them."""

    async def add_blob(self, row: BlobRow) -> bool:
        self._check_open()
        if row.name in self.shelf.blobs:
            return False
        self.shelf.blobs[row.name] = to_the_ms(row)
        return True

    async def open_upload(self, upload: Upload) -> None:
        self._check_account(upload.account)
        self.shelf.uploads[upload.id] = to_the_ms(upload)
        self.shelf.parts[upload.id] = {}

    async def upload(self, upload_id: str) -> Upload | None:
        return self.shelf.uploads.get(upload_id)

    async def add_part(self, part: Part) -> str | None:
        self._check_open()
        parts = self.shelf.parts.get(part.upload_id)
        if parts is None:
            raise NotFound(NO_UPLOAD)
        former, parts[part.number] = parts.get(part.number), part
        return former.blob if former is not None and former.blob != part.blob else None

    async def parts(self, upload_id: str) -> list[Part]:
        return [part for _, part in sorted(self.shelf.parts.get(upload_id, {}).items())]

    async def finish_upload(self, upload_id: str, row: BlobRow | None) -> list[str]:
        self._check_open()
        is_there = upload_id in self.shelf.uploads
        if row is not None and not is_there and row.name not in self.shelf.blobs:
            raise NotFound(NO_UPLOAD)
        if row is not None and is_there:
            self.shelf.blobs.setdefault(row.name, to_the_ms(row))
        blobs = [part.blob for part in await self.parts(upload_id)]
        self.shelf.uploads.pop(upload_id, None)
        self.shelf.parts.pop(upload_id, None)
        return blobs

    async def uploaded(self, account: str, least_bytes: int) -> Uploaded:
        mine = [upload.id for upload in self.shelf.uploads.values() if upload.account == account]
        sizes = [blob.size_bytes for blob in self.shelf.blobs.values() if blob.account == account and blob.job_id is None]
        sizes += [part.size_bytes for upload_id in mine for part in self.shelf.parts[upload_id].values()]
        return Uploaded(size_bytes=sum(max(size, least_bytes) for size in sizes), open_count=len(mine))

    async def stale_uploads(self, now: datetime, limit: int) -> list[Upload]:
        over = [upload for upload in self.shelf.uploads.values() if upload.expires_at <= now]
        return sorted(over, key=lambda upload: (upload.expires_at, upload.id))[:limit]

    async def blob(self, name: str) -> BlobRow | None:
        return self.shelf.blobs.get(name)

    async def expired_blobs(self, now: datetime, limit: int) -> list[BlobRow]:
        over = [(blob.expires_at, blob) for blob in self.shelf.blobs.values() if blob.expires_at is not None and blob.expires_at <= now]
        return [blob for _, blob in sorted(over, key=lambda each: (each[0], each[1].name))[:limit]]

    async def forget_blob(self, name: str) -> None:
        self._check_open()
        blob = self.shelf.blobs.pop(name, None)
        if blob is not None and blob.job_id is not None and self.shelf.video_of.get(blob.job_id) == name:
            del self.shelf.video_of[blob.job_id]

    async def kept_videos(self, after: str, limit: int) -> list[KeptFile]:
        names = sorted(name for name in self.shelf.video_of.values() if name > after and name in self.shelf.blobs)[:limit]
        rows = [self.shelf.blobs[name] for name in names]
        return [KeptFile(row.name, row.size_bytes, row.sha256, row.expires_at) for row in rows]

    async def known_blobs(self) -> frozenset[str]:
        return frozenset(self.shelf.blobs) | {part.blob for parts in self.shelf.parts.values() for part in parts.values()}
