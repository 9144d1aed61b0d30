"""Every setting, typed, with its default and its reason.

Each is also an environment variable: `public_url` is `REELGATE_PUBLIC_URL`. A `.toml` file named by `REELGATE_CONFIG`, or
`reelgate.toml` in the data folder, is read as well; the environment is stronger than the file, a command-line option
stronger than both. `reelgate settings` lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from reelgate.domain.errors import GatewayError
from reelgate.domain.keyform import read_master_key, read_webhook_secret

Networks = tuple[IPv4Network | IPv6Network, ...]


class SettingsError(GatewayError):
    """A setting has a value that cannot be used."""

    code = "settings"


class Settings(BaseSettings):
    """What an operator may decide."""

    model_config = SettingsConfigDict(env_prefix="REELGATE_", extra="forbid", frozen=True, hide_input_in_errors=True)
    toml: ClassVar[Path | None] = None

    host: str = Field(
        "127.0.0.1", description="Address to listen on. Loopback by default: nobody else can reach a gateway that was just tried out."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    data: Path | None = Field(None, description="Data folder: database, videos, keys. Default: the user's data directory.")
    database: str = Field(
        "sqlite", description="Where jobs and money live: sqlite, or memory, which forgets all at the end and is for tests."
    )
    public_url: str = Field(
        "", description="This gateway's address as clients reach it, with any path prefix. Empty: taken from each request."
    )
    trusted_proxies: Annotated[Networks, NoDecode] = Field(
        (),
        description="CIDRs of proxies whose X-Forwarded-Proto, -Host, -Prefix and -For are believed. "
        "None by default: anybody can send those headers.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        ("*",),
        description="Origins whose pages may call the API, comma-separated. "
        "* is safe: no cookies are used, and a browser never sends a key on its own.",
    )
    preview: Literal["auto", "fallback", "test", "off"] = Field(
        "auto",
        description="Who is served by the preview engine. auto: everybody until the first channel exists, then test keys only; "
        "fallback: also live keys on endpoints that no channel serves; test: test keys only; off: nobody.",
    )
    preview_price: Literal["free", "list"] = Field(
        "free", description="What a preview costs live keys: nothing, or the list price (to try out billing)."
    )
    render_slots: int = Field(0, ge=0, le=64, description="Clips rendered at once on this machine. 0: one for each core.")
    render_limit_s: float = Field(300, gt=0, description="Longest time one clip may take to render before it is stopped.")
    render_memory_bytes: int = Field(
        3 << 30, ge=1 << 29, description="Address space of a render process. It counts three times the memory really used."
    )
    running_per_account: int = Field(10, ge=1, description="Jobs of one account that run at once; the rest wait in the queue.")
    max_queued: int = Field(1000, ge=1, description="Jobs of one account that may wait; one more is answered 429.")
    max_body: int = Field(
        16 << 20, ge=1 << 10, description="Largest request body in bytes. Room for a picture as a data URI; larger ones go by an address."
    )
    max_picture: int = Field(30_000_000, ge=1 << 10, description="Largest picture in bytes that is fetched from an address.")
    max_upload: int = Field(
        500_000_000, ge=1 << 10, description="Largest file in bytes that can be uploaded, whole or in parts. Room for a minute of video."
    )
    upload_quota: int = Field(
        5_000_000_000,
        ge=1 << 16,
        description="Bytes that an account's uploads may take up together at any time, each file and part counted as 65536 at least; "
        "one more is answered 429. So no account fills the disk for the others.",
    )
    picture_timeout_s: float = Field(20, gt=0, description="Longest time to fetch a picture.")
    allow_private: Annotated[Networks, NoDecode] = Field(
        (),
        description="CIDRs of private networks that callers' addresses may point into. "
        "None by default: they would reach the inside of yours.",
    )
    keep_files: float = Field(30, gt=0, description="Days that videos and pictures are kept; then they are removed.")
    min_free_bytes: int = Field(256 << 20, ge=0, description="Room that must be left on the disk for a submit to be accepted.")
    demo_credit: int = Field(1000, ge=0, description="Dollars that the owner's account starts with, so that priced previews can be tried.")
    master_key: SecretStr | None = Field(
        None,
        description="Key under which the database's secrets are sealed: 32 random bytes as 64 hex digits or base64. "
        "None: the one in master.key of the data folder, made at the first start. Give it to keep it apart from the backups.",
    )
    kling_webhook_secret: SecretStr | None = Field(
        None,
        description="Secret, whsec_…, that signs the Kling callbacks of accounts with none of their own. "
        "None: theirs are not signed; `reelgate accounts webhook-secret` gives an account its own.",
    )
    channels: dict[str, dict[str, Any]] = Field(
        default_factory=dict[str, dict[str, Any]],
        description="Channels as the file has them, one table each: [channels.fal-main]. They are set up at each start as it says.",
    )
    route_by: Literal["weight", "price", "start"] = Field(
        "weight",
        description="What decides among channels of one priority. weight: their weights; price: what the job costs the house there; "
        "start: how soon they have begun lately. Weights decide among equals.",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port on the same address for /metrics without a key, for a Prometheus nearby. "
        "0: none; /metrics is then only for admin keys.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe line that is logged.")

    @field_validator("trusted_proxies", "allow_private", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        words = value.replace(",", " ").split() if isinstance(value, str) else value
        return tuple(ip_network(word) if isinstance(word, str) else word for word in words)

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _origins(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("master_key", "kling_webhook_secret", mode="before")
    @classmethod
    def _no_empty_secret(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("master_key")
    @classmethod
    def _master_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_master_key(value.get_secret_value())
        return value

    @field_validator("kling_webhook_secret")
    @classmethod
    def _webhook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_webhook_secret(value.get_secret_value())
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            message = "an address begins with http:// or https://"
            raise ValueError(message)
        return value.rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings)
        return sources if cls.toml is None else (*sources, TomlConfigSettingsSource(settings_cls, cls.toml))


def read_settings(given: Mapping[str, Any], file: Path | None = None) -> Settings:
    """Settings from the command line (those that are not None), the environment and a file; `SettingsError` names every bad one."""
    chosen: type[Settings] = Settings if file is None else type("Settings", (Settings,), {"toml": file, "__module__": __name__})
    try:
        return chosen(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False))
        raise SettingsError("; ".join(faults)) from None
    except (OSError, ValueError) as error:
        message = f"{file}: {error}"
        raise SettingsError(message) from error
