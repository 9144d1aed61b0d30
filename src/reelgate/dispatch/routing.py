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
    """Why a channel is given no submit now, "" if it is; until when, None where no time is known; and whether it is merely busy."""

    words: str = ""
    until: datetime | None = None
    busy: bool = True


CLEAR = Obstacle()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The channel that was chosen, and in words why it and why not the others."""

    offer: Offer
    losses: tuple[Loss, ...]
    choice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Nobody takes it now. `at` is when somebody may, None when nobody can say. `hopeless`: nobody who serves it can take this input;
    `stuck`: nobody is merely busy, somebody has to mend something."""

    at: datetime | None
    choice: str
    hopeless: bool = False
    stuck: bool = False


def choose(
    offers: Sequence[Offer],
    losses: Callable[[Offer], tuple[Loss, ...]],
    obstacle: Callable[[Channel], Obstacle],
    *,
    strict: bool,
    tried: Collection[str],
    draw: float,
) -> Route | Later:
    """Filter by what a channel can say and by its health, then take the smallest priority, then draw by weight.

    `tried` are channels that failed this job before: they are asked again only when no other one is left. `strict`: no channel that
    would leave anything out. `draw` is a number from 0 up to 1 that decides among equals.
    """
    fit: list[tuple[Offer, tuple[Loss, ...]]] = []
    words: list[str] = []
    times: list[datetime] = []
    able = busy = False
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
            times += [found.until] if found.until is not None else []
            busy = busy or found.busy
            continue
        fit.append((offer, lost))
    fresh = [each for each in fit if each[0].channel.id not in tried] or fit
    if not fresh:
        return Later(
            at=min(times, default=None),
            choice="; ".join(words) or "no channel offers it",
            hopeless=bool(offers) and not able,
            stuck=not busy,
        )
    first = min(each[0].channel.priority for each in fresh)
    equals = [each for each in fresh if each[0].channel.priority == first]
    offer, lost = _drawn(equals, draw)
    others = [each[0].channel.id for each in fit if each[0].channel.id != offer.channel.id]
    why = f"priority {first}" + (f", drawn among {len(equals)} by weight" if len(equals) > 1 else "")
    beside = [f"{name}: {'failed before' if name in tried else 'not drawn' if _equal(name, equals) else 'comes after'}" for name in others]
    return Route(offer=offer, losses=lost, choice="; ".join([f"{offer.channel.id}: {why}", *beside, *words]))


def _drawn(equals: Sequence[tuple[Offer, tuple[Loss, ...]]], draw: float) -> tuple[Offer, tuple[Loss, ...]]:
    left = draw * sum(each[0].channel.weight for each in equals)
    for each in equals:
        left -= each[0].channel.weight
        if left < 0:
            return each
    return equals[-1]


def _equal(name: str, equals: Sequence[tuple[Offer, tuple[Loss, ...]]]) -> bool:
    return any(each[0].channel.id == name for each in equals)
