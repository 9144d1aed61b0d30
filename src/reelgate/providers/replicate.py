"""Replicate, by an API token."""

from __future__ import annotations

from reelgate.contracts.provider import Provider
from reelgate.dialects.replicate import Replicate

PROVIDER: Provider = Replicate(name="replicate", title="Replicate", address="https://api.replicate.com")
