"""A pair of an access key and a secret key, and the tokens that Kling's own clients sign with it: JWT with HS256.

The token of a request says who signed it (`iss`), from when (`nbf`) and until when (`exp`) it is good. Nothing that a token says is
believed before its signature was found good, but for whose secret that has to be asked of. `kid`, `jku` and `x5u` are never followed.
"""

from __future__ import annotations

import base64
import math
import re
import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from jwt import PyJWS
from jwt.exceptions import PyJWTError

from reelgate.domain.errors import Unauthenticated
from reelgate.gateway.secret import PREFIX_LENGTH, mac_of

NO_KEY = "invalid key credentials"  # whatever is wrong: what differs would tell a forger how far he came
LEEWAY_S = 30
_CEILING_S = 24 * 3600
_TOKEN_MAX = 4096
_LETTERS = string.digits + string.ascii_letters
_ACCESS_PREFIX, _ACCESS_LENGTH = "ak_", 32
_SECRET_LENGTH = 43  # 256 random bits
_ACCESS_KEY = re.compile(rf"{_ACCESS_PREFIX}[0-9A-Za-z]{{{_ACCESS_LENGTH}}}")
_ALGORITHM = "HS256"
_JWS = PyJWS(algorithms=[_ALGORITHM])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A new pair. The access key is no secret; the secret key is shown once and kept sealed."""

    access_key: str
    secret_key: str

    def __repr__(self) -> str:
        return f"Pair({self.access_key[:PREFIX_LENGTH]}…)"


def new_pair() -> Pair:
    """Make a pair."""
    return Pair(access_key=_ACCESS_PREFIX + _drawn(_ACCESS_LENGTH), secret_key=_drawn(_SECRET_LENGTH))


def is_access_key(text: str) -> bool:
    """Whether this has the form of an access key, which is also the id of its pair."""
    return _ACCESS_KEY.fullmatch(text) is not None


def mac_of_pair(access_key: str, pepper: bytes) -> bytes:
    """Under what a pair is kept. No plain key has this: no header can hold the zero byte."""
    return mac_of(f"pair:\0{access_key}", pepper)


def purpose_of_pair(access_key: str) -> str:
    """What a secret key is sealed for; so it does not open in the row of another pair."""
    return f"pair:{access_key}"


def is_token(text: str) -> bool:
    """Whether what a caller shows has the outer form of a token. No key of ours has a dot in it."""
    return text.count(".") == 2  # noqa: PLR2004 -- header, claims, signature


def signer_of(token: str) -> str:
    """The access key of the pair that a token says it was signed with. Not believed yet. Raises `Unauthenticated`."""
    if len(token) > _TOKEN_MAX:
        raise Unauthenticated(NO_KEY)
    claims = token.split(".")[1]
    try:
        found = _read(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))).get("iss")
    except ValueError:
        raise Unauthenticated(NO_KEY) from None
    if not isinstance(found, str) or not is_access_key(found):
        raise Unauthenticated(NO_KEY)
    return found


def check_token(token: str, secret_key: str, now: datetime) -> None:
    """Whether a token was signed with this secret and is good now. Raises `Unauthenticated`.

    Times are those of the caller's clock, not of the library's. That a token is early or expired is told to its signer only.
    """
    try:
        claims = _read(_JWS.decode(token, secret_key, algorithms=[_ALGORITHM]))
    except (PyJWTError, ValueError, RecursionError):  # a header nested too deeply, in versions of the library that do not look
        raise Unauthenticated(NO_KEY) from None
    now_s = now.timestamp()
    until_s, from_s = _instant_s(claims, "exp"), _instant_s(claims, "nbf") if "nbf" in claims else -math.inf
    if until_s + LEEWAY_S <= now_s:
        raise Unauthenticated("the token has expired: sign a new one", why="expired")
    if until_s - now_s > _CEILING_S:
        raise Unauthenticated("the token is good for too long: `exp` may lie 24 hours ahead at the most")
    if from_s > now_s + LEEWAY_S:
        raise Unauthenticated("the token is not valid yet: its `nbf` lies ahead; compare the clocks", why="early")


def _read(claims: bytes) -> dict[str, Any]:
    """Claims as an object; `ValueError` if they are none."""
    read = orjson.loads(claims)
    if not isinstance(read, dict):
        raise ValueError  # noqa: TRY004 -- of what was sent, not of our call
    return cast("dict[str, Any]", read)


def _instant_s(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):  # there is no infinity in JSON
        message = f"the token has no usable `{name}`: it is a number of seconds since 1970"
        raise Unauthenticated(message)
    return float(value)


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
