"""Signatures, verified as the vendors tell receivers to verify them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reelgate.wire.signature import FalKeys, Headers, StandardSecrets, jwks, read_jwks, sign_fal, sign_standard

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "fixtures" / "signatures.json").read_text())
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FACTS: dict[str, Any] = {"request_id": "764cabcf-b745-4b3e-ae38-1200304cf45b", "user_id": "ada", "timestamp": 1_781_080_794}
BODY = '{"status":"OK","payload":{"prompt":"雪"}}'.encode()


def verify_fal(headers: dict[str, str], body: bytes, keys: list[dict[str, str]]) -> None:
    """The program of fal's documents, without its clock: padded base64url is all that its first line takes."""
    message = "\n".join(
        [
            headers["X-Fal-Webhook-Request-Id"],
            headers["X-Fal-Webhook-User-Id"],
            headers["X-Fal-Webhook-Timestamp"],
            hashlib.sha256(body).hexdigest(),
        ]
    ).encode()
    for key in keys:
        public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"]))
        try:
            public.verify(bytes.fromhex(headers["X-Fal-Webhook-Signature"]), message)
        except InvalidSignature:
            continue
        return
    raise InvalidSignature


def test_a_letter_in_fals_way_is_verified_by_any_key_of_the_set() -> None:
    other = Ed25519PrivateKey.generate()
    headers = dict(sign_fal(KEY, **FACTS, body=BODY))
    keys = jwks([other.public_key(), KEY.public_key()])["keys"]
    verify_fal(headers, BODY, keys)
    assert headers["X-Fal-Webhook-Timestamp"] == "1781080794"
    assert len(bytes.fromhex(headers["X-Fal-Webhook-Signature"])) == 64


@pytest.mark.parametrize("changed", ["X-Fal-Webhook-Request-Id", "X-Fal-Webhook-User-Id", "X-Fal-Webhook-Timestamp", "body", "key"])
def test_whatever_is_changed_breaks_fals_signature(changed: str) -> None:
    headers, body, key = dict(sign_fal(KEY, **FACTS, body=BODY)), BODY, KEY
    if changed == "body":
        body += b" "
    elif changed == "key":
        key = Ed25519PrivateKey.generate()
    else:
        headers[changed] += "0"
    with pytest.raises(InvalidSignature):
        verify_fal(headers, body, jwks([key.public_key()])["keys"])


def test_fals_signature_is_that_of_exactly_four_lines() -> None:
    """A vector of our own, which Ed25519 makes the same for ever: it would show a change of the signed text."""
    assert dict(sign_fal(KEY, **FACTS, body=BODY)) == VECTORS["fal"]


def test_the_key_set_is_padded_and_read_by_a_library_as_well() -> None:
    (key,) = jwks([KEY.public_key()])["keys"]
    assert key["x"].endswith("=")
    assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("OKP", "Ed25519", "sig", "EdDSA")
    read = jwt.PyJWK(key).key
    assert read.public_bytes_raw() == KEY.public_key().public_bytes_raw()


def test_the_keys_id_is_its_thumbprint() -> None:
    """The example of RFC 8037, appendix A.3."""
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="))
    (key,) = jwks([public])["keys"]
    assert key["kid"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_vendors_own_vector_of_standard_webhooks_holds() -> None:
    vector = VECTORS["standard"]
    headers = dict(sign_standard([vector["secret"]], id=vector["id"], timestamp=vector["timestamp"], body=vector["body"].encode()))
    assert headers == {
        "webhook-id": vector["id"],
        "webhook-timestamp": str(vector["timestamp"]),
        "webhook-signature": vector["signature"],
    }


def test_during_a_rotation_each_secret_signs() -> None:
    secrets = [f"whsec_{base64.b64encode(letter * 32).decode()}" for letter in (b"n", b"f")]
    headers = dict(sign_standard(secrets, id="d-1", timestamp=1_781_080_794, body=BODY))
    expected = ["v1," + base64.b64encode(hmac.digest(letter * 32, b"d-1.1781080794." + BODY, "sha256")).decode() for letter in (b"n", b"f")]
    assert headers["webhook-signature"].split(" ") == expected
    assert dict(sign_standard(secrets, id="d-2", timestamp=1_781_080_794, body=BODY))["webhook-signature"].split(" ") != expected


NOW = datetime.fromtimestamp(1_781_080_794, UTC)


def lowered(headers: Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


def test_what_fal_signs_is_verified_by_any_key_of_a_set_as_others_write_it() -> None:
    told = jwks([Ed25519PrivateKey.generate().public_key(), KEY.public_key()])
    told["keys"][1]["x"] = told["keys"][1]["x"].rstrip("=")
    keys = read_jwks({"keys": [{"kty": "EC", "crv": "P-256", "x": "AA"}, "odd", *told["keys"]]})
    headers = lowered(sign_fal(KEY, **FACTS, body=BODY))
    assert keys.vouch(headers, BODY, NOW)
    assert keys.vouch(headers, BODY, NOW + timedelta(minutes=5))
    assert not keys.vouch(headers, BODY, NOW + timedelta(minutes=5, seconds=1))
    assert not keys.vouch(headers, BODY, NOW - timedelta(minutes=5, seconds=1))
    assert not keys.vouch(headers, BODY + b" ", NOW)
    assert not FalKeys((Ed25519PrivateKey.generate().public_key(),)).vouch(headers, BODY, NOW)
    for name in headers:
        for value in ("", "0", headers[name][:-2], "\u00e9", "9" * 400):
            assert not keys.vouch({**headers, name: value}, BODY, NOW), (name, value)
    assert not keys.vouch({}, BODY, NOW)


@pytest.mark.parametrize(
    "told", [None, [], {}, {"keys": 7}, {"keys": [{"crv": "Ed25519", "x": "AA"}]}, {"keys": [{"crv": "Ed25519", "x": "\u00e9"}]}]
)
def test_a_set_without_a_key_is_none(told: object) -> None:
    with pytest.raises(ValueError, match="Ed25519"):
        read_jwks(told)


def test_what_standard_webhooks_sign_is_verified_with_either_secret_during_a_rotation() -> None:
    vector = VECTORS["standard"]
    new = f"whsec_{base64.b64encode(b'n' * 32).decode()}"
    body, now = vector["body"].encode(), datetime.fromtimestamp(vector["timestamp"], UTC)
    signed = lowered(sign_standard([vector["secret"], new], id=vector["id"], timestamp=vector["timestamp"], body=body))
    for secrets in ((vector["secret"],), (new,), (new, vector["secret"])):
        assert StandardSecrets(secrets).vouch(signed, body, now)
    ours = StandardSecrets((vector["secret"],))
    assert vector["secret"] not in repr(ours)
    assert not ours.vouch(signed, body + b" ", now)
    assert not ours.vouch(signed, body, now + timedelta(seconds=301))
    assert not StandardSecrets((f"whsec_{base64.b64encode(b'o' * 32).decode()}",)).vouch(signed, body, now)
    for name in signed:
        for value in ("", "0", "v1,", signed[name].replace(",", ""), "\u00e9"):
            assert value == signed[name] or not ours.vouch({**signed, name: value}, body, now), (name, value)
    with pytest.raises(ValueError, match="whsec_"):
        StandardSecrets(("hush",))


def test_a_text_that_is_no_secret_signs_nothing() -> None:
    with pytest.raises(ValueError, match="whsec_"):
        sign_standard(["hush"], id="d-1", timestamp=0, body=b"")
