"""Another Reelgate. It speaks fal's queue, answers a repeated submit with the first one's request, and stops what is cancelled."""

from __future__ import annotations

from reelgate.contracts.provider import Provider
from reelgate.dialects.fal_queue import FalQueue

PROVIDER: Provider = FalQueue(name="reelgate", title="Reelgate", replays=True)
