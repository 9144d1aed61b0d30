"""Endpoints for trying things out."""

from __future__ import annotations

import pytest

from reelgate.catalog.demo import ENDPOINTS
from reelgate.domain.money import FREE
from reelgate.wire.fal import read_input

BY_ID = {each.id: each for each in ENDPOINTS}


@pytest.mark.parametrize(
    ("name", "directive"),
    [("demo/slow", "[[slow 20]]"), ("demo/fails", "[[fail]]"), ("demo/refuses", "[[refuse]]"), ("demo/no-progress", "[[quiet]]")],
)
def test_a_scripted_endpoint_is_a_directive_in_the_prompt(name: str, directive: str) -> None:
    said, _ = read_input(BY_ID[name].public, {"prompt": "a fox"})
    unsaid, _ = read_input(BY_ID[name].public, {})
    assert said.prompt == f"a fox {directive}"
    assert unsaid.prompt.endswith(directive)
    assert said.seconds == 1


def test_a_demo_is_free() -> None:
    for endpoint in ENDPOINTS:
        wanted, _ = read_input(endpoint.public, {"prompt": "p", "image_url": "https://a"})
        assert endpoint.price is not None
        assert endpoint.price.quote(wanted).amount == FREE
