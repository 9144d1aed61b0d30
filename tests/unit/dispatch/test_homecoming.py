"""What an upstream has made becomes the job's."""

from __future__ import annotations

from reelgate.contracts.attempt import Cost
from reelgate.contracts.provider import Done, Loss
from reelgate.dispatch.homecoming import Here, NotYet
from reelgate.domain.errors import Garbled
from reelgate.domain.job import JobState
from reelgate.domain.media import Foreign
from reelgate.domain.money import Money
from tests.unit.dispatch.channels import says
from tests.unit.dispatch.depot import COST, URL, Depot, tell

DONE = Done(source=Foreign(URL), seed=7, cost=Money.dollars("0.35"), remarks=("made in a hurry",))


def test_seed_and_remarks_come_along_and_what_did_nothing_is_named() -> None:
    async def story(depot: Depot) -> None:
        lease = await depot.lease()
        await depot.carry(lease)
        (attempt,) = await depot.attempts(lease)
        offer = await depot.yard.offer_of(attempt)
        assert offer is not None
        here = await depot.homecoming.fetch(lease.job, offer, DONE)
        assert isinstance(here, Here)
        cost = Cost(expected=COST, told=DONE.cost)
        await depot.homecoming.settle(lease, lease.job, offer, here, cost=cost, render_s=12.5, lost=bool)
        job = await depot.job(lease)
        assert job.video is not None
        assert (job.state, job.video.seed, job.video.remarks, job.render_s) == (JobState.DONE, 7, ("made in a hurry",), 12.5)
        assert [each.field for each in job.unused] == ["cfg_scale"]
        depot.follower.let_go(lease)

    tell(story, says({"id": "7"}), lost=(Loss(part="cfg_scale", content=False),))


def test_what_cannot_be_had_now_may_be_had_later() -> None:
    async def story(depot: Depot) -> None:
        depot.outputs.troubles = [Garbled(said="output: a page")]
        lease = await depot.lease()
        await depot.carry(lease)
        offer = await depot.yard.offer_of((await depot.attempts(lease))[0])
        assert offer is not None
        assert await depot.homecoming.fetch(lease.job, offer, DONE) == NotYet("output: a page", missing=True)

    tell(story, says({"id": "7"}))
