"""How webhooks are signed, so that a receiver knows whom they are from: fal's way, and that of Standard Webhooks.

Pure: keys, bytes and the time in, headers out. Timestamps are whole seconds since 1970; receivers refuse those that are more than
five minutes off, so each try is signed anew.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reelgate.domain.keyform import read_webhook_secret

Headers: TypeAlias = tuple[tuple[str, str], ...]


def sign_fal(private_key: Ed25519PrivateKey, *, request_id: str, user_id: str, timestamp: int, body: bytes) -> Headers:
    """fal's four headers. What is signed are four lines: request id, user id, timestamp, and the hex SHA-256 of the raw body."""
    lines = (request_id, user_id, str(timestamp), hashlib.sha256(body).hexdigest())
    return (
        ("X-Fal-Webhook-Request-Id", request_id),
        ("X-Fal-Webhook-User-Id", user_id),
        ("X-Fal-Webhook-Timestamp", str(timestamp)),
        ("X-Fal-Webhook-Signature", private_key.sign("\n".join(lines).encode()).hex()),
    )


def jwks(public_keys: Sequence[Ed25519PublicKey]) -> dict[str, Any]:
    """The key set by which `sign_fal` is verified."""
    return {"keys": [_jwk(each.public_bytes_raw()) for each in public_keys]}


def sign_standard(secrets: Sequence[str], *, id: str, timestamp: int, body: bytes) -> Headers:
    """The three headers of Standard Webhooks 1.0, with a signature for each `whsec_…` secret; `ValueError` for a text that is none."""
    signed = f"{id}.{timestamp}.".encode() + body
    signatures = (base64.b64encode(hmac.digest(read_webhook_secret(each), signed, "sha256")).decode() for each in secrets)
    return (
        ("webhook-id", id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", " ".join(f"v1,{each}" for each in signatures)),
    )


def _jwk(public_key: bytes) -> dict[str, str]:
    # The standard leaves out base64's padding, but the program that fal's documents give to receivers fails without it; readers
    # that follow the standard take both. The key's id is that of RFC 7638, which is made of the standard's form.
    x = base64.urlsafe_b64encode(public_key).decode()
    thumbprint = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x.rstrip("=")}"}}'.encode()).digest()
    kid = base64.urlsafe_b64encode(thumbprint).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": "EdDSA"}
