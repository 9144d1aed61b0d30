"""What a model takes, read from its OpenAPI document, and how the words of a command line become its input."""

from __future__ import annotations

import base64
import difflib
import json
import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reelgate.cli.program import command
from reelgate.cli.trouble import Code, Trouble

_MAIN_PICTURES = ("image_url", "start_image_url", "first_frame_url", "image_urls")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_JSON_KINDS = frozenset({"array", "object"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that a model takes. `kind` is the JSON type; `media` says that it is the address of a picture or a video."""

    name: str
    kind: str
    description: str
    required: bool
    media: bool
    schema: Mapping[str, Any]

    @property
    def allowed(self) -> str:
        """What it may be, in words; empty where anything goes."""
        if choices := self.schema.get("enum"):
            return ", ".join(map(str, choices))
        lowest, highest = self.schema.get("minimum"), self.schema.get("maximum")
        if lowest is not None and highest is not None:
            return f"{lowest} to {highest}"
        longest = self.schema.get("maxLength")
        return f"up to {longest} characters" if longest else ""

    @property
    def default(self) -> str:
        """What it is if not given."""
        value = self.schema.get("default")
        return "" if value is None else value if isinstance(value, str) else json.dumps(value)


class Form:
    """The fields of one model."""

    def __init__(self, endpoint: str, document: Mapping[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        required = frozenset(schemas["Input"].get("required", ()))
        self.endpoint = endpoint
        self.title: str = document["info"]["title"]
        self.description: str = document["info"].get("description", "")
        self.fields = {
            name: _field(name, each, schemas, required=name in required) for name, each in schemas["Input"]["properties"].items()
        }

    @property
    def picture(self) -> Field | None:
        """The field that `--image` fills."""
        return next((self.fields[name] for name in _MAIN_PICTURES if name in self.fields), None)

    def option(self, name: str) -> str:
        """How a field is given on the command line."""
        if self.picture is not None and name == self.picture.name:
            return "--image"
        return f"--{name.replace('_', '-')}"

    def read(self, *, words: Sequence[str], pairs: Iterable[str], base: Mapping[str, Any]) -> dict[str, Any]:
        """The input from `--name value` words, `key=value` pairs and an input to start from; `Trouble` says which option is wrong."""
        given = dict(base)
        for pair in pairs:
            name, equals, value = pair.partition("=")
            if not (equals and name):
                raise Trouble(f"-i {pair}: write it as key=value", Code.WRONG, self.help)
            given[name] = self._value(name, value, f"-i {name}")
        rest = list(words)
        while rest:
            name, value = self._take(rest)
            given[name] = value
        return given

    def picture_value(self, value: str) -> dict[str, Any]:
        """What `--image` adds to the input."""
        field = self.picture
        if field is None:
            raise Trouble(f"{self.endpoint} takes no picture", Code.WRONG, self.help)
        address = self._media(value, "--image")
        return {field.name: [address] if field.kind == "array" else address}

    def refused(self, faults: Sequence[tuple[list[str | int], str]]) -> Trouble | None:
        """Faults by their places in the input, each at the option that it was given by; None if there are none."""
        lines = [f"{self._where(place)}: {message[:1].lower()}{message[1:]}" for place, message in faults]
        return Trouble("; ".join(lines), Code.WRONG, self.help) if lines else None

    def _where(self, place: list[str | int]) -> str:
        """The option of a place in the input, with what lies inside it: --multi-prompt.0.prompt."""
        names = [str(each) for each in place]
        return ".".join([self.option(names[0]), *names[1:]]) if names else "the input"

    def missing(self, given: Mapping[str, Any]) -> Trouble | None:
        """What is required and was not given."""
        for field in self.fields.values():
            if field.required and field.name not in given:
                kind = "a file or a URL. " if field.media else ""
                return Trouble(f"{self.option(field.name)} is required: {kind}{field.description}", Code.WRONG, self.help)
        return None

    @property
    def help(self) -> str:
        """The command that explains the model."""
        return command("models", self.endpoint)

    def _take(self, rest: list[str]) -> tuple[str, Any]:
        word = rest.pop(0)
        option, equals, value = word.partition("=")
        if not option.startswith("--"):
            raise Trouble(f"what is {word!r} for? Options are written --name value", Code.WRONG, self.help)
        name = option[2:].replace("-", "_")
        field = self.fields.get(name) or self.fields.get(f"{name}_url")
        if field is None and name.startswith("no_") and (switch := self.fields.get(name[3:])) and switch.kind == "boolean":
            return switch.name, False
        if field is None:
            raise self._unknown(option)
        if field.kind == "boolean" and not equals:
            return field.name, _TRUTHS[rest.pop(0).lower()] if rest and rest[0].lower() in _TRUTHS else True
        if not equals:
            if not rest:
                raise Trouble(f"{option} lacks its value", Code.WRONG, self.help)
            value = rest.pop(0)
        return field.name, self._value(field.name, value, option)

    def _value(self, name: str, value: str, option: str) -> Any:
        field = self.fields.get(name)
        if field is None:
            return _json_or_text(value)
        if field.media:
            return self._media(value, option)
        try:
            return _READ[field.kind](value) if field.kind in _READ else value
        except (ValueError, KeyError):
            raise Trouble(f"{option} must be {_WORDS[field.kind]}", Code.WRONG, self.help) from None

    def _media(self, value: str, option: str) -> str:
        try:
            return read_media(value)
        except OSError as error:
            raise Trouble(f"{option} {value} cannot be read: {(error.strerror or '').lower()}", Code.WRONG, self.help) from None

    def _unknown(self, option: str) -> Trouble:
        known = [self.option(name) for name in self.fields]
        near = difflib.get_close_matches(option, known, n=1)
        hint = f"; {near[0]} is meant?" if near else f"; there are {', '.join(known)}"
        return Trouble(f"{self.endpoint} takes no {option}{hint}", Code.WRONG, self.help)


def read_media(value: str) -> str:
    """A picture or video as an address: what is one already stays, a file becomes a data URI. `OSError` if it cannot be read."""
    if value.startswith(("http://", "https://", "data:")):
        return value
    path = Path(value).expanduser()
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _field(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any], *, required: bool) -> Field:
    whole = _resolve(schema, schemas)
    kind = str(whole.get("type", "string"))
    media = kind == "string" and (whole.get("format") == "uri" or name.endswith("_url"))
    return Field(name=name, kind=kind, description=str(whole.get("description", "")), required=required, media=media, schema=whole)


def _resolve(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with its reference followed and, where it may also be null, without that."""
    merged = dict(schema)
    reference = merged.pop("$ref", None)
    if reference is not None:
        return {**_resolve(schemas[str(reference).rpartition("/")[2]], schemas), **merged}
    for choice in merged.pop("anyOf", ()):
        if choice.get("type") != "null":
            return {**_resolve(choice, schemas), **merged}
    return merged


def _truth(value: str) -> bool:
    return _TRUTHS[value.lower()]


def _json_or_text(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


_READ = {"integer": int, "number": float, "boolean": _truth, "array": json.loads, "object": json.loads}
_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": 'a JSON list, such as \'["a", "b"]\'',
    "object": "a JSON object, such as '{\"a\": 1}'",
}
