"""What a file that somebody sends is called, and what it says it is. Both are claims, and both come back in our answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

ANYTHING = "application/octet-stream"
KNOWN_TYPES: Mapping[str, str] = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/tiff": "tiff",
    "image/heic": "heic",
    "image/heif": "heif",
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/quicktime": "mov",
    "video/x-matroska": "mkv",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/webm": "weba",
}
"""The types that files are given back under, with the ending of their names. A browser shows none of them as a page."""

_OTHER_NAMES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "audio/mp3": "audio/mpeg", "audio/wave": "audio/wav"}
_NAME_BYTES = 255
_ENDING_BYTES = 16


def read_type(claim: str) -> str:
    """The type of a file that says it is this, or that of any file where we do not know such a type."""
    named = claim.partition(";")[0].strip().lower()
    named = _OTHER_NAMES.get(named, named)
    return named if named in KNOWN_TYPES else ANYTHING


def read_name(claim: str, content_type: str) -> str:
    """A name that can stand as the last word of an address: without a path, of printable characters, at most 255 bytes."""
    last = claim.replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in last if letter.isprintable()).strip()
    if not name.strip(". "):
        return _usual_name(content_type)
    return name if len(name.encode()) <= _NAME_BYTES else _shorten(name)


def _usual_name(content_type: str) -> str:
    ending = KNOWN_TYPES.get(content_type)
    return "file.bin" if ending is None else f"{content_type.partition('/')[0]}.{ending}"


def _shorten(name: str) -> str:
    ending = PurePosixPath(name).suffix.encode()
    if len(ending) > _ENDING_BYTES:
        ending = b""
    stem = name.encode()[: _NAME_BYTES - len(ending)]
    return stem.decode(errors="ignore").rstrip() + ending.decode()
