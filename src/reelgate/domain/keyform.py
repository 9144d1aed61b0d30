"""The written forms of secrets that an operator gives or gets. Whoever reads one reads it here, so that all read it alike."""

from __future__ import annotations

import base64
import binascii
import re

MASTER_KEY_BYTES = 32
WEBHOOK_PREFIX = "whsec_"
WEBHOOK_SECRET_BYTES = range(24, 65)


def read_master_key(text: str) -> bytes:
    """The 32 bytes under which kept secrets are sealed, from 64 hex digits or 44 characters of base64; `ValueError` for any other."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    key = _decoded(text)
    if key is None or len(key) != MASTER_KEY_BYTES:
        message = "a master key is 32 random bytes, written as 64 hex digits or 44 characters of base64"
        raise ValueError(message)
    return key


def read_webhook_secret(text: str) -> bytes:
    """The bytes of a Standard Webhooks secret, `whsec_` and the base64 of 24 to 64 bytes; `ValueError` for any other text."""
    secret = _decoded(text.removeprefix(WEBHOOK_PREFIX)) if text.startswith(WEBHOOK_PREFIX) else None
    if secret is None or len(secret) not in WEBHOOK_SECRET_BYTES:
        message = f"a webhook secret is {WEBHOOK_PREFIX} and the base64 of 24 to 64 random bytes"
        raise ValueError(message)
    return secret


def write_webhook_secret(secret: bytes) -> str:
    """What `read_webhook_secret` reads."""
    return WEBHOOK_PREFIX + base64.b64encode(secret).decode()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: it is not ASCII
        return None


_HEX = re.compile(r"[0-9a-fA-F]{64}")
