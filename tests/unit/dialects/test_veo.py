"""Veo: who calls, where models live, and what cannot be said."""

from __future__ import annotations

import base64
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import Credential
from reelgate.dialects.veo import Veo
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Misconfigured
from reelgate.domain.media import Foreign, VideoInput
from tests.clock import BEGINNING
from tests.conformance.test_catalog import ENDPOINTS

PROVIDERS = load_leaves("reelgate.providers", "PROVIDER", Veo)
VERTEX, GEMINI = PROVIDERS["veo"], PROVIDERS["veo_gateway"]
VEOS = [each for each in ENDPOINTS if each.id.startswith("fal-ai/veo3")]
PICTURE = Foreign("data:image/png;base64,AAAA", "image_url")


def named(endpoint_id: str) -> Endpoint:
    """An endpoint by its id."""
    return next(each for each in ENDPOINTS if each.id == endpoint_id)


def shown(secrets: dict[str, str]) -> Credential:
    """What a channel with these secrets shows."""
    talk = VERTEX.credential(secrets, BEGINNING)
    try:
        next(talk)
    except StopIteration as end:
        return end.value
    raise AssertionError("a credential that has to be fetched")


def test_a_service_account_signs_its_own_token() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    file = json.dumps({"type": "service_account", "client_email": "films@p1.example", "private_key": pem, "private_key_id": "k1"})
    found = shown({"service_account": base64.b64encode(file.encode()).decode()})
    token = found.headers["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, key.public_key(), algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
    assert (claims["iss"], claims["sub"]) == ("films@p1.example", "films@p1.example")
    assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"
    assert "aud" not in claims, "scope and audience exclude each other"
    assert claims["exp"] - claims["iat"] == 3600
    assert jwt.get_unverified_header(token)["kid"] == "k1"
    assert found.until is not None
    assert (found.until - BEGINNING).total_seconds() < 3600


def test_a_key_goes_as_it_is() -> None:
    assert shown({"api_key": "k"}).headers == {"x-goog-api-key": "k"}


@pytest.mark.parametrize(
    "secrets",
    [
        {},
        {"service_account": "not base64!"},
        {"service_account": base64.b64encode(b"no JSON").decode()},
        {"service_account": base64.b64encode(b"[]").decode()},
        {"service_account": base64.b64encode(b'{"client_email": "a"}').decode()},
        {"service_account": base64.b64encode(b'{"client_email": "a", "private_key": "no key"}').decode()},
    ],
)
def test_an_account_that_cannot_sign_is_named_without_its_secret(secrets: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as refused:
        shown(secrets)
    assert refused.value.said
    assert not any(value in refused.value.said for value in secrets.values())


def test_every_veo_is_offered_under_the_name_of_its_family() -> None:
    offered = {each.id: VERTEX.offer(each, {}) for each in VEOS}
    assert all(offered.values())
    assert offered["fal-ai/veo3/fast/image-to-video"] == "veo-3.0-fast-generate-001"
    assert offered["fal-ai/veo3.1/fast/first-last-frame-to-video"] == "veo-3.1-fast-generate-001"
    assert offered["fal-ai/veo3.1/lite"] == "veo-3.1-lite-generate-001"
    assert [each.id for each in ENDPOINTS if VERTEX.offer(each, {}) and each not in VEOS] == []


@pytest.mark.parametrize(
    ("provider", "wanted", "lost"),
    [
        (VERTEX, VideoInput(prompt="a", seconds=8, sound=True, seed=1, negative_prompt="rain", aspect_ratio="16:9"), {}),
        (VERTEX, VideoInput(prompt="a", seconds=8, first_frame=PICTURE, last_frame=Foreign("https://x.example/a.png")), {}),
        (VERTEX, VideoInput(prompt="a", references=(PICTURE, Foreign("https://x.example/a.png"))), {}),
        (VERTEX, VideoInput(prompt="a", source_video=PICTURE), {}),
        (VERTEX, VideoInput(prompt="a", aspect_ratio="1:1"), {"aspect_ratio": True}),
        (VERTEX, VideoInput(prompt="a", resolution="480p"), {"resolution": True}),
        (VERTEX, VideoInput(prompt="a", extras={"fal": {"auto_fix": True}}), {"auto_fix": False}),
        (GEMINI, VideoInput(prompt="a", sound=True), {}),
        (GEMINI, VideoInput(prompt="a", sound=False), {"sound": True}),
    ],
)
def test_what_cannot_be_said_is_told(provider: Veo, wanted: VideoInput, lost: dict[str, bool]) -> None:
    assert {each.part: each.content for each in provider.loses(named("fal-ai/veo3.1"), wanted, {})} == lost
