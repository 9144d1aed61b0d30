"""Addresses of stills."""

from __future__ import annotations

from reelgate.domain.media import BlobRef, Foreign, Video
from reelgate.wire._stills import still_addresses

FACTS = {"width": 1280, "height": 720, "fps": 24, "frames": 120, "sound": False}


def test_a_video_that_is_kept_has_two_stills_beside_it() -> None:
    assert still_addresses(Video(source=BlobRef("ab"), **FACTS), "https://gate.example") == {
        "poster_url": "https://gate.example/files/ab/poster.webp",
        "preview_url": "https://gate.example/files/ab/preview.webp",
    }


def test_one_that_lies_elsewhere_has_none() -> None:
    assert still_addresses(Video(source=Foreign("https://vendor.example/v.mp4"), **FACTS), "") == {"poster_url": None, "preview_url": None}
