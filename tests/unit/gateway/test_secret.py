"""Keys: recognised offline, never kept, never printed."""

from __future__ import annotations

import pytest

from reelgate.domain.keyform import read_webhook_secret
from reelgate.gateway.secret import Secret, mac_of, new_secret, new_webhook_secret, plausible, read_secret


@pytest.mark.parametrize("mode", ["live", "test", "admin"])
def test_a_key_tells_its_mode_and_passes_its_own_checksum(mode: str) -> None:
    secret = new_secret(mode)
    assert secret.text.startswith(f"rg_{mode}_")
    assert len(secret.text) == len(f"rg_{mode}_") + 33 + 6
    assert plausible(secret.text)


def test_a_key_with_one_letter_changed_is_refused_without_the_store() -> None:
    text = new_secret("live").text
    for place in range(8, len(text)):
        other = "a" if text[place] != "a" else "b"
        assert not plausible(text[:place] + other + text[place + 1 :])


def test_a_key_of_another_form_may_be_a_customer_s_own() -> None:
    assert plausible("8f14e45f-ceea-467f-a9d2-1b3c:0123456789abcdef")
    assert not plausible("")
    assert not plausible("rg_live_é")


def test_an_unknown_mode_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="live"):
        new_secret("root")


def test_a_secret_does_not_print_itself() -> None:
    secret = new_secret("live")
    assert secret.text not in repr(secret)
    assert repr(secret).startswith("Secret(rg_live_")


def test_what_is_kept_depends_on_the_pepper_and_is_not_the_key() -> None:
    secret = new_secret("live")
    assert mac_of(secret.text, b"one") != mac_of(secret.text, b"two")
    assert secret.text.encode() not in mac_of(secret.text, b"one")


def test_a_webhook_secret_is_256_random_bits() -> None:
    first, second = new_webhook_secret(), new_webhook_secret()
    assert first != second
    assert len(read_webhook_secret(first)) == 32


@pytest.mark.parametrize(
    "text", ["x" * 24, "8f14e45f-ceea-467f-a9d2-1b3c:0123456789abcdef", "~!@#$%^&*()_+" * 2, "x" * 512, "a.dot.is.no.harm.but.two.are"]
)
def test_a_key_that_a_customer_has_is_read_unchanged(text: str) -> None:
    for mode in ("live", "test"):
        assert read_secret(text, mode).text == text


@pytest.mark.parametrize(
    "text", ["", "x" * 23, "x" * 513, "x" * 24 + " ", "x" * 12 + " " + "x" * 12, "x" * 24 + "\n", "é" * 24, "x" * 24 + "\x7f"]
)
def test_a_text_that_no_header_could_bring_whole_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="24 to 512 visible ASCII"):
        read_secret(text, "live")


def test_a_key_of_our_form_is_read_in_its_own_mode_only() -> None:
    for mode in ("live", "test", "admin"):
        text = new_secret(mode).text
        assert read_secret(text, mode).text == text
        for other in {"live", "test", "admin"} - {mode}:
            with pytest.raises(ValueError, match=f"mode {mode}"):
                read_secret(text, other)


def test_what_begins_like_ours_and_is_not_well_formed_is_refused() -> None:
    text = new_secret("live").text
    for other in (text[:-1], text + "x", text[:-1] + ("a" if text[-1] != "a" else "b"), "rg_root_" + text[8:], "rg_" + "x" * 40):
        with pytest.raises(ValueError, match="too many, too few or changed") as refused:
            read_secret(other, "live")
        assert other not in str(refused.value)


def test_no_short_text_becomes_an_admin_key() -> None:
    with pytest.raises(ValueError, match="rg_admin_"):
        read_secret("x" * 512, "admin")


def test_little_of_a_customer_s_own_key_is_shown() -> None:
    secret = Secret("abcdefghijklmnopqrstuvwx")
    assert (secret.prefix, secret.last4, repr(secret)) == ("abcd", "uvwx", "Secret(abcd…)")
    ours = new_secret("live")
    assert (ours.prefix, ours.last4) == (ours.text[:12], ours.text[-4:])
