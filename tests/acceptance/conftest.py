"""What the acceptance tests share: a gateway over http, one over https, and a host of pictures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance._gateway import Gateway, loading, running
from tests.acceptance._pictures import picture_host

LOOPBACK_IS_OPEN = {"REELGATE_ALLOW_PRIVATE": "127.0.0.0/8"}


@pytest.fixture(scope="session")
def pictures() -> Iterator[str]:
    """The address of a host of pictures."""
    with picture_host() as address:
        yield address


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway over http that may fetch pictures from this machine and knows the scripted engine."""
    data = tmp_path_factory.mktemp("plain") / "data"
    with running(data, environment={**LOOPBACK_IS_OPEN, **loading()}) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway over https under its own authority, which may fetch pictures from this machine."""
    data = tmp_path_factory.mktemp("secure") / "data"
    with running(data, "--tls", environment=LOOPBACK_IS_OPEN) as gateway:
        yield gateway
