"""Seals secrets that have to be read back, so that whoever has the database has none of them: AES-256-GCM under the master key.

A sealed secret is a version byte (1), a random nonce of 96 bits, and the ciphertext with its tag. Its purpose is authenticated with
it: what was sealed as one thing cannot be put into another's place.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reelgate.domain.errors import StoreError

_VERSION = b"\x01"
_NONCE_BYTES = 12


class CannotUnseal(StoreError):
    """A kept secret cannot be read: REELGATE_MASTER_KEY, or master.key in the data folder, is not the one it was sealed under."""

    code = "cannot_unseal"


class Vault:
    """Seals and opens under one master key of 32 bytes."""

    def __init__(self, master_key: bytes) -> None:
        self._cipher = AESGCM(master_key)

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Something that only `open` with the same purpose reads."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, _VERSION + purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """What was sealed for this purpose; `CannotUnseal` under another key, for another purpose, or if a bit has changed."""
        version, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if version != _VERSION or len(nonce) < _NONCE_BYTES:
            raise CannotUnseal
        try:
            return self._cipher.decrypt(nonce, rest, _VERSION + purpose.encode())
        except InvalidTag:
            raise CannotUnseal from None
