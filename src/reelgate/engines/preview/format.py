"""How large the video is: resolution and aspect ratio to pixels."""

from __future__ import annotations

from reelgate.engines.preview.plane import Size

SHORT_SIDE = {"480p": 480, "720p": 720, "1080p": 1080, "4k": 1080}
"""The shorter side of each resolution. 4k is drawn as 1080p: a preview that takes a minute is none."""

SQUARE_SIDE = {"480p": 480, "720p": 960, "1080p": 1080, "4k": 1080}
"""A square of 720p has as many pixels as its oblong."""

WIDEST = 2.4
"""A picture longer than this is shown whole inside a frame of this ratio."""


def frame_size(aspect_ratio: str, resolution: str, picture: Size | None = None) -> Size:
    """The frame of an aspect ratio such as "16:9". "auto" follows the picture, 16:9 where there is none.

    An aspect ratio or resolution nobody knows counts as "auto" and "720p": the endpoint's own schema has refused it before.
    """
    ratio = _ratio(aspect_ratio)
    if ratio is None:
        ratio = 16 / 9 if picture is None else picture.width / picture.height
    ratio = _settled(min(WIDEST, max(1 / WIDEST, ratio)))
    short = SHORT_SIDE.get(resolution, SHORT_SIDE["720p"])
    if ratio == 1:
        side = SQUARE_SIDE.get(resolution, SQUARE_SIDE["720p"])
        return Size(width=side, height=side)
    if ratio > 1:
        return Size(width=_even(short * ratio), height=short)
    return Size(width=short, height=_even(short / ratio))


def _ratio(aspect_ratio: str) -> float | None:
    width, _, height = aspect_ratio.partition(":")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        return None
    return int(width) / int(height)


def _settled(ratio: float) -> float:
    """Nearly a usual ratio is that ratio: a photograph two pixels off square is square."""
    for usual in (1.0, 16 / 9, 9 / 16):
        if abs(ratio / usual - 1) < _NEARLY:
            return usual
    return ratio


def _even(value: float) -> int:
    return 2 * round(value / 2)


_NEARLY = 0.02
