"""Secrets, sealed before they come here: the gateway's own, and those that webhooks are signed with."""

from __future__ import annotations

from datetime import datetime

from reelgate.contracts.audit import Deed
from reelgate.domain.clock import in_ms
from reelgate.domain.errors import NotFound
from reelgate.storage._rule import NO_ACCOUNT
from reelgate.storage.sqlite.audit import write_deed
from reelgate.storage.sqlite.connection import Transaction
from reelgate.storage.sqlite.query import QUERIES
from reelgate.storage.sqlite.writer import Unit

_ACCOUNT = QUERIES["account"]
_SECRET = QUERIES["secret"]
_INSERT_SECRET = QUERIES["insert_secret"]
_DROP_WEBHOOK_SECRETS = QUERIES["drop_webhook_secrets"]
_RETIRE_WEBHOOK_SECRETS = QUERIES["retire_webhook_secrets"]
_INSERT_WEBHOOK_SECRET = QUERIES["insert_webhook_secret"]


def keep_secret(name: str, sealed: bytes, at: datetime) -> Unit[bytes]:
    """Keep the first one of a name; the one that is kept."""

    def unit(write: Transaction) -> bytes:
        write.run(_INSERT_SECRET, (name, sealed, in_ms(at)))
        ((kept,),) = write.rows(_SECRET, (name,))
        return kept

    return unit


def add_webhook_secret(account: str, sealed: bytes, at: datetime, former_until: datetime, deed: Deed) -> Unit[None]:
    """Sign with this one too, and with those before it until then."""

    def unit(write: Transaction) -> None:
        if write.row(_ACCOUNT, (account,)) is None:
            raise NotFound(NO_ACCOUNT)
        write.run(_DROP_WEBHOOK_SECRETS, (account, in_ms(at)))
        write.run(_RETIRE_WEBHOOK_SECRETS, {"until": in_ms(former_until), "account": account})
        write.run(_INSERT_WEBHOOK_SECRET, (account, sealed, in_ms(at)))
        write_deed(write, deed)

    return unit
