"""fal's webhooks: written as fal writes them, signed as fal signs them."""

from __future__ import annotations

from datetime import datetime

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reelgate.contracts.letter import Letter
from reelgate.contracts.outbox import Delivery
from reelgate.domain.job import Job
from reelgate.gateway.door import Receive, Scope
from reelgate.gateway.face import Gateway
from reelgate.wire import fal
from reelgate.wire.own import VIDEO_NAME, video_address
from reelgate.wire.signature import jwks, sign_fal

_FRESH = ("cache-control", "public, max-age=3600")


class FalScribe:
    """Writes what fal would send. The user id is the account's."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    async def __call__(self, job: Job, delivery: Delivery, now: datetime) -> Letter:
        result = fal.write_result(job, url=video_address(job.video, job.base), file_name=VIDEO_NAME)
        body = fal.write_webhook(job, result)
        signed = sign_fal(self._key, request_id=job.id, user_id=job.account, timestamp=int(now.timestamp()), body=body)
        return Letter(body=body, headers=tuple(signed))


class KeySet:
    """Tells by which key our webhooks can be verified; anybody may ask."""

    def __init__(self, gateway: Gateway) -> None:
        self._keys = orjson.dumps(jwks([gateway.signing_key.public_key()]))

    async def keys(self, scope: Scope, receive: Receive) -> fal.Reply:
        del scope, receive
        return fal.Reply(200, self._keys, (_FRESH,))
