"""A reply is a status, bytes and headers."""

from __future__ import annotations

from reelgate.wire._reply import Reply


def test_a_reply_needs_no_headers() -> None:
    assert Reply(200, b"{}") == (200, b"{}", ())
