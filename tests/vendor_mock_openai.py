"""OpenAI's videos as its own client describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openai import OpenAI
from openai.pagination import SyncCursorPage, SyncPage
from openai.types import Model, Video, VideoCreateParams, VideoDeleteResponse, VideoDownloadContentParams, VideoListParams
from openai.types.shared import ErrorObject

from tests.clock import BEGINNING
from tests.vendor_mock import KEY, Operation, VendorMock
from tests.vendor_words import Answer, Strange, described

CREATED_AT = int(BEGINNING.timestamp())
CLIP = b"\x00\x00\x00\x18ftypmp42 not much of a video"
_PICTURE = ("picture.png", b"\x89PNG", "image/png")


class OpenAIMock(VendorMock):
    """The vendor. A job goes on when a test says so with `become`."""

    def operations(self) -> Mapping[str, Operation]:
        return {
            "submit": Operation(ask=_submit, answer=self._sell, takes=VideoCreateParams),
            "poll": Operation(ask=lambda client: client.videos.retrieve("video_id"), answer=self._tell, ids=("video_id",)),
            "content": Operation(
                ask=lambda client: client.videos.download_content("video_id").read(),
                answer=self._deliver,
                ids=("video_id",),
                takes=VideoDownloadContentParams,
            ),
            "recent": Operation(
                ask=lambda client: list(client.videos.list(limit=100, order="desc")), answer=self._list, takes=VideoListParams
            ),
            "cancel": Operation(ask=lambda client: client.videos.delete("video_id"), answer=self._delete, ids=("video_id",)),
            "check": Operation(ask=lambda client: list(client.models.list()), answer=self._models),
        }

    def begin(self) -> None:
        """Learn from the vendor's client."""
        self.jobs["video_id"] = _record("video_id", {"prompt": "a boat"}) | {"status": "completed", "progress": 100}
        with OpenAI(api_key=KEY, base_url=f"{self.url}/v1", max_retries=0) as client:
            self.learn(client)

    def refusal(self, status: int, words: str) -> Answer:
        error = described(ErrorObject, {"message": words, "type": "invalid_request_error", "code": None, "param": None})
        return Answer(status, b'{"error": %s}' % error.body)

    def _sell(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        id = f"video_{len(self.jobs) + 1}"
        self.jobs[id], self.orders[id] = _record(id, asked), asked
        return described(Video, self.jobs[id])

    def _job(self, ids: Mapping[str, str]) -> Mapping[str, Any]:
        if ids["video_id"] not in self.jobs:
            raise Strange(404, f"no video {ids['video_id']}")
        return self.jobs[ids["video_id"]]

    def _tell(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        return described(Video, self._job(ids))

    def _deliver(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        if self._job(ids)["status"] != "completed":
            raise Strange(404, "content of a video that is not there yet")
        return Answer(200, CLIP, "video/mp4")

    def _list(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        jobs = list(self.jobs.values())
        data = jobs[::-1] if asked.get("order") != "asc" else jobs
        return described(SyncCursorPage[Video], {"data": data[: asked.get("limit", 20)], "has_more": False})

    def _delete(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        told = {"id": self._job(ids)["id"], "deleted": True, "object": "video.deleted"}
        return described(VideoDeleteResponse, told)

    def _models(self, ids: Mapping[str, str], asked: Mapping[str, Any]) -> Answer:
        model = {"id": "sora-2", "created": CREATED_AT, "object": "model", "owned_by": "openai"}
        return described(SyncPage[Model], {"data": [model], "object": "list"})


def _submit(client: Any) -> list[Any]:
    """As text alone, and with a picture: both are forms."""
    told = {"prompt": "a boat", "model": "sora-2", "seconds": "8"}
    return [client.videos.create(**told, size="1280x720"), client.videos.create(**told, input_reference=_PICTURE)]


def _record(id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: asked[name] for name in ("prompt", "model", "seconds", "size") if name in asked}
    usual = {"model": "sora-2", "seconds": "4", "size": "720x1280"}
    return usual | told | {"id": id, "object": "video", "created_at": CREATED_AT, "status": "queued", "progress": 0}
