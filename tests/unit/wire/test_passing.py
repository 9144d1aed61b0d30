"""Bodies of endpoints that no catalog has."""

from __future__ import annotations

from typing import Any

import pytest

from reelgate.domain.errors import InvalidInput
from reelgate.wire import fal
from reelgate.wire.passing import Anything, passed

BODY = {"prompt": "a boat", "duration": "8s", "odd": {"a": [1, None, "", False]}, "empty": "", "seed": 7}


def test_a_body_goes_through_as_it_is() -> None:
    wanted, dropped = fal.read_input(Anything, BODY)
    assert (wanted.prompt, wanted.seconds, dropped) == ("a boat", 8, ())
    assert fal.write_input(Anything, wanted) == BODY


@pytest.mark.parametrize(("told", "seconds"), [("5", 5), (10, 10), ("8s", 8), (None, 5), (True, 5), ("long", 5), (0, 1), (2.5, 5)])
def test_seconds_are_read_where_they_are_said(told: Any, seconds: int) -> None:
    assert fal.read_input(Anything, {"duration": told})[0].seconds == seconds


def test_a_file_inside_a_body_is_refused_at_its_place() -> None:
    with pytest.raises(InvalidInput) as refused:
        fal.read_input(Anything, {"images": ["https://x.example/a.png", "data:image/png;base64,AAAA"]})
    (fault,) = refused.value.faults
    assert fault.path == ("images", 1)
    assert "AAAA" not in fault.message


@pytest.mark.parametrize("name", ["acme/films", "acme/films/v2/text-to-video", "bytedance/seedance-1.5/Pro"])
def test_what_a_vendor_may_name_so(name: str) -> None:
    endpoint = passed(name)
    assert endpoint is not None
    assert (endpoint.id, endpoint.kind, endpoint.price) == (name, "passed", None)


_NOT_OF_A_VENDOR = ("", "acme", "acme/", "/acme/x", "acme/../x", "acme/a b", "Acme/x", "acme/x?y=1", "a/" * 9 + "a", "acme/" + "x" * 99)
_OURS = ("storage/x", "v1/models", "kling/v1/videos", "demo/x")


@pytest.mark.parametrize("name", [*_NOT_OF_A_VENDOR, *_OURS])
def test_what_is_no_name(name: str) -> None:
    assert passed(name) is None
