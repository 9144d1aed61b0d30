"""Endpoints that no catalog has: a body is passed on as it is, under the name that the caller said, to a channel that speaks fal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, ClassVar, cast

from pydantic import ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from reelgate.contracts.endpoint import Endpoint, InputModel, OutputModel
from reelgate.domain.media import VideoInput
from reelgate.domain.pricing import Source

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,63}){1,6}")
_RESERVED = frozenset(
    {
        *("v1", "v1beta", "v1beta1", "admin", "ui", "docs", "files", "run", "fal", "storage", "healthz", "readyz", "metrics", "proxy"),
        *("tasks", "demo", "text-to-video", "image-to-video", "omni-video", "motion-control"),
    }
)
_SECONDS = re.compile(r"([0-9]{1,3})s?")
_DEFAULT_S = 5
_SOURCE = Source(text="what the caller named; the vendor knows its schema", as_of=date(2026, 11, 26))


class Anything(InputModel):
    """Whatever the vendor takes. Files go by address: what lies in a body would lie in the job for good."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)
    whole: ClassVar[bool] = True

    @model_validator(mode="before")
    @classmethod
    def _without_files(cls, body: Any) -> Any:
        for place, text in _texts(body, ""):
            if text.startswith("data:"):
                words = "A file goes by its address here: upload it first"
                raise PydanticCustomError("file_not_by_address", "{words}", {"words": words, "at": place})
        return body

    def wanted(self) -> VideoInput:
        body = dict(self.model_extra or {})
        prompt = body.get("prompt")
        return VideoInput(prompt=prompt if isinstance(prompt, str) else "", seconds=_seconds(body.get("duration")), extras={"fal": body})

    @classmethod
    def spoken(cls, wanted: VideoInput) -> dict[str, Any]:
        """The body as it came."""
        return dict(wanted.extras.get("fal", {}))


def passed(endpoint_id: str) -> Endpoint | None:
    """An endpoint of this name, of which nothing is known; None if no vendor would name one so, or if the
    path is ours."""
    ours = endpoint_id.partition("/")[0] in _RESERVED or endpoint_id.startswith("kling/v1/")
    if ours or not _ID.fullmatch(endpoint_id) or ".." in endpoint_id:
        return None
    return Endpoint(
        id=endpoint_id,
        title=endpoint_id,
        description="Not in the catalog: passed on as it is.",
        kind="passed",
        inputs={"fal": Anything},
        outputs={"fal": OutputModel},
        source=_SOURCE,
    )


def _seconds(told: Any) -> int:
    """For a price by the second: what fal's endpoints call `duration`, and as long as most of their videos where they do not."""
    found = _SECONDS.fullmatch(str(told)) if isinstance(told, str | int) and not isinstance(told, bool) else None
    return max(1, int(found[1])) if found else _DEFAULT_S


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for name, each in cast("Mapping[str, Any]", value).items():
            yield from _texts(each, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for number, each in enumerate(cast("list[Any]", value)):
            yield from _texts(each, f"{place}.{number}")
