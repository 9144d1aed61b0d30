"""`reelgate credit`, `debit` and `refund`: money that moves beside jobs."""

from __future__ import annotations

import uuid
from typing import Annotated, Any
from urllib.parse import quote

import typer

from reelgate.cli.amount import dollars, read_amount
from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, say, wants_json

Account = Annotated[str, typer.Argument(help="The id of an account.")]
Amount = Annotated[str, typer.Argument(help="Dollars, like 100 or 0.35.")]
Part = Annotated[str | None, typer.Argument(help="Dollars; all that is left of the charge if not said.", show_default=False)]
Job = Annotated[str, typer.Argument(help="The id of a job, in any of its forms.")]
Reason = Annotated[str, typer.Option(help="Why: it stands on the statement, for the customer to read, and in the audit log.")]
Promo = Annotated[bool, typer.Option("--promo", help="It is given, not paid in.")]
Reference = Annotated[
    str, typer.Option(help="Your own key for this movement: the same one again moves nothing. For scripts.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_ANY_AMOUNT = {"ignore_unknown_options": True}  # -5 is an amount below 0 to be refused as one, not an option


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("credit", context_settings=_ANY_AMOUNT)(credit)
    app.command("debit", context_settings=_ANY_AMOUNT)(debit)
    app.command("refund", context_settings=_ANY_AMOUNT)(refund)


def credit(
    account: Account, amount: Amount, *, reason: Reason, promo: Promo = False, reference: Reference = "", as_json: AsJson = False
) -> None:
    """Add money to an account: reelgate credit bob 100 --reason "invoice 17". What is available then goes to stdout."""
    asked = {"amount": read_amount(amount, command("debit", account, "AMOUNT", "--reason", "TEXT")), "reason": reason}
    posted = _move(f"/admin/v1/accounts/{quote(account, safe='')}/credit", {**asked, "against": "promo" if promo else "cash"}, reference)
    _tell(posted, f"{dollars(asked['amount'])} {'given' if promo else 'added'} to {account}", as_json=as_json)


def debit(account: Account, amount: Amount, reason: Reason, reference: Reference = "", as_json: AsJson = False) -> None:
    """Take money from an account, of what is available there. What is available then goes to stdout."""
    asked = {"amount": read_amount(amount, command("credit", account, "AMOUNT", "--reason", "TEXT")), "reason": reason}
    posted = _move(f"/admin/v1/accounts/{quote(account, safe='')}/debit", asked, reference)
    _tell(posted, f"{dollars(asked['amount'])} taken from {account}", as_json=as_json)


def refund(job: Job, reason: Reason, amount: Part = None, reference: Reference = "", as_json: AsJson = False) -> None:
    """Give back what a job was charged, or a part of it. What its account has available then goes to stdout.

    Never more than was charged: several refunds of one job are added up.
    """
    asked: dict[str, Any] = {"reason": reason}
    if amount is not None:
        asked["amount"] = read_amount(amount, command("debit", "ACCOUNT", "AMOUNT", "--reason", "TEXT"))
    posted = _move(f"/admin/v1/jobs/{quote(job, safe='')}/refund", asked, reference)
    _tell(posted, f"{dollars(posted['change'])} given back to {posted['account']} for job {job}", as_json=as_json)


def _move(path: str, asked: dict[str, Any], reference: str) -> dict[str, Any]:
    from reelgate.cli.client import admin

    return admin().ask("POST", path, asked, headers={"Idempotency-Key": reference or f"cli-{uuid.uuid4()}"})


def _tell(posted: dict[str, Any], words: str, *, as_json: bool) -> None:
    if wants_json(as_json):
        give_json(posted)
        return
    print(dollars(posted["available"]))
    held = f", {dollars(posted['held'])} more is held for jobs under way" if posted["held"].strip("0.") else ""
    say(f"{words} (transaction {posted['transaction']}); {dollars(posted['available'])} is available{held}")
