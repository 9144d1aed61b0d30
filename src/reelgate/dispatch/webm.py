"""Reads the measures of a WebM or Matroska file: elements of an id and a length, both of one to eight bytes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from reelgate.dispatch.measures import SECONDS_MAX, Footage, NoVideo, believed

_HEAD_BYTES = 1 << 20  # the tables lie before the pictures
_ELEMENTS_MAX = 10_000
_HEADER, _DOC_TYPE = 0x1A45DFA3, 0x4282
_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO, _CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675
_SCALE, _DURATION, _TYPE, _EACH, _WIDTH, _HEIGHT = 0x2AD7B1, 0x4489, 0x83, 0x23E383, 0xB0, 0xBA
_PICTURES, _SOUND = 1, 2  # types of a track
_VARINT_MAX = 8


class _Element(NamedTuple):
    kind: int
    begin: int  # of its content
    end: int


@dataclass(slots=True)
class _Segment:
    scale_ns: int = 1_000_000
    length: float = 0.0
    width: int = 0
    height: int = 0
    each_ns: int = 0
    pictures: bool = False
    sound: bool = False
    tables: bool = False
    clusters: bool = False


def read_webm(file: BinaryIO, size_bytes: int) -> Footage:
    """Read the head of a file; `NoVideo` for a broken one, and for a part of one where the file says how long it is."""
    file.seek(0)
    head = _Head(file.read(_HEAD_BYTES), size_bytes)
    content_type, segment = "video/x-matroska", None
    for each in head.elements(_Element(0, 0, size_bytes)):
        if each.kind == _HEADER:
            content_type = _read_type(head, each)
        elif each.kind == _SEGMENT:
            segment = _read_segment(head, each)
            break
    if segment is None or not segment.tables:
        raise NoVideo("a video without its table")
    if not segment.pictures:
        raise NoVideo("a file without a picture")
    if not segment.clusters:
        raise NoVideo("a table without its video")
    seconds = segment.length * segment.scale_ns / 1e9
    return believed(
        content_type=content_type,
        width=segment.width,
        height=segment.height,
        seconds=seconds,
        frames=round(seconds * 1e9 / segment.each_ns) if segment.each_ns and 0 < seconds <= SECONDS_MAX else 0,
        sound=segment.sound,
    )


class _Head:
    """The beginning of a file. How many elements of it may be looked at is bounded for all of it together."""

    def __init__(self, data: bytes, size_bytes: int) -> None:
        self.data, self._size_bytes = data, size_bytes
        self._left = _ELEMENTS_MAX
        self.whole = len(data) >= size_bytes

    def elements(self, outer: _Element) -> Iterator[_Element]:
        """The elements of one, as far as they begin within the head."""
        at = outer.begin
        while at < outer.end and at < len(self.data):
            if not self.whole and len(self.data) - at < 2 * _VARINT_MAX:
                return  # the head ends in the middle of an id or a length
            self._left -= 1
            if self._left < 0:
                raise NoVideo("a video with an impossible table")
            begin = self._after(self._after(at))
            kind, length = self._id(at), self._length(self._after(at))
            end = outer.end if length is None else begin + length
            if end > self._size_bytes:
                raise NoVideo("a video that was cut off")
            if end > outer.end:
                raise NoVideo("a broken video")
            yield _Element(kind, begin, end)
            at = end

    def bytes_of(self, element: _Element) -> bytes:
        """What an element holds, up to eight bytes."""
        end = min(element.end, element.begin + 8)
        if end > len(self.data):
            raise NoVideo("a video with an impossible table")
        return self.data[element.begin : end]

    def number(self, element: _Element) -> int:
        return int.from_bytes(self.bytes_of(element), "big")

    def fraction(self, element: _Element) -> float:
        held = self.bytes_of(element)
        form = {4: ">f", 8: ">d"}.get(len(held))
        return 0.0 if form is None else struct.unpack(form, held)[0]

    def _after(self, at: int) -> int:
        """Where a number ends whose first byte says how long it is."""
        size = _VARINT_MAX + 1 - self.data[at].bit_length() if at < len(self.data) else 0
        if not 0 < size <= _VARINT_MAX or at + size > len(self.data):
            raise NoVideo("a broken video")
        return at + size

    def _id(self, at: int) -> int:
        """An id, which keeps the mark of its own length."""
        return int.from_bytes(self.data[at : self._after(at)], "big")

    def _length(self, at: int) -> int | None:
        """A length without that mark. Nothing but ones: it is not known."""
        ones = (1 << 7 * (self._after(at) - at)) - 1
        value = self._id(at) & ones
        return None if value == ones else value


def _read_type(head: _Head, header: _Element) -> str:
    named = any(each.kind == _DOC_TYPE and head.bytes_of(each) == b"webm" for each in head.elements(header))
    return "video/webm" if named else "video/x-matroska"


def _read_segment(head: _Head, segment: _Element) -> _Segment:
    read = _Segment()
    for each in head.elements(segment):
        if each.kind == _INFO:
            _read_info(head, each, read)
        elif each.kind == _TRACKS:
            read.tables = True
            for inner in head.elements(each):
                if inner.kind == _TRACK:
                    _read_track(head, inner, read)
        elif each.kind == _CLUSTER:
            read.clusters = True
            break
    read.clusters = read.clusters or not head.whole  # they begin behind the head
    return read


def _read_info(head: _Head, info: _Element, read: _Segment) -> None:
    for each in head.elements(info):
        if each.kind == _SCALE:
            read.scale_ns = head.number(each)
        elif each.kind == _DURATION:
            read.length = head.fraction(each)


def _read_track(head: _Head, track: _Element, read: _Segment) -> None:
    facts = {each.kind: each for each in head.elements(track)}
    kind = head.number(facts[_TYPE]) if _TYPE in facts else 0
    read.sound = read.sound or kind == _SOUND
    if kind != _PICTURES or read.pictures:
        return
    read.pictures = True
    read.each_ns = head.number(facts[_EACH]) if _EACH in facts else 0
    for each in head.elements(facts[_VIDEO]) if _VIDEO in facts else ():
        if each.kind == _WIDTH:
            read.width = head.number(each)
        elif each.kind == _HEIGHT:
            read.height = head.number(each)
