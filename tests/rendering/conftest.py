"""A small stage, pictures, and a film that is rendered once for all tests that only look at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from reelgate.domain.media import LocalFile, Video
from reelgate.engines.preview.stage import Stage, Water
from tests.rendering.clip import SMALL, layer, noise, order, render


@pytest.fixture(scope="session")
def seaside(tmp_path_factory: pytest.TempPathFactory) -> Video:
    """A second of sunset at sea, silent."""
    return render(tmp_path_factory.mktemp("seaside"), order(prompt="sunset over the ocean"))


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Something like a photograph, 400 × 300."""
    picture = Image.fromarray(noise(300, 400))
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    picture.save(path)
    return path


@pytest.fixture
def save(tmp_path: Path) -> Callable[[Image.Image, str], LocalFile]:
    """Save a picture under a name and hand it over as the caller's `image_url`."""

    def save_as(picture: Image.Image, name: str, **options: object) -> LocalFile:
        picture.save(tmp_path / name, **options)
        return LocalFile(tmp_path / name, "image_url")

    return save_as


@pytest.fixture
def stage() -> Stage:
    """A sky, a shore, water below 60 % of the height, and something near."""
    sky = layer(colour=(0.5, 0.6, 0.9), rows=SMALL.height + 32, top=-16, depth=0.0)
    shore = layer(colour=(0.2, 0.3, 0.2), rows=30, top=80, depth=0.2)
    near = layer(colour=(0.1, 0.1, 0.1), rows=40, top=156, depth=1.0)
    return Stage(layers=(sky, shore, near), margin=16, water=Water(line=0.6, tint=(0.1, 0.2, 0.3)), water_after=2)
