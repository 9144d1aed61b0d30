"""Puts the media of a submit where the work can find them: a data URI's bytes become a blob before the job is
accepted, an address of our own and a video made here become the blobs that they name, a foreign address is judged as text."""

from __future__ import annotations

import asyncio
import binascii
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from reelgate.contracts.blobs import Blobs
from reelgate.contracts.file import BlobRow
from reelgate.contracts.store import Store
from reelgate.domain.address import NotAllowed, read_address
from reelgate.domain.errors import Fault, InvalidInput, TooLarge
from reelgate.domain.identity import read_id
from reelgate.domain.media import MADE_HERE, BlobRef, Foreign, Media, VideoInput
from reelgate.settings import Settings

_CHUNK = 1 << 20
_HEAD_MAX = 200  # of a data URI, before its comma
_DECODED_AT_ONCE = 1 << 16  # a longer one is decoded beside the event loop
_OWN = re.compile(r"https?://[^/?#]+(?:/[^?#]*)?/files/([0-9a-f]{32})/[^/?#]+", re.IGNORECASE)  # nobody else has such names
_MALFORMED = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/avif": "avif", "video/mp4": "mp4"}


class Parking:
    """Where a submit leaves its media."""

    def __init__(self, store: Store, blobs: Blobs, settings: Settings) -> None:
        self._store, self._blobs, self._settings = store, blobs, settings

    async def park(
        self, wanted: VideoInput, *, account: str, base: str, now: datetime, test: bool = False
    ) -> tuple[VideoInput, list[BlobRow]]:
        """The input with its media in their places, and the rows of the blobs that were made.

        `test`: the videos of live jobs are not there. `InvalidInput` names every medium that cannot be used.
        """
        replaced: dict[Media, Media] = {}
        rows: list[BlobRow] = []
        faults: list[Fault] = []
        for medium in wanted.media():
            if not isinstance(medium, Foreign):
                continue
            try:
                replaced[medium] = await self._place(medium, account=account, base=base, now=now, test=test, rows=rows)
            except InvalidInput as error:
                faults += error.faults
        if faults:
            for row in rows:
                await self._blobs.remove(row.name)
            raise InvalidInput(faults)
        return (wanted.with_media(replaced) if replaced else wanted), rows

    async def _place(self, medium: Foreign, *, account: str, base: str, now: datetime, test: bool, rows: list[BlobRow]) -> Media:
        if medium.url[:5].lower() == "data:":
            row = await self._keep(medium, account=account, now=now)
            rows.append(row)
            return BlobRef(row.name, medium.field)
        if medium.url.startswith(MADE_HERE):
            return await self._made_here(medium, account=account, now=now, test=test)
        own = await self._own(medium, account=account, base=base, now=now)
        if own is not None:
            return own
        try:
            read_address(medium.url)
        except NotAllowed as refusal:
            raise InvalidInput([_fault(medium, str(refusal), "file_download_error")]) from None
        return medium

    async def _own(self, medium: Foreign, *, account: str, base: str, now: datetime) -> BlobRef | None:
        """The file of ours that an address names, by whatever host and scheme the caller has reached us; None if it names none."""
        found = _OWN.fullmatch(re.split(r"[?#]", medium.url, maxsplit=1)[0])
        row = await self._store.blob(found[1]) if found is not None else None
        if row is not None and row.account == account and _lasts(row, now):
            return BlobRef(row.name, medium.field)
        if row is not None or medium.url.startswith((f"{base}/files/", f"{self._settings.public_url or base}/files/")):
            raise InvalidInput([_fault(medium, "there is no such file", "file_download_error")])
        return None

    async def _made_here(self, medium: Foreign, *, account: str, now: datetime, test: bool) -> BlobRef:
        """The video of an earlier job of the account, which some wires name by its id."""
        job_id = read_id(medium.url.removeprefix(MADE_HERE))
        job = await self._store.job(account, job_id) if job_id is not None else None
        source = job.video.source if job is not None and job.video is not None and (job.test or not test) else None
        row = await self._store.blob(source.name) if isinstance(source, BlobRef) else None
        if row is None or not _lasts(row, now):
            raise InvalidInput([_fault(medium, "there is no such video, or it is no longer kept", "file_download_error")])
        return BlobRef(row.name, medium.field)

    async def _keep(self, medium: Foreign, *, account: str, now: datetime) -> BlobRow:
        content_type, content = await _read_data_uri(medium, self._settings.max_picture)
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


def _lasts(row: BlobRow, now: datetime) -> bool:
    """Whether its time is not over; what is over may not have been swept yet."""
    return row.expires_at is None or row.expires_at > now


async def _read_data_uri(medium: Foreign, limit_bytes: int) -> tuple[str, bytes]:
    comma = medium.url.find(",", len("data:"), len("data:") + _HEAD_MAX + 1)
    if comma < 0:
        raise InvalidInput([_fault(medium, f"a data URI has a comma after at most {_HEAD_MAX} characters", "file_download_error")])
    content_type, *parameters = (part.strip().lower() for part in medium.url[len("data:") : comma].split(";"))
    decoding = (medium.url, comma + 1, "base64" in parameters, limit_bytes)
    try:
        content = _decode(*decoding) if len(medium.url) <= _DECODED_AT_ONCE else await asyncio.to_thread(_decode, *decoding)
    except ValueError:
        raise InvalidInput([_fault(medium, "the data of the data URI are not well encoded", "file_download_error")]) from None
    if content is None:
        raise InvalidInput([_fault(medium, "the file is too large", "file_too_large", {"max_size": limit_bytes})])
    return content_type if content_type in _EXTENSIONS else "application/octet-stream", content


def _decode(url: str, start: int, in_base64: bool, limit_bytes: int) -> bytes | None:  # noqa: FBT001 -- it goes through a thread's arguments
    """What the data URI holds from `start` on; None if that is more than the limit, `ValueError` if it is malformed."""
    data = memoryview(url.encode("ascii"))[start:]
    if "%" in url:
        data = memoryview(_unquote(data))
    if not in_base64:
        return None if len(data) > limit_bytes else bytes(data)
    return None if len(data) // 4 * 3 - 2 > limit_bytes else _within(binascii.a2b_base64(data, strict_mode=True), limit_bytes)


def _within(content: bytes, limit_bytes: int) -> bytes | None:
    return None if len(content) > limit_bytes else content


def _unquote(text: memoryview) -> bytes:
    """Percent-decoding in a time that grows with the length alone, piece by piece so that the event loop gets its turns."""
    pieces: list[bytes] = []
    at = 0
    while at < len(text):
        piece = bytes(text[at : at + _CHUNK])
        cut = piece.rfind(b"%", -2) if at + len(piece) < len(text) else -1
        if cut >= 0:
            piece = piece[:cut]  # an escape is not cut in two
        if _MALFORMED.search(piece):
            message = "a % without two hexadecimal digits"
            raise ValueError(message)
        # What mail calls quoted-printable is the same with another sign, and has a decoder that is not written in Python.
        pieces.append(binascii.a2b_qp(piece.replace(b"=", b"=3D").replace(b"%", b"=")))
        at += len(piece)
    return b"".join(pieces)


async def _slices(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), _CHUNK):
        yield content[start : start + _CHUNK]


def _fault(medium: Foreign, message: str, kind: str, limits: dict[str, int] | None = None) -> Fault:
    return Fault(path=(medium.field,), message=message, kind=kind, limits=limits or {})
