"""Replicate's predictions as its own client describes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from replicate import Replicate
from replicate.pagination import SyncCursorURLPageWithCreatedFilters
from replicate.types import AccountGetResponse, Prediction, PredictionListParams
from replicate.types.models import PredictionCreateParams
from replicate.types.webhooks.default import SecretGetResponse

from tests.clock import BEGINNING
from tests.vendor_mock import KEY, Operation, VendorMock
from tests.vendor_words import Answer, Strange, described

CREATED_AT = BEGINNING.isoformat()
PAGE = 3
_SIGNING_KEY = bytes(range(24))


class ReplicateMock(VendorMock):
    """The vendor. A prediction goes on when a test says so with `become`. It describes no refusals, so that they have no body."""

    def operations(self) -> Mapping[str, Operation]:
        one = ("prediction_id",)
        return {
            "submit": Operation(
                ask=_submit,
                answer=self._sell,
                ids=("model_owner", "model_name"),
                takes=PredictionCreateParams,
                outside=("model_owner", "model_name", "prefer", "cancel_after"),
            ),
            "poll": Operation(ask=lambda client: client.predictions.get(prediction_id=one[0]), answer=self._tell, ids=one),
            "recent": Operation(ask=lambda client: list(client.predictions.list()), answer=self._list, takes=PredictionListParams),
            "cancel": Operation(ask=lambda client: client.predictions.cancel(prediction_id=one[0]), answer=self._cancel, ids=one),
            "signers": Operation(ask=lambda client: client.webhooks.default.secret.get(), answer=self._secret),
            "check": Operation(ask=lambda client: client.account.get(), answer=self._account),
        }

    def begin(self) -> None:
        """Learn from the vendor's client, which follows a list from page to page."""
        for id in ("prediction_id", *map(str, range(PAGE))):
            self.jobs[id] = self._record(id, "google/veo-3", {"input": {"prompt": "a boat"}})
        with Replicate(bearer_token=KEY, base_url=f"{self.url}/v1", max_retries=0) as client:
            self.learn(client)

    def callback(self, id: str, timestamp: int, key: bytes = _SIGNING_KEY) -> tuple[dict[str, str], bytes]:
        """Headers and body of the call to an address of the prediction's own, signed by the rules of Standard Webhooks."""
        body = described(Prediction, self.jobs[id]).body
        signed = hmac.new(key, b"msg_%s.%d.%s" % (id.encode(), timestamp, body), hashlib.sha256).digest()
        signature = f"v1,{base64.b64encode(signed).decode()}"
        return {"webhook-id": f"msg_{id}", "webhook-timestamp": str(timestamp), "webhook-signature": signature}, body

    def refusal(self, status: int, words: str) -> Answer:
        return Answer(status)

    def _record(self, id: str, model: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        urls = {name: f"{self.url}/{name}/{id}" for name in ("get", "cancel", "web")}
        told = {"id": id, "model": model, "version": "hidden", "input": asked["input"], "urls": urls, "created_at": CREATED_AT}
        return told | {"status": "starting", "output": None, "error": None, "logs": "", "data_removed": False}

    def _sell(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        id = f"prediction{len(self.jobs) + 1}"
        self.jobs[id], self.orders[id] = self._record(id, f"{ids['model_owner']}/{ids['model_name']}", asked), asked
        return described(Prediction, self.jobs[id], 201)

    def _job(self, ids: Mapping[str, str]) -> dict[str, Any]:
        if ids["prediction_id"] not in self.jobs:
            raise Strange(404, f"no prediction {ids['prediction_id']}")
        return self.jobs[ids["prediction_id"]]

    def _tell(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        return described(Prediction, self._job(ids))

    def _cancel(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        job = self._job(ids)
        if job["status"] in {"starting", "processing"}:
            job["status"] = "canceled"
        return described(Prediction, job)

    def _list(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        place = int(base64.b64decode(asked.get("cursor", "")) or 0)
        listed = list(self.jobs.values())[::-1]
        after = {"cursor": base64.b64encode(b"%d" % (place + PAGE)).decode()}
        following = self.promise("/v1/predictions", after) if len(listed) > place + PAGE else None
        return described(SyncCursorURLPageWithCreatedFilters[Prediction], {"results": listed[place : place + PAGE], "next": following})

    def _secret(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        return described(SecretGetResponse, {"key": f"whsec_{base64.b64encode(_SIGNING_KEY).decode()}"})

    def _account(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        return described(AccountGetResponse, {"type": "organization", "username": "acme", "name": "Acme"})


def _submit(client: Any) -> object:
    return client.models.predictions.create(
        model_owner="model_owner",
        model_name="model_name",
        input={"prompt": "a boat"},
        webhook="https://us.example/hook",
        webhook_events_filter=["completed"],
        prefer="respond-async",
        cancel_after="10m",
    )
