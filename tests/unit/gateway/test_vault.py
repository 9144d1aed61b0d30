"""The vault: what it sealed it alone opens, and only as what it was sealed as."""

from __future__ import annotations

import pytest

from reelgate.domain.errors import StoreError
from reelgate.gateway.vault import CannotUnseal, Vault

KEY, OTHER = bytes(32), bytes([1] * 32)
SECRET = b"whsec_of-ada"


def test_what_was_sealed_is_opened_for_the_same_purpose() -> None:
    sealed = Vault(KEY).seal(SECRET, "pair")
    assert Vault(KEY).open(sealed, "pair") == SECRET
    assert Vault(KEY).open(Vault(KEY).seal(b"", "pair"), "pair") == b""


def test_the_secret_is_not_in_what_is_kept_and_no_two_are_alike() -> None:
    vault = Vault(KEY)
    first, second = vault.seal(SECRET, "pair"), vault.seal(SECRET, "pair")
    assert SECRET not in first
    assert first != second
    assert len(first) == 1 + 12 + len(SECRET) + 16
    assert first[:1] == b"\x01"


def test_another_key_or_another_purpose_opens_nothing() -> None:
    sealed = Vault(KEY).seal(SECRET, "pair")
    for vault, purpose in ((Vault(OTHER), "pair"), (Vault(KEY), "webhook"), (Vault(KEY), "")):
        with pytest.raises(CannotUnseal, match="REELGATE_MASTER_KEY") as refused:
            vault.open(sealed, purpose)
        assert isinstance(refused.value, StoreError)
        assert refused.value.__cause__ is None


def test_one_changed_bit_anywhere_is_noticed() -> None:
    sealed = Vault(KEY).seal(SECRET, "pair")
    for place in range(len(sealed)):
        spoilt = bytearray(sealed)
        spoilt[place] ^= 1
        with pytest.raises(CannotUnseal):
            Vault(KEY).open(bytes(spoilt), "pair")


@pytest.mark.parametrize("kept", [b"", b"\x01", b"\x01" + bytes(11), b"\x01" + bytes(12), b"\x01" + bytes(27), b"\x02" + bytes(60)])
def test_what_was_never_sealed_is_refused(kept: bytes) -> None:
    with pytest.raises(CannotUnseal):
        Vault(KEY).open(kept, "pair")


def test_a_vault_does_not_print_its_key() -> None:
    assert KEY.hex() not in repr(Vault(KEY))
    assert repr(KEY) not in repr(vars(Vault(KEY)))
