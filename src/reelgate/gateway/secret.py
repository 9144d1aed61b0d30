"""The form of a key: `rg_live_`, `rg_test_` or `rg_admin_`, 33 base62 characters (192 random bits), 6 of CRC32.

Keys are kept as HMAC-SHA-256 under a pepper that is not in the database. A slow hash would protect guessable
secrets only; against 192 random bits it adds nothing but a way to exhaust the server.
"""

from __future__ import annotations

import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass

from reelgate.domain.keyform import write_webhook_secret

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BODY_LENGTH = 33
_CHECK_LENGTH = 6
MODES = ("live", "test", "admin")
PREFIX_LENGTH = 12
SHORTEST, LONGEST = 24, 512
"""Characters of a customer's own key that is taken over."""

_VISIBLE = re.compile(rf"[!-~]{{{SHORTEST},{LONGEST}}}")
_OURS = re.compile(rf"rg_({'|'.join(MODES)})_[0-9A-Za-z]{{{_BODY_LENGTH + _CHECK_LENGTH}}}")
_SHOWN = 4  # of a customer's own key, which may be short, at either end


@dataclass(frozen=True, slots=True)
class Secret:
    """A new key's text: shown once, never stored."""

    text: str

    def __repr__(self) -> str:
        return f"Secret({self.prefix}…)"

    @property
    def prefix(self) -> str:
        """The public beginning, by which its owner recognises it."""
        return self.text[: PREFIX_LENGTH if _OURS.fullmatch(self.text) else _SHOWN]

    @property
    def last4(self) -> str:
        """The public end."""
        return self.text[-_SHOWN:]


def new_secret(mode: str) -> Secret:
    """Make a key of a mode: live, test or admin."""
    if mode not in MODES:
        message = f"a key is one of {', '.join(MODES)}"
        raise ValueError(message)
    body = f"rg_{mode}_{_base62(secrets.randbits(192), _BODY_LENGTH)}"
    return Secret(body + _check(body))


def read_secret(text: str, mode: str) -> Secret:
    """A key that a customer has already, to be taken over as one of a mode; `ValueError`, in words that do not repeat it, if it cannot be.

    Whether it would be read as something else than a key is for who reads those to say.
    """
    if not _VISIBLE.fullmatch(text):
        message = f"a key that is taken over has {SHORTEST} to {LONGEST} visible ASCII characters and no spaces"
        raise ValueError(message)
    if not text.startswith("rg_"):
        if mode == "admin":
            message = "an admin key that is taken over begins with rg_admin_"
            raise ValueError(message)
        return Secret(text)
    found = _OURS.fullmatch(text)
    if found is None or not plausible(text):
        message = "a key that begins with rg_ is one of a gateway like this one; this one has a character too many, too few or changed"
        raise ValueError(message)
    if found[1] != mode:
        message = f"this is a key of the mode {found[1]}, not {mode}"
        raise ValueError(message)
    return Secret(text)


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
