"""What an input names is brought onto this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from reelgate.contracts.blobs import Blobs, BlobsDriver
from reelgate.discovery import load_leaves
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.pictures import Pictures
from reelgate.domain.address import Reach, read_ranges
from reelgate.domain.errors import Refused
from reelgate.domain.media import BlobRef, Foreign, LocalFile, VideoInput


@pytest.fixture
async def blobs(tmp_path: Path) -> Blobs:
    return await load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)["local"].open(tmp_path / "blobs", "")


@pytest.fixture
def pictures(blobs: Blobs) -> Pictures:
    return Pictures(Guard(Reach(opened=read_ranges("127.0.0.0/8"))), blobs, limit_bytes=100, deadline_s=5)


@pytest.fixture
async def site() -> AsyncIterator[str]:
    async def picture(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * int(request.query["size"]))

    application = web.Application()
    application.router.add_get("/picture", picture)
    runner = web.AppRunner(application)
    await runner.setup()
    place = web.TCPSite(runner, "127.0.0.1", 0)
    await place.start()
    yield f"{place.name}/picture"
    await runner.cleanup()


async def test_a_foreign_picture_becomes_a_file(pictures: Pictures, site: str, tmp_path: Path) -> None:
    here = await pictures.gather(VideoInput(first_frame=Foreign(f"{site}?size=9", "image_url")), tmp_path)
    assert isinstance(here.first_frame, LocalFile)
    assert here.first_frame.field == "image_url"
    assert here.first_frame.path.read_bytes() == b"x" * 9


async def test_a_picture_over_the_limit_is_refused_at_its_field(pictures: Pictures, site: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        await pictures.gather(VideoInput(last_frame=Foreign(f"{site}?size=101", "tail_image_url")), tmp_path)
    assert (refused.value.fault.path, refused.value.fault.kind) == (("tail_image_url",), "file_too_large")


async def test_a_parked_picture_is_read_where_it_lies(pictures: Pictures, blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"bytes")
    blob = await blobs.adopt(tmp_path / "a", content_type="image/png")
    here = await pictures.gather(VideoInput(first_frame=BlobRef(blob.name, "image_url")), tmp_path)
    assert isinstance(here.first_frame, LocalFile)
    assert here.first_frame.path.read_bytes() == b"bytes"


async def test_a_parked_picture_whose_time_is_over_is_refused(pictures: Pictures, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no longer kept"):
        await pictures.gather(VideoInput(first_frame=BlobRef("0" * 32, "image_url")), tmp_path)
