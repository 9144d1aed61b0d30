"""A store of each kind, for the suites that hold stores to their promises."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from tests.story import with_accounts

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - commits there wait for no disk: that they outlast a power cut is shown by other suites


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder that costs no disk, where the system has such."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a folder of each kind of store lies in which one was opened and closed: to make tables anew takes longer than most tests."""
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(params=sorted(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path, templates: Path) -> AsyncIterator[Store]:
    """A store in which Ada and Bob have paid in 100 dollars each; its books must agree when the story is over."""
    driver, template = STORES[request.param], templates / request.param
    if not template.exists():
        template.mkdir()
        await (await driver.open(template, "")).close()
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    opened = await driver.open(tmp_path, "")
    yield await with_accounts(opened)
    assert await opened.breaches() == []
    await opened.close()
