"""The form of a key: `rg_live_`, `rg_test_` or `rg_admin_`, 33 base62 characters (192 random bits), 6 of CRC32.

Keys are kept as HMAC-SHA-256 under a pepper that is not in the database. A slow hash would protect guessable
secrets only; against 192 random bits it adds nothing but a way to exhaust the server.
"""

from __future__ import annotations

import hmac
import secrets
import string
import zlib
from dataclasses import dataclass

from reelgate.domain.keyform import write_webhook_secret

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BODY_LENGTH = 33
_CHECK_LENGTH = 6
_MODES = ("live", "test", "admin")
PREFIX_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Secret:
    """A new key's text: shown once, never stored."""

    text: str

    def __repr__(self) -> str:
        return f"Secret({self.text[:PREFIX_LENGTH]}…)"

    @property
    def prefix(self) -> str:
        """The public beginning, by which its owner recognises it."""
        return self.text[:PREFIX_LENGTH]

    @property
    def last4(self) -> str:
        """The public end."""
        return self.text[-4:]


def new_secret(mode: str) -> Secret:
    """Make a key of a mode: live, test or admin."""
    if mode not in _MODES:
        message = f"a key is one of {', '.join(_MODES)}"
        raise ValueError(message)
    body = f"rg_{mode}_{_base62(secrets.randbits(192), _BODY_LENGTH)}"
    return Secret(body + _check(body))


def new_webhook_secret() -> str:
    """Make a secret by which an account's webhooks are signed: `whsec_` and the base64 of 256 random bits."""
    return write_webhook_secret(secrets.token_bytes(32))


def plausible(text: str) -> bool:
    """Whether a key can be one of ours, without asking the store; keys of another form are always plausible."""
    if not text.startswith("rg_"):
        return bool(text)
    body, check = text[:-_CHECK_LENGTH], text[-_CHECK_LENGTH:]
    return text.isascii() and hmac.compare_digest(_check(body), check)


def mac_of(text: str, pepper: bytes) -> bytes:
    """What is kept of a key."""
    return hmac.digest(pepper, text.encode(), "sha256")


def _check(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_LENGTH)


def _base62(value: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        value, digit = divmod(value, len(_BASE62))
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))
