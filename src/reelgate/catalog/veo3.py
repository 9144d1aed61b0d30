"""Google's Veo 3 and its fast sibling, under fal's ids."""

from __future__ import annotations

from datetime import date

from reelgate.catalog._veo import VeoPicture, VeoText, rates
from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.pricing import Source
from reelgate.wire.fal import VideoOutput

_TYPES = Source(text="fal's endpoint types, as its JavaScript client published them", as_of=date(2026, 4, 1))
_PRICES = Source(text="fal's model pages", as_of=date(2026, 4, 1))
_PRICE = rates("0.20", "0.40", _PRICES)
_FAST_PRICE = rates("0.10", "0.15", _PRICES)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        id="fal-ai/veo3",
        title="Veo 3, from text",
        description="Google's film maker: picture, speech and sound in one go.",
        kind="text-to-video",
        inputs={"fal": VeoText},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3/fast",
        title="Veo 3 Fast, from text",
        description="Veo 3, quicker and cheaper.",
        kind="text-to-video",
        inputs={"fal": VeoText},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_FAST_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3/image-to-video",
        title="Veo 3, from a picture",
        description="A picture that begins to move and to sound.",
        kind="image-to-video",
        inputs={"fal": VeoPicture},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_PRICE,
    ),
    Endpoint(
        id="fal-ai/veo3/fast/image-to-video",
        title="Veo 3 Fast, from a picture",
        description="A picture that begins to move and to sound, quicker and cheaper.",
        kind="image-to-video",
        inputs={"fal": VeoPicture},
        outputs={"fal": VideoOutput},
        source=_TYPES,
        price=_FAST_PRICE,
    ),
)
