"""What a finished video says of itself: its size, its length and whether it has sound, read from the file's own tables.

The file is a stranger's. Nothing is decoded; tables are walked by their lengths, with bounds on how many and on the bytes that are
read, so that the worst that a hostile file can do is to be called no video.
"""

from __future__ import annotations

from pathlib import Path

from reelgate.dispatch.measures import Footage, NoVideo
from reelgate.dispatch.mp4 import read_mp4
from reelgate.dispatch.webm import read_webm

_FIRST_BOXES = frozenset({b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
_EBML = b"\x1aE\xdf\xa3"
_START_BYTES = 512


def read_footage(path: Path) -> Footage:
    """Read a file's tables; `NoVideo` if it is none, a broken one, or the beginning of one. Blocks: it reads up to some megabytes."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
        if start[4:8] in _FIRST_BOXES:
            quicktime = start[4:8] != b"ftyp" or start[8:12] == b"qt  "
            return read_mp4(file, size_bytes, "video/quicktime" if quicktime else "video/mp4")
        if start.startswith(_EBML):
            return read_webm(file, size_bytes)
    raise NoVideo(_kind_of(start))


def _kind_of(start: bytes) -> str:
    """What it is instead, in a word."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not text:
        return "nothing"
    if text.startswith(b"<"):
        return "a page"
    if text.startswith((b"{", b"[")):
        return "JSON"
    if text.startswith((b"\xff\xd8\xff", b"\x89png", b"gif8")):
        return "a picture"
    return "no video"
