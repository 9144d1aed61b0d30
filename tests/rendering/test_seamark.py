"""What words put into the water."""

from __future__ import annotations

import pytest

from reelgate.engines.preview import seamark
from tests.rendering.test_setting import make_setting

BERTH = seamark.Berth(island=0.8, mark=0.4, reach=0.1, air=0.1, depth=0.2, bridge=(0.2, 0.8), span=0.25, hill=0.1)


@pytest.mark.parametrize(
    ("words", "layers", "alive"),
    [("", 0, 0), ("island", 1, 0), ("palms", 1, 0), ("lighthouse", 2, 1), ("tower", 2, 0), ("bridge", 1, 1), ("lighthouse bridge", 3, 2)],
)
def test_each_word_brings_its_layers_and_who_lives_there(words: str, layers: int, alive: int) -> None:
    marks = seamark.marks(make_setting("night", words=words), BERTH)
    assert len(marks.layers) == layers
    assert len(marks.roles(after=4)) == alive


def test_a_lighthouse_and_a_keep_stand_apart() -> None:
    marks = seamark.marks(make_setting("night", (320, 180), words="lighthouse tower"), BERTH)
    keep, lighthouse = (float(marks.layers[at].alpha.max(axis=0).nonzero()[0].mean()) for at in (0, 2))
    assert abs(keep - lighthouse) > 30
