"""Where a submit leaves its media."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from reelgate.contracts.blobs import Blobs, BlobsDriver
from reelgate.contracts.store import Accepted, Account, BlobRow, Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import InvalidInput
from reelgate.domain.media import BlobRef, Foreign, VideoInput
from reelgate.gateway.parking import Parking
from reelgate.settings import read_settings
from tests.clock import BEGINNING
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


async def _keep(store: Store, parking: Parking) -> BlobRow:
    await store.add_account(Account(id="alice", name="alice", created_at=BEGINNING))
    _, [row] = await park(parking, data_uri(PICTURE))
    assert isinstance(await store.accept(a_job(BEGINNING), blobs=[row]), Accepted)
    return row
