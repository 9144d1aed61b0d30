"""Whatever a store is asked on behalf of a caller, it is asked for one account: a route cannot forget to say whose things it wants."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from reelgate.contracts.store import Store

# Verbs that take no account, and why.
EXCEPTIONS: Mapping[str, str] = {
    # what writes: the record that is written says whose it is
    "accept": "the job says whose it is",
    "add_key": "the key says whose it is",
    "change_key": "the key says whose it is",
    "rotate_key": "the key says whose it is",
    "revoke_key": "for admins",
    "touch_keys": "of keys that were shown",
    "add_blob": "the row says whose it is",
    "open_upload": "the upload says whose it is",
    "keep_secret": "the gateway's own",
    "refund": "for admins",
    "set_prices": "for admins",
    "add_book": "for admins",
    "set_exchange_rate": "for admins",
    # what is read by whoever has an unguessable name
    "key_by_mac": "whoever shows the key",
    "blob": "the name is the right to it",
    "upload": "the id is the right to it",
    "parts": "of an upload, whose id is the right to it",
    "add_part": "of an upload, whose id is the right to it",
    "finish_upload": "of an upload, whose id is the right to it",
    # admins and the gateway itself
    "accounts": "for admins",
    "key": "for admins, and for who showed the key before",
    "prices": "everybody's",
    "books": "for admins",
    "exchange_rates": "everybody's",
    "price_version": "everybody's",
    "channels": "for admins, and for dispatch",
    "channel_secret": "dispatch: to call as the channel",
    "put_channel": "for admins",
    "remove_channel": "for admins",
    "channel_version": "everybody's",
    "audit": "for admins",
    "audit_head": "for admins",
    "secret": "the gateway's own",
    "counts": "how many there are, of all",
    "owner_of": "for admins",
    "census": "how many there are, of all",
    "breaches": "for admins",
    "check_writable": "tells nothing",
    "close": "tells nothing",
    "watch": "wakes, and tells nothing",
    # dispatch, which works for all accounts
    "accepted_since": "dispatch: after a crash",
    "lease": "dispatch",
    "renew": "dispatch",
    "expire_leases": "dispatch",
    "line": "dispatch",
    "overdue": "dispatch",
    "open_attempt": "dispatch, under a lease",
    "close_attempt": "dispatch, under a lease",
    "count_death": "dispatch, under a lease",
    "sent": "dispatch, under a lease",
    "doubt": "dispatch, under a lease",
    "note_ticket": "dispatch, under a lease",
    "requeue": "dispatch, under a lease",
    "give_up": "dispatch, under a lease",
    "keep_late": "dispatch, by the attempt's token",
    "rule_out": "dispatch, by the attempt's token",
    "claim": "dispatch: of what an upstream speaks",
    "attempt_at": "dispatch: of what an upstream lists",
    "given_up": "dispatch: what may still come, of all",
    "asked_to_cancel": "dispatch",
    "note": "dispatch, under a lease",
    "complete": "dispatch, under a lease",
    "fail": "dispatch, under a lease",
    "cancel": "dispatch, under a lease",
    "due": "the outbox",
    "delivered": "the outbox, by its token",
    "delivery_failed": "the outbox, by its token",
    "sweep_deliveries": "the sweeper",
    "expired_blobs": "the sweeper",
    "forget_blob": "the sweeper",
    "known_blobs": "the sweeper",
    "kept_videos": "the inspector",
    "stale_uploads": "the sweeper",
}
FOR_ALL_OR_ONE = {"keys": "admins list all", "usage": "admins sum up all"}
"""Verbs whose account may be left out, and why."""


def test_every_verb_takes_the_account_or_has_a_reason_not_to() -> None:
    assert sorted(without_account(Store) - EXCEPTIONS.keys()) == [], "take the account, or say here why not"


def test_no_account_is_left_out_by_mistake() -> None:
    taken = {name: inspect.signature(verb).parameters.get("account") for name, verb in verbs(Store)}
    optional = {name for name, account in taken.items() if account is not None and account.default is not account.empty}
    assert optional == FOR_ALL_OR_ONE.keys()


def test_no_reason_outlives_its_verb() -> None:
    assert sorted(EXCEPTIONS.keys() - without_account(Store)) == []


def test_a_verb_that_forgets_the_account_is_found() -> None:
    class Careless(Store, Protocol):
        async def job_of_anybody(self, job_id: str) -> object: ...

    assert without_account(Careless) - EXCEPTIONS.keys() == {"job_of_anybody"}


def without_account(store: type) -> set[str]:
    """Verbs that do not say for whom they are asked."""
    return {name for name, verb in verbs(store) if not {"account", "account_id"} & inspect.signature(verb).parameters.keys()}


def verbs(store: type) -> Iterator[tuple[str, Any]]:
    for name, verb in inspect.getmembers(store, inspect.isfunction):
        if not name.startswith("_"):
            yield name, verb
