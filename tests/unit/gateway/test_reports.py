"""Statements and usage: every total is the sum of ledger entries, for every grouping, period and zone, in every store."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelgate.contracts.account import Account
from reelgate.contracts.audit import Deed
from reelgate.contracts.endpoint import Catalog
from reelgate.contracts.ledger import Dimension, Line, Posted, Tally
from reelgate.contracts.price import ExchangeRate
from reelgate.contracts.store import Accepted, Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.clock import in_ms
from reelgate.domain.errors import InvalidInput, NotFound
from reelgate.domain.identity import new_id
from reelgate.domain.money import Money
from reelgate.domain.pricing import Quote
from reelgate.gateway.exchange import Shown
from reelgate.gateway.period import Period
from reelgate.gateway.prices import PriceList
from reelgate.gateway.reports import Movement, Reports, UsageRow, fold, in_order, parts_of_whole, totals_of
from tests.clock import FakeClock
from tests.story import ANY, BROKEN, make_blob, make_job, make_key, make_video

STORES = load_leaves("reelgate.storage", "STORE", StoreDriver)
MODELS = ("fal-ai/one", "fal-ai/two")
ZONES = ("UTC", "America/New_York", "Asia/Shanghai", "Asia/Kathmandu")
DAY = timedelta(days=1)
# Days on which New York's clocks are put back and forward, and an ordinary one, seen from the ends of UTC's days.
AROUND = tuple(datetime(2026, month, day, tzinfo=UTC) for month, day in ((11, 1), (3, 8), (6, 30)))
GROUPINGS = [(), *((each,) for each in Dimension), *permutations(Dimension, 2)]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens: so many quarters of an hour after the act before."""

    what: str  # "credit", "debit", "job", "fail", "refund"
    account: str
    model: str
    key: int
    micros: int
    wait_min: int


@dataclass
class Tale:
    """What happened, kept apart from any store: each change with all by which it may be grouped."""

    store: Store
    at: datetime
    changes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    charged: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def live(self, act: Act) -> None:
        self.at += timedelta(minutes=act.wait_min)
        match act.what:
            case "credit":
                await self._credit(act)
            case "debit":
                if isinstance(await self.store.debit(act.account, Money(act.micros), self._deed(act)), Posted):
                    self._note(act, "debit", -act.micros)
            case "refund":
                await self._refund(act)
            case _:
                await self._job(act)

    async def _credit(self, act: Act) -> None:
        await self.store.credit(act.account, Money(act.micros), self._deed(act))
        self._note(act, "credit", act.micros)

    async def _refund(self, act: Act) -> None:
        if not self.charged:
            return
        change = self.charged[act.micros % len(self.charged)]
        amount = min(act.micros, -change["change"] - change["back"])
        if amount > 0:
            assert isinstance(await self.store.refund(change["job"], Money(amount), self._deed(act)), Posted)
            change["back"] += amount
            self.changes.append({**change, "at": self.at, "kind": "refund", "change": amount, "jobs": 0})

    async def _job(self, act: Act) -> None:
        job = make_job(
            act.account,
            id=new_id(in_ms(self.at), len(self.changes) << 40 | act.wait_min),
            key_id=f"key-{act.account}-{act.key}",
            endpoint=act.model,
            quote=Quote(Money(act.micros), "1 video × it", book="list"),
            created_at=self.at,
            updated_at=self.at,
        )
        if not isinstance(await self.store.accept(job), Accepted):
            return
        [lease] = await self.store.lease("w", now=self.at, until=self.at + DAY, want=ANY, per_account=10)
        self.at += timedelta(minutes=7)
        if act.what == "fail":
            await self.store.fail(lease, BROKEN, render_s=1, at=self.at)
            return
        blob = make_blob(job)
        await self.store.complete(lease, make_video(blob), blob, render_s=1, at=self.at)
        found = self._note(act, "captured", -act.micros, job=job.id, jobs=1)
        if act.micros:
            self.charged.append(found)

    def _note(self, act: Act, kind: str, change: int, *, job: str = "", jobs: int = 0) -> dict[str, Any]:
        found = {
            "at": self.at,
            "account": act.account,
            "kind": kind,
            "change": change,
            "job": job,
            "jobs": jobs,
            "back": 0,
            "model": act.model,
            "key": f"key-{act.account}-{act.key}",
            "channel": "preview",
        }
        self.changes.append(found)
        return found

    def _deed(self, act: Act) -> Deed:
        return Deed(actor="key-admin", action="a.deed", subject=act.account, at=self.at, reason="for a test")


@asynccontextmanager
async def opened(name: str, zones: Mapping[str, str], begin: datetime) -> AsyncIterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = await STORES[name].open(Path(folder), "")
        deed = Deed(actor="gateway", action="a.deed", subject="all", at=begin)
        for account, zone in zones.items():
            await store.add_account(Account(id=account, name=account, created_at=begin, time_zone=zone), deed)
            for number in range(2):
                await store.add_key(make_key(account, str(number), id=f"key-{account}-{number}"), deed)
        yield store
        await store.close()


acts = st.builds(
    Act,
    st.sampled_from(["job", "job", "job", "fail", "refund", "credit", "debit"]),
    st.sampled_from(["ada", "bob"]),
    st.sampled_from(MODELS),
    st.integers(0, 1),
    st.sampled_from([0, 1, 350_000, 333_333]) | st.integers(1, 2_000_000),
    st.sampled_from([0, 1, 15, 60, 60 * 7, 60 * 24]),
).filter(lambda act: act.what not in {"credit", "debit"} or act.micros > 0)


@pytest.mark.parametrize("name", sorted(STORES))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    story=st.lists(acts, min_size=1, max_size=14),
    begin=st.sampled_from(AROUND),
    ahead=st.integers(0, 100),
    zones=st.fixed_dictionaries({name: st.sampled_from(ZONES) for name in ("owner", "ada", "bob")}),
    days=st.tuples(st.integers(-1, 3), st.integers(0, 4)),
)
def test_totals_equal_the_sum_of_what_happened(
    name: str, story: list[Act], begin: datetime, ahead: int, zones: dict[str, str], days: tuple[int, int]
) -> None:
    async def play() -> None:
        async with opened(name, zones, begin - 3 * DAY) as store:
            tale = Tale(store, begin - timedelta(minutes=15 * ahead))
            for account in ("ada", "bob"):
                await tale.live(Act("credit", account, "", 0, 10_000_000, 0))
            for act in story:
                await tale.live(act)
            clock = FakeClock(tale.at)
            reports = Reports(store, PriceList(store, Catalog([]), clock), clock)
            first = begin.date() + timedelta(days=days[0])
            for account in (None, "ada", "bob"):
                period = Period(first=first, last=first + timedelta(days=days[1]), zone=zones[account or "owner"])
                await compare(reports, tale, account, period)

    asyncio.run(play())


async def compare(reports: Reports, tale: Tale, account: str | None, period: Period) -> None:
    """Every grouping, and the statement, against what happened."""
    inside = [each for each in tale.changes if account in (None, each["account"]) and period.since <= each["at"] < period.until]
    charges = [each for each in inside if each["kind"] == "captured"]
    refunds = [each for each in inside if each["kind"] == "refund"]
    for by in GROUPINGS:
        usage = await reports.usage(by, period, account)
        total = usage.total
        assert (total.jobs, total.captured, total.refunded) == (
            len(charges),
            -sum(each["change"] for each in charges),
            sum(each["change"] for each in refunds),
        )
        wanted: dict[tuple[str, ...], list[int]] = {}
        for each in (*charges, *refunds):
            sums = wanted.setdefault(tuple(group_of(each, dimension, period.zone) for dimension in by), [0, 0, 0])
            sums[0] += each["jobs"]
            sums[1 if each["kind"] == "captured" else 2] += abs(each["change"])
        assert {row.of: [row.jobs, row.captured, row.refunded] for row in usage.rows} == wanted
        shares = [row.share for row in usage.rows if row.share is not None]
        assert sum(shares) == (1000 if total.captured else 0)
    if account is not None:
        await compare_statement(reports, tale, account, period, inside)


async def compare_statement(reports: Reports, tale: Tale, account: str, period: Period, inside: list[dict[str, Any]]) -> None:
    statement = await reports.statement(account, period)
    before = [each["change"] for each in tale.changes if each["account"] == account and each["at"] < period.since]
    assert statement.opening == sum(before)
    assert statement.closing == statement.opening + sum(each["change"] for each in inside)
    assert [each.line.change for each in statement.movements] == [each["change"] for each in inside if each["change"]]
    assert {total.kind: total.change for total in statement.totals} == {
        kind: sum(each["change"] for each in inside if each["kind"] == kind) for kind in {each["kind"] for each in inside if each["change"]}
    }
    usage = await reports.usage((Dimension.DAY,), period, account)
    assert -usage.total.net == sum(total.change for total in statement.totals if total.kind in {"captured", "refund"})
    for row in usage.rows:
        day = date.fromisoformat(row.of[0])
        that_day = await reports.statement(account, Period(first=day, last=day, zone=period.zone))
        of_jobs = [each.line.change for each in that_day.movements if each.line.kind in {"captured", "refund"}]
        assert sum(of_jobs) == -row.net


def group_of(change: Mapping[str, Any], dimension: Dimension, zone: str) -> str:
    if dimension is Dimension.DAY:
        from zoneinfo import ZoneInfo

        return change["at"].astimezone(ZoneInfo(zone)).date().isoformat()
    return change[dimension.value]


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        ("day_of", lambda at, _: at.date().isoformat()),  # days of another zone
        ("in_order", lambda _, rows: [*rows][1:]),  # a row that nobody sees
        ("parts_of_whole", lambda amounts: [333] * len(amounts)),
    ],
)
async def test_a_report_that_is_wrong_is_found(what: str, instead: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above."""
    begin = datetime(2026, 10, 31, 23, tzinfo=UTC)
    zone = "America/New_York"
    async with opened("memory", {"owner": zone, "ada": zone}, begin) as store:
        tale = Tale(store, begin)
        for act in (Act("credit", "ada", "", 0, 10_000_000, 0), *[Act("job", "ada", MODELS[0], 0, 350_000, 120)] * 3):
            await tale.live(act)
        clock = FakeClock(tale.at)
        reports = Reports(store, PriceList(store, Catalog([]), clock), clock)
        period = Period(first=date(2026, 10, 31), last=date(2026, 11, 1), zone=zone)
        await compare(reports, tale, "ada", period)
        monkeypatch.setattr(f"reelgate.gateway.reports.{what}", instead)
        with pytest.raises(AssertionError):
            await compare(reports, tale, "ada", period)


@pytest.fixture(params=sorted(STORES))
async def told(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Tale, Reports]]:
    """Ada has money, and sees it in CNY."""
    begin = datetime(2026, 11, 20, tzinfo=UTC)
    async with opened(request.param, {"owner": "UTC", "ada": "Asia/Shanghai"}, begin) as store:
        deed = Deed(actor="gateway", action="a.deed", subject="all", at=begin)
        account = await store.account("ada")
        assert account is not None
        await store.change_account(Account(id="ada", name="Ada", created_at=begin, time_zone="Asia/Shanghai", currency="CNY"), deed)
        for day, rate in ((21, "7.10"), (23, "7.2")):
            since = datetime(2026, 11, day, tzinfo=UTC)
            await store.set_exchange_rate(ExchangeRate(currency="CNY", per_dollar=rate, since=since), deed)
        clock = FakeClock(begin + 10 * DAY)
        tale = Tale(store, begin)
        yield tale, Reports(store, PriceList(store, Catalog([]), clock), clock)


async def test_each_line_is_shown_by_the_rate_of_its_own_day_and_sums_are_of_what_is_shown(told: tuple[Tale, Reports]) -> None:
    tale, reports = told
    for wait_days, micros in ((1, 10_000_000), (1, 333_333), (2, 333_333)):
        await tale.live(Act("credit", "ada", "", 0, micros, wait_days * 1440))
    statement = await reports.statement("ada", await reports.period("ada"))
    shown = [each.shown for each in statement.movements]
    assert [(each.amount, each.per_dollar) for each in shown if each] == [("71.00", "7.10"), ("2.3667", "7.10"), ("2.40", "7.2")]
    [total] = statement.totals
    assert total.shown == str(sum(Decimal(each.amount) for each in shown if each)) == "75.7667"
    assert [each.per_dollar for each in statement.rates] == ["7.10", "7.2"]


async def test_where_a_line_has_no_rate_no_sum_is_shown(told: tuple[Tale, Reports]) -> None:
    tale, reports = told
    await tale.live(Act("credit", "ada", "", 0, 1_000_000, 60))
    await tale.live(Act("credit", "ada", "", 0, 1_000_000, 1440))
    statement = await reports.statement("ada", await reports.period("ada"))
    assert [each.shown is None for each in statement.movements] == [True, False]
    assert [total.shown for total in statement.totals] == [None]


async def test_a_line_tells_what_it_was_for(told: tuple[Tale, Reports]) -> None:
    tale, reports = told
    await tale.live(Act("credit", "ada", "", 0, 1_000_000, 0))
    await tale.live(Act("job", "ada", MODELS[0], 0, 350_000, 0))
    statement = await reports.statement("ada", await reports.period("ada"))
    credit, charge = (each.line for each in statement.movements)
    assert (credit.kind, credit.note) == ("credit", "for a test")
    assert (charge.endpoint, charge.words, charge.book) == (MODELS[0], "1 video × it", "list")
    assert charge.job_id is not None
    receipt = await reports.receipt("ada", charge.job_id)
    assert receipt is not None
    assert (receipt.held, receipt.outcome, receipt.charged) == (Money(350_000), "captured", Money(350_000))
    assert await reports.receipt("bob", charge.job_id) is None
    now = datetime(2026, 11, 30, tzinfo=UTC)
    assert (statement.account.id, statement.at, statement.balance.available) == ("ada", now, Money(650_000))
    assert statement.period == await reports.period("ada")


async def test_usage_says_of_whom_it_is_and_names_the_keys_where_it_is_by_keys(told: tuple[Tale, Reports]) -> None:
    _, reports = told
    period = await reports.period("ada")
    by_key = await reports.usage([Dimension.KEY], period, "ada")
    assert (by_key.by, by_key.period, by_key.account) == ((Dimension.KEY,), period, "ada")
    assert by_key.names == {"key-ada-0": "0", "key-ada-1": "1"}
    assert set((await reports.usage([Dimension.KEY], period)).names) > set(by_key.names)
    assert (await reports.usage([Dimension.MODEL], period, "ada")).names == {}


async def test_a_period_is_of_the_account_s_days_and_of_the_owner_s_for_all(told: tuple[Tale, Reports]) -> None:
    _, reports = told
    assert (await reports.period("ada")).zone == "Asia/Shanghai"
    assert (await reports.period(None)).zone == "UTC"
    said = [{"month": "2026-02"}, {"first": "2026-11-29"}, {"last": "2026-11-05"}, {}]
    assert [(await reports.period("ada", **each)).words for each in said] == [
        "2026-02-01 to 2026-02-28 (Asia/Shanghai)",
        "2026-11-29 to 2026-11-30 (Asia/Shanghai)",
        "2026-11-01 to 2026-11-05 (Asia/Shanghai)",
        "2026-11-01 to 2026-11-30 (Asia/Shanghai)",
    ]
    with pytest.raises(NotFound):
        await reports.period("nobody")
    with pytest.raises(NotFound):
        await reports.statement("nobody", await reports.period(None))


async def test_no_more_than_two_different_dimensions(told: tuple[Tale, Reports]) -> None:
    _, reports = told
    period = await reports.period(None)
    for by in ((Dimension.MODEL, Dimension.KEY, Dimension.DAY), (Dimension.DAY, Dimension.DAY)):
        with pytest.raises(InvalidInput, match="one or two of model, key, account, channel, day") as refused:
            await reports.usage(by, period)
        assert [fault.path for fault in refused.value.faults] == [("by",)]


def test_days_stand_in_their_order_and_groups_by_what_they_were_charged() -> None:
    rows = [
        UsageRow(of=("b", "2026-11-02"), jobs=1, captured=5, refunded=0),
        UsageRow(of=("a", "2026-11-03"), jobs=1, captured=3, refunded=0),
        UsageRow(of=("a", "2026-11-01"), jobs=1, captured=3, refunded=0),
    ]
    assert [row.of[0] + row.of[1][-1] for row in in_order((Dimension.MODEL, Dimension.DAY), rows)] == ["a1", "a3", "b2"]
    turned = [UsageRow(of=row.of[::-1], jobs=1, captured=row.captured, refunded=0) for row in rows]
    assert [row.of[1] for row in in_order((Dimension.DAY, Dimension.MODEL), turned)] == ["a", "b", "a"]


def test_of_groups_the_one_that_was_charged_most_comes_first() -> None:
    charged = {("a", "x"): 1, ("b", "x"): 2, ("b", "y"): 3, ("c", "x"): 4}
    rows = [UsageRow(of=of, jobs=1, captured=captured, refunded=0) for of, captured in charged.items()]
    assert [row.of for row in in_order((Dimension.MODEL, Dimension.KEY), rows)] == [("b", "y"), ("b", "x"), ("c", "x"), ("a", "x")]


@given(st.lists(st.integers(0, 10**12), max_size=12))
def test_shares_are_the_whole_together_and_none_is_off_by_a_tenth(amounts: list[int]) -> None:
    parts = parts_of_whole(amounts)
    if not sum(amounts):
        assert parts == [None] * len(amounts)
        return
    told = [part for part in parts if part is not None]
    assert sum(told) == 1000
    assert all(abs(part * sum(amounts) - 1000 * amount) < sum(amounts) for part, amount in zip(told, amounts, strict=True))


def test_what_rounding_leaves_goes_where_most_was_cut_off() -> None:
    assert parts_of_whole([4, 2, 1]) == [571, 286, 143]  # 571.43, 285.71 and 142.86
    assert parts_of_whole([1, 1, 1]) == [334, 333, 333]


def test_quarters_of_one_day_are_one_row() -> None:
    zone = "America/New_York"
    quarters = [datetime(2026, 11, 1, 3, 45, tzinfo=UTC) + timedelta(minutes=15 * number) for number in range(102)]
    rows = fold((Dimension.DAY,), [Tally(jobs=1, captured=2, refunded=0, quarter_at=each) for each in quarters], zone)
    assert {row.of: row.jobs for row in rows} == {("2026-10-31",): 1, ("2026-11-01",): 100, ("2026-11-02",): 1}


def test_totals_of_kinds_come_in_one_order() -> None:
    shown = Shown(currency="CNY", amount="-1.2350", per_dollar="7", since=AROUND[0])
    kinds = ("refund", "credit", "refund")
    lines = [Movement(line=Line(txn=1, at=AROUND[0], kind=kind, change=-1), balance=0, shown=shown) for kind in kinds]
    assert [(total.kind, total.lines, total.shown) for total in totals_of(lines)] == [("credit", 1, "-1.235"), ("refund", 2, "-2.47")]
    half = replace(lines[0], shown=replace(shown, amount="-0.5"))
    assert [total.shown for total in totals_of([half])] == ["-0.50"]
    kinds = ("refund", "captured", "debit", "credit")
    assert [total.kind for total in totals_of(replace(lines[0], line=replace(lines[0].line, kind=kind)) for kind in kinds)] == [
        "credit",
        "debit",
        "captured",
        "refund",
    ]
    assert list(pairs())[:2] == [(Dimension.MODEL, Dimension.KEY), (Dimension.MODEL, Dimension.ACCOUNT)]
    assert len(GROUPINGS) == 1 + len(Dimension) + 2 * len(list(pairs()))


def pairs() -> Iterator[tuple[Dimension, Dimension]]:
    yield from combinations(Dimension, 2)
