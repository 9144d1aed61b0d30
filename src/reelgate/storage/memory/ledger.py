"""Double entry in lists and dictionaries: the same books as a database keeps, so that the same faults can be found in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from reelgate.contracts.account import Balance
from reelgate.domain.money import Money
from reelgate.storage._rule import check_charge


class Entry(NamedTuple):
    """One leg of a transaction. The house's own accounts ("revenue", "cash", …) have no owner."""

    txn: int
    account: str
    kind: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Txn:
    """Why money moved, and by how much that changed the account's funds."""

    id: int
    kind: str
    account: str
    job_id: str | None
    at: datetime
    change: int
    note: str = ""
    actor: str = ""
    reference: str = ""


class Hold(NamedTuple):
    """What is reserved for a job, and where it counts as spent."""

    account: str
    amount: int
    txn: int
    line: str
    day: str


class Settlement(NamedTuple):
    """How a job's hold ended: "captured" or "released"."""

    outcome: str
    amount: int
    txn: int


class Ledger:
    """Entries are only ever added; balances and what was spent are kept beside them and must agree."""

    def __init__(self) -> None:
        self.txns: list[Txn] = []
        self.entries: list[Entry] = []
        self.balances: dict[tuple[str, str], int] = {}
        self.holds: dict[str, Hold] = {}
        self.settlements: dict[str, Settlement] = {}
        self.spend: Counter[tuple[str, str, str]] = Counter()  # by account, line of keys, day

    def open_account(self, account: str) -> None:
        """Start an account at nothing."""
        self.balances[account, "available"] = 0
        self.balances[account, "held"] = 0

    def balance(self, account: str) -> Balance:
        """What the account has; nothing if there is no such account."""
        return Balance(
            available=Money(self.balances.get((account, "available"), 0)),
            held=Money(self.balances.get((account, "held"), 0)),
        )

    def spent(self, account: str, line: str | None, day: str | None) -> int:
        """What an account spent; None lets every line, and every day, pass."""
        return sum(
            micros for (whose, of, on), micros in self.spend.items() if whose == account and line in {None, of} and day in {None, on}
        )

    def refunded(self, job_id: str, before_txn: int | None = None) -> int:
        """What was given back for a job, before a transaction or by now."""
        given = (txn for txn in self.txns if txn.kind == "refund" and txn.job_id == job_id)
        return sum(txn.change for txn in given if before_txn is None or txn.id < before_txn)

    def captured(self, job_id: str) -> int:
        """What was captured for a job."""
        settlement = self.settlements.get(job_id)
        return settlement.amount if settlement is not None and settlement.outcome == "captured" else 0

    def hold(self, job_id: str, account: str, amount: Money, at: datetime, *, line: str, day: str) -> None:
        """Reserve for a job; the caller has checked that it is there."""
        txn = self.post(
            Txn(id=self.next_id, kind="hold", account=account, job_id=job_id, at=at, change=0),
            (account, "available", -amount.micros),
            (account, "held", amount.micros),
        )
        self.holds[job_id] = Hold(account, amount.micros, txn.id, line, day)
        self.spend[account, line, day] += amount.micros

    def settle(self, job_id: str, outcome: str, at: datetime, charge: Money | None = None) -> None:
        """End a job's hold, once: captured, whole or up to the charge, or released."""
        if job_id in self.settlements:
            raise ValueError("this job is settled")
        account, held, _, line, day = self.holds[job_id]
        captured = 0 if outcome == "released" else held if charge is None else charge.micros
        check_charge(captured, held)
        rest = held - captured
        legs = [("", "revenue", captured)] if outcome == "captured" else []
        if rest or not legs:
            legs.append((account, "available", rest))
        txn = Txn(id=self.next_id, kind=outcome, account=account, job_id=job_id, at=at, change=-captured)
        self.post(txn, (account, "held", -held), *legs)
        self.settlements[job_id] = Settlement(outcome, held if outcome == "released" else captured, txn.id)
        self.spend[account, line, day] -= rest

    def cost(self, kind: str, job_id: str, account: str, at: datetime, legs: Sequence[tuple[str, int]]) -> None:
        """Book what a job costs the house, if that is anything."""
        if legs:
            txn = Txn(id=self.next_id, kind=kind, account=account, job_id=job_id, at=at, change=0)
            self.post(txn, *(("", sort, amount) for sort, amount in legs))

    def possible_cost(self, job_id: str) -> int:
        """What a job may have cost the house."""
        booked = {txn.id for txn in self.txns if txn.kind == "possible_cost" and txn.job_id == job_id}
        return -sum(entry.amount for entry in self.entries if entry.txn in booked and entry.kind == "possible_cost")

    @property
    def next_id(self) -> int:
        """The number of the next transaction."""
        return len(self.txns) + 1

    def post(self, txn: Txn, *legs: tuple[str, str, int]) -> Txn:
        """Write a transaction and move the balances with it."""
        self.txns.append(txn)
        for account, sort, amount in legs:
            self.entries.append(Entry(txn.id, account, sort, amount))
            if account:
                self.balances[account, sort] += amount
        return txn
