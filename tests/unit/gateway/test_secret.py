"""Keys: recognised offline, never kept, never printed."""

from __future__ import annotations

import pytest

from reelgate.domain.keyform import read_webhook_secret
from reelgate.gateway.secret import mac_of, new_secret, new_webhook_secret, plausible


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
