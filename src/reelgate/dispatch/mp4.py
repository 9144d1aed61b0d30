"""Reads the measures of an MP4 or QuickTime file: boxes of a length and four letters, with the table of contents in the one called moov."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from reelgate.dispatch.measures import Footage, NoVideo, believed

_BOXES_MAX = 100_000  # in the whole file: a video of an hour in fragments of a second has half as many
_TABLE_BYTES = 8 << 20  # of all tables; those of a minute have some tens of kilobytes
_HEADER, _WIDE_HEADER = 8, 16
_NEEDED = frozenset({b"moov", b"moof", b"mdat"})


class _Box(NamedTuple):
    kind: bytes
    begin: int  # of its content
    end: int


@dataclass(slots=True)
class _Track:
    number: int = 0
    handler: bytes = b""
    width: int = 0
    height: int = 0
    scale: int = 0
    seconds: float = 0.0
    frames: int = 0
    ticks: int = 0  # of all its frames
    each_ticks: int = 0  # of a frame in a fragment that does not say


@dataclass(slots=True)
class _Movie:
    tracks: list[_Track] = field(default_factory=list[_Track])
    scale: int = 0
    seconds: float = 0.0


class _Allowance:
    """How much of one file may still be looked at."""

    def __init__(self) -> None:
        self._boxes, self._bytes = _BOXES_MAX, _TABLE_BYTES

    def box(self) -> None:
        self._boxes -= 1
        if self._boxes < 0:
            raise NoVideo("a video with an impossible table")

    def table(self, size_bytes: int) -> None:
        self._bytes -= size_bytes
        if self._bytes < 0:
            raise NoVideo("a video with an impossible table")


class _Table:
    """The content of one box of the file, which has boxes of its own."""

    def __init__(self, data: bytes, allowance: _Allowance) -> None:
        self.data, self._allowance = data, allowance
        self.whole = _Box(b"", 0, len(data))

    def children(self, box: _Box) -> Iterator[_Box]:
        at = box.begin
        while at + _HEADER <= box.end:  # QuickTime ends some lists with four zeros
            self._allowance.box()
            length, kind = struct.unpack_from(">I4s", self.data, at)
            header = _HEADER
            if length == 1:
                length, header = self.number(box, at - box.begin + _HEADER, 8), _WIDE_HEADER
            elif length == 0:
                length = box.end - at
            if length < header or at + length > box.end:
                raise NoVideo("a broken video")
            yield _Box(kind, at + header, at + length)
            at += length

    def find(self, box: _Box, *kinds: bytes) -> _Box | None:
        """The first box under this one along a way of kinds."""
        for kind in kinds:
            found = next((each for each in self.children(box) if each.kind == kind), None)
            if found is None:
                return None
            box = found
        return box

    def number(self, box: _Box, offset: int, size: int = 4) -> int:
        """A number of so many bytes at a place of a box."""
        at = box.begin + offset
        if at + size > box.end:
            raise NoVideo("a broken video")
        return int.from_bytes(self.data[at : at + size], "big")

    def version(self, box: _Box) -> int:
        return self.number(box, 0, 1)

    def flags(self, box: _Box) -> int:
        return self.number(box, 1, 3)

    def rows(self, box: _Box, offset: int, count: int, *, width: int) -> Iterator[tuple[int, ...]]:
        """A list of entries, of `width` numbers with four bytes each."""
        end = box.begin + offset + count * width * 4
        if end > box.end:
            raise NoVideo("a broken video")
        return struct.iter_unpack(f">{width}I", self.data[box.begin + offset : end])


def read_mp4(file: BinaryIO, size_bytes: int, content_type: str) -> Footage:
    """Read a file from its first byte to its last box, by their lengths; `NoVideo` for a broken one and for a part of one."""
    allowance = _Allowance()
    movie: _Movie | None = None
    fragments: list[_Table] = []
    media = False
    for box in _top(file, size_bytes, allowance):
        media = media or (box.kind == b"mdat" and box.end > box.begin)
        if box.kind == b"moov" and movie is None:
            movie = _read_movie(_load(file, box, allowance))
        elif box.kind == b"moof":
            fragments.append(_load(file, box, allowance))
    if movie is None:
        raise NoVideo("a video without its table")
    if not media:
        raise NoVideo("a table without its video")
    for each in fragments:
        _add_fragment(each, movie)
    return _told(movie, content_type)


def _top(file: BinaryIO, size_bytes: int, allowance: _Allowance) -> Iterator[_Box]:
    """The boxes of the file itself. What they hold is skipped, not read."""
    at = 0
    while at + _HEADER <= size_bytes:
        allowance.box()
        file.seek(at)
        header = file.read(_WIDE_HEADER)
        length, kind = struct.unpack_from(">I4s", header)
        begin = _HEADER
        if length == 1 and len(header) == _WIDE_HEADER:
            (length,), begin = struct.unpack_from(">Q", header, _HEADER), _WIDE_HEADER
        elif length == 0:
            length = size_bytes - at
        if length < begin or at + length > size_bytes:
            if kind in _NEEDED:
                raise NoVideo("a video that was cut off")
            return  # something that no player reads; what is missing is missed by whoever asked
        yield _Box(kind, at + begin, at + length)
        at += length


def _load(file: BinaryIO, box: _Box, allowance: _Allowance) -> _Table:
    allowance.table(box.end - box.begin)
    file.seek(box.begin)
    return _Table(file.read(box.end - box.begin), allowance)


def _told(movie: _Movie, content_type: str) -> Footage:
    track = next((each for each in movie.tracks if each.handler == b"vide"), None)
    if track is None:
        raise NoVideo("a file without a picture")
    if track.frames == 0:
        raise NoVideo("a video without a frame")
    return believed(
        content_type=content_type,
        width=track.width,
        height=track.height,
        # The frames that are there count more than what a header promised before they were written.
        seconds=(track.ticks / track.scale if track.scale else 0.0) or track.seconds or movie.seconds,
        frames=track.frames,
        sound=any(each.handler == b"soun" for each in movie.tracks),
    )


def _read_movie(table: _Table) -> _Movie:
    movie = _Movie()
    header = table.find(table.whole, b"mvhd")
    if header is None:
        raise NoVideo("a video without its length")
    movie.scale, movie.seconds = _read_length(table, header)
    movie.tracks = [_read_track(table, each) for each in table.children(table.whole) if each.kind == b"trak"]
    extended = table.find(table.whole, b"mvex")
    if extended is not None:
        _read_promises(table, extended, movie)
    return movie


def _read_promises(table: _Table, extended: _Box, movie: _Movie) -> None:
    """What a file that was written in fragments says of all of them."""
    for box in table.children(extended):
        if box.kind == b"mehd" and movie.scale and not movie.seconds:
            movie.seconds = table.number(box, 4, 8 if table.version(box) == 1 else 4) / movie.scale
        elif box.kind == b"trex":
            for track in movie.tracks:
                if track.number == table.number(box, 4):
                    track.each_ticks = table.number(box, 12)


def _read_track(table: _Table, trak: _Box) -> _Track:
    track = _Track()
    header = table.find(trak, b"tkhd")
    if header is not None:
        track.number = table.number(header, 20 if table.version(header) == 1 else 12)
        track.width, track.height = _read_size(table, header)
    handler = table.find(trak, b"mdia", b"hdlr")
    if handler is not None:
        track.handler = table.number(handler, 8).to_bytes(4, "big")
    media = table.find(trak, b"mdia", b"mdhd")
    if media is not None:
        track.scale, track.seconds = _read_length(table, media)
    samples = table.find(trak, b"mdia", b"minf", b"stbl")
    if samples is not None and track.handler == b"vide":
        _read_samples(table, samples, track)
    return track


def _read_size(table: _Table, header: _Box) -> tuple[int, int]:
    """Width and height as they are shown: a video that was filmed on its side is turned."""
    at = 88 if table.version(header) == 1 else 76
    width, height = table.number(header, at) >> 16, table.number(header, at + 4) >> 16
    matrix = [table.number(header, at - 36 + 4 * place) for place in range(5)]
    turned = matrix[0] == 0 and matrix[4] == 0 and matrix[1] != 0 and matrix[3] != 0
    return (height, width) if turned else (width, height)


def _read_samples(table: _Table, samples: _Box, track: _Track) -> None:
    times = table.find(samples, b"stts")
    if times is not None:
        for count, each_ticks in table.rows(times, 8, table.number(times, 4), width=2):
            track.frames += count
            track.ticks += count * each_ticks
    kinds = table.find(samples, b"stsd")
    if kinds is not None and not (track.width and track.height):  # then the first kind of picture says how large they are
        track.width, track.height = table.number(kinds, 40, 2), table.number(kinds, 42, 2)


def _read_length(table: _Table, header: _Box) -> tuple[int, float]:
    """Ticks of a second, and seconds, of a header that has them behind two dates; 0 seconds where it does not know."""
    at, size = (20, 8) if table.version(header) == 1 else (12, 4)
    scale, length = table.number(header, at), table.number(header, at + 4, size)
    unknown = scale == 0 or length == (1 << (8 * size)) - 1
    return scale, 0.0 if unknown else length / scale


_BASE_DATA_OFFSET, _DESCRIPTION, _DURATION = 0x1, 0x2, 0x8  # flags of a fragment's header
_DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x4  # flags of a run of frames
_EACH_DURATION, _EACH = 0x100, (0x100, 0x200, 0x400, 0x800)


def _add_fragment(table: _Table, movie: _Movie) -> None:
    for part in table.children(table.whole):
        if part.kind != b"traf":
            continue
        header = table.find(part, b"tfhd")
        track = None if header is None else next((each for each in movie.tracks if each.number == table.number(header, 4)), None)
        if header is None or track is None:
            raise NoVideo("a broken video")
        each_ticks = _read_each(table, header, track)
        for run in table.children(part):
            if run.kind == b"trun":
                _add_run(table, run, track, each_ticks)


def _read_each(table: _Table, header: _Box, track: _Track) -> int:
    flags = table.flags(header)
    if not flags & _DURATION:
        return track.each_ticks
    return table.number(header, 8 + (8 if flags & _BASE_DATA_OFFSET else 0) + (4 if flags & _DESCRIPTION else 0))


def _add_run(table: _Table, run: _Box, track: _Track, each_ticks: int) -> None:
    flags, count = table.flags(run), table.number(run, 4)
    track.frames += count
    if not flags & _EACH_DURATION:
        track.ticks += count * each_ticks
        return
    offset = 8 + (4 if flags & _DATA_OFFSET else 0) + (4 if flags & _FIRST_FLAGS else 0)
    width = sum(1 for each in _EACH if flags & each)
    track.ticks += sum(ticks for ticks, *_ in table.rows(run, offset, count, width=width))
