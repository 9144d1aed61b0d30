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
            raise NotFound(_NONE)
        await self._prices.refresh()
        await self._channels.refresh()
        priced = any(self._prices.sale_of(book, endpoint_id) is not None for book in self._prices.holders("sale"))
        if priced and self._channels.roster.configured(unknown):
            return unknown
        missing = "no channel that speaks fal passes them on" if priced else f"they have no price: {_SETS_ONE}"
        raise NotFound(f"{_NONE}. Others can be passed on, but {missing}.")


_NONE = "there is no such application; GET /v1/models lists those that are"
_SETS_ONE = "the operator sets one with `reelgate prices set 'OWNER/*' AMOUNT --per video`"
