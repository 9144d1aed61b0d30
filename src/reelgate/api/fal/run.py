"""fal's direct calls, at /run: one request, and its answer is the video.

Behind it is a job like any other, so that nothing is lost when the connection is: the repetition that fal's clients then
send by themselves waits for the same job, and does not buy a second video.
"""

from __future__ import annotations

from reelgate.api.fal.submission import Reception, remarks
from reelgate.domain.errors import CallerError
from reelgate.domain.job import Job
from reelgate.gateway.accounts import Principal
from reelgate.gateway.door import Receive, Scope, lost
from reelgate.gateway.face import Gateway
from reelgate.wire import fal
from reelgate.wire.own import VIDEO_NAME, video_address


class Run:
    """Waits for videos on behalf of those who do not ask again."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway, self._reception = gateway, Reception(gateway)

    async def run(self, scope: Scope, receive: Receive) -> fal.Reply:
        principal, endpoint, submitted = await self._reception.take(scope, receive, awaited=True)
        job = submitted.job
        with self._gateway.submit.awaited(job, lambda: lost(scope)), self._gateway.streams.open(principal.account):
            job = await self._end_of(principal, job, scope)
        reply = fal.write_result(job, url=video_address(job.video, job.base), file_name=VIDEO_NAME)
        return reply._replace(headers=reply.headers + remarks(endpoint, replayed=submitted.replayed))

    async def _end_of(self, principal: Principal, job: Job, scope: Scope) -> Job:
        async for _ in self._gateway.follow.steps(principal, job.id):
            if lost(scope):
                raise CallerError("the caller has gone")
        return await self._gateway.follow.job(principal, job.id)
