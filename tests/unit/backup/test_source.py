"""A data folder is known by the kind of its store."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelgate.backup.source import source_of
from reelgate.domain.errors import StoreError
from reelgate.folder import DataFolder


def test_its_files_lie_where_a_gateway_puts_them(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    source = source_of(tmp_path, "sqlite")
    assert (source.store.name, source.blobs.name, source.files) == ("sqlite", "local", folder.blobs)
    folder.close()


def test_a_kind_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store of the kind oracle; there are memory, "):
        source_of(tmp_path, "oracle")


async def test_a_store_in_memory_has_nothing_to_copy(tmp_path: Path) -> None:
    source = source_of(tmp_path, "memory")
    with pytest.raises(StoreError, match="there is nothing in the data folder"):
        await source.store.survey(source.folder)
