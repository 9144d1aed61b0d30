"""What the talks of Kling do not show."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest

from reelgate.contracts.provider import HttpReply
from reelgate.dialects.kling import Kling
from reelgate.domain.errors import Garbled, Misconfigured
from tests.clock import BEGINNING
from tests.unit.dispatch.depot import CATALOG

VENDOR = Kling(name="kling", title="Kling", proven=True, secrets=("api_key", "access_key", "secret_key"))
GATEWAY = Kling(name="kling_gateway", title="A gateway", prefix="/kling")
SECRET = "a-secret-key-of-thirty-two-letters"


def test_a_pair_signs_a_token_that_is_made_anew_before_it_ends() -> None:
    with pytest.raises(StopIteration) as end:
        next(VENDOR.credential({"access_key": "ak", "secret_key": SECRET}, BEGINNING))
    credential = end.value.value
    scheme, token = credential.headers["Authorization"].split(" ")
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_nbf": False})
    now_s = int(BEGINNING.timestamp())
    assert (scheme, claims) == ("Bearer", {"iss": "ak", "exp": now_s + 1800, "nbf": now_s - 5})
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert credential.until == BEGINNING + timedelta(seconds=1740)


def test_an_api_key_is_stronger_and_half_a_pair_is_nothing() -> None:
    with pytest.raises(StopIteration) as end:
        next(VENDOR.credential({"api_key": "k", "access_key": "ak", "secret_key": SECRET}, BEGINNING))
    assert end.value.value.headers == {"Authorization": "Bearer k"}
    for secrets in ({}, {"access_key": "ak"}, {"secret_key": SECRET}):
        with pytest.raises(Misconfigured):
            next(VENDOR.credential(secrets, BEGINNING))


PAIR = {"access_key": "ak", "secret_key": SECRET}


@pytest.mark.parametrize("generation", ["", "auto", "2026"])
def test_a_pair_alone_is_fit_for_the_first_generation_only(generation: str) -> None:
    options = {"generation": generation} if generation else {}
    assert "set the option generation to legacy" in VENDOR.unfit(PAIR, options)
    for secrets in ({"api_key": "k"}, {"api_key": "k", **PAIR}):
        assert VENDOR.unfit(secrets, options) == ""
    assert VENDOR.unfit(PAIR, {"generation": "legacy"}) == ""
    assert GATEWAY.unfit({"api_key": "k"}, {}) == ""


@pytest.mark.parametrize(
    ("endpoint_id", "auto", "legacy", "new"),
    [
        (
            "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
            "text2video/kling-v2-5-turbo/pro",
            "text2video/kling-v2-5-turbo/pro",
            "2026/text-to-video/kling-2.5-turbo/1080p",
        ),
        ("fal-ai/kling-video/v2/master/text-to-video", "text2video/kling-v2-master/", "text2video/kling-v2-master/", None),
        ("fal-ai/veo3", None, None, None),
    ],
)
def test_a_model_is_named_in_the_generation_that_a_channel_wants(
    endpoint_id: str, auto: str | None, legacy: str | None, new: str | None
) -> None:
    endpoint = CATALOG.find(endpoint_id)
    assert endpoint is not None
    offered = [VENDOR.offer(endpoint, options) for options in ({}, {"generation": "legacy"}, {"generation": "2026"})]
    assert offered == [auto, legacy, new]


def test_a_gateway_has_no_powers_but_those_that_the_operator_declares() -> None:
    assert (VENDOR.powers({}).dedupe, VENDOR.powers({}).finds, VENDOR.powers({}).calls_back) == ("refused", True, True)
    assert (GATEWAY.powers({}).dedupe, GATEWAY.powers({}).finds, GATEWAY.powers({}).calls_back) == ("", False, False)
    assert (GATEWAY.powers({"finds": "yes"}).dedupe, GATEWAY.powers({"finds": "yes"}).finds) == ("refused", True)


def test_callbacks_of_both_generations_are_read() -> None:
    assert VENDOR.heard(b'{"task_id": "1", "task_status": "succeed"}') == {"id": "1"}
    assert VENDOR.heard(b'{"id": "2", "status": "succeeded"}') == {"id": "2"}
    assert [VENDOR.heard(body) for body in (b"", b"[]", b"{}", b'{"id": "a/b"}')] == [None] * 4


def test_a_task_that_is_not_found_yet_is_asked_for_again() -> None:
    talk = VENDOR.poll({"id": "7", "path": "/v1/videos/text2video"})
    next(talk)
    with pytest.raises(Garbled):
        talk.send(HttpReply(status=404, body=b'{"code": 1203, "message": "no such task"}'))
