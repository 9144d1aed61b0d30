"""Puts the media of a submit where the work can find them: a data URI's bytes become a blob before the job is
accepted, an address of our own becomes the blob that it names, and a foreign address is judged as text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from urllib.parse import unquote_to_bytes

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.store import BlobRow, Store
from reelgate.domain.address import NotAllowed, read_address
from reelgate.domain.errors import Fault, InvalidInput, TooLarge
from reelgate.domain.media import BlobRef, Foreign, Media, VideoInput
from reelgate.settings import Settings

_CHUNK = 1 << 20
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/avif": "avif", "video/mp4": "mp4"}


class Parking:
    """Where a submit leaves its media."""

    def __init__(self, store: Store, blobs: Blobs, settings: Settings) -> None:
        self._store, self._blobs, self._settings = store, blobs, settings

    async def park(self, wanted: VideoInput, *, account: str, base: str, now: datetime) -> tuple[VideoInput, list[BlobRow]]:
        """The input with its media in their places, and the rows of the blobs that were made.

        `InvalidInput` names every medium that cannot be used.
        """
        replaced: dict[Media, Media] = {}
        rows: list[BlobRow] = []
        faults: list[Fault] = []
        for medium in wanted.media():
            if not isinstance(medium, Foreign):
                continue
            try:
                replaced[medium] = await self._place(medium, account=account, base=base, now=now, rows=rows)
            except InvalidInput as error:
                faults += error.faults
        if faults:
            for row in rows:
                await self._blobs.remove(row.name)
            raise InvalidInput(faults)
        return (wanted.with_media(replaced) if replaced else wanted), rows

    async def _place(self, medium: Foreign, *, account: str, base: str, now: datetime, rows: list[BlobRow]) -> Media:
        if medium.url[:5].lower() == "data:":
            row = await self._keep(medium, account=account, now=now)
            rows.append(row)
            return BlobRef(row.name, medium.field)
        if medium.url.startswith(f"{base}/files/"):
            return await self._own(medium, account=account, prefix=f"{base}/files/")
        try:
            read_address(medium.url)
        except NotAllowed as refusal:
            raise InvalidInput([_fault(medium, str(refusal), "file_download_error")]) from None
        return medium

    async def _own(self, medium: Foreign, *, account: str, prefix: str) -> BlobRef:
        name = medium.url.removeprefix(prefix).partition("/")[0]
        row = await self._store.blob(name)
        if row is None or row.account != account:
            raise InvalidInput([_fault(medium, "there is no such file", "file_download_error")])
        return BlobRef(name, medium.field)

    async def _keep(self, medium: Foreign, *, account: str, now: datetime) -> BlobRow:
        content_type, content = _read_data_uri(medium)
        if len(content) > self._settings.max_picture:
            limit = {"max_size": self._settings.max_picture}
            raise InvalidInput([_fault(medium, "the file is too large", "file_too_large", limit)])
        try:
            blob = await self._blobs.put(_slices(content), content_type=content_type, limit_bytes=self._settings.max_picture)
        except TooLarge as error:
            raise InvalidInput([_fault(medium, "the file is too large", "file_too_large")]) from error
        return BlobRow(
            name=blob.name,
            account=account,
            job_id=None,
            file_name=f"input.{_EXTENSIONS.get(content_type, 'bin')}",
            content_type=content_type,
            size_bytes=blob.size_bytes,
            sha256=blob.sha256,
            created_at=now,
            expires_at=now + timedelta(days=self._settings.keep_files),
        )


def _read_data_uri(medium: Foreign) -> tuple[str, bytes]:
    head, comma, body = medium.url[5:].partition(",")
    if not comma:
        raise InvalidInput([_fault(medium, "a data URI has a comma before its data", "file_download_error")])
    content_type, *parameters = (part.strip().lower() for part in head.split(";"))
    try:
        content = base64.b64decode(unquote_to_bytes(body), validate=True) if "base64" in parameters else unquote_to_bytes(body)
    except (binascii.Error, ValueError):
        raise InvalidInput([_fault(medium, "the data URI is not valid base64", "file_download_error")]) from None
    return content_type or "application/octet-stream", content


async def _slices(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]


def _fault(medium: Foreign, message: str, kind: str, limits: dict[str, int] | None = None) -> Fault:
    return Fault(path=(medium.field,), message=message, kind=kind, limits=limits or {})
