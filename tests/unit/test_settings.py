"""Settings: from the command line, the environment and a file, in this order of strength."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from reelgate.settings import Settings, SettingsError, read_settings


def test_every_setting_gives_its_reason() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_the_command_line_is_stronger_than_the_environment_and_that_than_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "reelgate.toml"
    file.write_text('port = 1\nhost = "file"\nmax_queued = 3\n')
    monkeypatch.setenv("REELGATE_HOST", "environment")
    monkeypatch.setenv("REELGATE_PORT", "2")
    settings = read_settings({"port": 3, "host": None}, file)
    assert (settings.port, settings.host, settings.max_queued) == (3, "environment", 3)


def test_lists_are_written_with_commas_or_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_ALLOW_PRIVATE", "10.0.0.0/8, fd00::/8")
    monkeypatch.setenv("REELGATE_CORS_ORIGINS", "https://a.example https://b.example")
    settings = read_settings({})
    assert settings.allow_private == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert settings.cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", "70000"), ("preview", "always"), ("allow_private", "everywhere"), ("public_url", "example.com"), ("max_queued", "0")],
)
def test_a_bad_value_is_named_and_not_echoed(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"REELGATE_{name.upper()}", value)
    with pytest.raises(SettingsError) as refused:
        read_settings({})
    assert refused.value.message.startswith(name)


def test_every_bad_setting_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"port.*; preview"):
        read_settings({"port": -1, "preview": "always"})


@pytest.mark.parametrize("text", ["port = ", "ports = 1\n"])
def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "reelgate.toml"
    file.write_text(text)
    with pytest.raises(SettingsError):
        read_settings({}, file)


def test_secrets_are_read_and_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "whsec_" + "c2VjcmV0" * 4
    monkeypatch.setenv("REELGATE_MASTER_KEY", "5e" * 32)
    monkeypatch.setenv("REELGATE_KLING_WEBHOOK_SECRET", secret)
    settings = read_settings({})
    assert settings.master_key is not None
    assert settings.master_key.get_secret_value() == "5e" * 32
    assert settings.kling_webhook_secret is not None
    assert settings.kling_webhook_secret.get_secret_value() == secret
    printed = repr(settings) + str(settings) + str(settings.model_dump()) + settings.model_dump_json()
    assert "5e5e" not in printed
    assert secret not in printed


def test_an_empty_secret_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELGATE_MASTER_KEY", "")
    monkeypatch.setenv("REELGATE_KLING_WEBHOOK_SECRET", "")
    settings = read_settings({})
    assert (settings.master_key, settings.kling_webhook_secret) == (None, None)


@pytest.mark.parametrize(("name", "form"), [("master_key", "32 random bytes"), ("kling_webhook_secret", "24 to 64 random bytes")])
def test_a_secret_of_another_form_is_named_and_not_echoed(name: str, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"REELGATE_{name.upper()}", "correct-horse")
    with pytest.raises(SettingsError, match=form) as refused:
        read_settings({})
    assert refused.value.message.startswith(name)
    assert "horse" not in refused.value.message
