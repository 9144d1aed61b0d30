"""fal: the vendor itself, with a key of its console (`id:secret`)."""

from __future__ import annotations

from reelgate.contracts.provider import Provider
from reelgate.dialects.fal_queue import FalQueue

PROVIDER: Provider = FalQueue(name="fal", title="fal", address="https://queue.fal.run", scheme="Key", key_set="https://rest.fal.ai")
