"""Reports as CSV (RFC 4180), for spreadsheets and for programs: amounts are dollars as decimal texts, instants have their zone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from reelgate.domain.money import decimal_of
from reelgate.gateway.reports import AccountStatement, Movement, Usage, UsageRow

_FORMULA = (*"=+-@\t\r\n", *map(chr, (0xFF1D, 0xFF0B, 0xFF0D, 0xFF20)))  # and the full-width forms of the first four
_OF_STATEMENT = (
    *("at", "time_zone", "kind", "change_usd", "balance_usd", "shown", "shown_currency", "per_dollar"),
    *("model", "price", "book", "job", "reason", "transaction"),
)
_OF_USAGE = ("jobs", "charged_usd", "refunded_usd", "net_usd", "share_percent", "time_zone", "from", "to")


def statement_sheet(statement: AccountStatement) -> str:
    """A line for each movement between one with the opening and one with the closing balance; what its changes sum to is the
    difference of those."""
    period = statement.period

    def bound(at: datetime, kind: str, balance: int) -> list[str]:
        return [clock_of(at, period.zone), period.zone, kind, "", decimal_of(balance), *[""] * (len(_OF_STATEMENT) - 5)]

    return _written(
        _OF_STATEMENT,
        [
            bound(period.since, "opening", statement.opening),
            *(_movement(each, period.zone) for each in statement.movements),
            bound(period.until, "closing", statement.closing),
        ],
    )


def usage_sheet(usage: Usage) -> str:
    """A line for each group, none for the total, so that columns can be summed. A key's name stands beside its id."""
    named = [name for each in usage.by for name in ([each.value, "key_name"] if each == "key" else [each.value])]
    return _written([*named, *_OF_USAGE], [_group(usage, row) for row in usage.rows])


def harmless(text: str) -> str:
    """A text of people as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def clock_of(at: datetime, zone: str) -> str:
    """An instant by the clocks of a zone, with their distance from UTC."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="milliseconds")


def percent_of(share: int | None) -> str:
    """A share, kept in tenths of a per cent, in per cent; empty for none."""
    return "" if share is None else f"{share // 10}.{share % 10}"


def _movement(movement: Movement, zone: str) -> list[str]:
    line, shown = movement.line, movement.shown
    in_currency = ["", "", ""] if shown is None else [shown.amount, shown.currency, shown.per_dollar]
    texts = [line.endpoint, line.words, line.book, line.job_id or "", line.note]
    return [
        *(clock_of(line.at, zone), zone, line.kind, decimal_of(line.change), decimal_of(movement.balance)),
        *in_currency,
        *map(harmless, texts),
        str(line.txn),
    ]


def _group(usage: Usage, row: UsageRow) -> list[str]:
    values = [
        text
        for each, value in zip(usage.by, row.of, strict=True)
        for text in ([value, usage.names.get(value, "")] if each == "key" else [value])
    ]
    period = usage.period
    return [
        *map(harmless, values),
        *(str(row.jobs), decimal_of(row.captured), decimal_of(row.refunded), decimal_of(row.net), percent_of(row.share)),
        *(period.zone, period.first.isoformat(), period.last.isoformat()),
    ]


def _written(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    sheet = io.StringIO()
    writer = csv.writer(sheet)  # ends lines by CR LF, as the RFC says
    writer.writerow(head)
    writer.writerows(rows)
    return sheet.getvalue()
