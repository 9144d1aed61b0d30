"""Which endpoints there are: those of the catalog, and those that the operator lets through without knowing them."""

from __future__ import annotations

from reelgate.contracts.endpoint import Catalog, Endpoint
from reelgate.domain.errors import NotFound
from reelgate.gateway.channels import Channels
from reelgate.gateway.prices import PriceList
from reelgate.wire.passing import passed


class Passing:
    """Looks endpoints up. One of no catalog is there as soon as it has a price by a pattern, in any book, and a channel that speaks fal."""

    def __init__(self, catalog: Catalog, prices: PriceList, channels: Channels) -> None:
        self._catalog, self._prices, self._channels = catalog, prices, channels

    async def find(self, endpoint_id: str) -> Endpoint:
        """The endpoint of this id; `NotFound` says what would have to be done for one that is in no catalog."""
        known = self._catalog.find(endpoint_id)
        if known is not None:
            return known
        unknown = passed(endpoint_id)
        if unknown is None:
            raise NotFound("there is no such application; GET /v1/models lists those that are")
        await self._prices.refresh()
        await self._channels.refresh()
        priced = any(self._prices.sale_of(book, endpoint_id) is not None for book in self._prices.holders("sale"))
        if priced and self._channels.roster.configured(unknown):
            return unknown
        owner = endpoint_id.partition("/")[0]
        missing = "no channel passes it on" if priced else f"no price: reelgate prices set '{owner}/*' AMOUNT --per video"
        message = f"{endpoint_id} is not in the catalog (GET /v1/models); a channel that speaks fal can pass it on, but there is {missing}"
        raise NotFound(message)
