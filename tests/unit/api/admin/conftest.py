"""A gateway without workers, and the first admin key in every request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.house import Lodger, open_lodging


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        lodger.http.headers["Authorization"] = f"Key {(lodger.folder.secret('admin-key') or b'').decode()}"
        yield lodger
