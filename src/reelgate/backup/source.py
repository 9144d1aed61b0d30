"""A data folder as backups see it: its store and its blobs, neither of which is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reelgate.contracts.blobs import BlobsDriver
from reelgate.contracts.store import StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import StoreError
from reelgate.folder import BLOBS

_KIND = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What there is to copy."""

    folder: Path
    store: StoreDriver
    blobs: BlobsDriver

    @property
    def files(self) -> Path:
        """Where the bytes of videos and pictures lie."""
        return self.folder / BLOBS


def source_of(folder: Path, database: str) -> Source:
    """The data folder whose store is of this kind; `StoreError` if there is no such kind."""
    stores = load_leaves("reelgate.storage", "STORE", StoreDriver)
    if database not in stores:
        raise StoreError(f"there is no store of the kind {database}; there are {', '.join(sorted(stores))}")
    return Source(folder=folder, store=stores[database], blobs=load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)[_KIND])
