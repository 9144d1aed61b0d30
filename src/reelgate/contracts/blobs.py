"""Blobs: the bytes that we keep, pictures that callers gave and videos that we made."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args

Still: TypeAlias = Literal["poster", "preview"]
"""A picture out of a video: its first frame, or one from its middle, 320 pixels wide."""

STILLS: tuple[Still, ...] = get_args(Still)


def still_name(video: str, kind: Still) -> str:
    """The name of the blob that is a still of a video: as unguessable as the video's own, of which it follows."""
    return hashlib.sha256(f"{video}/{kind}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A finished blob. `name` is 32 unguessable hex digits; the file is complete by the time a Blob exists."""

    name: str
    size_bytes: int
    sha256: str
    content_type: str


class Blobs(Protocol):
    """Where the bytes lie.

    A blob appears whole or not at all: an implementation writes `*.part`, makes it durable, then gives it its name. A
    row of the store makes it somebody's; a blob without a row is swept after a day.
    """

    async def put(self, chunks: AsyncIterator[bytes], *, content_type: str, limit_bytes: int, name: str = "") -> Blob:
        """Keep a stream, under a new name or one that `unguessable` made before; `TooLarge` past the limit, `Unready` when the
        disk is full; nothing is left behind by either. A name that is taken is taken over by the newer bytes."""
        ...

    async def adopt(self, path: Path, *, content_type: str) -> Blob:
        """Take over a finished file on this machine; it is moved, not copied, where that is possible."""
        ...

    async def local(self, name: str) -> Path | None:
        """A path on this machine at which the bytes can be read, or None if there is no such blob."""
        ...

    async def sizes(self, names: Collection[str]) -> Mapping[str, int]:
        """The sizes in bytes of those of these blobs that are there."""
        ...

    async def remove(self, name: str) -> None:
        """Forget a blob; no error if it is gone."""
        ...

    async def sweep(self, known: frozenset[str], older_than_s: float) -> int:
        """Remove what no row knows and is older than that, unfinished parts included; how many."""
        ...

    async def free_bytes(self) -> int:
        """Room left."""
        ...


class BlobsDriver(Protocol):
    """How blobs are opened. A leaf in `reelgate.blobs` exports `BLOBS: BlobsDriver`."""

    name: str

    async def open(self, folder: Path, address: str) -> Blobs:
        """Open the blobs of this folder, or at this address."""
        ...
