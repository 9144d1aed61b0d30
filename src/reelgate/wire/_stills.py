"""Where stills of a video are fetched."""

from __future__ import annotations

from reelgate.contracts.blobs import STILLS
from reelgate.domain.media import BlobRef, Video


def still_addresses(video: Video, base: str) -> dict[str, str | None]:
    """The addresses of a video's poster and preview; None for one that we do not keep."""
    kept = video.source.name if isinstance(video.source, BlobRef) else None
    return {f"{kind}_url": None if kept is None else f"{base}/files/{kept}/{kind}.webp" for kind in STILLS}
