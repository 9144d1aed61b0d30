"""What moves money beside jobs, and what can be read of the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from reelgate.contracts.account import Balance
from reelgate.contracts.audit import Deed
from reelgate.contracts.ledger import Against, Dimension, Line, Posted, Receipt, Reused, Statement, Tally, TooLittle
from reelgate.domain.calendar import QUARTER_MS
from reelgate.domain.clock import from_ms, in_ms
from reelgate.domain.errors import NotFound
from reelgate.domain.job import Job
from reelgate.domain.money import Money
from reelgate.storage._rule import NO_JOB, check_funds, is_repeated, whole_ms
from reelgate.storage.memory.audit import Deeds
from reelgate.storage.memory.ledger import Txn


class _Group(NamedTuple):
    """Of which group of a usage a movement is."""

    model: str
    key: str
    account: str
    channel: str
    quarter_ms: int  # 0 where days are not asked for


class Books(Deeds):
    """Verbs for money."""

    async def credit(self, account: str, amount: Money, deed: Deed, *, against: Against = "cash", reference: str = "") -> Posted | Reused:
        self._check_account(account)
        known = self._known(reference)
        if known is not None:
            return self._again(known, "credit", account, None, same=known.change == amount.micros)
        self._check_funds(account, amount)
        return self._post("credit", account, amount.micros, house=against, deed=deed, reference=reference)

    async def debit(self, account: str, amount: Money, deed: Deed, *, reference: str = "") -> Posted | TooLittle | Reused:
        self._check_account(account)
        known = self._known(reference)
        if known is not None:
            return self._again(known, "debit", account, None, same=known.change == -amount.micros)
        available = self.shelf.ledger.balance(account).available
        if available < amount:
            return TooLittle(available)
        return self._post("debit", account, -amount.micros, house="adjustment", deed=deed, reference=reference)

    async def refund(self, job_id: str, amount: Money | None, deed: Deed, *, reference: str = "") -> Posted | TooLittle | Reused:
        self._check_open()
        job, ledger = self.shelf.jobs.get(job_id), self.shelf.ledger
        if job is None:
            raise NotFound(NO_JOB)
        captured, known = ledger.captured(job_id), self._known(reference)
        if known is not None:
            same = is_repeated(amount, known.change, captured - ledger.refunded(job_id, known.id))
            return self._again(known, "refund", job.account, job_id, same=same)
        left = captured - ledger.refunded(job_id)
        micros = left if amount is None else amount.micros
        if left == 0 or micros > left:
            return TooLittle(Money(left))
        self._check_funds(job.account, Money(micros))
        hold = ledger.holds[job_id]
        posted = self._post("refund", job.account, micros, house="revenue", deed=deed, reference=reference, job_id=job_id)
        ledger.spend[hold.account, hold.line, hold.day] -= micros
        return posted

    async def balance(self, account: str) -> Balance:
        return self.shelf.ledger.balance(account)

    async def receipt(self, account: str, job_id: str) -> Receipt | None:
        ledger = self.shelf.ledger
        hold, settlement = ledger.holds.get(job_id), ledger.settlements.get(job_id)
        if hold is None or hold.account != account:
            return None
        return Receipt(
            job_id=job_id,
            held=Money(hold.amount),
            outcome=settlement.outcome if settlement is not None else "",
            charged=Money(ledger.captured(job_id)),
            refunded=Money(ledger.refunded(job_id)),
        )

    async def statement(self, account: str, since: datetime, until: datetime) -> Statement:
        mine = [txn for txn in self.shelf.ledger.txns if txn.account == account and txn.change]
        lines = sorted((txn for txn in mine if since <= txn.at < until), key=lambda txn: (txn.at, txn.id))
        return Statement(opening=sum(txn.change for txn in mine if txn.at < since), lines=tuple(map(self._line, lines)))

    async def usage(self, by: Sequence[Dimension], since: datetime, until: datetime, account: str | None = None) -> list[Tally]:
        jobs, captured, refunded = Counter[_Group](), Counter[_Group](), Counter[_Group]()
        for txn in self.shelf.ledger.txns:
            if txn.kind not in {"captured", "refund"} or not since <= txn.at < until or account not in {None, txn.account}:
                continue
            group = _group(by, txn, self.shelf.jobs[txn.job_id or ""])
            jobs[group] += txn.kind == "captured"
            captured[group] -= txn.change if txn.kind == "captured" else 0
            refunded[group] += txn.change if txn.kind == "refund" else 0
        return [
            Tally(
                jobs=jobs[group],
                captured=captured[group],
                refunded=refunded[group],
                model=group.model,
                key=group.key,
                account=group.account,
                channel=group.channel,
                quarter_at=from_ms(group.quarter_ms) if group.quarter_ms else None,
            )
            for group in sorted(jobs)
        ]

    def _line(self, txn: Txn) -> Line:
        job = self.shelf.jobs.get(txn.job_id or "")
        line = Line(txn=txn.id, at=txn.at, kind=txn.kind, change=txn.change, note=txn.note, job_id=txn.job_id)
        return line if job is None else replace(line, endpoint=job.endpoint, words=job.quote.words, book=job.quote.book)

    def _known(self, reference: str) -> Txn | None:
        return next((txn for txn in self.shelf.ledger.txns if reference and txn.reference == reference), None)

    def _again(self, known: Txn, kind: str, account: str, job_id: str | None, *, same: bool) -> Posted | Reused:
        """What becomes of a reference that is in the books already."""
        if not same or (known.kind, known.account, known.job_id) != (kind, account, job_id):
            return Reused(known.id)
        return Posted(txn=known.id, account=account, change=known.change, balance=self.shelf.ledger.balance(account), replayed=True)

    def _check_funds(self, account: str, more: Money) -> None:
        balance = self.shelf.ledger.balance(account)
        check_funds(balance.available.micros + balance.held.micros, more)

    def _post(self, kind: str, account: str, change: int, *, house: str, deed: Deed, reference: str, job_id: str | None = None) -> Posted:
        line, ledger = self._next_line(deed), self.shelf.ledger
        told = {"note": deed.reason, "actor": deed.actor, "reference": reference}
        txn = Txn(id=ledger.next_id, kind=kind, account=account, job_id=job_id, at=whole_ms(deed.at), change=change, **told)
        ledger.post(txn, ("", house, -change), (account, "available", change))
        self.shelf.audit.append(line)
        return Posted(txn=txn.id, account=account, change=txn.change, balance=ledger.balance(account))


def _group(by: Sequence[Dimension], txn: Txn, job: Job) -> _Group:
    return _Group(
        model=job.endpoint if Dimension.MODEL in by else "",
        key=job.key_id if Dimension.KEY in by else "",
        account=job.account if Dimension.ACCOUNT in by else "",
        channel=(job.channel or job.engine) if Dimension.CHANNEL in by else "",
        quarter_ms=in_ms(txn.at) // QUARTER_MS * QUARTER_MS if Dimension.DAY in by else 0,
    )
