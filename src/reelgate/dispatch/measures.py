"""What is known of a video that somebody else has made, and the bounds within which it is believed."""

from __future__ import annotations

from dataclasses import dataclass

SIDE_MAX = 16_384
FPS_MAX = 240
SECONDS_MAX = 86_400.0


class NoVideo(ValueError):
    """This is no video that can be read. The text is ours and tells nothing of the file's content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """Measures of a video, as a player would show it. `seconds` is 0.0 and `frames` 0 where the file does not say."""

    content_type: str
    width: int
    height: int
    seconds: float
    frames: int
    sound: bool


def believed(*, content_type: str, width: int, height: int, seconds: float, frames: int, sound: bool) -> Footage:
    """Footage of what a file claims; `NoVideo` for a size or a length that no video has. A number of frames that cannot be is forgotten."""
    if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX and 0 <= seconds <= SECONDS_MAX):  # false for what is not a number
        raise NoVideo("a video of impossible measures")
    if not 0 <= frames <= (seconds or SECONDS_MAX) * FPS_MAX:
        frames = 0
    return Footage(content_type=content_type, width=width, height=height, seconds=seconds, frames=frames, sound=sound)
