"""Media in a form that a call can carry."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.contracts.blobs import BlobsDriver
from reelgate.discovery import load_leaves
from reelgate.dispatch.enclosures import Enclosures
from reelgate.dispatch.guard import Guard
from reelgate.domain.address import Reach, read_ranges
from reelgate.domain.errors import Refused
from reelgate.domain.media import BlobRef, Foreign, LocalFile, VideoInput
from tests.unit.dispatch.origin import body, serving

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def _enclosures(tmp_path: Path) -> tuple[Enclosures, str]:
    async def content() -> AsyncIterator[bytes]:
        yield PNG

    blobs = await load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)["local"].open(tmp_path, "")
    kept = await blobs.put(content(), content_type="text/html", limit_bytes=1000)
    return Enclosures(Guard(Reach(opened=read_ranges("127.0.0.0/8"))), blobs, limit_bytes=1000, deadline_s=5), kept.name


async def test_what_we_keep_becomes_a_data_uri_of_what_it_is(tmp_path: Path) -> None:
    enclosures, name = await _enclosures(tmp_path)
    wanted = VideoInput(first_frame=BlobRef(name, "image_url"), last_frame=Foreign("https://example.com/b.png", "tail"))
    ready = await enclosures.enclose(wanted, "address")
    assert ready.first_frame == Foreign(f"data:image/png;base64,{base64.b64encode(PNG).decode()}", "image_url")
    assert ready.last_frame == wanted.last_frame


async def test_where_an_upstream_fetches_nothing_the_address_is_fetched_here(tmp_path: Path) -> None:
    enclosures, _ = await _enclosures(tmp_path)
    async with serving() as origin:
        origin.says("/a.png", body(PNG))
        ready = await enclosures.enclose(VideoInput(first_frame=Foreign(origin.url("/a.png"), "image_url")), "data")
    assert isinstance(ready.first_frame, Foreign)
    assert ready.first_frame.url.startswith("data:image/png;base64,")


async def test_what_cannot_be_had_names_its_field(tmp_path: Path) -> None:
    enclosures, _ = await _enclosures(tmp_path)
    with pytest.raises(Refused) as refused:
        await enclosures.enclose(VideoInput(first_frame=BlobRef("0" * 32, "image_url")), "address")
    assert refused.value.fault.path == ("image_url",)
    with pytest.raises(Refused):
        await enclosures.enclose(VideoInput(first_frame=Foreign("http://169.254.169.254/", "image_url")), "data")


async def test_a_file_of_this_machine_is_never_sent(tmp_path: Path) -> None:
    enclosures, _ = await _enclosures(tmp_path)
    with pytest.raises(TypeError):
        await enclosures.enclose(VideoInput(first_frame=LocalFile(Path("/etc/passwd"))), "address")
