"""A brief."""

from __future__ import annotations

import numpy as np

from tests.painting import make_brief


def test_what_an_element_draws_from_its_own_generator_leaves_the_picture_s_where_it_was() -> None:
    with_element, without = make_brief(), make_brief()
    with_element.own("island").random(100)
    assert np.array_equal(with_element.rng.random(9), without.rng.random(9))


def test_an_element_s_chance_is_its_own_and_its_seed_s() -> None:
    island, again, bridge = (make_brief().own(name).random(4) for name in ("island", "island", "bridge"))
    assert np.array_equal(island, again)
    assert not np.array_equal(island, bridge)
    assert not np.array_equal(island, make_brief(seed=6).own("island").random(4))


def test_it_does_not_matter_how_much_was_drawn_before() -> None:
    early, late = make_brief(), make_brief()
    late.rng.random(50)
    assert np.array_equal(early.own("river").random(4), late.own("river").random(4))
