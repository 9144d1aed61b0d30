"""By how much the clocks of upstreams differ from ours, as far as the dates of their answers show: tokens that are good from one instant
to another are made by the clock of whoever reads them."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import structlog

from reelgate.contracts.provider import HttpReply

_log = structlog.get_logger(__name__)
_NONE = timedelta()
_SECOND = timedelta(seconds=1)  # a date tells no less
_LEARNED_EVERY = timedelta(minutes=1)
_MOST = timedelta(hours=1)  # a stranger's word: nobody is to have a token signed that is good tomorrow
_LOUD = timedelta(minutes=1)
_UNAUTHORIZED = 401


class _Known(NamedTuple):
    skew: timedelta
    learned_at: datetime


class Skews:
    """What is known of each channel's clock. Wrong dates do no harm but to those who send them."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def of(self, channel_id: str) -> timedelta:
        """By how much its clock is ahead of ours, behind if below zero; nothing while nobody knows, or if it is more than an hour."""
        known = self._known.get(channel_id)
        return _NONE if known is None else known.skew

    def learn(self, channel_id: str, reply: HttpReply, asked_at: datetime, answered_at: datetime) -> bool:
        """What an answer shows of it; whether that is not what was believed. Looked at once a minute, and whenever a key is refused."""
        known = self._known.get(channel_id)
        if known is not None and reply.status != _UNAUTHORIZED and _NONE <= answered_at - known.learned_at < _LEARNED_EVERY:
            return False
        date = _date(reply)
        if date is None:
            return False
        # It was written between the question and its answer, and its second is cut off: what is within that is no news.
        least, most, before = date - answered_at, date + _SECOND - asked_at, self.of(channel_id)
        shown = before if least <= before <= most else _bounded(channel_id, (least + most) / 2)
        self._known[channel_id] = _Known(shown, answered_at)
        return shown != before


def _bounded(channel_id: str, shown: timedelta) -> timedelta:
    if abs(shown) > _LOUD:
        _log.warning("clock_off", channel=channel_id, seconds=round(shown.total_seconds()))
    return shown if abs(shown) <= _MOST else _NONE


def _date(reply: HttpReply) -> datetime | None:
    """When it was written; None if it does not say, or was kept by somebody in between."""
    try:
        date = parsedate_to_datetime(reply.headers["date"])
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):
        return None
    return None if date.tzinfo is None or "age" in reply.headers else date
