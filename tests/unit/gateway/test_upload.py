"""Files that callers send: whole, in parts, again, by the wrong hands, on a full disk, and through the death of the gateway."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reelgate.blobs import local
from reelgate.contracts.account import Account, Limits
from reelgate.contracts.blobs import Blobs, BlobsDriver
from reelgate.contracts.file import BlobRow, Upload
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import CallerError, Forbidden, Limited, NotFound, TooLarge, Unauthenticated, Unready
from reelgate.gateway.bounds import Bounds
from reelgate.gateway.door import Doorplate
from reelgate.gateway.gates import Gates
from reelgate.gateway.keyring import Keyring, Principal
from reelgate.gateway.keys import Keys
from reelgate.gateway.permit import Permits
from reelgate.gateway.quota import LEAST_BYTES
from reelgate.gateway.upload import Announced, Ticket, Uploads
from reelgate.gateway.vault import Vault
from reelgate.settings import read_settings
from tests.clock import BEGINNING, FakeClock
from tests.story import deed

PEPPER = b"a pepper"
PICTURE = Announced(file_name="a.png", content_type="image/png")
LIMIT = 4096
HERE = "203.0.113.7"


@dataclass(frozen=True)
class Desk:
    """Uploads over a memory store and a folder."""

    uploads: Uploads
    store: Store
    blobs: Blobs
    keys: Keys
    clock: FakeClock
    folder: Path

    def ticket(self, upload: Upload, account: str = "ada") -> Ticket:
        return Ticket(account=account, upload_id=upload.id, name=upload.name)

    async def begun(self, account: str = "ada") -> tuple[Upload, Ticket]:
        upload = await self.uploads.begin(sender(account), PICTURE)
        return upload, self.ticket(upload, account)

    async def content(self, name: str) -> bytes | None:
        path = await self.blobs.local(name)
        return None if path is None else path.read_bytes()

    @property
    def files(self) -> list[Path]:
        return [path for path in self.folder.glob("??/*") if path.is_file()]


def sender(account: str, **facts: Any) -> Principal:
    return Principal(account, f"key-{account}", "live", **facts)


ADA, MALLORY = sender("ada"), sender("mallory")


def asking(authorization: str | bytes | None, client: str = HERE) -> dict[str, Any]:
    """A request that shows this."""
    shown = authorization.encode() if isinstance(authorization, str) else authorization
    return {"client": (client, 50_000), "headers": [] if shown is None else [(b"authorization", shown)]}


async def open_desk(tmp_path: Path, clock: FakeClock, **given: Any) -> Desk:
    store = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    blobs = await load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)["local"].open(tmp_path / "blobs", "")
    for name in ("ada", "mallory"):
        await store.add_account(Account(id=name, name=name, created_at=BEGINNING), deed())
    settings = read_settings({"max_upload": LIMIT, "keep_files": 30, "min_free_bytes": 0, **given})
    vault = Vault(bytes(32))
    keyring, permits = Keyring(store, PEPPER, clock, vault=vault, doorplate=Doorplate(settings)), Permits(PEPPER, clock)
    uploads = Uploads(store=store, blobs=blobs, keyring=keyring, gates=Gates(clock), permits=permits, settings=settings, clock=clock)
    return Desk(uploads, store, blobs, Keys(store, PEPPER, clock, vault), clock, tmp_path / "blobs")


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> Desk:
    return await open_desk(tmp_path, clock)


async def sent(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def broken_off(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    raise CallerError("the body broke off before its end")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# -- whole -----------------------------------------------------------------------------------------------------------------


async def test_a_whole_file_is_its_sender_s(desk: Desk) -> None:
    row = await desk.uploads.keep(ADA, PICTURE, sent(b"one ", b"", b"two"))
    assert await desk.content(row.name) == b"one two"
    assert await desk.store.blob(row.name) == row
    assert (row.account, row.job_id, row.file_name, row.content_type) == ("ada", None, "a.png", "image/png")
    assert (row.size_bytes, row.sha256) == (7, sha256(b"one two"))
    assert days_of(row) == 30


@pytest.mark.parametrize(("keep_s", "kept_s"), [(None, 30 * 86_400), (60, 60), (1e26, 30 * 86_400), (1e-9, 1), (31 * 86_400, 30 * 86_400)])
async def test_a_file_may_live_shorter_than_others_and_never_longer(desk: Desk, keep_s: float | None, kept_s: float) -> None:
    row = await desk.uploads.keep(ADA, Announced(keep_s=keep_s), sent(b"x"))
    assert days_of(row) * 86_400 == pytest.approx(kept_s)
    upload = await desk.uploads.begin(ADA, Announced(keep_s=keep_s))
    desk.clock.tick(minutes=30)
    row = await desk.uploads.put(desk.ticket(upload), PICTURE, sent(b"x"))
    assert days_of(row) * 86_400 == pytest.approx(kept_s), "it begins to age when it is there"


async def test_a_file_over_the_limit_leaves_nothing_behind(desk: Desk) -> None:
    _, ticket = await desk.begun()
    for length_bytes in (0, LIMIT + 1):
        announced = Announced(length_bytes=length_bytes)
        with pytest.raises(TooLarge, match=f"larger than {LIMIT} bytes"):
            await desk.uploads.keep(ADA, announced, sent(b"x" * LIMIT, b"x"))
        with pytest.raises(TooLarge, match=f"larger than {LIMIT} bytes"):
            await desk.uploads.put(ticket, announced, sent(b"x" * LIMIT, b"x"))
        with pytest.raises(TooLarge, match=f"larger than {LIMIT} bytes"):
            await desk.uploads.part(ticket, 1, announced, sent(b"x" * LIMIT, b"x"))
    assert desk.files == []
    assert (await desk.uploads.put(ticket, PICTURE, sent(b"x" * LIMIT))).size_bytes == LIMIT


async def test_what_is_announced_as_too_large_is_not_even_read(desk: Desk) -> None:
    body = sent(b"x")
    with pytest.raises(TooLarge):
        await desk.uploads.keep(ADA, Announced(length_bytes=LIMIT + 1), body)
    assert [piece async for piece in body] == [b"x"]


async def test_a_body_that_breaks_off_leaves_nothing_behind_and_may_come_again(desk: Desk) -> None:
    _, ticket = await desk.begun()
    for act in (
        desk.uploads.keep(ADA, PICTURE, broken_off(b"ha")),
        desk.uploads.put(ticket, PICTURE, broken_off(b"ha")),
        desk.uploads.part(ticket, 1, PICTURE, broken_off(b"ha")),
    ):
        with pytest.raises(CallerError, match="broke off"):
            await act
    assert desk.files == []
    row = await desk.uploads.put(ticket, PICTURE, sent(b"half and whole"))
    assert await desk.content(row.name) == b"half and whole"


async def test_a_full_disk_is_said_before_anything_is_read(tmp_path: Path, clock: FakeClock) -> None:
    desk = await open_desk(tmp_path, clock, min_free_bytes=1 << 62)
    body = sent(b"x")
    ticket = Ticket(account="ada", upload_id="0" * 32, name="1" * 32)
    upload = Upload(
        id=ticket.upload_id,
        account="ada",
        name=ticket.name,
        file_name="a",
        content_type="image/png",
        keep_s=None,
        created_at=BEGINNING,
        expires_at=BEGINNING.replace(year=2027),
    )
    await desk.store.open_upload(upload)
    with pytest.raises(Unready, match="disk is full"):
        await desk.uploads.keep(ADA, PICTURE, body)
    with pytest.raises(Unready, match="disk is full"):
        await desk.uploads.begin(ADA, PICTURE)
    with pytest.raises(Unready, match="disk is full"):
        await desk.uploads.put(ticket, PICTURE, body)
    with pytest.raises(Unready, match="disk is full"):
        await desk.uploads.part(ticket, 1, PICTURE, body)
    assert [piece async for piece in body] == [b"x"]
    assert desk.files == []


async def test_a_disk_that_fills_up_under_way_is_told_and_left_as_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: FakeClock
) -> None:
    roomy = await open_desk(tmp_path / "roomy", clock, max_upload=1 << 30, min_free_bytes=1)
    free = iter([1 << 40, 0])

    async def shrinking(self: local.LocalBlobs) -> int:
        return next(free)

    monkeypatch.setattr(local.LocalBlobs, "free_bytes", shrinking)
    with pytest.raises(Unready, match="disk is full"):
        await roomy.uploads.keep(ADA, PICTURE, sent(*[bytes(1 << 20)] * 40))
    assert roomy.files == desk.files == []


# -- beside all others -----------------------------------------------------------------------------------------------------


async def test_an_account_s_uploads_stay_below_its_quota_and_others_are_not_hindered(tmp_path: Path, clock: FakeClock) -> None:
    desk = await open_desk(tmp_path, clock, upload_quota=3 * LEAST_BYTES)
    _, whole = await desk.begun()
    _, parted = await desk.begun()
    row = await desk.uploads.keep(ADA, PICTURE, sent(b"x"))
    await desk.uploads.put(whole, PICTURE, sent(b"x"))
    etag = await desk.uploads.part(parted, 1, PICTURE, sent(b"x"))
    body = sent(b"x")
    for act in (
        lambda: desk.uploads.keep(ADA, PICTURE, body),
        lambda: desk.uploads.part(parted, 2, PICTURE, body),
        lambda: desk.uploads.put(parted, PICTURE, body),
        lambda: desk.uploads.begin(ADA, PICTURE),
    ):
        with pytest.raises(Limited, match=f"take up {3 * LEAST_BYTES} bytes together"):
            await act()
    assert [piece async for piece in body] == [b"x"], "nothing of it was read"
    assert len(desk.files) == 3
    assert await desk.uploads.keep(MALLORY, PICTURE, sent(b"x"))
    assert await desk.uploads.put(whole, PICTURE, sent(b"x")), "what is there may come again"
    await desk.uploads.complete(parted, {1: etag})
    await desk.store.forget_blob(row.name)
    assert await desk.uploads.keep(ADA, PICTURE, sent(b"x"))


async def test_a_body_that_becomes_more_than_the_quota_leaves_nothing_behind(tmp_path: Path, clock: FakeClock) -> None:
    desk = await open_desk(tmp_path, clock, upload_quota=2 * LEAST_BYTES, max_upload=1 << 30)
    _, ticket = await desk.begun()
    for act in (
        desk.uploads.keep(ADA, PICTURE, sent(*[bytes(LEAST_BYTES)] * 3)),
        desk.uploads.put(ticket, PICTURE, sent(*[bytes(LEAST_BYTES)] * 3)),
        desk.uploads.part(ticket, 1, PICTURE, sent(*[bytes(LEAST_BYTES)] * 3)),
    ):
        with pytest.raises(Limited):
            await act
    assert desk.files == []
    assert (await desk.uploads.put(ticket, PICTURE, sent(*[bytes(LEAST_BYTES)] * 2))).size_bytes == 2 * LEAST_BYTES


# -- at an address of its own --------------------------------------------------------------------------------------------


async def test_an_upload_becomes_the_file_whose_name_was_told_before(desk: Desk) -> None:
    upload, ticket = await desk.begun()
    assert await desk.store.blob(upload.name) is None
    row = await desk.uploads.put(ticket, Announced(file_name="other.gif", content_type="image/gif"), sent(b"x"))
    assert (row.name, row.file_name, row.content_type) == (upload.name, "a.png", "image/png")
    assert await desk.store.upload(upload.id) is None


async def test_the_same_bytes_may_come_again_and_no_others(desk: Desk) -> None:
    _, ticket = await desk.begun()
    row = await desk.uploads.put(ticket, PICTURE, sent(b"first"))
    assert await desk.uploads.put(ticket, PICTURE, sent(b"fi", b"rst")) == row
    for other in (b"other", b"firs", b"first!", b""):
        with pytest.raises(CallerError, match="other bytes"):
            await desk.uploads.put(ticket, PICTURE, sent(other))
    assert await desk.content(row.name) == b"first"
    assert len(desk.files) == 1


async def test_of_two_at_once_one_makes_the_file_and_the_other_hears_so(desk: Desk) -> None:
    upload, ticket = await desk.begun()
    under_way, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"fir"
        under_way.set()
        await go_on.wait()
        yield b"st"

    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(desk.uploads.put(ticket, PICTURE, slow()))
        await under_way.wait()
        second = tasks.create_task(refused(desk, ticket, b"other"))
        go_on.set()
    assert "other bytes" in second.result()
    assert await desk.content(upload.name) == b"first"
    assert first.result().sha256 == sha256(b"first")


async def refused(desk: Desk, ticket: Ticket, content: bytes) -> str:
    with pytest.raises(CallerError) as error:
        await desk.uploads.put(ticket, PICTURE, sent(content))
    return error.value.message


async def test_a_signed_address_works_for_an_hour_and_for_one_file(desk: Desk) -> None:
    upload, ticket = await desk.begun()
    _, permit = desk.uploads.sign(upload)
    other, _ = await desk.begun()
    assert desk.uploads.signed(upload.id, upload.name, permit) == ticket
    for upload_id, name in ((other.id, other.name), (upload.id, other.name), (other.id, upload.name), ("", "")):
        with pytest.raises(Unauthenticated):
            desk.uploads.signed(upload_id, name, permit)
    desk.clock.tick(minutes=61)
    with pytest.raises(Unauthenticated, match="expired"):
        desk.uploads.signed(upload.id, upload.name, permit)


async def test_an_upload_that_nobody_went_on_with_is_over_after_a_day(desk: Desk) -> None:
    _, ticket = await desk.begun()
    desk.clock.tick(days=1)
    with pytest.raises(NotFound):
        await desk.uploads.put(ticket, PICTURE, sent(b"x"))
    with pytest.raises(NotFound):
        await desk.uploads.part(ticket, 1, PICTURE, sent(b"x"))
    with pytest.raises(NotFound):
        await desk.uploads.complete(ticket, {1: "x"})
    assert desk.files == []


async def test_nobody_goes_on_with_what_is_not_theirs(desk: Desk) -> None:
    upload, ticket = await desk.begun()
    other, _ = await desk.begun()
    strangers = [
        desk.ticket(upload, "mallory"),
        Ticket(account="ada", upload_id=upload.id, name=other.name),
        Ticket(account="ada", upload_id="0" * 32, name=upload.name),
        Ticket(account="ada", upload_id="", name=""),
        Ticket(account="ada", upload_id="x" * 10_000, name="../../key"),
    ]
    await desk.uploads.part(ticket, 1, PICTURE, sent(b"mine"))
    for stranger in strangers:
        for act in (
            desk.uploads.put(stranger, PICTURE, sent(b"x")),
            desk.uploads.part(stranger, 1, PICTURE, sent(b"x")),
            desk.uploads.complete(stranger, {1: sha256(b"mine")}),
        ):
            with pytest.raises(NotFound):
                await act
    row = await desk.uploads.complete(ticket, {1: sha256(b"mine")})
    assert await desk.content(row.name) == b"mine"
    with pytest.raises(NotFound):
        await desk.uploads.complete(strangers[0], {1: sha256(b"mine")})
    with pytest.raises(NotFound):
        await desk.uploads.put(strangers[0], PICTURE, sent(b"mine"))


# -- tokens ----------------------------------------------------------------------------------------------------------------


async def test_a_token_stands_for_the_key_that_it_was_asked_for_with(desk: Desk) -> None:
    limits = Limits(per_second=7)
    key, secret = await desk.keys.create("ada", "first", "live", actor="x", bounds=Bounds(limits=limits))
    token, until = desk.uploads.token(Principal("ada", key.id, "live"))
    assert (until - desk.clock.now()).total_seconds() == 3600
    for shown in (f"Bearer {token}", f"Key {secret.text}", f"Bearer {secret.text}"):
        known = await desk.uploads.sender(asking(shown))
        assert (known.account, known.key_id, known.key_limits) == ("ada", key.id, limits)
    desk.clock.tick(minutes=66)
    with pytest.raises(Unauthenticated, match="expired"):
        await desk.uploads.sender(asking(f"Bearer {token}"))


async def test_a_token_dies_with_its_key(desk: Desk) -> None:
    revoked, _ = await desk.keys.create("ada", "first", "live", actor="x")
    expired, _ = await desk.keys.create(
        "ada", "second", "live", actor="x", bounds=Bounds(expires_at=desk.clock.now() + timedelta(minutes=5))
    )
    tokens = [desk.uploads.token(Principal("ada", key.id, "live"))[0] for key in (revoked, expired)]
    for token in tokens:
        assert (await desk.uploads.sender(asking(f"Bearer {token}"))).account == "ada"
    await desk.keys.revoke(revoked.id, actor="x")
    desk.clock.tick(minutes=5)
    for token in tokens:
        with pytest.raises(Unauthenticated, match="invalid key"):
            await desk.uploads.sender(asking(f"Bearer {token}"))


async def test_a_token_is_good_where_its_key_is(desk: Desk) -> None:
    key, _ = await desk.keys.create("ada", "first", "live", actor="x", bounds=Bounds(networks=("203.0.113.0/24",)))
    shown = f"Bearer {desk.uploads.token(Principal('ada', key.id, 'live'))[0]}"
    assert (await desk.uploads.sender(asking(shown))).account == "ada"
    with pytest.raises(Unauthenticated, match="invalid key"):
        await desk.uploads.sender(asking(shown, "198.51.100.1"))


async def test_who_may_only_read_sends_no_file(desk: Desk) -> None:
    key, secret = await desk.keys.create("ada", "first", "live", actor="x", bounds=Bounds(scopes=frozenset({"read"})))
    for shown in (f"Key {secret.text}", f"Bearer {desk.uploads.token(Principal('ada', key.id, 'live'))[0]}"):
        with pytest.raises(Forbidden, match="may only read"):
            await desk.uploads.sender(asking(shown))


async def test_a_signed_address_s_permit_is_no_token(desk: Desk) -> None:
    upload, _ = await desk.begun()
    _, permit = desk.uploads.sign(upload)
    for header in (f"Bearer {permit}", "Bearer permit.x.y", "Bearer", "", b"\xff \xff", None):
        with pytest.raises(Unauthenticated):
            await desk.uploads.sender(asking(header))


async def test_who_begins_too_many_in_a_second_is_told_to_wait_and_nothing_is_kept(desk: Desk) -> None:
    hasty = sender("ada", key_limits=Limits(per_second=2))
    await desk.uploads.begin(hasty, PICTURE)
    await desk.uploads.keep(hasty, PICTURE, sent(b"x"))
    for trying in (desk.uploads.begin(hasty, PICTURE), desk.uploads.keep(hasty, PICTURE, sent(b"y"))):
        with pytest.raises(Limited, match="2 submits and uploads a second"):
            await trying
    assert len(desk.files) == 1
    _, ticket = await desk.begun()
    await desk.uploads.put(ticket, PICTURE, sent(b"z"))  # a file that was begun may come at any time
    desk.clock.tick(seconds=1)
    await desk.uploads.begin(hasty, PICTURE)


# -- in parts --------------------------------------------------------------------------------------------------------------


async def test_parts_in_any_order_make_one_file(desk: Desk) -> None:
    upload, ticket = await desk.begun()
    etags = {number: await desk.uploads.part(ticket, number, PICTURE, sent(b"%d," % number)) for number in (3, 1, 10, 2)}
    assert etags[3] == sha256(b"3,")
    row = await desk.uploads.complete(ticket, etags)
    assert await desk.content(upload.name) == b"1,2,3,10,"
    assert (row.name, row.size_bytes, row.sha256) == (upload.name, 9, sha256(b"1,2,3,10,"))
    assert [path.name for path in desk.files] == [upload.name], "its parts are gone"
    assert await desk.store.known_blobs() == {upload.name}


async def test_a_part_that_comes_again_takes_the_place_of_the_former(desk: Desk) -> None:
    _, ticket = await desk.begun()
    old = await desk.uploads.part(ticket, 1, PICTURE, sent(b"old"))
    new = await desk.uploads.part(ticket, 1, PICTURE, sent(b"new"))
    assert len(desk.files) == 1
    with pytest.raises(CallerError, match="part 1 is not there with this etag"):
        await desk.uploads.complete(ticket, {1: old})
    row = await desk.uploads.complete(ticket, {1: new})
    assert await desk.content(row.name) == b"new"


async def test_a_file_is_made_of_the_parts_that_are_named_and_only_of_those_that_are_there(desk: Desk) -> None:
    _, ticket = await desk.begun()
    etags = {number: await desk.uploads.part(ticket, number, PICTURE, sent(b"%d" % number)) for number in (1, 2, 3)}
    with pytest.raises(CallerError, match="part 4 is not there"):
        await desk.uploads.complete(ticket, {**etags, 4: etags[1]})
    assert len(desk.files) == 3
    row = await desk.uploads.complete(ticket, {number: etags[number] for number in (1, 3)})
    assert await desk.content(row.name) == b"13"
    assert len(desk.files) == 1


async def test_all_parts_together_stay_below_the_limit(desk: Desk) -> None:
    _, ticket = await desk.begun()
    await desk.uploads.part(ticket, 1, PICTURE, sent(b"x" * 3000))
    with pytest.raises(TooLarge, match=f"larger than {LIMIT} bytes"):
        await desk.uploads.part(ticket, 2, PICTURE, sent(b"x" * 1097))
    await desk.uploads.part(ticket, 2, PICTURE, sent(b"x" * 1096))
    await desk.uploads.part(ticket, 1, PICTURE, sent(b"y" * 3000))
    assert len(desk.files) == 2


async def test_parts_that_come_at_once_stay_below_it_too(desk: Desk) -> None:
    _, ticket = await desk.begun()
    begun = [asyncio.Event() for _ in range(4)]

    async def slow(mine: asyncio.Event) -> AsyncIterator[bytes]:
        yield b"x" * 1000
        mine.set()
        for each in begun:
            await each.wait()
        yield b"x" * 500

    acts = [desk.uploads.part(ticket, number, PICTURE, slow(mine)) for number, mine in enumerate(begun, 1)]
    ends = await asyncio.gather(*acts, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["TooLarge", "TooLarge", "str", "str"]
    assert len(desk.files) == 2


async def test_completing_again_after_a_lost_answer_is_answered_alike(desk: Desk) -> None:
    _, ticket = await desk.begun()
    etag = await desk.uploads.part(ticket, 1, PICTURE, sent(b"x"))
    first, second = await asyncio.gather(desk.uploads.complete(ticket, {1: etag}), desk.uploads.complete(ticket, {1: etag}))
    assert first == second == await desk.uploads.complete(ticket, {1: etag})
    with pytest.raises(NotFound):
        await desk.uploads.part(ticket, 2, PICTURE, sent(b"y"))
    assert len(desk.files) == 1


@pytest.mark.parametrize("dies_at", ["before the bytes are whole", "before the row"])
async def test_an_upload_that_died_in_the_middle_can_be_completed_again(desk: Desk, monkeypatch: pytest.MonkeyPatch, dies_at: str) -> None:
    upload, ticket = await desk.begun()
    etags = {number: await desk.uploads.part(ticket, number, PICTURE, sent(b"%d" % number)) for number in (1, 2)}

    class Killed(BaseException):
        """As a process ends: nothing of what should come after is run."""

    async def dying(*_: object) -> list[str]:
        raise Killed

    with monkeypatch.context() as patch:
        if dies_at == "before the row":
            patch.setattr(desk.store, "finish_upload", dying)
        else:
            patch.setattr("pathlib.Path.rename", lambda *_: (_ for _ in ()).throw(Killed))
            patch.setattr("pathlib.Path.unlink", lambda *_, **__: None)
        with pytest.raises(Killed):
            await desk.uploads.complete(ticket, etags)
    assert await desk.store.blob(upload.name) is None
    row = await desk.uploads.complete(ticket, etags)
    assert await desk.content(row.name) == b"12"


async def test_a_store_that_takes_no_writes_leaves_no_bytes_that_nobody_knows(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, ticket = await desk.begun()

    async def full(*_: object) -> None:
        raise Unready("the disk is full")

    monkeypatch.setattr(desk.store, "add_blob", full)
    monkeypatch.setattr(desk.store, "add_part", full)
    with pytest.raises(Unready):
        await desk.uploads.keep(ADA, PICTURE, sent(b"x"))
    with pytest.raises(Unready):
        await desk.uploads.part(ticket, 1, PICTURE, sent(b"x"))
    assert desk.files == []


def days_of(row: BlobRow) -> float:
    assert row.expires_at is not None
    return (row.expires_at - row.created_at).total_seconds() / 86_400
