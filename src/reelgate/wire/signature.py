"""How webhooks are signed and verified, so that a receiver knows whom they are from: fal's way, and that of Standard Webhooks.

Pure: keys, bytes and the time in, headers or a verdict out. Timestamps are whole seconds since 1970; receivers refuse those that are
more than five minutes off, so each try is signed anew.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from reelgate.domain.keyform import read_webhook_secret

Headers: TypeAlias = tuple[tuple[str, str], ...]

_OFF_S = 300  # by how much a receiver lets a clock be off
_KEYS_MAX = 20


@dataclass(frozen=True, slots=True)
class FalKeys:
    """The keys of a key set, any of which may have signed. `vouch` takes headers by their names in lower case."""

    keys: tuple[Ed25519PublicKey, ...]

    def vouch(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether fal's four headers are there, of this time, and signed by one of the keys over exactly this body."""
        named = [headers.get(f"x-fal-webhook-{each}", "") for each in ("request-id", "user-id", "timestamp", "signature")]
        request_id, user_id, timestamp, signature = named
        if not _is_of_now(timestamp, now):
            return False
        try:
            signed = bytes.fromhex(signature)
        except ValueError:
            return False
        message = _fal_message(request_id, user_id, timestamp, body)
        return any(_has_signed(key, signed, message) for key in self.keys)


@dataclass(frozen=True, slots=True)
class StandardSecrets:
    """The `whsec_…` secrets of Standard Webhooks, any of which may have signed; `ValueError` for a text that is none."""

    secrets: tuple[str, ...] = field(repr=False)

    def __post_init__(self) -> None:
        for each in self.secrets:
            read_webhook_secret(each)

    def vouch(self, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
        """Whether the three headers are there, of this time, and one of the signatures is one of the secrets' over exactly this body."""
        id_, timestamp, signatures = (headers.get(f"webhook-{each}", "") for each in ("id", "timestamp", "signature"))
        if not id_ or not _is_of_now(timestamp, now):
            return False
        ours = _standard_signatures(self.secrets, id_, timestamp, body)
        theirs = [each.encode() for each in signatures.split(" ")]
        return any(hmac.compare_digest(one.encode(), other) for one in ours for other in theirs)


def sign_fal(private_key: Ed25519PrivateKey, *, request_id: str, user_id: str, timestamp: int, body: bytes) -> Headers:
    """fal's four headers. What is signed are four lines: request id, user id, timestamp, and the hex SHA-256 of the raw body."""
    message = _fal_message(request_id, user_id, str(timestamp), body)
    return (
        ("X-Fal-Webhook-Request-Id", request_id),
        ("X-Fal-Webhook-User-Id", user_id),
        ("X-Fal-Webhook-Timestamp", str(timestamp)),
        ("X-Fal-Webhook-Signature", private_key.sign(message).hex()),
    )


def jwks(public_keys: Sequence[Ed25519PublicKey]) -> dict[str, Any]:
    """The key set by which `sign_fal` is verified."""
    return {"keys": [_jwk(each.public_bytes_raw()) for each in public_keys]}


def read_jwks(told: Any) -> FalKeys:
    """What `jwks` writes, as vendors write it: padded or not, with other keys beside it. `ValueError` if no Ed25519 key is in it."""
    listed = cast("dict[str, Any]", told).get("keys") if isinstance(told, dict) else None
    keys: list[Ed25519PublicKey] = []
    for each in cast("list[Any]", listed)[:_KEYS_MAX] if isinstance(listed, list) else []:
        x = cast("dict[str, Any]", each).get("x") if isinstance(each, dict) else None
        if isinstance(x, str) and cast("dict[str, Any]", each).get("crv") == "Ed25519":
            with suppress(ValueError):  # what is no key is passed over; the others may still be
                keys.append(Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(f"{x.rstrip('=')}==")))
    if not keys:
        message = "a key set without an Ed25519 key"
        raise ValueError(message)
    return FalKeys(tuple(keys))


def sign_standard(secrets: Sequence[str], *, id: str, timestamp: int, body: bytes) -> Headers:
    """The three headers of Standard Webhooks 1.0, with a signature for each `whsec_…` secret; `ValueError` for a text that is none."""
    signatures = _standard_signatures(secrets, id, str(timestamp), body)
    return (
        ("webhook-id", id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", " ".join(signatures)),
    )


def _standard_signatures(secrets: Sequence[str], id: str, timestamp: str, body: bytes) -> list[str]:
    signed = f"{id}.{timestamp}.".encode() + body
    digests = (hmac.digest(read_webhook_secret(each), signed, "sha256") for each in secrets)
    return [f"v1,{base64.b64encode(digest).decode()}" for digest in digests]


def _fal_message(request_id: str, user_id: str, timestamp: str, body: bytes) -> bytes:
    return "\n".join((request_id, user_id, timestamp, hashlib.sha256(body).hexdigest())).encode()


def _is_of_now(timestamp: str, now: datetime) -> bool:
    return timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12 and abs(int(timestamp) - now.timestamp()) <= _OFF_S  # noqa: PLR2004


def _has_signed(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _jwk(public_key: bytes) -> dict[str, str]:
    # The standard leaves out base64's padding, but the program that fal's documents give to receivers fails without it; readers
    # that follow the standard take both. The key's id is that of RFC 7638, which is made of the standard's form.
    x = base64.urlsafe_b64encode(public_key).decode()
    thumbprint = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x.rstrip("=")}"}}'.encode()).digest()
    kid = base64.urlsafe_b64encode(thumbprint).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": "EdDSA"}
