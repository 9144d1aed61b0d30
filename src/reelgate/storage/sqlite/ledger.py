"""The books beside jobs: every movement of money is a transaction whose entries sum to zero, and moves the balances with it."""

from __future__ import annotations

from collections.abc import Sequence

from reelgate.contracts.attempt import Cost
from reelgate.domain.job import JobState
from reelgate.domain.money import Money
from reelgate.storage._rule import OUTCOME_OF_END, check_charge, legs_of_cost, legs_of_late_cost
from reelgate.storage.sqlite.connection import Transaction
from reelgate.storage.sqlite.query import QUERIES

_INSERT_HOLD_TXN = QUERIES["insert_hold_txn"]
_INSERT_END_TXN = QUERIES["insert_end_txn"]
_INSERT_COST_TXN = QUERIES["insert_cost_txn"]
_POSSIBLE_COST = QUERIES["possible_cost"]
_INSERT_ENTRIES = QUERIES["insert_entries"]
_INSERT_ENTRY = QUERIES["insert_entry"]
_INSERT_HOLD = QUERIES["insert_hold"]
_READ_HOLD = QUERIES["read_hold"]
_INSERT_SETTLEMENT = QUERIES["insert_settlement"]
_MOVE_BALANCE = QUERIES["move_balance"]
_ADD_SPEND = QUERIES["add_spend"]
_TAKE_SPEND = QUERIES["take_spend"]


def write_hold(write: Transaction, job_id: str, account: str, micros: int, at_ms: int, *, line: str, day: str) -> None:
    """Book what was reserved for a job; the balance has moved already, where it was admitted."""
    txn = write.insert(_INSERT_HOLD_TXN, (account, job_id, at_ms))
    write.run(_INSERT_ENTRIES, (txn, account, "available", -micros, txn, account, "held", micros))
    write.run(_INSERT_HOLD, (job_id, account, micros, txn, day, line))
    if micros:
        write.run(_ADD_SPEND, (account, line, day, micros))


def settle(write: Transaction, job_id: str, state: JobState, at_ms: int, charge: Money | None = None) -> None:
    """End a job's hold as its end demands: captured, whole or up to the charge, or released."""
    outcome = OUTCOME_OF_END[state]
    hold = write.row(_READ_HOLD, (job_id,))
    if hold is None:
        raise LookupError(f"job {job_id} has no hold")
    account, held, day, line = hold
    captured = 0 if outcome == "released" else held if charge is None else charge.micros
    check_charge(captured, held)
    txn = write.insert(_INSERT_END_TXN, (outcome, account, job_id, at_ms, -captured))
    write.run(_INSERT_SETTLEMENT, (job_id, outcome, held if outcome == "released" else captured, txn))
    rest = held - captured
    if outcome == "captured":
        write.run(_INSERT_ENTRIES, (txn, account, "held", -held, txn, None, "revenue", captured))
        if rest:
            write.run(_INSERT_ENTRY, (txn, account, "available", rest))
    else:
        write.run(_INSERT_ENTRIES, (txn, account, "held", -held, txn, account, "available", held))
    write.run(_MOVE_BALANCE, (rest, -held, account))
    if rest:
        write.run(_TAKE_SPEND, (rest, account, line, day))


def write_cost(write: Transaction, job_id: str, account: str, cost: Cost | None, at_ms: int) -> None:
    """Book what a job costs the house at its channel, if it costs anything."""
    legs = legs_of_cost(cost)
    if legs:
        _write_costs(write, ("cost", account, job_id), at_ms, legs)


def write_possible_cost(write: Transaction, job_id: str, account: str, possible: Money, at_ms: int) -> None:
    """Book what a job may have cost, nothing too: whether anything was booked says how it ended."""
    _write_costs(write, ("possible_cost", account, job_id), at_ms, (("possible_cost", -possible.micros), ("payable", possible.micros)))


def write_late_cost(write: Transaction, job_id: str, account: str, cost: Cost | None, at_ms: int) -> None:
    """What may have been spent was, or was not."""
    ((possible,),) = write.rows(_POSSIBLE_COST, (job_id,))
    _write_costs(write, ("late_cost", account, job_id), at_ms, legs_of_late_cost(cost, possible or 0))


def _write_costs(write: Transaction, what: tuple[str, str, str], at_ms: int, legs: Sequence[tuple[str, int]]) -> None:
    """Book a cost; `what` is its kind, the account and the job."""
    txn = write.insert(_INSERT_COST_TXN, (*what, at_ms))
    for sort, amount in legs:
        write.run(_INSERT_ENTRY, (txn, None, sort, amount))
