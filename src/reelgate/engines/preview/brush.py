"""Masks that a caller painted: Kling's motion brush. A part of the picture stays where it is, or goes a way of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from reelgate.domain.media import Media, VideoInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """One mask. `way` are the places that it passes, in pixels of the picture from its lower left corner; none = it stays."""

    field: str  # the caller's own name for it
    mask: Media
    way: tuple[tuple[float, float], ...] = ()


def strokes_of(wanted: VideoInput) -> tuple[Stroke, ...]:
    """The masks of an input; none where it has no picture to begin with, or a last picture to arrive at."""
    if wanted.first_frame is None or wanted.last_frame is not None or wanted.source_video is not None:
        return ()
    return tuple(stroke for extra in wanted.extras.values() for stroke in _read(extra, wanted))


def _read(extra: Mapping[str, Any], wanted: VideoInput) -> Iterator[Stroke]:
    for name in ("static_mask", "static_mask_url"):
        mask = _medium(extra.get(name), wanted)
        if mask is not None:
            yield Stroke(field=name, mask=mask)
    moving = extra.get("dynamic_masks")
    for each in cast("list[Any]", moving) if isinstance(moving, list | tuple) else []:
        told = cast("Mapping[str, Any]", each)
        mask = _medium(told.get("mask", told.get("mask_url")), wanted)
        way = tuple((float(point["x"]), float(point["y"])) for point in told.get("trajectories") or ())
        if mask is not None and len(way) > 1:
            yield Stroke(field="dynamic_masks", mask=mask, way=way)


def _medium(number: Any, wanted: VideoInput) -> Media | None:
    """Media inside the extras stand among the references, by their number."""
    return wanted.references[number] if isinstance(number, int) and 0 <= number < len(wanted.references) else None
