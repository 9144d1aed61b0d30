"""Permits: short signed texts by which we know again, without keeping anything, what we allowed somebody to do.

    permit.{what it says}.{HMAC-SHA-256 of that}        both parts in base64url, so the whole may stand in an address

A permit says for what it is, to whom and until when it was given. Whoever holds it may use it: it is handed out over the wire
that a key came by, and lives for an hour.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from reelgate.domain.clock import Clock
from reelgate.domain.errors import Unauthenticated

PREFIX = "permit."
_LENGTH_MAX = 2048
_KEY_OF = b"reelgate: permits, 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What a permit says. `purpose` is a word of ours, `subject` whatever that is about."""

    purpose: str
    account: str
    subject: str
    until: datetime


class Permits:
    """Writes permits and reads its own. `secret` is the folder's pepper; the key is derived from it and is nothing else's."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key, self._clock = hmac.digest(secret, _KEY_OF, "sha256"), clock

    def write(self, permit: Permit) -> str:
        """The text of a permit; instants to the second."""
        said = orjson.dumps((permit.purpose, permit.account, permit.subject, int(permit.until.timestamp())))
        return f"{PREFIX}{_spell(said)}.{_spell(self._mac(said))}"

    def read(self, text: str, purpose: str) -> Permit:
        """What a text says, if we wrote it for this purpose and its time is not over; else `Unauthenticated`."""
        said = self._said(text)
        if said is None:
            raise Unauthenticated("invalid permit")
        given_for, account, subject, until_s = orjson.loads(said)
        if given_for != purpose:
            raise Unauthenticated("invalid permit")
        until = datetime.fromtimestamp(until_s, UTC)
        if until <= self._clock.now():
            raise Unauthenticated("the permit has expired", why="expired")
        return Permit(purpose=purpose, account=account, subject=subject, until=until)

    def _said(self, text: str) -> bytes | None:
        """The signed part; None for whatever is not ours to the letter."""
        if len(text) > _LENGTH_MAX or not text.isascii() or not text.startswith(PREFIX):
            return None
        said, _, mac = text.removeprefix(PREFIX).partition(".")
        try:
            read = urlsafe_b64decode(said + "=" * (-len(said) % 4))
        except ValueError:
            return None
        ours = hmac.compare_digest(_spell(self._mac(read)), mac)
        return read if ours and _spell(read) == said else None  # one spelling: a decoder forgives much

    def _mac(self, said: bytes) -> bytes:
        return hmac.digest(self._key, said, "sha256")


def _spell(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
