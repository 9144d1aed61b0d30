"""Tokens that Kling's own clients sign: what is good, what is not, and what a forger learns."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from reelgate.domain.errors import Unauthenticated
from reelgate.gateway.pair import (
    NO_KEY,
    Pair,
    check_token,
    is_access_key,
    is_token,
    mac_of_pair,
    new_pair,
    purpose_of_pair,
    signer_of,
)
from reelgate.gateway.secret import mac_of
from tests.clock import BEGINNING

PAIR = Pair(access_key="ak_" + "7" * 32, secret_key="s" * 43)
NOW_S = int(BEGINNING.timestamp())


def token(claims: object | None = None, *, header: dict[str, Any] | None = None, secret: str = PAIR.secret_key) -> str:
    """A token as a client writes it: by hand, so that it can also be wrong."""
    told = {"iss": PAIR.access_key, "exp": NOW_S + 1800, "nbf": NOW_S - 5} if claims is None else claims
    text = f"{_part(header or {'alg': 'HS256', 'typ': 'JWT'})}.{_part(told)}"
    return f"{text}.{_text(hmac.digest(secret.encode(), text.encode(), 'sha256'))}"


def refused(shown: str, *, secret: str = PAIR.secret_key, seconds: float = 0) -> Unauthenticated:
    """How a token is refused, so long after the beginning."""
    with pytest.raises(Unauthenticated) as told:
        check_token(shown, secret, BEGINNING + timedelta(seconds=seconds))
    return told.value


def test_the_token_of_a_client_is_good() -> None:
    claims = {"iss": PAIR.access_key, "exp": NOW_S + 1800, "nbf": NOW_S - 5}
    signed = jwt.encode(claims, PAIR.secret_key, algorithm="HS256", headers={"alg": "HS256", "typ": "JWT"})
    assert is_token(signed)
    assert signer_of(signed) == PAIR.access_key
    check_token(signed, PAIR.secret_key, BEGINNING)
    assert token()  # and so is one that was written by hand
    check_token(token(), PAIR.secret_key, BEGINNING)


def test_a_new_pair_has_its_form_and_does_not_print_its_secret() -> None:
    one, other = new_pair(), new_pair()
    assert is_access_key(one.access_key)
    assert one.access_key != other.access_key
    assert len(one.secret_key) >= 32
    assert one.secret_key not in repr(one)
    assert not is_token(one.secret_key)
    assert not is_access_key(one.secret_key)


def test_nothing_that_a_header_can_hold_has_the_mac_of_a_pair() -> None:
    mac = mac_of_pair(PAIR.access_key, b"pepper")
    assert mac != mac_of(PAIR.access_key, b"pepper")
    assert mac != mac_of(f"pair:{PAIR.access_key}", b"pepper")
    assert mac != mac_of_pair(PAIR.access_key, b"other")


def test_a_secret_key_is_sealed_for_its_own_pair() -> None:
    assert purpose_of_pair(PAIR.access_key) != purpose_of_pair("ak_" + "8" * 32)


@pytest.mark.parametrize("algorithm", ["none", "None", "hs256", "HS384", "HS512", "RS256", "ES256", "", None, 1, ["HS256"], {"HS256": 1}])
def test_only_the_one_algorithm_is_taken(algorithm: object) -> None:
    for header in ({"alg": algorithm, "typ": "JWT"}, {"typ": "JWT"}):
        assert (refused(token(header=header)).why, refused(token(header=header)).message) == ("invalid", NO_KEY)


def test_an_unsigned_token_is_refused() -> None:
    head, claims, _ = token(header={"alg": "none"}).split(".")
    assert refused(f"{head}.{claims}.").message == NO_KEY
    head, claims, _ = token().split(".")
    assert refused(f"{head}.{claims}.").message == NO_KEY


@pytest.mark.parametrize(
    "header", [{"alg": "HS256", "crit": ["x"]}, {"alg": "HS256", "b64": False, "crit": ["b64"]}, {"alg": "HS256", "kid": 7}]
)
def test_what_a_header_asks_beyond_the_signature_is_refused(header: dict[str, Any]) -> None:
    assert refused(token(header=header)).message == NO_KEY


def test_a_token_that_was_changed_or_signed_by_another_is_refused() -> None:
    head, claims, signature = token().split(".")
    longer = _part({"iss": PAIR.access_key, "exp": NOW_S + 80_000})
    assert refused(f"{head}.{longer}.{signature}").message == NO_KEY
    assert refused(f"{head}.{claims}.{signature[:-4]}AAAA").message == NO_KEY
    assert refused(token(secret="t" * 43)).message == NO_KEY
    assert refused(token(), secret="t" * 43).message == NO_KEY


@pytest.mark.parametrize(
    "issuer", [None, 7, True, ["ak"], {}, "", "ak_", "x" * 129, "ak_" + "7" * 31, "ak_" + "7" * 33, "ak_" + "é" * 32, " "]
)
def test_who_cannot_be_a_signer_is_refused_before_anybody_is_asked(issuer: object) -> None:
    with pytest.raises(Unauthenticated) as told:
        signer_of(token({"iss": issuer, "exp": NOW_S + 1800}))
    assert (told.value.why, told.value.message) == ("invalid", NO_KEY)


def test_a_token_that_is_too_long_is_not_decoded() -> None:
    with pytest.raises(Unauthenticated) as told:
        signer_of(token({"iss": PAIR.access_key, "exp": NOW_S + 1800, "more": "x" * 4096}))
    assert told.value.message == NO_KEY
    assert signer_of(token({"iss": PAIR.access_key, "exp": NOW_S + 1800, "more": "x" * 2048})) == PAIR.access_key
    longest = token().ljust(4096, "A")  # whether the signature is good is asked later
    assert signer_of(longest) == PAIR.access_key
    with pytest.raises(Unauthenticated):
        signer_of(longest + "A")


def test_a_header_that_is_nested_too_deeply_is_no_bug_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    deep = base64.urlsafe_b64encode(b"[" * 40_000).decode().rstrip("=")
    _, claims, signature = token().split(".")
    assert refused(f"{deep}.{claims}.{signature}").message == NO_KEY

    def without_a_look(*_: object, **__: object) -> bytes:
        raise RecursionError

    monkeypatch.setattr(jwt.PyJWS, "decode", without_a_look)  # as the library did until it looked for that itself
    assert refused(token()).message == NO_KEY


def test_a_token_ends_half_a_minute_after_its_time() -> None:
    check_token(token(), PAIR.secret_key, BEGINNING + timedelta(seconds=1829.9))
    told = refused(token(), seconds=1830)
    assert told.why == "expired"
    assert "has expired" in told.message


def test_a_token_begins_half_a_minute_before_its_time() -> None:
    claims = {"iss": PAIR.access_key, "exp": NOW_S + 1800, "nbf": NOW_S + 31}
    told = refused(token(claims))
    assert told.why == "early"
    assert "not valid yet" in told.message
    check_token(token(claims), PAIR.secret_key, BEGINNING + timedelta(seconds=1))


def test_a_token_needs_no_beginning() -> None:
    check_token(token({"iss": PAIR.access_key, "exp": NOW_S + 1800}), PAIR.secret_key, BEGINNING)
    check_token(token({"iss": PAIR.access_key, "exp": NOW_S + 0.5, "nbf": NOW_S - 0.5}), PAIR.secret_key, BEGINNING)


def test_the_longest_token_is_good_for_a_day() -> None:
    check_token(token({"iss": PAIR.access_key, "exp": NOW_S + 86_400}), PAIR.secret_key, BEGINNING)
    told = refused(token({"iss": PAIR.access_key, "exp": NOW_S + 86_401}))
    assert told.why == "invalid"
    assert "24 hours" in told.message


@pytest.mark.parametrize(
    "claims",
    [{}, {"exp": None}, {"exp": "1800"}, {"exp": True}, {"exp": [1]}, {"exp": NOW_S + 9, "nbf": "0"}, {"exp": NOW_S + 9, "nbf": None}],
)
def test_a_time_that_is_none_is_named(claims: dict[str, Any]) -> None:
    told = refused(token({"iss": PAIR.access_key, **claims}))
    assert told.why == "invalid"
    assert "`nbf`" in told.message if "nbf" in claims else "`exp`" in told.message


def test_only_its_signer_is_told_that_a_token_is_early_or_expired() -> None:
    for claims in ({"exp": NOW_S - 100}, {"exp": NOW_S + 100, "nbf": NOW_S + 90}, {"exp": NOW_S + 10**9}, {}):
        told = refused(token({"iss": PAIR.access_key, **claims}, secret="t" * 43))
        assert (told.why, told.message) == ("invalid", NO_KEY)


@pytest.mark.parametrize("claims", [[], "text", 7, None, [1, {"iss": PAIR.access_key}]])
def test_claims_that_are_no_object_are_refused(claims: object) -> None:
    shown = f"{_part({'alg': 'HS256'})}.{_part(claims)}"
    shown = f"{shown}.{_text(hmac.digest(PAIR.secret_key.encode(), shown.encode(), 'sha256'))}"
    assert refused(shown).message == NO_KEY
    with pytest.raises(Unauthenticated):
        signer_of(shown)


_json = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda each: some.lists(each) | some.dictionaries(some.text(), each),
)
_times = some.integers() | some.floats() | some.text() | some.none() | some.booleans()


@given(some.text(), some.text(), some.text())
@example("eyJhbGciOiJIUzI1NiJ9", "e30", "é")
@example("[" * 3000, "[" * 900, "")
def test_junk_is_refused_in_one_way(head: str, claims: str, signature: str) -> None:
    for shown in (f"{head}.{claims}.{signature}", f"{head}.{claims}.{signature}".encode().decode("latin-1")):
        assert _outcome(shown) == "invalid"
        with pytest.raises(Unauthenticated) as told:
            signer_of(shown)
        assert told.value.message == NO_KEY


@settings(max_examples=25, deadline=None)
@given(_json, some.dictionaries(some.sampled_from(["iss", "exp", "nbf", "aud", "sub", "iat", "jti"]), _json))
@example({"alg": "HS256"}, {"exp": NOW_S + 60, "aud": [], "sub": 7, "iat": "x", "jti": {}})
def test_junk_in_good_wrapping_is_refused_or_ignored(header: object, claims: dict[str, Any]) -> None:
    text = f"{_part(header)}.{_part(claims)}"
    shown = f"{text}.{_text(hmac.digest(PAIR.secret_key.encode(), text.encode(), 'sha256'))}"
    assert _outcome(shown) in ({"good", "invalid", "expired", "early"} if header == {"alg": "HS256"} else {"invalid"})


@given(_times, _times)
@example(1e308, -1e308)
@example(10**400, 0)
def test_no_time_that_a_signer_writes_breaks_the_check(until: object, since: object) -> None:
    shown = token({"iss": PAIR.access_key, "exp": until, "nbf": since})
    assert _outcome(shown) in {"good", "invalid", "expired", "early"}


def _outcome(shown: str) -> str:
    """What came of a token; anything but `Unauthenticated` ends the test."""
    try:
        check_token(shown, PAIR.secret_key, BEGINNING)
    except Unauthenticated as error:
        return error.why
    return "good"


def _part(value: object) -> str:
    return _text(json.dumps(value).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
