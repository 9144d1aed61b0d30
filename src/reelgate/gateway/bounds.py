"""What bounds keys and accounts, as admins set it: checked before it is kept, and told in the audit log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from reelgate.contracts.account import NO_LIMITS, Key, Limits
from reelgate.domain.address import read_ranges
from reelgate.domain.errors import Fault, InvalidInput
from reelgate.domain.money import Money

PER_SECOND_MAX = 10_000
CONCURRENCY_MAX = 100_000
REASON_MAX = 500
NAME_MAX = 100
MODELS_MAX, NETWORKS_MAX = 200, 100
BOTH_SCOPES = frozenset({"read", "write"})
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}\*?|\*")
_REFERENCE = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a key may do, how much of it, until when and from where; the fields are those of `Key`."""

    scopes: frozenset[str] = BOTH_SCOPES
    limits: Limits = NO_LIMITS
    spend_limit: Money | None = None
    expires_at: datetime | None = None
    networks: tuple[str, ...] = ()

    @classmethod
    def of(cls, key: Key) -> Bounds:
        """Those that a key has."""
        return cls(**{each.name: getattr(key, each.name) for each in fields(cls)})


NO_BOUNDS = Bounds()


def check_bounds(bounds: Bounds, now: datetime) -> None:
    """`InvalidInput` names everything that is wrong with them."""
    _raise([*_faults_of_bounds(bounds, now), *_faults_of_limits(bounds.limits)])


def check_limits(limits: Limits) -> None:
    """`InvalidInput` names everything that is wrong with them."""
    _raise([*_faults_of_limits(limits)])


def check_name(name: str) -> None:
    """A label for people."""
    if not name.strip() or len(name) > NAME_MAX or not name.isprintable():
        raise InvalidInput([Fault(path=("name",), message=f"1 to {NAME_MAX} printable characters")])


def check_reason(reason: str, *, needed: bool = False) -> None:
    """Why an admin does something, on one line; what moves money needs one."""
    if len(reason) > REASON_MAX or not reason.isprintable() or (needed and not reason.strip()):
        raise InvalidInput([Fault(path=("reason",), message=f"{1 if needed else 0} to {REASON_MAX} printable characters that say why")])


def check_reference(reference: str) -> None:
    """What makes a movement of money repeatable; "" for nothing."""
    if reference and not _REFERENCE.fullmatch(reference):
        raise InvalidInput([Fault(path=("Idempotency-Key",), message="1 to 255 visible ASCII characters")])


def told(record: Any, *names: str) -> dict[str, Any]:
    """Fields of a record as plain JSON values, those of its `limits` beside the others; what is not set is left out."""
    values = {name: getattr(record, name) for name in names}
    limits = values.pop("limits", NO_LIMITS)
    values |= {each.name: getattr(limits, each.name) for each in fields(limits)}
    return {name: _plain(value) for name, value in values.items() if value not in (None, (), "")}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What differs, as pairs of what was and what is now; None for what is not set."""
    names = [*before, *(name for name in after if name not in before)]
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


def _faults_of_bounds(bounds: Bounds, now: datetime) -> Iterator[Fault]:
    if "read" not in bounds.scopes or not bounds.scopes <= BOTH_SCOPES:
        yield Fault(path=("scopes",), message="read, or read and write", kind="one_of")
    until = bounds.expires_at
    if until is not None and (until.tzinfo is None or until <= now):
        yield Fault(path=("expires_at",), message="an instant that lies ahead, with its zone; a key is ended at once by revoking it")
    try:
        read = read_ranges(" ".join(bounds.networks))
    except ValueError:
        read = None
    if read is None or len(read) != len(bounds.networks) or len(read) > NETWORKS_MAX:
        message = f"at most {NETWORKS_MAX} CIDRs such as 10.0.0.0/8 or fd00::/8, with no bits set beyond the prefix"
        yield Fault(path=("networks",), message=message)


def _faults_of_limits(limits: Limits) -> Iterator[Fault]:
    for name, value, most in (("per_second", limits.per_second, PER_SECOND_MAX), ("concurrency", limits.concurrency, CONCURRENCY_MAX)):
        if value is not None and not 1 <= value <= most:
            yield Fault(path=("limits", name), message=f"1 to {most}, or none")
    if len(limits.models) > MODELS_MAX or not all(_MODEL.fullmatch(each) for each in limits.models):
        message = f"at most {MODELS_MAX} ids of endpoints; a * at the end of one stands for any rest"
        yield Fault(path=("limits", "models"), message=message)


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.decimal
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, frozenset | tuple):
        several = [*cast("Iterable[str]", value)]
        return sorted(several) if isinstance(value, frozenset) else several
    return value


def _raise(faults: Sequence[Fault]) -> None:
    if faults:
        raise InvalidInput(faults)
