"""An endpoint is one callable variant of a model, with its schema and its price.

A model family is a leaf: a module in `reelgate.catalog` that exports `ENDPOINTS: tuple[Endpoint, ...]`. Each endpoint has one
input model for every wire it is reached by; the first is the public one and gives the docs, the form and the OpenAPI
document. All of them end in the same `VideoInput`, on which price and limits rest, so a job costs the same whichever
door it came through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from reelgate.domain.media import Dropped, VideoInput
from reelgate.domain.pricing import Price, Source

Kind: TypeAlias = Literal[
    "text-to-video",
    "image-to-video",
    "first-last-frame-to-video",
    "reference-to-video",
    "extend-video",
    "omni-video",
    "motion-control",
    "lip-sync",
    "effects",
    "avatar",
    "passed",  # nobody here knows what it makes: in no catalog, passed on to a channel under the caller's name for it
]


class InputModel(BaseModel):
    """What an endpoint takes on one wire, in the vendor's public words.

    Fields that the model does not know are not an error: the wire names them in `dropped`. Two tables say more, each by the
    field's name with the reason; a field inside an object is named with a dot ("settings.audio"):

    * `ignored`: what only tunes a video and does nothing here. Whether the model has such a field or not, a value of it is
      named and dropped.
    * `refused`: what is seen or paid for, such as a picture or a sound track, and has no field in this model. A value that
      asks for something is a fault; one that asks for nothing (null, "", false, "off", an empty list) is none.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
    whole: ClassVar[bool] = False  # a body is taken as it is, with fields of any name
    ignored: ClassVar[Mapping[str, str]] = {}
    refused: ClassVar[Mapping[str, str]] = {}

    def wanted(self) -> VideoInput:
        """The same in our own words."""
        raise TypeError(type(self).__name__)

    def idle(self) -> Mapping[str, str]:
        """The fields that do nothing in this very input, with the reasons: more than `ignored` where it rests on other fields."""
        return self.ignored

    def dropped(self) -> tuple[Dropped, ...]:
        """The known fields that were set and do nothing."""
        return tuple(Dropped(field=name, reason=reason) for name, reason in self.idle().items() if _is_set(self, name))


def _is_set(said: BaseModel, name: str) -> bool:
    first, _, rest = name.partition(".")
    if first not in said.model_fields_set:
        return False
    value = getattr(said, first)
    if rest and isinstance(value, BaseModel):
        return _is_set(value, rest)
    return value is not None and not (isinstance(value, Sized) and len(value) == 0)


class OutputModel(BaseModel):
    """What a finished job answers on one wire; documentation and OpenAPI only, answers are not validated twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The vendor has ended this endpoint: since when, and what follows it ("" if nothing)."""

    on: date
    successor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One callable variant of a model.

    `names` says how other wires reach it: {"kling": (("text2video", "kling-v2-5-turbo", "pro"),)} for Kling's path, model name
    and mode. `source` tells where the schema was found and when it was read. No price means: engines may serve it
    free, no paid channel may.
    """

    id: str
    title: str
    description: str
    kind: Kind
    inputs: Mapping[str, type[InputModel]]
    outputs: Mapping[str, type[OutputModel]]
    source: Source
    price: Price | None = None
    names: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict[str, tuple[tuple[str, ...], ...]])
    ended: Ended | None = None

    @property
    def public(self) -> type[InputModel]:
        """The input model that documents the endpoint."""
        return next(iter(self.inputs.values()))

    @property
    def app(self) -> str:
        """The short path of fal's follow-up calls: owner and alias of the id."""
        return "/".join(self.id.split("/")[:2])


class Catalog:
    """Every endpoint that was found. Two of one id or one name stop the start-up."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._by_id: dict[str, Endpoint] = {}
        self._by_name: dict[tuple[str, tuple[str, ...]], Endpoint] = {}
        for endpoint in endpoints:
            self._add(endpoint)

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, endpoint_id: str) -> Endpoint | None:
        """The endpoint of exactly this id."""
        return self._by_id.get(endpoint_id)

    def named(self, wire: str, *name: str) -> Endpoint | None:
        """The endpoint that another wire reaches by this name."""
        return self._by_name.get((wire, name))

    def ends(self, wire: str, *beginning: str) -> list[str]:
        """How the names on another wire that begin so may end."""
        size = len(beginning)
        return [name[-1] for named, name in self._by_name if named == wire and name[:size] == beginning and len(name) == size + 1]

    def of_kind(self, wire: str, kind: str = "") -> frozenset[str]:
        """Ids of the endpoints that another wire reaches by names that begin with this word, or by any name."""
        return frozenset(found.id for (named, name), found in self._by_name.items() if named == wire and kind in ("", name[0]))

    def _add(self, endpoint: Endpoint) -> None:
        if endpoint.id in self._by_id:
            message = f"two endpoints of the id {endpoint.id}"
            raise ValueError(message)
        self._by_id[endpoint.id] = endpoint
        for wire, names in endpoint.names.items():
            for name in names:
                if (wire, name) in self._by_name:
                    message = f"two endpoints of the name {'/'.join(name)} on {wire}"
                    raise ValueError(message)
                self._by_name[wire, name] = endpoint
