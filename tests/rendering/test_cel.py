"""Parts of a layer as bytes."""

from __future__ import annotations

import numpy as np
import pytest

from reelgate.engines.preview.cel import MARGIN, Cel, cels_of, joined
from reelgate.engines.preview.plane import Bytes, Plane, halve, to_bytes


def shape(height: int = 300, width: int = 701) -> Plane:
    alpha = np.zeros((height, width), np.float32)
    alpha[20:, 31:90] = 0.6
    alpha[150:, 500:650] = 1.0
    return alpha


def made(alpha: Plane) -> tuple[Cel, ...]:
    """The cels of one colour under that cover."""
    half = halve(alpha)
    return cels_of(alpha * 200, alpha, (half * 90, half * 160, half))


def inner(plane: Bytes | None) -> Bytes:
    """A plane without its margin."""
    assert plane is not None
    return plane[MARGIN:-MARGIN, MARGIN:-MARGIN]


def test_a_cel_holds_its_part_and_little_else() -> None:
    alpha = shape()
    cels = made(alpha)

    assert len(cels) > 1
    assert sum(inner(cel.y).size for cel in cels) < 0.5 * alpha.size
    for cel in cels:
        assert cel.left % 2 == cel.top % 2 == 0
        assert inner(cel.u).shape == inner(cel.v).shape == tuple(-(-side // 2) for side in inner(cel.y).shape)


def test_around_a_plane_its_last_pixels_go_on() -> None:
    alpha = shape()
    cel = made(alpha)[-1]

    assert (cel.y[:MARGIN] == cel.y[MARGIN]).all()
    assert (cel.y[:, -MARGIN:] == cel.y[:, -MARGIN - 1 :][:, :1]).all()


def test_nothing_is_seen_through_a_solid_part() -> None:
    alpha = shape()
    alpha[240:] = 1.0
    *others, last = made(alpha)

    assert last.part.solid
    assert last.through is None
    assert last.through_half is None
    assert all(cel.through is not None for cel in others)


@pytest.mark.parametrize("solid", [False, True])
def test_joined_they_are_the_layer_again(solid: bool) -> None:
    alpha = shape()
    alpha[240:] = 1.0 if solid else alpha[240:]
    y, u, v = alpha * 200, alpha * 90, alpha * 160
    whole = joined(made(alpha), *alpha.shape)

    assert np.array_equal(inner(whole.y), to_bytes(y))
    assert np.array_equal(inner(whole.u), to_bytes(halve(u)))
    assert np.array_equal(inner(whole.v), to_bytes(halve(v)))
    assert np.array_equal(inner(whole.through), 255 - to_bytes(alpha * 255))
    assert np.array_equal(inner(whole.through_half), 255 - to_bytes(halve(alpha) * 255))
