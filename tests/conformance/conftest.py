"""A store of each kind, for the suites that hold stores to their promises."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from tests.story import with_accounts

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)


@pytest.fixture(params=sorted(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store in which Ada and Bob have paid in 100 dollars each; its books must agree when the story is over."""
    opened = await STORES[request.param].open(tmp_path, "")
    yield await with_accounts(opened)
    assert await opened.breaches() == []
    await opened.close()
