"""fal's direct calls, at /run: one request, and its answer is the video.

Behind it is a job like any other, so that nothing is lost when the connection is: the repetition that fal's clients then
send by themselves waits for the same job, and does not buy a second video.
"""

from __future__ import annotations

import asyncio

from reelgate.api.fal.submission import Reception, remarks
from reelgate.domain.errors import CallerError
from reelgate.domain.job import Job
from reelgate.gateway.door import Receive, Scope, loss
from reelgate.gateway.face import Gateway
from reelgate.gateway.keyring import Principal
from reelgate.wire import fal
from reelgate.wire.own import VIDEO_NAME, video_address


class Run:
    """Waits for videos on behalf of those who do not ask again."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway, self._reception = gateway, Reception(gateway)

    async def run(self, scope: Scope, receive: Receive) -> fal.Reply:
        principal = await self._gateway.keyring.caller(scope, write=True)
        with self._gateway.streams.open(principal.account):  # before anything is bought
            _, endpoint, submitted = await self._reception.take(scope, receive, awaited=True)
            scope["reelgate.awaited"] = True  # a server that stops need not wait for it: it can be asked for again
            with self._gateway.submit.awaited(submitted.job, loss(scope)):
                job = await self._end_of(principal, submitted.job, receive)
        reply = fal.write_result(job, url=video_address(job.video, job.base), file_name=VIDEO_NAME)
        return reply._replace(headers=reply.headers + remarks(endpoint, replayed=submitted.replayed))

    async def _end_of(self, principal: Principal, job: Job, receive: Receive) -> Job:
        """The job when it has ended; `CallerError` as soon as its caller has gone."""
        async with asyncio.TaskGroup() as tasks:
            end = tasks.create_task(self._follow(principal, job))
            gone = tasks.create_task(_gone(receive))
            await asyncio.wait({end, gone}, return_when=asyncio.FIRST_COMPLETED)
            ended = end.done()
            (gone if ended else end).cancel()
        if not ended:
            raise CallerError("the caller has gone")
        return await self._gateway.follow.job(principal, job.id)

    async def _follow(self, principal: Principal, job: Job) -> None:
        async for _ in self._gateway.follow.steps(principal, job.id):
            pass


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
