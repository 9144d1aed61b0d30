"""The model that is made of words, and how it translates both ways by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, NamedTuple, TypeAlias, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from reelgate.contracts.endpoint import InputModel
from reelgate.domain.media import Foreign, Media, VideoInput
from reelgate.wire.extras import said_in

# -- what a word means ---------------------------------------------------------------------------------------------------


def same(value: Any, _field: str) -> Any:
    """A value that is read as it is."""
    return value


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Means:
    """Which part of a `VideoInput` a field fills, how its value is read (with the field's name), and how it is written.

    `write` returns None for what the field cannot say or need not say.
    """

    part: str
    read: Callable[[Any, str], Any] = same
    write: Callable[[Any], Any] = _unchanged


def _among_references(_beside: Mapping[str, Any]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Medium:
    """Marks a text as the address of a picture, a video or a sound, wherever it stands inside an extra.

    `part` tells from the values beside it which part of the `VideoInput` it fills; empty means that it is one of the references.
    """

    part: Callable[[Mapping[str, Any]], str] = _among_references


class Part(BaseModel):
    """An object inside a body whose fields are words like those outside, each known by its dotted place ("settings.duration")."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


# -- the model that is made of words -------------------------------------------------------------------------------------


class Words(InputModel):
    """An input model that is a list of words.

    `always` are parts of the `VideoInput` that no field of this endpoint changes. A field that means none is an extra,
    kept under `wire` if it differs from its default. A medium inside an extra becomes one of the references, known by its
    dotted place, and the extra keeps its number among them: so that every picture is fetched by the one guard and parked by
    the one hand.
    """

    wire: ClassVar[str] = "fal"
    always: ClassVar[Mapping[str, Any]] = {}

    def wanted(self) -> VideoInput:
        said = dict(self.always)
        vocabulary = _vocabulary(type(self))
        values = self.__dict__  # quicker than getattr, and asked once a submit
        for path, name, means in vocabulary.meanings:
            value = values[name] if len(path) == 1 else _found(values, path)
            if value is not None:
                said[means.part] = value if means.read is same else means.read(value, name)
        if vocabulary.extras:
            self._add_extras(said, vocabulary)
        return VideoInput(**said)

    @classmethod
    def spoken(cls, wanted: VideoInput) -> dict[str, Any]:
        """The body that reads as this input; `wanted` of it gives the same again."""
        vocabulary = _vocabulary(cls)
        body: dict[str, Any] = {}
        for path, _, means in vocabulary.meanings:
            part = getattr(wanted, means.part)
            value = None if part is None or part in ("", ()) else means.write(part)
            if value is not None:
                _put(body, path, value)
        for name, value in said_in(wanted.extras, cls.wire).items():
            if name in vocabulary.extras:
                _put_extra(body, name, _lower(value, vocabulary.media.get(name), wanted), vocabulary.extras[name])
        return body

    def _add_extras(self, said: dict[str, Any], vocabulary: _Vocabulary) -> None:
        given = {name: inner for name, inner in vocabulary.extras.items() if name in self.model_fields_set}
        written = self.model_dump(mode="json", include=given, exclude_none=True, exclude_defaults=True)
        for name in self.idle():
            _remove(written, name)
        written = _pruned(written, vocabulary.extras)
        if not written:
            return
        lifting = _Lifting(said)
        said["extras"] = {self.wire: {name: lifting.lift(value, vocabulary.media.get(name), name, {}) for name, value in written.items()}}
        if lifting.references:
            said["references"] = tuple(lifting.references)


# -- which fields mean what ----------------------------------------------------------------------------------------------

_Tree: TypeAlias = "Medium | Mapping[str, _Tree] | None"
_Extras: TypeAlias = "dict[str, Any]"  # as pydantic's `include`: True for a whole field, a dictionary for some of its fields


class _Vocabulary(NamedTuple):
    """The fields of a model with their meanings, those that have none, and where media stand among these."""

    meanings: tuple[tuple[tuple[str, ...], str, Means], ...]
    extras: _Extras
    media: dict[str, _Tree]


@cache
def _vocabulary(model: type[Words]) -> _Vocabulary:
    meanings: list[tuple[tuple[str, ...], str, Means]] = []
    extras = _collect(model, (), meanings, model.ignored)
    media = {name: _media_of(field) for name, field in model.model_fields.items()}
    return _Vocabulary(tuple(meanings), extras, media)


def _collect(
    model: type[BaseModel], above: tuple[str, ...], meanings: list[tuple[tuple[str, ...], str, Means]], ignored: Mapping[str, str]
) -> _Extras:
    extras: _Extras = {}
    for name, field in model.model_fields.items():
        path = (*above, name)
        dotted = ".".join(path)
        means = next((each for each in field.metadata if isinstance(each, Means)), None)
        part = _part_of(field.annotation)
        if means is not None:
            meanings.append((path, dotted, means))
        elif part is not None:
            inner = _collect(part, path, meanings, ignored)
            if inner:
                extras[name] = inner
        elif dotted not in ignored:
            extras[name] = True
    return extras


def _part_of(annotation: Any) -> type[Part] | None:
    """The part that a field holds, if it is one, or one or none."""
    for each in get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,):
        if isinstance(each, type) and issubclass(each, Part):
            return each
    return None


def _media_of(field: FieldInfo) -> _Tree:
    marked = next((each for each in field.metadata if isinstance(each, Medium)), None)
    return marked or _media_in(field.annotation)


def _media_in(annotation: Any) -> _Tree:
    """Where media stand inside a type; a list is known by what it holds."""
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        return next((each for each in metadata if isinstance(each, Medium)), None) or _media_in(inner)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        tree = {name: found for name, field in annotation.model_fields.items() if (found := _media_of(field)) is not None}
        return tree or None
    return next((found for each in get_args(annotation) if (found := _media_in(each)) is not None), None)


# -- media in and out of extras ------------------------------------------------------------------------------------------


class _Lifting:
    """Exchanges every medium inside the extras for its number among the references, or the name of the part that it fills."""

    def __init__(self, said: dict[str, Any]) -> None:
        self._said = said
        self.references: list[Media] = list(said.get("references", ()))

    def lift(self, value: Any, tree: _Tree, place: str, beside: Mapping[str, Any]) -> Any:
        """The same value without media; `place` is where it stands, `beside` the object that it stands in."""
        if tree is None:
            return value
        if isinstance(value, list):
            return [self.lift(each, tree, f"{place}.{number}", beside) for number, each in enumerate(cast("list[Any]", value))]
        if isinstance(tree, Medium):
            return self._place(value, tree.part(beside), place)
        parts = cast("dict[str, Any]", value)
        return {name: self.lift(each, tree.get(name), f"{place}.{name}", parts) for name, each in parts.items()}

    def _place(self, url: str, part: str, place: str) -> int | str:
        medium = Foreign(url, place)
        if part:
            self._said[part] = medium
            return part
        self.references.append(medium)
        return len(self.references) - 1


def _lower(value: Any, tree: _Tree, wanted: VideoInput) -> Any:
    """Put the media back that `_Lifting` took out."""
    if tree is None:
        return value
    if isinstance(value, list):
        return [_lower(each, tree, wanted) for each in cast("list[Any]", value)]
    if isinstance(tree, Medium):
        medium: Media = getattr(wanted, value) if isinstance(value, str) else wanted.references[cast("int", value)]
        return write_medium(medium)
    parts = cast("dict[str, Any]", value)
    return {name: _lower(each, tree.get(name), wanted) for name, each in parts.items()}


def read_medium(url: str, field: str) -> Foreign:
    """An address by the name of its field."""
    return Foreign(url, field)


def write_medium(medium: Media) -> str:
    """The address again; TypeError for bytes that we keep."""
    if not isinstance(medium, Foreign):
        raise TypeError("only an address can be written; give kept bytes an address first")
    return medium.url


def read_media(urls: Sequence[str], field: str) -> tuple[Foreign, ...]:
    """Addresses by the name of their field."""
    return tuple(Foreign(url, field) for url in urls)


def write_media(media: Sequence[Media]) -> list[str]:
    """The addresses again."""
    return [write_medium(each) for each in media]


# -- places by a path ----------------------------------------------------------------------------------------------------


def _found(values: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = values[path[0]]
    for name in path[1:]:
        value = None if value is None else getattr(value, name)
    return value


def _put(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        body = body.setdefault(name, {})
    body[path[-1]] = value


def _put_extra(body: dict[str, Any], name: str, value: Any, extras: Any) -> None:
    """Put an extra beside what the same part of the body already says; `extras` tells which fields are extras inside it."""
    if extras is True:
        body[name] = value
        return
    part = body.setdefault(name, {})
    for inner, each in value.items():
        if inner in extras:
            _put_extra(part, inner, each, extras[inner])


def _pruned(written: Mapping[str, Any], extras: _Extras) -> dict[str, Any]:
    """The same without parts in which no extra is left."""
    inner = {name: value if extras[name] is True else _pruned(value, extras[name]) for name, value in written.items()}
    return {name: value for name, value in inner.items() if extras[name] is True or value}


def _remove(body: dict[str, Any], dotted: str) -> None:
    first, _, rest = dotted.partition(".")
    if rest and first in body:
        _remove(body[first], rest)
    else:
        body.pop(first, None)
