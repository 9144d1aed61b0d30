"""Files that are sent in parts."""

from __future__ import annotations

from reelgate.contracts.file import BlobRow, Part, Upload
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.errors import NotFound
from reelgate.storage._rule import NO_ACCOUNT, NO_UPLOAD
from reelgate.storage.sqlite.connection import Row, Transaction
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.rows import write_blob
from reelgate.storage.sqlite.writer import Unit

_ACCOUNT = QUERIES["account"]
_BLOB = QUERIES["blob"]
_INSERT_BLOB = QUERIES["insert_blob"]
_INSERT_UPLOAD = QUERIES["insert_upload"]
_UPLOAD = QUERIES["upload"]
_DELETE_UPLOAD = QUERIES["delete_upload"]
_PART_BLOB = QUERIES["part_blob"]
_WRITE_PART = QUERIES["write_part"]
_PARTS = QUERIES["parts"]
_DELETE_PARTS = QUERIES["delete_parts"]


def add_blob(row: BlobRow) -> Unit[bool]:
    """Make a blob somebody's; False if it is."""
    written = write_blob(row)
    return lambda write: write.run(_INSERT_BLOB, written) > 0


def open_upload(upload: Upload) -> Unit[None]:
    """Begin."""
    what = (upload.id, upload.account, upload.name, upload.file_name, upload.content_type, upload.keep_s)
    row = (*what, in_ms(upload.created_at), in_ms(upload.expires_at))

    def unit(write: Transaction) -> None:
        if write.row(_ACCOUNT, (upload.account,)) is None:
            raise NotFound(NO_ACCOUNT)
        write.run(_INSERT_UPLOAD, row)

    return unit


def add_part(part: Part) -> Unit[str | None]:
    """Add or replace a part; the blob that it replaced."""

    def unit(write: Transaction) -> str | None:
        if write.row(_UPLOAD, (part.upload_id,)) is None:
            raise NotFound(NO_UPLOAD)
        former = write.row(_PART_BLOB, (part.upload_id, part.number))
        write.run(_WRITE_PART, (part.upload_id, part.number, part.blob, part.size_bytes, part.etag))
        return former[0] if former is not None and former[0] != part.blob else None

    return unit


def finish_upload(upload_id: str, row: BlobRow | None) -> Unit[list[str]]:
    """The upload is a blob, or given up; the blobs of its parts."""

    def unit(write: Transaction) -> list[str]:
        blobs = [read_part(each).blob for each in write.rows(_PARTS, (upload_id,))]
        write.run(_DELETE_PARTS, (upload_id,))
        is_there = write.run(_DELETE_UPLOAD, (upload_id,)) > 0
        if row is not None and is_there:
            write.run(_INSERT_BLOB, write_blob(row))
        if row is not None and not is_there and write.row(_BLOB, (row.name,)) is None:
            raise NotFound(NO_UPLOAD)
        return blobs

    return unit


def read_upload(row: Row) -> Upload:
    """A row of the query `upload`."""
    upload_id, account, name, file_name, content_type, keep_s, created_at, expires_at = row
    return Upload(
        id=upload_id,
        account=account,
        name=name,
        file_name=file_name,
        content_type=content_type,
        keep_s=keep_s,
        created_at=from_ms(created_at),
        expires_at=from_ms(expires_at),
    )


def read_part(row: Row) -> Part:
    """A row of the query `parts`."""
    upload_id, number, blob, size_bytes, etag = row
    return Part(upload_id=upload_id, number=number, blob=blob, size_bytes=size_bytes, etag=etag)
