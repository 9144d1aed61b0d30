"""Which channel next, or when to ask again, or that there is none: pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import Loss
from reelgate.contracts.roster import Offer


class Obstacle(NamedTuple):
    """Why a channel is given no submit now, "" if it is; until when, None where no time is known; whether it is merely busy, and if so in
    how many seconds it can be expected to begin one more, None where nobody can say; if not, since when it is out of service."""

    words: str = ""
    until: datetime | None = None
    busy: bool = True
    starts_in_s: float | None = None
    since: datetime | None = None


CLEAR = Obstacle()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The channel that was chosen, and in words why it and why not the others."""

    offer: Offer
    losses: tuple[Loss, ...]
    choice: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """What decides among channels of one priority before their weights do: the smallest number, told in words."""

    of: Callable[[Offer], float]
    words: str  # "cheapest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Nobody takes it now. `at` is when somebody may, None when nobody can say. `hopeless`: nobody who serves it can take this input;
    `stuck`: nobody is merely busy, somebody has to mend something; `since` when the last of them went out of service, None where that is
    not known. `waits_for` is the channel that it had better wait for."""

    at: datetime | None
    choice: str
    waits_for: str = ""
    hopeless: bool = False
    stuck: bool = False
    since: datetime | None = None


def choose(
    offers: Sequence[Offer],
    losses: Callable[[Offer], tuple[Loss, ...]],
    obstacle: Callable[[Channel], Obstacle],
    *,
    strict: bool,
    tried: Collection[str],
    draw: float,
    ranking: Ranking | None = None,
) -> Route | Later:
    """Filter by what a channel can say and by its health, then take the smallest priority, then the first by the ranking, then draw by
    weight. A channel that is full and worth waiting for is waited for, if all that have room come after it.

    `tried` are channels that failed this job before: they are asked again only when no other one is left. `strict`: no channel that
    would leave anything out. `draw` is a number from 0 up to 1 that decides among equals.
    """
    fit: list[tuple[Offer, tuple[Loss, ...]]] = []
    words: list[str] = []
    met: list[Obstacle] = []
    worth: list[tuple[Channel, float]] = []
    able = False
    for offer in offers:
        lost = losses(offer)
        barred = [each.part for each in lost if each.content or strict]
        if barred:
            words.append(f"{offer.channel.id}: cannot say {', '.join(barred)}")
            continue
        able = True
        found = obstacle(offer.channel)
        if found.words:
            words.append(f"{offer.channel.id}: {found.words}")
            met.append(found)
            starts_in_s = found.starts_in_s if found.busy and offer.channel.id not in tried else None
            if starts_in_s is not None and starts_in_s <= offer.channel.patience_s:
                worth.append((offer.channel, starts_in_s))
            continue
        fit.append((offer, lost))
    fresh = [each for each in fit if each[0].channel.id not in tried] or fit
    if not fresh:
        return _later(met, "; ".join(words) or "no channel offers it", hopeless=bool(offers) and not able)
    first = min(each[0].channel.priority for each in fresh)
    if worth and worth[0][0].priority < first:
        channel, starts_in_s = worth[0]
        choice = "; ".join([f"{channel.id}: waited for, starts in about {starts_in_s:.0f} s", *words])
        return Later(at=None, choice=choice, waits_for=channel.id)
    same = [each for each in fresh if each[0].channel.priority == first]
    equals = same if ranking is None else _best(same, ranking)
    offer, lost = _drawn(equals, draw)
    others = [each[0].channel.id for each in fit if each[0].channel.id != offer.channel.id]
    why = f"priority {first}" + (f", {ranking.words} of {len(same)}" if ranking is not None and len(same) > len(equals) else "")
    why += f", drawn among {len(equals)} by weight" if len(equals) > 1 else ""
    beside = [f"{name}: {_why_not(name, tried, equals)}" for name in others]
    return Route(offer=offer, losses=lost, choice="; ".join([f"{offer.channel.id}: {why}", *beside, *words]))


def _later(met: Sequence[Obstacle], choice: str, *, hopeless: bool) -> Later:
    return Later(
        at=min((each.until for each in met if each.until is not None), default=None),
        choice=choice,
        hopeless=hopeless,
        stuck=not any(each.busy for each in met),
        since=max((each.since for each in met if each.since is not None), default=None),
    )


def _best(same: Sequence[tuple[Offer, tuple[Loss, ...]]], ranking: Ranking) -> list[tuple[Offer, tuple[Loss, ...]]]:
    ranks = [ranking.of(each[0]) for each in same]
    return [each for each, rank in zip(same, ranks, strict=True) if rank == min(ranks)]


def _why_not(name: str, tried: Collection[str], equals: Sequence[tuple[Offer, tuple[Loss, ...]]]) -> str:
    return "failed before" if name in tried else "not drawn" if _equal(name, equals) else "comes after"


def _drawn(equals: Sequence[tuple[Offer, tuple[Loss, ...]]], draw: float) -> tuple[Offer, tuple[Loss, ...]]:
    left = draw * sum(each[0].channel.weight for each in equals)
    for each in equals:
        left -= each[0].channel.weight
        if left < 0:
            return each
    return equals[-1]


def _equal(name: str, equals: Sequence[tuple[Offer, tuple[Loss, ...]]]) -> bool:
    return any(each[0].channel.id == name for each in equals)
