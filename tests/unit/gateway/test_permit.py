"""What was allowed is known again, and nothing else is taken for it."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.errors import Unauthenticated
from reelgate.gateway.permit import Permit, Permits
from tests.clock import BEGINNING, FakeClock

SECRET = b"a pepper"
HOUR = BEGINNING + timedelta(hours=1)


def permit(**facts: object) -> Permit:
    return Permit(**{"purpose": "upload", "account": "ada", "subject": "a/b", "until": HOUR, **facts})  # pyright: ignore[reportArgumentType]


@pytest.fixture
def permits(clock: FakeClock) -> Permits:
    return Permits(SECRET, clock)


def test_a_permit_is_read_as_it_was_written(permits: Permits) -> None:
    said = permit(account="ünë", subject="a/b?c=d e\n")
    text = permits.write(said)
    assert permits.read(text, "upload") == said
    assert text.isascii()
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_a_permit_dies_at_its_hour(permits: Permits, clock: FakeClock) -> None:
    text = permits.write(permit())
    clock.tick(minutes=59)
    assert permits.read(text, "upload").account == "ada"
    clock.tick(minutes=1)
    with pytest.raises(Unauthenticated, match="expired") as refused:
        permits.read(text, "upload")
    assert refused.value.why == "expired"


def test_a_permit_for_one_purpose_is_none_for_another(permits: Permits) -> None:
    with pytest.raises(Unauthenticated, match="invalid"):
        permits.read(permits.write(permit()), "read")


def test_another_folder_s_permit_is_not_ours(permits: Permits, clock: FakeClock) -> None:
    with pytest.raises(Unauthenticated):
        permits.read(Permits(b"another pepper", clock).write(permit()), "upload")


def test_no_letter_of_a_permit_can_be_changed(permits: Permits) -> None:
    text = permits.write(permit())
    for at, letter in enumerate(text):
        changed = text[:at] + ("A" if letter != "A" else "B") + text[at + 1 :]
        with pytest.raises(Unauthenticated):
            permits.read(changed, "upload")


def test_a_permit_has_one_spelling(permits: Permits) -> None:
    _, said, mac = permits.write(permit()).split(".")
    for spelling in (f"permit.{said}=.{mac}", f"permit.{said} .{mac}", f"permit.{said}.{mac}.", f"permit.{said}.{mac}=", f"{said}.{mac}"):
        with pytest.raises(Unauthenticated):
            permits.read(spelling, "upload")


def test_what_nobody_signed_is_not_even_parsed(permits: Permits) -> None:
    forged = urlsafe_b64encode(b'["upload","ada","a/b",9999999999]').rstrip(b"=").decode()
    for text in ("", "permit.", "permit..", f"permit.{forged}.", f"permit.{forged}.{forged}", "permit." + "A" * 5000, "permit.ü.ü"):
        with pytest.raises(Unauthenticated):
            permits.read(text, "upload")


@given(st.text())
def test_no_text_at_all_is_more_than_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        Permits(SECRET, FakeClock()).read(text, "upload")
