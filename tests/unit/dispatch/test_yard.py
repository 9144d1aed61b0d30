"""What a provider is handed."""

from __future__ import annotations

import pytest

from reelgate.contracts.provider import Powers
from tests.unit.dispatch.channels import ENDPOINT, says
from tests.unit.dispatch.depot import Depot, tell


def test_an_order_names_a_callback_only_where_the_upstream_calls_back() -> None:
    async def quiet(depot: Depot) -> None:
        lease = await depot.lease()
        offer = depot.rolls.roster.offers(depot.yard.endpoint_of(lease.job))[0]
        order = depot.yard.order_of(lease.job, offer, "t1")
        assert (order.callback, order.token, order.model, order.endpoint.id) == ("", "t1", "acme-1", ENDPOINT)

    async def called(depot: Depot) -> None:
        lease = await depot.lease()
        offer = depot.rolls.roster.offers(depot.yard.endpoint_of(lease.job))[0]
        assert depot.yard.order_of(lease.job, offer, "t1").callback == "https://us.example/v1/upstream/t1"

    tell(quiet, says({}))
    tell(called, says({}), powers=Powers(calls_back=True))


def test_an_endpoint_of_another_version_is_not_known() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease(endpoint="fal-ai/of-another-version")
        with pytest.raises(LookupError):
            depot.yard.endpoint_of(lease.job)

    tell(story, says({}))
