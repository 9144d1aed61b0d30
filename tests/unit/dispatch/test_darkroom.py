"""Stills of kept videos: made once, when they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from reelgate.contracts.blobs import Blobs, BlobsDriver, still_name
from reelgate.discovery import load_leaves
from reelgate.dispatch import darkroom
from reelgate.dispatch.darkroom import Darkroom
from reelgate.domain.errors import Unready
from tests.unit.dispatch.clips import clip


@pytest.fixture
async def blobs(tmp_path: Path) -> Blobs:
    return await load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)["local"].open(tmp_path / "blobs", "")


async def kept(blobs: Blobs, content: bytes) -> str:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    return (await blobs.put(chunks(), content_type="video/mp4", limit_bytes=1 << 24)).name


def room(blobs: Blobs, tmp_path: Path) -> Darkroom:
    return Darkroom(blobs, tmp_path / "scratch", memory_bytes=3 << 30)


async def test_both_stills_are_made_at_once_and_once(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video, dark = await kept(blobs, clip(seconds=1, rate=4, size=(640, 360))), room(blobs, tmp_path)
    poster, preview, again = await asyncio.gather(dark.still(video, "poster"), dark.still(video, "preview"), dark.still(video, "poster"))
    assert poster is not None
    assert poster == again == await blobs.local(still_name(video, "poster"))
    assert preview is not None
    with Image.open(preview) as still:
        assert still.width == 320
    monkeypatch.setattr(darkroom, "_TYPE", None)  # nothing is made any more
    assert await room(blobs, tmp_path).still(video, "poster") == poster
    assert list((tmp_path / "scratch").iterdir()) == [], "nothing is left behind"


async def test_a_video_that_nothing_comes_of_is_tried_once(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video, dark = await kept(blobs, b"no video"), room(blobs, tmp_path)
    assert await dark.still(video, "poster") is None

    async def never(*_: object) -> bool:
        pytest.fail("it was tried again")

    monkeypatch.setattr(dark, "_expose", never)
    assert await dark.still(video, "preview") is None


async def test_a_video_that_is_gone_has_none(blobs: Blobs, tmp_path: Path) -> None:
    assert await room(blobs, tmp_path).still("0" * 32, "poster") is None


async def test_without_its_packages_there_are_none(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video = await kept(blobs, clip(seconds=1))
    monkeypatch.setattr(darkroom, "_NEEDS", ("no_such_package",))
    assert await room(blobs, tmp_path).still(video, "poster") is None


async def test_whoever_would_wait_too_long_is_told_so(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video, dark = await kept(blobs, clip(seconds=1)), room(blobs, tmp_path)
    monkeypatch.setattr(darkroom, "_WAITING_MAX", 1)
    told = await asyncio.gather(dark.still(video, "poster"), dark.still(video, "poster"), return_exceptions=True)
    assert isinstance(told[0], Path)
    assert isinstance(told[1], Unready)


async def test_a_child_that_hangs_is_killed(blobs: Blobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video = await kept(blobs, clip(seconds=1))
    monkeypatch.setattr(darkroom, "_LIMIT_S", 0.01)
    assert await room(blobs, tmp_path).still(video, "poster") is None
