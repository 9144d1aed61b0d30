"""Families of inputs at Replicate, written and read back."""

from __future__ import annotations

import pytest

from reelgate.dialects._replicate_inputs import FAMILIES, MODELS, family_of
from reelgate.domain.media import Foreign, VideoInput


@pytest.mark.parametrize("model", sorted(set(MODELS.values())))
def test_every_family_reads_what_it_writes(model: str) -> None:
    family, mode = family_of(model), model.split("/")[2] if model.count("/") == 2 else ""
    resolution = {"standard": "720p", "pro": "1080p"}.get(mode, "1080p")
    wanted = VideoInput(
        prompt="a boat",
        negative_prompt="rain",
        seconds=8,
        resolution=resolution,
        first_frame=Foreign("https://f.example/a.png"),
        last_frame=Foreign("https://f.example/b.png"),
    )
    assert family.read(family.write(wanted, mode)) == wanted


def test_a_model_that_nobody_knows_is_spoken_to_as_most_are() -> None:
    assert family_of("acme/films") is FAMILIES["kwaivgi/kling-v2.1"]
