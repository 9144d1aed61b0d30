"""Another gateway that speaks fal's queue under a bearer key. It is trusted with nothing that it has not shown: no callbacks."""

from __future__ import annotations

from reelgate.contracts.provider import Provider
from reelgate.dialects.fal_queue import FalQueue

PROVIDER: Provider = FalQueue(name="fal_gateway", title="A gateway that speaks fal", calls_back=False, options={})
