"""Which heads are refused; what a client sees of it is in `test_connection.py`."""

import pytest

from reelgate.server.refusal import (
    BAD_CODING,
    BAD_VERSION,
    GARBAGE,
    LONG_HEAD,
    LONG_HEADER,
    LONG_LINE,
    MANY_HEADERS,
    NO_HOST,
    NO_TUNNEL,
    TWICE,
    Refusal,
    judge,
    judge_size,
)

HOST = (b"host", b"a")


@pytest.mark.parametrize(
    ("method", "version", "headers", "verdict"),
    [
        (b"GET", "1.1", [HOST], None),
        (b"GET", "1.0", [HOST], None),
        (b"GET", "1.1", [HOST, (b"accept", b"a"), (b"accept", b"b")], None),
        (b"GET", "1.1", [HOST, *[(b"x", b"")] * 99], None),
        (b"POST", "1.1", [HOST, (b"transfer-encoding", b"Chunked")], None),
        (b"GET", "1.1", [], NO_HOST),
        (b"GET", "1.0", [], NO_HOST),
        (b"GET", "1.1", [HOST, HOST], TWICE),
        (b"GET", "1.1", [HOST, *[(b"x", b"")] * 100], MANY_HEADERS),
        (b"GET", "1.1", [HOST, *[(b"x-%d" % each, b"") for each in range(100)]], MANY_HEADERS),
        (b"POST", "1.1", [HOST, (b"transfer-encoding", b"gzip, chunked")], BAD_CODING),
        (b"POST", "1.0", [HOST, (b"transfer-encoding", b"chunked")], BAD_CODING),
        (b"GET", "2.0", [HOST], BAD_VERSION),
        (b"CONNECT", "1.1", [HOST, (b"x", b""), (b"x", b"")], NO_TUNNEL),
    ],
)
def test_a_head_is_judged(method: bytes, version: str, headers: list[tuple[bytes, bytes]], verdict: Refusal | None) -> None:
    assert judge(method, version, headers, dict(headers)) is verdict


@pytest.mark.parametrize(
    ("target", "headers", "verdict"),
    [
        (b"/" * 8192, [HOST], None),
        (b"/" * 8193, [HOST], LONG_LINE),
        (b"/", [HOST, (b"x", b"a" * 8191)], None),
        (b"/", [HOST, (b"x", b"a" * 8192)], LONG_HEADER),
        (b"/", [HOST, *[(b"x", b"a" * 8000)] * 5], LONG_HEAD),
    ],
)
def test_a_head_is_measured(target: bytes, headers: list[tuple[bytes, bytes]], verdict: Refusal | None) -> None:
    assert judge_size(target, headers) is verdict


def test_a_refusal_is_json_and_the_last_word() -> None:
    head, body = GARBAGE.response().split(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"HTTP/1.1 400 Bad Request",
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        b"connection: close",
    ]
    assert body == b'{"detail":"This is no valid HTTP request."}'
