"""Kling's callbacks: the task as it has become, without an envelope; signed by Standard Webhooks where a secret is set."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import orjson

from reelgate.contracts.letter import Letter
from reelgate.contracts.outbox import Delivery
from reelgate.domain.job import TERMINAL, Job
from reelgate.gateway.face import Gateway
from reelgate.wire.kling_task import Form, write_task_object
from reelgate.wire.own import video_address
from reelgate.wire.signature import sign_standard


class KlingScribe:
    """Writes what Kling would send. The account's own secret signs, else the gateway's; without either nothing does."""

    def __init__(self, gateway: Gateway) -> None:
        self._accounts = gateway.accounts
        usual = gateway.settings.kling_webhook_secret
        self._usual = [usual.get_secret_value()] if usual and usual.get_secret_value() else []

    async def __call__(self, job: Job, delivery: Delivery, now: datetime) -> Letter:
        then = _as_it_was(job, delivery)
        form = Form((job.names or {}).get("form", Form.VENDOR))
        task = write_task_object(then, Form.NEW if form is Form.NEW else Form.VENDOR, url=video_address(then.video, then.base))
        body = orjson.dumps(task)
        secrets = await self._accounts.webhook_secrets(job.account) or self._usual
        signed = sign_standard(secrets, id=delivery.id, timestamp=int(now.timestamp()), body=body) if secrets else ()
        return Letter(body=body, headers=tuple(signed))


def _as_it_was(job: Job, delivery: Delivery) -> Job:
    """The job at the change that is told; what came after it is told by a letter of its own."""
    if delivery.told in TERMINAL:
        return job
    return replace(
        job, state=delivery.told, updated_at=delivery.changed_at, video=None, failure=None, unused=()
    )  # rule: state-moved, a picture of the past
