"""Statements and usage as our own routes answer them, for callers and for admins alike: JSON, or CSV where it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from reelgate.api._money import write_shown
from reelgate.api._reply import reply
from reelgate.contracts.ledger import Dimension
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.money import decimal_of
from reelgate.gateway.manual import Schema, array, one_of, record, words
from reelgate.gateway.period import Period
from reelgate.gateway.reports import AccountStatement, Movement, Reports, Usage, UsageRow
from reelgate.gateway.sheet import clock_of, percent_of, statement_sheet, usage_sheet


async def answer_statement(request: Request, reports: Reports, account: str) -> Response:
    """The statement of an account for the period that the query names."""
    as_csv = _wants_csv(request)
    statement = await reports.statement(account, await _period(request, reports, account))
    if as_csv:
        return _sheet(statement_sheet(statement), f"statement-{account}", statement.period)
    return reply(200, _write_statement(statement))


async def answer_usage(request: Request, reports: Reports, account: str | None) -> Response:
    """Usage of one account, or of all, for the period and in the groups that the query names."""
    as_csv, by = _wants_csv(request), _dimensions(request)
    usage = await reports.usage(by, await _period(request, reports, account), account)
    if as_csv:
        return _sheet(usage_sheet(usage), f"usage-{account or 'all'}", usage.period)
    return reply(200, _write_usage(usage))


async def _period(request: Request, reports: Reports, account: str | None) -> Period:
    asked = request.query_params
    return await reports.period(account, month=asked.get("month", ""), first=asked.get("from", ""), last=asked.get("to", ""))


def _dimensions(request: Request) -> list[Dimension]:
    try:
        return [Dimension(word) for word in request.query_params.get("by", "").replace(",", " ").split()]
    except ValueError:
        raise InvalidInput([Fault(path=("by",), message=f"one or two of {', '.join(Dimension)}", kind="one_of")]) from None


def _wants_csv(request: Request) -> bool:
    match request.query_params.get("format", "json"):
        case "json":
            return False
        case "csv":
            return True
        case _:
            raise InvalidInput([Fault(path=("format",), message="json or csv", kind="one_of")])


def _sheet(text: str, name: str, period: Period) -> Response:
    file = f"{name}-{period.first.isoformat()}-{period.last.isoformat()}.csv"
    return Response(text, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{file}"'})


def _write_statement(statement: AccountStatement) -> dict[str, Any]:
    account, balance, period = statement.account, statement.balance, statement.period
    return {
        "object": "statement",
        "account": account.id,
        "name": account.name,
        "currency": account.currency,
        "period": _write_period(period),
        "opening": decimal_of(statement.opening),
        "lines": [_write_movement(each, period) for each in statement.movements],
        "totals": [
            {"kind": each.kind, "lines": each.lines, "change": decimal_of(each.change), "shown": each.shown} for each in statement.totals
        ],
        "change": decimal_of(statement.closing - statement.opening),
        "closing": decimal_of(statement.closing),
        "balance": {"available": balance.available.decimal, "held": balance.held.decimal, "at": clock_of(statement.at, period.zone)},
        "rates": [{"currency": each.currency, "per_dollar": each.per_dollar, "since": _instant(each.since)} for each in statement.rates],
    }


def _write_movement(movement: Movement, period: Period) -> dict[str, Any]:
    line = movement.line
    return {
        "transaction": line.txn,
        "at": clock_of(line.at, period.zone),
        "kind": line.kind,
        "change": decimal_of(line.change),
        "balance": decimal_of(movement.balance),
        "shown": write_shown(movement.shown),
        "reason": line.note,
        "job_id": line.job_id,
        "endpoint": line.endpoint,
        "words": line.words,
        "book": line.book,
    }


def _write_usage(usage: Usage) -> dict[str, Any]:
    return {
        "object": "usage",
        "by": [each.value for each in usage.by],
        "account": usage.account,
        "period": _write_period(usage.period),
        "rows": [_write_row(usage, row) for row in usage.rows],
        "total": _write_sums(usage.total),
    }


def _write_row(usage: Usage, row: UsageRow) -> dict[str, Any]:
    written: dict[str, Any] = {each.value: value for each, value in zip(usage.by, row.of, strict=True)}
    if Dimension.KEY in usage.by:
        written["key_name"] = usage.names.get(written["key"], "")
    return {**written, **_write_sums(row), "share": percent_of(row.share) or None}


def _write_sums(row: UsageRow) -> dict[str, Any]:
    return {"jobs": row.jobs, "charged": decimal_of(row.captured), "refunded": decimal_of(row.refunded), "net": decimal_of(row.net)}


def _write_period(period: Period) -> dict[str, Any]:
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "time_zone": period.zone,
        "since": _instant(period.since),
        "until": _instant(period.until),
    }


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


_DOLLARS = words("Dollars, with six places; below zero for what it cost.")
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_PERIOD = record(
    "Whole days of a time zone, the last one included; `since` and `until` (excluded) are their instants.",
    **{"from": "string", "to": "string"},
    time_zone="string",
    since="string",
    until="string",
)
SHOWN: Schema = {
    "anyOf": [
        record(
            "In the account's currency, by the rate of then.",
            currency="string",
            amount="string",
            per_dollar="string",
            since="string",
        ),
        {"type": "null"},
    ]
}
_KIND = one_of("What it was.", "credit", "debit", "captured", "refund")
REPORTS: Mapping[str, Schema] = {
    "Statement": record(
        "What changed an account's funds, held ones included: opening + the sum of the lines' changes = closing.",
        object={"const": "statement"},
        account="string",
        name="string",
        currency="string",
        period=_PERIOD,
        opening=_DOLLARS,
        lines=array("StatementLine"),
        totals={
            "type": "array",
            "items": record(
                "The sum of the lines of one kind; `shown` is the sum of what they show.",
                kind=_KIND,
                lines="integer",
                change=_DOLLARS,
                shown=_MAYBE_TEXT,
            ),
        },
        change=words("The sum of all lines."),
        closing=_DOLLARS,
        balance=record("What it has now.", available="string", held=words("Reserved for jobs under way."), at="string"),
        rates={"type": "array", "items": record("A rate that was used.", currency="string", per_dollar="string", since="string")},
    ),
    "StatementLine": record(
        "One movement; its instant is told by the clocks of the period's zone.",
        transaction="integer",
        at="string",
        kind=_KIND,
        change=_DOLLARS,
        balance=words("The funds after it."),
        shown=SHOWN,
        reason=words("What an admin said to it."),
        job_id="string?",
        endpoint="string",
        words=words("The arithmetic of the price."),
        book=words("The price book that the price was of."),
    ),
    "Usage": record(
        "What was charged and refunded in a period; the total is the sum of the rows.",
        object={"const": "usage"},
        by={"type": "array", "items": one_of("", *(each.value for each in Dimension))},
        account="string?",
        period=_PERIOD,
        rows=array("UsageRow", "Each has its values of `by` besides."),
        total=record("All rows.", jobs="integer", charged=_DOLLARS, refunded=_DOLLARS, net=_DOLLARS),
    ),
    "UsageRow": record(
        "One group. `jobs` counts those whose charge was booked in the period; `share` is its part of all that was charged, in per cent.",
        jobs="integer",
        charged=_DOLLARS,
        refunded=_DOLLARS,
        net=words("Charged, less refunded."),
        share=_MAYBE_TEXT,
    ),
}
PERIOD_QUERY: Mapping[str, Schema] = {
    "month": words('A month, like "2026-11"; this one if nothing is said.'),
    "from": words('The first day, like "2026-11-01", of the time zone of the account.'),
    "to": words("The last day, which is included."),
    "format": one_of("The form of the answer; json if not said.", "json", "csv"),
}
BY_QUERY: Schema = words(f"One or two of {', '.join(Dimension)}, comma-separated; one row for all if not said.")
