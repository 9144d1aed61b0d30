"""Kling's own API: its first generation in two envelopes, its generation of 2026, and its callbacks.

Resellers print flat answers under /kling/v1; the vendor's own answers stand under /v1 and, behind the prefix that proxies
put before it, under /proxy/kling. One desk serves all of them. What is fal's of the name kling (`kling/v4/…`, and the queue of
every endpoint) is left to fal's face.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from reelgate.api.kling.counter import Counter, Served, answering
from reelgate.api.kling.letter import KlingScribe
from reelgate.api.kling.manual import write_manual
from reelgate.contracts.letter import Scribe
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual
from reelgate.wire.kling_task import Form

KINDS = (
    "text2video",
    "image2video",
    "multi-image2video",
    "video-extend",
    "lip-sync",
    "effects",
    "omni-video",
    "motion-control",
    "avatar/image2video",
)
CAPABILITIES = ("text-to-video", "image-to-video", "omni-video", "motion-control")
_NOT_SERVED = ("identify-face", "advanced-lip-sync", "image-recognize", "multi-elements")
_MOUNTS = (("/kling/v1", Form.FLAT), ("/v1", Form.VENDOR), ("/proxy/kling/v1", Form.VENDOR))
_NEW_MOUNTS = ("", "/proxy/kling")
_QUEUE = "/requests/"


class KlingFace:
    """Serves Kling's clients."""

    name = "kling"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        counter = Counter(gateway)
        return [
            *(route for mount, form in _MOUNTS for kind in KINDS for route in _tasks(counter, f"{mount}/videos/{kind}", kind, form)),
            *(route for mount in _NEW_MOUNTS for route in _new_tasks(counter, mount)),
            *(_nothing(f"/v1/videos/{word}{rest}") for word in (*KINDS, *_NOT_SERVED) for rest in ("", "/{path:path}")),
            *(_nothing(f"{mount}{rest}") for mount in ("/kling/v1", "/proxy/kling", "/tasks") for rest in ("", "/{path:path}")),
            *(_nothing(f"/{capability}{rest}") for capability in CAPABILITIES for rest in ("", "/{path:path}")),
        ]

    def scribe(self, gateway: Gateway) -> Scribe:
        """Kling's callbacks."""
        return KlingScribe(gateway)

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        legacy = [(f"{mount}/videos/{kind}", kind, form) for mount, form in _MOUNTS for kind in KINDS]
        new = [(f"{mount}/{capability}", capability) for mount in _NEW_MOUNTS for capability in CAPABILITIES]
        return write_manual(gateway.catalog, legacy, new, [f"{mount}/tasks" for mount in _NEW_MOUNTS])


FACE: Face = KlingFace()


def _tasks(counter: Counter, path: str, kind: str, form: Form) -> list[Route]:
    served = Served(kind=kind, form=form)
    return [
        Route(path, answering(counter.create, served), methods=["POST"]),
        Route(path, answering(counter.page, served), methods=["GET"]),
        Route(f"{path}/{{task_id:path}}", answering(counter.task, served), methods=["GET"]),
    ]


def _new_tasks(counter: Counter, mount: str) -> list[Route]:
    found = Served(kind="", form=Form.NEW)
    creates = [
        Route(f"{mount}/{capability}/{{model}}", answering(counter.create, Served(kind=capability, form=Form.NEW)), methods=["POST"])
        for capability in CAPABILITIES
    ]
    return [
        *creates,
        Route(f"{mount}/tasks", answering(counter.chosen, found), methods=["GET"]),
        Route(f"{mount}/tasks", answering(counter.since, found), methods=["POST"]),
    ]


class _Nothing(Route):
    """A path of Kling's that is not served, whatever the method; fal's queue may lie under the same words."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.NONE, {}) if _QUEUE in scope["path"] else super().matches(scope)


def _nothing(path: str) -> Route:
    return _Nothing(path, answering(Counter.nothing, Served(kind="", form=Form.VENDOR)), methods=_EVERY_METHOD, include_in_schema=False)


_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
