"""The written forms of secrets."""

from __future__ import annotations

import base64

import pytest

from reelgate.domain.keyform import read_master_key, read_webhook_secret, write_webhook_secret

KEY = bytes(range(32))


def test_a_master_key_is_read_from_hex_and_from_base64() -> None:
    assert read_master_key(KEY.hex()) == KEY
    assert read_master_key(KEY.hex().upper()) == KEY
    assert read_master_key(base64.b64encode(KEY).decode()) == KEY


@pytest.mark.parametrize(
    "text", ["", "ab", KEY.hex()[:-2], KEY.hex() + "00", base64.b64encode(KEY[:-1]).decode(), "g" * 64, "ü" * 44, "correct horse"]
)
def test_any_other_text_is_no_master_key_and_is_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="32 random bytes") as refused:
        read_master_key(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_webhook_secret_is_read_as_it_was_written(size: int) -> None:
    assert read_webhook_secret(write_webhook_secret(b"\xff" * size)) == b"\xff" * size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "whpk_" + base64.b64encode(KEY).decode(),
        base64.b64encode(KEY).decode(),
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        "whsec_" + base64.b64encode(KEY).decode().rstrip("="),
        "whsec_not/base64!",
        "whsec_ü",
    ],
)
def test_any_other_text_is_no_webhook_secret_and_is_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="24 to 64 random bytes") as refused:
        read_webhook_secret(text)
    assert len(text) <= len("whsec_") or text not in str(refused.value)
