"""Our own words for what is asked and what is given, whatever the protocol calls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeAlias

MADE_HERE = "video:"
"""Before the id of a job, where a wire names an earlier video by it: the account's own, and no address of the web."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """An address that came from outside. Trust is a type: only the guard may open one.

    `field` is the caller's own name for it ("image_url"), so that a refusal can point at it. A `data:` URI is
    Foreign until the submit parks its bytes; no job row ever holds picture bytes.
    """

    url: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class BlobRef:
    """Bytes that we keep, by the name of the blob."""

    name: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this machine: what an engine reads and writes."""

    path: Path
    field: str = ""


Media: TypeAlias = Foreign | BlobRef | LocalFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One shot of a multi-shot video."""

    prompt: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoInput:
    """What the caller wants.

    A field enters here only when three endpoints of two vendors share it; until then it is an extra, kept under the
    name of the wire that said it.
    """

    prompt: str = ""
    negative_prompt: str = ""
    seconds: int = 5
    aspect_ratio: str = "auto"  # "16:9", "9:16", "1:1"; auto follows the picture, 16:9 where there is none
    resolution: str = "720p"  # "480p", "720p", "1080p", "4k"
    sound: bool = False
    cfg_scale: float | None = None
    seed: int | None = None
    first_frame: Media | None = None
    last_frame: Media | None = None
    references: tuple[Media, ...] = ()
    source_video: Media | None = None
    shots: tuple[Shot, ...] = ()
    extras: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    def media(self) -> Iterator[Media]:
        """Every picture or video that the input names."""
        for one in (self.first_frame, self.last_frame, self.source_video):
            if one is not None:
                yield one
        yield from self.references

    def with_media(self, replacements: Mapping[Media, Media]) -> VideoInput:
        """The same input with some of its media exchanged, such as an address for the blob it was parked in."""

        def one(media: Media | None) -> Media | None:
            return None if media is None else replacements.get(media, media)

        return replace(
            self,
            first_frame=one(self.first_frame),
            last_frame=one(self.last_frame),
            source_video=one(self.source_video),
            references=tuple(replacements.get(media, media) for media in self.references),
        )


def forgotten(wanted: VideoInput) -> VideoInput:
    """What may be known of an input whose words and pictures are to be erased: its measures. A new field is erased unless it is named."""
    return VideoInput(
        seconds=wanted.seconds,
        aspect_ratio=wanted.aspect_ratio,
        resolution=wanted.resolution,
        sound=wanted.sound,
        cfg_scale=wanted.cfg_scale,
        seed=wanted.seed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A field that was asked for and did nothing, with the reason; reported, never swallowed."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """What was made. `source` says where its bytes are now."""

    source: Media
    width: int
    height: int
    fps: int
    frames: int
    sound: bool
    seed: int | None = None
    size_bytes: int = 0
    content_type: str = "video/mp4"
    remarks: tuple[str, ...] = ()  # what was done otherwise than asked, in words: "4k was rendered as 1080p"

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return self.frames / self.fps


def dump_input(wanted: VideoInput) -> dict[str, Any]:
    """A VideoInput as plain JSON values, without its defaults; `load_input` reads it."""
    written: dict[str, Any] = {}
    for name, default in _DEFAULTS:
        value = getattr(wanted, name)
        if value is not None and value != default:
            written[name] = value if type(value) in _JSON_ALREADY else _plain(value)
    return written


def load_input(written: Mapping[str, Any]) -> VideoInput:
    """Read what `dump_input` wrote. A field of a newer version is an error, never ignored."""
    values = dict(written)
    for name in ("first_frame", "last_frame", "source_video"):
        if name in values:
            values[name] = load_media(values[name])
    if "references" in values:
        values["references"] = tuple(load_media(each) for each in values["references"])
    if "shots" in values:
        values["shots"] = tuple(Shot(**each) for each in values["shots"])
    return VideoInput(**values)


def dump_video(video: Video) -> dict[str, Any]:
    """A Video as plain JSON values; `load_video` reads it."""
    return {each.name: _plain(getattr(video, each.name)) for each in fields(Video)}


def load_video(written: Mapping[str, Any]) -> Video:
    """Read what `dump_video` wrote."""
    values = dict(written)
    source, remarks = load_media(values.pop("source")), tuple[str, ...](values.pop("remarks", ()))
    return Video(source=source, remarks=remarks, **values)


def dump_media(media: Media) -> dict[str, str]:
    """One medium as plain JSON values."""
    match media:
        case Foreign(url, name):
            return {"foreign": url, "field": name}
        case BlobRef(blob, name):
            return {"blob": blob, "field": name}
        case LocalFile(path, name):
            return {"file": str(path), "field": name}


def load_media(written: Mapping[str, str]) -> Media:
    """Read what `dump_media` wrote."""
    name = written.get("field", "")
    if "foreign" in written:
        return Foreign(written["foreign"], name)
    if "blob" in written:
        return BlobRef(written["blob"], name)
    return LocalFile(Path(written["file"]), name)


def _plain(value: Any) -> Any:
    if isinstance(value, Foreign | BlobRef | LocalFile):
        return dump_media(value)
    if isinstance(value, Shot):
        return {"prompt": value.prompt, "seconds": value.seconds}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return dict(value) if isinstance(value, Mapping) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


_NOTHING = VideoInput()
_DEFAULTS = tuple((each.name, getattr(_NOTHING, each.name)) for each in fields(VideoInput))
_JSON_ALREADY = frozenset({str, int, float, bool})
