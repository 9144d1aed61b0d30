"""Which requests never reach the application, and what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import orjson

HEAD_LIMIT_BYTES = 32 * 1024
LINE_LIMIT_BYTES = 8 * 1024
_HEADERS_LIMIT = 100

_VERSIONS = frozenset({"1.0", "1.1"})
_ONLY_ONCE = frozenset({b"host", b"content-length", b"transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer to a request that the application does not get to see; the connection closes after it."""

    status: HTTPStatus
    detail: str

    def response(self) -> bytes:
        """The whole answer as it goes over the wire."""
        body = orjson.dumps({"detail": self.detail})
        head = (
            f"HTTP/1.1 {self.status.value} {self.status.phrase}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        return head.encode("ascii") + body


def _bad(detail: str) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, detail)


def _large(detail: str) -> Refusal:
    return Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)


BUSY = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "As many connections are open as this server takes; try again in a moment.")
GARBAGE = _bad("This is no valid HTTP request.")
NO_HOST = _bad("The request has no Host header.")
TWICE = _bad("Host, Content-Length and Transfer-Encoding may stand in a request only once.")
BAD_CODING = _bad("The only transfer encoding taken here is chunked, and only in HTTP/1.1.")
BAD_VERSION = Refusal(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "This server speaks HTTP/1.1.")
NO_TUNNEL = Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "This server is no proxy.")
LONG_LINE = Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, f"The request line is longer than {LINE_LIMIT_BYTES} bytes.")
LONG_HEADER = _large(f"A header is longer than {LINE_LIMIT_BYTES} bytes.")
LONG_HEAD = _large(f"The head of the request is longer than {HEAD_LIMIT_BYTES} bytes.")
MANY_HEADERS = _large(f"The request has more than {_HEADERS_LIMIT} headers.")
LONG_FRAMING = _large("The body has too much around its content.")


def judge(method: bytes, version: str, headers: Sequence[tuple[bytes, bytes]], named: dict[bytes, bytes]) -> Refusal | None:
    """What is wrong with a head that the parser lets pass; `named` is `headers` as a dict, names in lower case.

    The parser itself refuses bare line feeds, folded headers, Content-Length beside Transfer-Encoding, and bad chunks.
    """
    coding = named.get(b"transfer-encoding")
    if coding is not None and (coding.lower() != b"chunked" or version == "1.0"):
        return BAD_CODING
    if version not in _VERSIONS:
        return BAD_VERSION
    if b"host" not in named:
        return NO_HOST
    if method == b"CONNECT":
        return NO_TUNNEL
    return _judge_many(headers) if len(headers) != len(named) or len(headers) > _HEADERS_LIMIT else None


def judge_size(target: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Refusal | None:
    """What is too long in a head. Needless if the head came in less than `LINE_LIMIT_BYTES`."""
    if len(target) > LINE_LIMIT_BYTES:
        return LONG_LINE
    sizes = [len(name) + len(value) for name, value in headers]
    if max(sizes, default=0) > LINE_LIMIT_BYTES:
        return LONG_HEADER
    return LONG_HEAD if sum(sizes) + len(target) > HEAD_LIMIT_BYTES else None


def _judge_many(headers: Sequence[tuple[bytes, bytes]]) -> Refusal | None:
    if len(headers) > _HEADERS_LIMIT:
        return MANY_HEADERS
    once = [name for name, _ in headers if name in _ONLY_ONCE]
    return TWICE if len(once) != len(set(once)) else None
