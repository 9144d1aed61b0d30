"""Another gateway that serves Veo in the form of the Gemini API; Google itself has ended that form for Veo."""

from __future__ import annotations

from reelgate.contracts.provider import Provider
from reelgate.dialects.veo import Veo

PROVIDER: Provider = Veo(name="veo_gateway", title="A gateway that speaks Gemini", form="gemini")
