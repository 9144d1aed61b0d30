"""What the talks of fal's queue do not show."""

from __future__ import annotations

import pytest

from reelgate.contracts.provider import HttpCall, HttpReply, Order
from reelgate.dialects.fal_queue import FalQueue
from reelgate.domain.errors import Misconfigured
from reelgate.domain.media import VideoInput
from tests.clock import BEGINNING
from tests.unit.dispatch.channels import ENDPOINT
from tests.unit.dispatch.depot import CATALOG

FAL = FalQueue(name="fal", title="fal", address="https://queue.fal.run", scheme="Key")


def test_a_key_is_shown_under_the_vendor_s_word() -> None:
    with pytest.raises(StopIteration) as end:
        next(FAL.credential({"api_key": "id:secret"}, BEGINNING))
    assert (end.value.value.headers, end.value.value.until) == ({"Authorization": "Key id:secret"}, None)
    with pytest.raises(Misconfigured):
        next(FAL.credential({}, BEGINNING))


def test_what_is_made_here_alone_is_not_offered() -> None:
    offered = [each.id for each in CATALOG if FAL.offer(each, {}) is not None]
    assert ENDPOINT in offered
    assert not [each for each in offered if each.startswith(("demo/", "kling/v1/"))]


def test_only_a_gateway_that_replays_says_that_it_can() -> None:
    assert (FAL.powers({}).dedupe, FAL.powers({}).cancels) == ("", "queued")
    other = FalQueue(name="r", title="r", replays=True)
    assert (other.powers({}).dedupe, other.powers({}).cancels) == ("replayed", "running")


def test_an_address_that_leads_out_of_its_path_is_not_kept() -> None:
    for path in ("/a/../requests/7/status", "/s/requests/8/status", "https://x/requests/7"):
        assert "status" not in _ticket(path)
    assert _ticket("/s/requests/7/status")["status"] == "/s/requests/7/status"
    assert "status" not in _ticket(f"/queue/{'/'.join(ENDPOINT.split('/')[:2])}/requests/7/status"), "the prefix is in our address"


def test_a_callback_is_read_and_nothing_else_in_it_is() -> None:
    assert FAL.heard(b'{"request_id": "7", "status": "OK", "payload": {}}') == {"id": "7"}
    assert [FAL.heard(body) for body in (b"", b"[]", b"{}", b'{"request_id": "../x"}')] == [None] * 4


def _ticket(path: str) -> dict[str, str]:
    endpoint = CATALOG.find(ENDPOINT)
    assert endpoint is not None
    wanted = VideoInput(prompt="a boat", aspect_ratio="16:9", resolution="1080p")
    talk = FAL.submit(Order(endpoint=endpoint, model=ENDPOINT, input=wanted, token="t", now=BEGINNING))
    assert isinstance(next(talk), HttpCall)
    url = path if "://" in path else f"https://queue.fal.run{path}"
    with pytest.raises(StopIteration) as end:
        talk.send(HttpReply(status=200, body=f'{{"request_id": "7", "status_url": "{url}"}}'.encode()))
    return dict(end.value.value)
