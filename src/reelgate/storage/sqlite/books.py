"""What moves money beside jobs, and what can be read of the books."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from reelgate.contracts.account import Balance
from reelgate.contracts.audit import Deed
from reelgate.contracts.ledger import Against, Dimension, Line, Posted, Receipt, Reused, Statement, Tally, TooLittle
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.errors import NotFound
from reelgate.domain.money import Money
from reelgate.storage._rule import NO_ACCOUNT, NO_JOB, check_funds, is_repeated
from reelgate.storage.sqlite.audit import write_deed
from reelgate.storage.sqlite.connection import Reader, Row, Transaction
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.room import Room
from reelgate.storage.sqlite.rows import instant_or_none
from reelgate.storage.sqlite.writer import Unit

_READ_BALANCE = QUERIES["read_balance"]
_MOVE_BALANCE = QUERIES["move_balance"]
_INSERT_DEED_TXN = QUERIES["insert_deed_txn"]
_INSERT_ENTRIES = QUERIES["insert_entries"]
_TXN_BY_REFERENCE = QUERIES["txn_by_reference"]
_READ_CHARGE = QUERIES["read_charge"]
_REFUNDED = QUERIES["refunded"]
_READ_HOLD = QUERIES["read_hold"]
_TAKE_SPEND = QUERIES["take_spend"]
_NEVER = (1 << 63) - 1


class _Movement(NamedTuple):
    """What an admin does to an account's funds: from or to which account of the house, and why."""

    kind: str
    account: str
    job_id: str | None
    house: str
    deed: Deed
    reference: str


def credit(account: str, amount: Money, deed: Deed, against: Against, reference: str) -> Unit[Posted | Reused]:
    """Money from outside, or given away."""
    wanted = _Movement("credit", account, None, against, deed, reference)

    def unit(write: Transaction) -> Posted | Reused:
        before = _balance_of(write, account)
        known = write.row(_TXN_BY_REFERENCE, (reference,))
        if known is not None:
            return _known(write, known, wanted, same=known[4] == amount.micros)
        check_funds(before.available.micros + before.held.micros, amount)
        return _post(write, wanted, amount.micros)

    return unit


def debit(account: str, amount: Money, deed: Deed, reference: str) -> Unit[Posted | TooLittle | Reused]:
    """Money taken back."""
    wanted = _Movement("debit", account, None, "adjustment", deed, reference)

    def unit(write: Transaction) -> Posted | TooLittle | Reused:
        before = _balance_of(write, account)
        known = write.row(_TXN_BY_REFERENCE, (reference,))
        if known is not None:
            return _known(write, known, wanted, same=known[4] == -amount.micros)
        if before.available < amount:
            return TooLittle(before.available)
        return _post(write, wanted, -amount.micros)

    return unit


def refund(job_id: str, amount: Money | None, deed: Deed, reference: str) -> Unit[Posted | TooLittle | Reused]:
    """What was captured for a job, or a part of it, given back."""

    def unit(write: Transaction) -> Posted | TooLittle | Reused:
        charge = write.row(_READ_CHARGE, (job_id,))
        if charge is None:
            raise NotFound(NO_JOB)
        account, captured = charge
        wanted = _Movement("refund", account, job_id, "revenue", deed, reference)
        known = write.row(_TXN_BY_REFERENCE, (reference,))
        if known is not None:
            return _known(write, known, wanted, same=is_repeated(amount, known[4], captured - _refunded(write, job_id, known[0])))
        left = captured - _refunded(write, job_id)
        micros = left if amount is None else amount.micros
        if left == 0 or micros > left:
            return TooLittle(Money(left))
        before = _balance_of(write, account)
        check_funds(before.available.micros + before.held.micros, Money(micros))
        return _post(write, wanted, micros)

    return unit


def _known(write: Transaction, known: Row, wanted: _Movement, *, same: bool) -> Posted | Reused:
    """What becomes of a reference that is in the books already."""
    txn, *whose, change = known
    if not same or whose != [wanted.kind, wanted.account, wanted.job_id]:
        return Reused(txn)
    return Posted(txn=txn, account=wanted.account, change=change, balance=_balance_of(write, wanted.account), replayed=True)


def _post(write: Transaction, wanted: _Movement, change: int) -> Posted:
    kind, account, job_id, house, deed, reference = wanted
    txn = write.insert(_INSERT_DEED_TXN, (kind, account, job_id, in_ms(deed.at), change, deed.reason, deed.actor, reference))
    write.run(_INSERT_ENTRIES, (txn, None, house, -change, txn, account, "available", change))
    write.run(_MOVE_BALANCE, (change, 0, account))
    if job_id is not None and change:
        ((_, _, day, line),) = write.rows(_READ_HOLD, (job_id,))
        write.run(_TAKE_SPEND, (change, account, line, day))
    write_deed(write, deed)
    return Posted(txn=txn, account=account, change=change, balance=_balance_of(write, account))


def _refunded(write: Transaction, job_id: str, before_txn: int = _NEVER) -> int:
    ((micros,),) = write.rows(_REFUNDED, (job_id, before_txn))
    return micros


def _balance_of(read: Reader, account: str) -> Balance:
    row = read.row(_READ_BALANCE, (account,))
    if row is None:
        raise NotFound(NO_ACCOUNT)
    return Balance(available=Money(row[0]), held=Money(row[1]))


class Books(Room):
    """Verbs for money."""

    async def credit(self, account: str, amount: Money, deed: Deed, *, against: Against = "cash", reference: str = "") -> Posted | Reused:
        return await self.writer.run(credit(account, amount, deed, against, reference))

    async def debit(self, account: str, amount: Money, deed: Deed, *, reference: str = "") -> Posted | TooLittle | Reused:
        return await self.writer.run(debit(account, amount, deed, reference))

    async def refund(self, job_id: str, amount: Money | None, deed: Deed, *, reference: str = "") -> Posted | TooLittle | Reused:
        return await self.writer.run(refund(job_id, amount, deed, reference))

    async def balance(self, account: str) -> Balance:
        available, held = self._near.row(_READ_BALANCE, (account,)) or (0, 0)
        return Balance(available=Money(available), held=Money(held))

    async def receipt(self, account: str, job_id: str) -> Receipt | None:
        row = self._near.row(QUERIES["receipt"], (job_id, account))
        if row is None:
            return None
        held, outcome, settled, refunded = row
        charged = settled if outcome == "captured" else 0
        return Receipt(job_id=job_id, held=Money(held), outcome=outcome or "", charged=Money(charged), refunded=Money(refunded))

    async def statement(self, account: str, since: datetime, until: datetime) -> Statement:
        which = {"account": account, "since": in_ms(since), "until": in_ms(until)}

        def ask(read: Reader) -> Statement:
            with read.snapshot():
                ((opening,),) = read.rows(QUERIES["opening"], which)
                return Statement(opening=opening, lines=tuple(map(_read_line, read.rows(QUERIES["statement"], which))))

        return await self._report(ask)

    async def usage(self, by: Sequence[Dimension], since: datetime, until: datetime, account: str | None = None) -> list[Tally]:
        asked = {f"by_{each.value}": each in by for each in Dimension}
        which = {**asked, "since": in_ms(since), "until": in_ms(until), "account": account}
        return await self._report(lambda read: [_read_tally(row) for row in read.rows(QUERIES["usage"], which)])


def _read_line(row: Row) -> Line:
    txn, at, kind, change, note, job_id, endpoint, words, book = row
    return Line(
        txn=txn,
        at=from_ms(at),
        kind=kind,
        change=change,
        note=note,
        job_id=job_id,
        endpoint=endpoint or "",
        words=words or "",
        book=book or "",
    )


def _read_tally(row: Row) -> Tally:
    jobs, captured, refunded, model, key, account, channel, quarter = row
    return Tally(
        jobs=jobs,
        captured=captured,
        refunded=refunded,
        model=model,
        key=key,
        account=account,
        channel=channel,
        quarter_at=instant_or_none(quarter),
    )
