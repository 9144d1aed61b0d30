"""Double entry in lists and dictionaries: the same books as a database keeps, so that the same faults can be found in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from reelgate.contracts.account import Balance
from reelgate.domain.money import Money


class Entry(NamedTuple):
    """One leg of a transaction. The house's own accounts ("revenue", "cash") have no owner."""

    txn: int
    account: str
    kind: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Txn:
    """Why money moved."""

    id: int
    kind: str
    job_id: str | None
    at: datetime
    note: str = ""


class Hold(NamedTuple):
    """What is reserved for a job."""

    account: str
    amount: int


class Settlement(NamedTuple):
    """How a job's hold ended: "captured" or "released"."""

    outcome: str
    amount: int


class Ledger:
    """Entries are only ever added; balances are kept beside them and must agree."""

    def __init__(self) -> None:
        self.txns: list[Txn] = []
        self.entries: list[Entry] = []
        self.balances: dict[tuple[str, str], int] = {}
        self.holds: dict[str, Hold] = {}
        self.settlements: dict[str, Settlement] = {}

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

    def credit(self, account: str, amount: Money, reason: str, at: datetime) -> None:
        """Money from outside."""
        self._post("credit", None, at, (("", "cash", -amount.micros), (account, "available", amount.micros)), reason)

    def hold(self, job_id: str, account: str, amount: Money, at: datetime) -> None:
        """Reserve for a job; the caller has checked that it is there."""
        self._post("hold", job_id, at, ((account, "available", -amount.micros), (account, "held", amount.micros)))
        self.holds[job_id] = Hold(account, amount.micros)

    def settle(self, job_id: str, outcome: str, at: datetime) -> None:
        """End a job's hold, once."""
        if job_id in self.settlements:
            raise ValueError("this job is settled")
        account, amount = self.holds[job_id]
        other = ("", "revenue", amount) if outcome == "captured" else (account, "available", amount)
        self._post(outcome, job_id, at, ((account, "held", -amount), other))
        self.settlements[job_id] = Settlement(outcome, amount)

    def _post(self, kind: str, job_id: str | None, at: datetime, legs: tuple[tuple[str, str, int], ...], note: str = "") -> None:
        txn = Txn(id=len(self.txns) + 1, kind=kind, job_id=job_id, at=at, note=note)
        self.txns.append(txn)
        for account, sort, amount in legs:
            self.entries.append(Entry(txn.id, account, sort, amount))
            if account:
                self.balances[account, sort] += amount
