"""Another gateway under whose address /kling/v1 is answered in Kling's words, in whichever of the shapes that are met."""

from __future__ import annotations

from reelgate.contracts.provider import Option, Provider
from reelgate.dialects.kling import Kling

PROVIDER: Provider = Kling(
    name="kling_gateway",
    title="A gateway that speaks Kling",
    prefix="/kling",
    options={
        "generation": Option(values={"legacy": "the only one that such gateways are known to speak"}),
        "finds": Option(
            values={
                "no": "a task cannot be asked for by our own id",
                "yes": "it can, and a second task of one id is refused, as a Reelgate does",
            }
        ),
    },
)
