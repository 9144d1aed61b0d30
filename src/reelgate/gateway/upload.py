"""What a caller may do with files of their own: send one whole or in parts, with a key, a token or a signed address.

A file has its name, and so its address, before its first byte has come; it is there when its row is. Until then an upload
stands for it, which anybody may go on with who has its id and is let in for its account. Bytes go from the socket to the
disk piece by piece. What is answered is durable, and each verb may be repeated after a lost answer.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from reelgate.contracts.blobs import Blob, Blobs
from reelgate.contracts.file import BlobRow, Part, Upload
from reelgate.contracts.store import Store
from reelgate.domain.clock import Clock
from reelgate.domain.errors import CallerError, GatewayError, NotFound, TooLarge, Unauthenticated, Unready
from reelgate.domain.identity import unguessable
from reelgate.gateway.door import Scope, header
from reelgate.gateway.gates import Gates
from reelgate.gateway.keyring import Keyring, Principal
from reelgate.gateway.label import read_name, read_type
from reelgate.gateway.permit import PREFIX, Permit, Permits
from reelgate.gateway.quota import Quota
from reelgate.settings import Settings

LASTS = timedelta(hours=1)
_GRACE = timedelta(minutes=5)  # a client whose clock is behind ours sends a token a little too late
_UNFINISHED = timedelta(days=1)
_TOKEN, _ADDRESS = "upload token", "upload address"
_PIECE = 1 << 18
_READ_AT_ONCE = 1 << 20
_ROOM_EVERY_BYTES = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What a client says of its file, and for how long it wants it to be kept. `length_bytes` is 0 where it does not say."""

    file_name: str = ""
    content_type: str = ""
    keep_s: float | None = None
    length_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Somebody let in for an account, who names an upload and the file that it is to be."""

    account: str
    upload_id: str
    name: str


class Uploads:
    """Takes files in."""

    def __init__(
        self, *, store: Store, blobs: Blobs, keyring: Keyring, gates: Gates, permits: Permits, settings: Settings, clock: Clock
    ) -> None:
        self._store, self._blobs, self._keyring, self._gates, self._permits = store, blobs, keyring, gates, permits
        self._settings, self._clock = settings, clock
        self._quota = Quota(store, settings)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    # -- who may ------------------------------------------------------------------------------------------------------
    def token(self, principal: Principal) -> tuple[str, datetime]:
        """A token for uploads, and until when to use it; it dies with the key that it was asked for with."""
        until = self._clock.now() + LASTS
        permit = Permit(purpose=_TOKEN, account=principal.account, subject=principal.key_id, until=until + _GRACE)
        return self._permits.write(permit), until

    async def sender(self, scope: Scope) -> Principal:
        """Who sends a file, by an `Authorization` header that holds a token or a key."""
        _, _, text = (header(scope, b"authorization") or b"").decode("latin-1").partition(" ")
        if not text.strip().startswith(PREFIX):
            return await self._keyring.caller(scope, write=True)
        permit = self._permits.read(text.strip(), _TOKEN)
        return await self._keyring.holder(scope, permit.account, permit.subject, write=True)

    def sign(self, upload: Upload) -> tuple[str, str]:
        """What an address says after the fixed words, and the permit that makes it work without a key."""
        subject = f"{upload.id}/{upload.name}"
        return subject, self._permits.write(
            Permit(purpose=_ADDRESS, account=upload.account, subject=subject, until=self._clock.now() + LASTS)
        )

    def signed(self, upload_id: str, name: str, permit: str) -> Ticket:
        """Let in who holds such an address."""
        known = self._permits.read(permit, _ADDRESS)
        if known.subject != f"{upload_id}/{name}":
            raise Unauthenticated("invalid permit")
        return Ticket(account=known.account, upload_id=upload_id, name=name)

    # -- what they may do ---------------------------------------------------------------------------------------------
    async def keep(self, sender: Principal, announced: Announced, chunks: AsyncIterator[bytes]) -> BlobRow:
        """A whole file at once."""
        self._gates.admit(sender)
        account = sender.account
        self._check_size(announced.length_bytes, self._settings.max_upload)
        async with self._quota.intake(account, announced.length_bytes) as counted:
            blob = await self._write(counted(chunks), announced.content_type, announced.length_bytes, self._settings.max_upload)
            row = self._row(self._upload(account, announced, blob.name), blob)
            try:
                await self._store.add_blob(row)
            except GatewayError:
                await self._blobs.remove(blob.name)  # nobody was told its name
                raise
        return row

    async def begin(self, sender: Principal, announced: Announced) -> Upload:
        """Reserve the name of a file whose bytes are to come."""
        self._gates.admit(sender)
        await self._check_room(0)
        await self._quota.check_begin(sender.account)
        upload = self._upload(sender.account, announced, unguessable())
        await self._store.open_upload(upload)
        return upload

    async def put(self, ticket: Ticket, announced: Announced, chunks: AsyncIterator[bytes]) -> BlobRow:
        """All bytes of an upload. Once it is a file, the same bytes may come again, and no others."""
        async with self._turn(ticket):
            upload = await self._find(ticket)
            if upload is None:
                return await self._compare(await self._made(ticket), chunks)
            limit_bytes = self._settings.max_upload
            self._check_size(announced.length_bytes, limit_bytes)
            async with self._quota.intake(upload.account, announced.length_bytes) as counted:
                blob = await self._write(counted(chunks), upload.content_type, announced.length_bytes, limit_bytes, name=upload.name)
                return await self._finish(upload, blob)

    async def part(self, ticket: Ticket, number: int, announced: Announced, chunks: AsyncIterator[bytes]) -> str:
        """One part of an upload, in the place of a former one of this number; the SHA-256 of its bytes."""
        upload = await self._find(ticket)
        if upload is None:
            raise _unknown()
        left_bytes = await self._left_bytes(upload, number)
        self._check_size(announced.length_bytes, left_bytes)
        async with self._quota.intake(upload.account, announced.length_bytes) as counted:
            blob = await self._write(counted(chunks), upload.content_type, announced.length_bytes, left_bytes)
            part = Part(upload_id=upload.id, number=number, blob=blob.name, size_bytes=blob.size_bytes, etag=blob.sha256)
            try:
                async with self._turn(ticket):
                    if blob.size_bytes > await self._left_bytes(upload, number):  # others came meanwhile
                        raise self._too_large()
                    former = await self._store.add_part(part)
            except GatewayError:
                await self._blobs.remove(blob.name)
                raise
        if former is not None:
            await self._blobs.remove(former)
        return blob.sha256

    async def complete(self, ticket: Ticket, named: Mapping[int, str]) -> BlobRow:
        """Make the file of these parts, given by number and SHA-256, in the order of their numbers; others are dropped."""
        async with self._turn(ticket):
            upload = await self._find(ticket)
            if upload is None:
                return await self._made(ticket)
            there = {part.number: part for part in await self._store.parts(upload.id)}
            parts = [_chosen(there, number, etag) for number, etag in sorted(named.items())]
            length_bytes = sum(part.size_bytes for part in parts)
            self._check_size(length_bytes, self._settings.max_upload)
            # Its bytes are counted already, as those of its parts; while both are there it is at most twice the quota.
            blob = await self._write(self._joined(parts), upload.content_type, length_bytes, self._settings.max_upload, name=upload.name)
            return await self._finish(upload, blob)

    # -- below them ---------------------------------------------------------------------------------------------------
    def _turn(self, ticket: Ticket) -> asyncio.Lock:
        # What makes or ends a file happens one after the other: a name's bytes must never change once it has a row.
        return self._turns.setdefault(ticket.upload_id, asyncio.Lock())

    async def _find(self, ticket: Ticket) -> Upload | None:
        """The upload while it is one; None if it is no more. What is another's, or too old, is not there."""
        upload = await self._store.upload(ticket.upload_id)
        if upload is None:
            return None
        if (upload.account, upload.name) != (ticket.account, ticket.name) or upload.expires_at <= self._clock.now():
            raise _unknown()
        return upload

    async def _made(self, ticket: Ticket) -> BlobRow:
        row = await self._store.blob(ticket.name)
        if row is None or row.account != ticket.account:
            raise _unknown()
        return row

    async def _finish(self, upload: Upload, blob: Blob) -> BlobRow:
        row = self._row(upload, blob)
        for name in await self._store.finish_upload(upload.id, row):
            await self._blobs.remove(name)
        return row

    async def _left_bytes(self, upload: Upload, number: int) -> int:
        """How many bytes a part of this number may have beside the others."""
        others = sum(part.size_bytes for part in await self._store.parts(upload.id) if part.number != number)
        return self._settings.max_upload - others

    async def _write(self, chunks: AsyncIterator[bytes], content_type: str, length_bytes: int, limit_bytes: int, *, name: str = "") -> Blob:
        await self._check_room(length_bytes)
        try:
            return await self._blobs.put(self._watched(chunks), content_type=content_type, limit_bytes=limit_bytes, name=name)
        except TooLarge:
            raise self._too_large() from None

    async def _watched(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The chunks in pieces that are worth a write each, while the disk has room."""
        piece, since_look = bytearray(), 0
        async for chunk in chunks:
            piece += chunk
            if len(piece) >= _PIECE:
                since_look += len(piece)
                yield bytes(piece)
                piece.clear()
            if since_look >= _ROOM_EVERY_BYTES:
                since_look = 0
                await self._check_room(0)
        if piece:
            yield bytes(piece)

    async def _joined(self, parts: list[Part]) -> AsyncIterator[bytes]:
        for part in parts:
            path = await self._blobs.local(part.blob)
            if path is None:
                raise _missing(part.number)
            with path.open("rb") as file:
                while chunk := await asyncio.to_thread(file.read, _READ_AT_ONCE):
                    yield chunk

    def _check_size(self, length_bytes: int, limit_bytes: int) -> None:
        if length_bytes > limit_bytes or limit_bytes < 0:
            raise self._too_large()

    async def _check_room(self, more_bytes: int) -> None:
        if await self._blobs.free_bytes() - more_bytes < self._settings.min_free_bytes:
            raise Unready("the gateway's disk is full; nothing was kept")

    async def _compare(self, row: BlobRow, chunks: AsyncIterator[bytes]) -> BlobRow:
        digest, size_bytes = hashlib.sha256(), 0
        async for chunk in chunks:
            digest.update(chunk)
            size_bytes += len(chunk)
            if size_bytes > row.size_bytes:
                break
        if size_bytes != row.size_bytes or digest.hexdigest() != row.sha256:
            raise CallerError("this file is there already, and these are other bytes; a file does not change")
        return row

    def _upload(self, account: str, announced: Announced, name: str) -> Upload:
        now = self._clock.now()
        content_type = read_type(announced.content_type)
        longest_s = self._settings.keep_files * 86_400
        return Upload(
            id=unguessable(),
            account=account,
            name=name,
            file_name=read_name(announced.file_name, content_type),
            content_type=content_type,
            keep_s=None if announced.keep_s is None else max(1.0, min(announced.keep_s, longest_s)),
            created_at=now,
            expires_at=now + _UNFINISHED,
        )

    def _row(self, upload: Upload, blob: Blob) -> BlobRow:
        now = self._clock.now()
        kept = timedelta(days=self._settings.keep_files) if upload.keep_s is None else timedelta(seconds=upload.keep_s)
        return BlobRow(
            name=upload.name,
            account=upload.account,
            job_id=None,
            file_name=upload.file_name,
            content_type=upload.content_type,
            size_bytes=blob.size_bytes,
            sha256=blob.sha256,
            created_at=now,
            expires_at=now + kept,
        )

    def _too_large(self) -> TooLarge:
        return TooLarge(f"the file is larger than {self._settings.max_upload} bytes")


def _chosen(there: Mapping[int, Part], number: int, etag: str) -> Part:
    part = there.get(number)
    if part is None or part.etag != etag:
        raise _missing(number)
    return part


def _missing(number: int) -> CallerError:
    return CallerError(f"part {number} is not there with this etag; send it again")


def _unknown() -> NotFound:
    return NotFound("there is no such upload")
