"""Where a submit leaves its media."""

from __future__ import annotations

import base64
import binascii
import threading
from binascii import a2b_qp
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.contracts.account import Account
from reelgate.contracts.blobs import Blobs, BlobsDriver
from reelgate.contracts.file import BlobRow
from reelgate.contracts.store import Accepted, Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import MADE_HERE, BlobRef, Foreign, VideoInput
from reelgate.gateway import parking as module
from reelgate.gateway.parking import Parking
from reelgate.settings import read_settings
from tests.clock import BEGINNING
from tests.story import accepted, deed, later, make_blob, make_job, make_key, make_video, started, take, with_accounts
from tests.unit.dispatch.workshop import a_job

BASE = "https://gateway.example"
PICTURE = b"\x89PNG and so on"


@pytest.fixture
async def blobs(tmp_path: Path) -> Blobs:
    return await load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)["local"].open(tmp_path / "blobs", "")


@pytest.fixture
async def parking(tmp_path: Path, blobs: Blobs) -> Parking:
    store = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    return Parking(store, blobs, read_settings({"max_picture": 1024}))


async def park(parking: Parking, *urls: str, account: str = "alice") -> tuple[list[object], list[BlobRow]]:
    wanted = VideoInput(references=tuple(Foreign(url, f"image_{number}") for number, url in enumerate(urls)))
    parked, rows = await parking.park(wanted, account=account, base=BASE, now=BEGINNING)
    return list(parked.references), rows


def data_uri(content: bytes, content_type: str = "image/png") -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"


async def test_the_bytes_of_a_data_uri_become_a_blob_of_the_caller_s(parking: Parking, blobs: Blobs) -> None:
    [medium], [row] = await park(parking, data_uri(PICTURE))
    assert medium == BlobRef(row.name, "image_0")
    assert (row.account, row.file_name, row.content_type, row.size_bytes) == ("alice", "input.png", "image/png", len(PICTURE))
    path = await blobs.local(row.name)
    assert path is not None
    assert path.read_bytes() == PICTURE


async def test_a_percent_encoded_data_uri_is_read_too(parking: Parking) -> None:
    _, [row] = await park(parking, "data:image/gif,GIF%3889a")
    assert row.size_bytes == len(b"GIF889a")


@pytest.mark.parametrize("content_type", ["text/html", "", "x" * 190, "image/png\n", "image/svg+xml"])
async def test_a_type_that_is_no_picture_s_is_not_kept(parking: Parking, content_type: str) -> None:
    _, [row] = await park(parking, data_uri(PICTURE, content_type))
    kept = "image/png" if content_type.strip() == "image/png" else "application/octet-stream"
    assert (row.content_type, row.size_bytes) == (kept, len(PICTURE))


@pytest.mark.parametrize("head", [";" * 1_000_000, "image/png" + "x" * 1_000_000, "a" * 201])
async def test_a_head_without_an_end_in_sight_is_refused_unread(parking: Parking, head: str) -> None:
    with pytest.raises(InvalidInput, match="200 characters"):
        await park(parking, f"data:{head},x")


async def test_base64_that_is_percent_encoded_is_read_too(parking: Parking) -> None:
    _, [row] = await park(parking, f"data:image/png;base64,{quote_from_bytes(base64.b64encode(PICTURE * 3), safe='')}")
    assert row.size_bytes == 3 * len(PICTURE)


@pytest.mark.parametrize("uri", ["data:,%", "data:,%4", "data:,a%zz", "data:,ü", "data:;base64,AA%3", "data:;base64,AA"])
async def test_what_is_badly_encoded_is_refused(parking: Parking, uri: str) -> None:
    with pytest.raises(InvalidInput, match="not well encoded"):
        await park(parking, uri)


@pytest.mark.parametrize("uri", ["data:," + "x" * 1025, data_uri(b"x" * 1025), "data:," + "%41" * 1025, data_uri(b"x" * 300_000)])
async def test_a_picture_over_the_limit_is_told_the_limit(parking: Parking, uri: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await park(parking, uri)
    assert [(fault.kind, fault.limits) for fault in refused.value.faults] == [("file_too_large", {"max_size": 1024})]


async def test_a_picture_just_at_the_limit_is_taken(parking: Parking) -> None:
    _, rows = await park(parking, data_uri(b"x" * 1024), "data:," + "%41" * 1024)
    assert [row.size_bytes for row in rows] == [1024, 1024]


@pytest.mark.parametrize(("count", "beside"), [(100, False), (300_000, True)])
async def test_a_large_picture_is_decoded_beside_the_event_loop(
    tmp_path: Path, blobs: Blobs, monkeypatch: pytest.MonkeyPatch, count: int, beside: bool
) -> None:
    threads: list[int] = []

    def watched(data: bytes) -> bytes:
        threads.append(threading.get_ident())
        return a2b_qp(data)

    monkeypatch.setattr(binascii, "a2b_qp", watched)
    store = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    _, rows = await park(Parking(store, blobs, read_settings({})), "data:image/png," + "%41a" * count, "data:;base64," + "%41" * count * 4)
    assert [row.size_bytes for row in rows] == [2 * count, 3 * count]
    assert {thread != threading.get_ident() for thread in threads} == {beside}


PIECES = st.lists(
    st.one_of(st.binary(max_size=20).map(lambda each: each.replace(b"%", b"=")), st.sampled_from([b"%00", b"%3d", b"%0A", b"%25"]))
)


@given(PIECES, st.integers(3, 12))
def test_escapes_are_read_as_the_standard_library_reads_them(pieces: list[bytes], chunk: int) -> None:
    text = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK", chunk)
        assert module._unquote(memoryview(text)) == unquote_to_bytes(text)  # noqa: SLF001 -- where a piece ends cannot be chosen from outside


async def test_a_foreign_address_stays_for_the_guard(parking: Parking) -> None:
    assert await park(parking, "https://example.com/a.png") == ([Foreign("https://example.com/a.png", "image_0")], [])


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,@@@",
        "data:image/png",
        "ftp://example.com/a.png",
        "file:///etc/passwd",
        "/etc/passwd",
        "https://user:secret@example.com/a.png",
        "gopher://x",
        "",
        data_uri(b"x" * 2000),
        f"{BASE}/files/{'0' * 32}/input.png",
    ],
)
async def test_what_cannot_be_used_is_refused_at_its_field_without_an_echo(parking: Parking, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await park(parking, "https://example.com/fine.png", url)
    [fault] = refused.value.faults
    assert fault.path == ("image_1",)
    assert "secret" not in fault.message


async def test_every_bad_medium_is_named_at_once_and_nothing_is_kept(parking: Parking, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        await park(parking, data_uri(PICTURE), "ftp://one", "ftp://two")
    assert [fault.path for fault in refused.value.faults] == [("image_1",), ("image_2",)]
    assert list((tmp_path / "blobs").glob("*/*")) == []


async def test_our_own_address_names_a_blob_of_the_caller_s_and_of_nobody_else_s(tmp_path: Path, blobs: Blobs) -> None:
    store = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    parking = Parking(store, blobs, read_settings({}))
    kept = await _keep(store, parking)
    [medium], rows = await park(parking, f"{BASE}/files/{kept.name}/{kept.file_name}")
    assert (medium, rows) == (BlobRef(kept.name, "image_0"), [])
    with pytest.raises(InvalidInput, match="no such file"):
        await park(parking, f"{BASE}/files/{kept.name}/{kept.file_name}", account="mallory")


@pytest.mark.parametrize(
    "other", ["http://127.0.0.1:8000", "http://localhost:8000", "HTTPS://GATEWAY.EXAMPLE", "https://public.example/pre/fix"]
)
async def test_a_file_of_ours_is_known_by_whatever_name_the_gateway_goes(tmp_path: Path, blobs: Blobs, other: str) -> None:
    store = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    parking = Parking(store, blobs, read_settings({"public_url": "https://public.example/pre/fix"}))
    kept = await _keep(store, parking)
    for tail in ("", "?download=1", "#here"):
        assert await park(parking, f"{other}/files/{kept.name}/{kept.file_name}{tail}") == ([BlobRef(kept.name, "image_0")], [])
    with pytest.raises(InvalidInput, match="no such file"):
        await park(parking, f"{other}/files/{kept.name}/{kept.file_name}", account="mallory")


async def test_a_file_whose_time_is_over_is_no_input(tmp_path: Path, blobs: Blobs) -> None:
    store = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    parking = Parking(store, blobs, read_settings({}))
    kept = await _keep(store, parking)
    wanted = VideoInput(references=(Foreign(f"{BASE}/files/{kept.name}/{kept.file_name}", "image_0"),))
    with pytest.raises(InvalidInput, match="no such file"):
        await parking.park(wanted, account="alice", base=BASE, now=kept.expires_at or BEGINNING)


async def test_a_video_made_here_is_an_input_until_its_time_is_over(tmp_path: Path, blobs: Blobs) -> None:
    store = await with_accounts(await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, ""))
    parking = Parking(store, blobs, read_settings({}))
    lease = await started(store)
    video = make_blob(lease.job, expires_at=later(60))
    await store.complete(lease, make_video(video), video, render_s=1, at=later(1))
    wanted = VideoInput(source_video=Foreign(f"{MADE_HERE}{lease.job.id}", "video_id"))
    parked, rows = await parking.park(wanted, account="ada", base=BASE, now=later(59))
    assert (parked.source_video, rows) == (BlobRef(video.name, "video_id"), [])
    for account, seconds, test in (("ada", 60, False), ("bob", 59, False), ("ada", 59, True)):
        with pytest.raises(InvalidInput, match="no longer kept"):
            await parking.park(wanted, account=account, base=BASE, now=later(seconds), test=test)


async def test_a_video_of_a_test_job_is_an_input_of_live_and_test_jobs(tmp_path: Path, blobs: Blobs) -> None:
    store = await with_accounts(await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, ""))
    job = await accepted(store, make_job(test=True))
    (lease,) = await take(store)
    video = make_blob(lease.job)
    await store.complete(lease, make_video(video), video, render_s=1, at=later(1))
    wanted = VideoInput(source_video=Foreign(f"{MADE_HERE}{job.id}", "video_id"))
    for test in (True, False):
        parked, _ = await Parking(store, blobs, read_settings({})).park(wanted, account="ada", base=BASE, now=later(2), test=test)
        assert parked.source_video == BlobRef(video.name, "video_id")


@pytest.mark.parametrize("there", [f"files/{'0' * 32}/a.png", "files/x/a.png", "files/upload"])
async def test_a_stranger_s_address_that_looks_like_ours_is_a_stranger_s(parking: Parking, there: str) -> None:
    assert await park(parking, f"https://example.com/{there}") == ([Foreign(f"https://example.com/{there}", "image_0")], [])


async def _keep(store: Store, parking: Parking) -> BlobRow:
    await store.add_account(Account(id="alice", name="alice", created_at=BEGINNING), deed())
    await store.add_key(make_key("alice", id=a_job(BEGINNING).key_id), deed())
    _, [row] = await park(parking, data_uri(PICTURE))
    assert isinstance(await store.accept(a_job(BEGINNING), blobs=[row]), Accepted)
    return row
