"""What every wire answers with."""

from __future__ import annotations

from typing import NamedTuple


class Reply(NamedTuple):
    """An answer: HTTP status, JSON, and headers besides the content type."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
