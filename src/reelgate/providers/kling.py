"""Kling: the vendor itself, by an API key or by a pair of an access key and a secret key.

Its usual address is the one for accounts outside China; those inside use https://api-beijing.klingai.com. Pairs are known to its first
generation only. A `webhook_secret` of its console makes callbacks count only where they are signed with it.
"""

from __future__ import annotations

from reelgate.contracts.provider import Option, Provider
from reelgate.dialects.kling import Kling

PROVIDER: Provider = Kling(
    name="kling",
    title="Kling",
    address="https://api-singapore.klingai.com",
    proven=True,
    secrets=("api_key", "access_key", "secret_key", "webhook_secret"),
    options={
        "generation": Option(
            values={
                "auto": "the first generation where a model has a name there, else 2026",
                "legacy": "only the first",
                "2026": "only that",
            }
        )
    },
)
