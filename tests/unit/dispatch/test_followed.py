"""The record of a job that an upstream has."""

from __future__ import annotations

from reelgate.dispatch.followed import Followed
from tests.unit.dispatch.channels import says
from tests.unit.dispatch.depot import Depot, tell


def test_its_ticket_says_under_which_name_the_upstream_was_asked() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        (attempt,) = await depot.attempts(lease)
        with depot.health.place("acme-main") as place:
            followed = Followed(lease, attempt, place, began_s=100.0, next_s=0.0)
        assert followed.ticket == {"model": "acme-1", "id": "7"}
        assert (followed.age_s(103.0), followed.age_s(99.0)) == (3.0, 0.0)

    tell(story, says({"id": "7"}))
