"""A real video through one channel, to see that all of it works: the cheapest there is, named with its cost before it is bought."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reelgate.contracts.endpoint import Catalog, Endpoint
from reelgate.contracts.roster import Offer
from reelgate.domain.errors import InvalidInput, NotFound
from reelgate.domain.job import ONLY_AT
from reelgate.domain.media import VideoInput
from reelgate.domain.pricing import Quote
from reelgate.gateway.channels import Channels
from reelgate.gateway.keyring import Principal
from reelgate.gateway.openapi import example_of
from reelgate.gateway.prices import PriceList
from reelgate.gateway.submit import Request, Submit, Submitted
from reelgate.wire import fal


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What would be bought, and what it is expected to cost the house."""

    endpoint: Endpoint
    body: dict[str, Any]
    wanted: VideoInput
    cost: Quote


class Trials:
    """Finds trials and runs them."""

    def __init__(self, catalog: Catalog, channels: Channels, prices: PriceList, submit: Submit) -> None:
        self._catalog, self._channels, self._prices, self._submit = catalog, channels, prices, submit

    async def find(self, channel_id: str, endpoint_id: str = "") -> Trial:
        """The cheapest trial of a channel, or that of one model; `NotFound` if nothing can be tried there, or nobody knows at what cost."""
        channel = await self._channels.find(channel_id)
        await self._channels.refresh()
        await self._prices.refresh()
        found = [each for each in self._all(channel.id) if endpoint_id in {"", each.endpoint.id}]
        if not found:
            what = f"{endpoint_id} cannot be tried there" if endpoint_id else "it serves no model that can be tried"
            raise NotFound(f"{what} at a known cost; `reelgate channels costs {channel.id}` lists what it serves")
        return min(found, key=lambda each: each.cost.amount.micros)

    async def run(self, principal: Principal, channel_id: str, trial: Trial, base: str) -> Submitted:
        """Buy it, through this channel and no other."""
        return await self._submit(
            Request(principal=principal, endpoint=trial.endpoint, face="fal", base=base, input=trial.wanted, names={ONLY_AT: channel_id})
        )

    def _all(self, channel_id: str) -> Iterator[Trial]:
        for endpoint in self._catalog:
            offer = next((each for each in self._channels.roster.offers(endpoint) if each.channel.id == channel_id), None)
            if offer is not None and "fal" in endpoint.inputs:
                yield from self._one(endpoint, offer)

    def _one(self, endpoint: Endpoint, offer: Offer) -> Iterator[Trial]:
        body = example_of(endpoint.inputs["fal"])
        try:
            wanted, _ = fal.read_input(endpoint.inputs["fal"], body)
        except InvalidInput:
            return  # an example that needs a file of somebody's
        priced = self._prices.cost(offer.channel.id, endpoint.id)
        price = endpoint.price if priced is None else priced.price
        if (
            price is None
            or any(wanted.media())
            or any(each.content for each in offer.provider.loses(endpoint, wanted, offer.channel.options))
        ):
            return
        yield Trial(endpoint=endpoint, body=body, wanted=wanted, cost=price.quote(wanted))
