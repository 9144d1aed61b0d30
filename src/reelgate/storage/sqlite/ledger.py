"""The books: every movement of money is a transaction of two entries, and moves the balances with it."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain.clock import in_ms
from reelgate.domain.errors import NotFound
from reelgate.domain.job import JobState
from reelgate.domain.money import Money
from reelgate.storage._rule import NO_ACCOUNT, OUTCOME_OF_END
from reelgate.storage.sqlite.connection import Transaction
from reelgate.storage.sqlite.query import QUERIES

_INSERT_TXN = QUERIES["insert_txn"]
_INSERT_ENTRIES = QUERIES["insert_entries"]
_INSERT_HOLD = QUERIES["insert_hold"]
_READ_HOLD = QUERIES["read_hold"]
_INSERT_SETTLEMENT = QUERIES["insert_settlement"]
_MOVE_BALANCE = QUERIES["move_balance"]


def write_hold(write: Transaction, job_id: str, account: str, micros: int, at_ms: int) -> None:
    """Book what was reserved for a job; the balance has moved already, where it was admitted."""
    txn = write.insert(_INSERT_TXN, ("hold", job_id, at_ms, ""))
    write.run(_INSERT_ENTRIES, (txn, account, "available", -micros, txn, account, "held", micros))
    write.run(_INSERT_HOLD, (job_id, account, micros, txn))


def settle(write: Transaction, job_id: str, state: JobState, at_ms: int) -> None:
    """End a job's hold as its end demands: captured whole, or released."""
    outcome = OUTCOME_OF_END[state]
    hold = write.row(_READ_HOLD, (job_id,))
    if hold is None:
        raise LookupError(f"job {job_id} has no hold")
    account, micros = hold
    txn = write.insert(_INSERT_TXN, (outcome, job_id, at_ms, ""))
    write.run(_INSERT_SETTLEMENT, (job_id, outcome, micros, txn))
    if outcome == "captured":
        write.run(_INSERT_ENTRIES, (txn, account, "held", -micros, txn, None, "revenue", micros))
        write.run(_MOVE_BALANCE, (0, -micros, account))
    else:
        write.run(_INSERT_ENTRIES, (txn, account, "held", -micros, txn, account, "available", micros))
        write.run(_MOVE_BALANCE, (micros, -micros, account))


def credit(write: Transaction, account: str, amount: Money, reason: str, at: datetime) -> None:
    """Money from outside."""
    if write.run(_MOVE_BALANCE, (amount.micros, 0, account)) == 0:
        raise NotFound(NO_ACCOUNT)
    txn = write.insert(_INSERT_TXN, ("credit", None, in_ms(at), reason))
    write.run(_INSERT_ENTRIES, (txn, None, "cash", -amount.micros, txn, account, "available", amount.micros))
