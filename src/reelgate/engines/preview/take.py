"""What is filmed for a request: one take after another, each from words or from a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reelgate.domain.errors import Broken
from reelgate.engines.preview.camera import Move, move_for
from reelgate.engines.preview.caption import Caption
from reelgate.engines.preview.encode import FPS, Draw
from reelgate.engines.preview.film import Film, Set, make_set
from reelgate.engines.preview.grade import Grade
from reelgate.engines.preview.lexicon import Reading, read_prompt
from reelgate.engines.preview.move import Cut, Dissolve, LayeredMove, PictureMove
from reelgate.engines.preview.overlay import Laying
from reelgate.engines.preview.person import find_person
from reelgate.engines.preview.pill import make_pill
from reelgate.engines.preview.plane import Bytes, Planes, Size
from reelgate.engines.preview.scenery import found_scenes
from reelgate.engines.preview.sound import heard
from reelgate.engines.preview.stage import Brief
from reelgate.engines.preview.thing import VISIBLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What one take shows."""

    prompt: str  # without directives
    negative_prompt: str
    seconds: int
    seed: int
    cfg_scale: float
    first: Bytes | None = None  # pictures to film; None = paint a scene
    last: Bytes | None = None
    cuts: tuple[Cut, ...] = ()  # parts of the first picture that move by themselves; none = a person, if one is found
    move: Move | None = None  # asked for in numbers; None = read it in the prompt
    captioned: bool = True  # whether the prompt stands in the picture

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return self.seconds * FPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One take, ready to be drawn frame by frame."""

    frames: int
    draw: Draw
    ambience: str
    undrawn: tuple[str, ...] = ()  # what its prompt names and its picture does not show


def make_take(script: Script, size: Size) -> Take:
    """Prepare one take: the slow part of a render, but for the frames themselves."""
    reading = read_prompt(script.prompt, script.negative_prompt, scenes=found_scenes(), seed=script.seed)
    side = np.random.default_rng([script.seed, 1]).choice([-1.0, 1.0])
    move = script.move or move_for(reading.camera, float(side))
    if script.first is not None:
        place = _AMBIENCE.get(reading.scene, "air") if reading.known else "air"
        ambience = heard(place, words=reading.words, palette=reading.palette)
        return Take(frames=script.frames, draw=_from_picture(script, script.first, size, move), ambience=ambience)
    if not found_scenes():
        raise Broken("no scenes are installed")
    wish = _Wish(reading=replace(reading, camera=frozenset(), undrawn=frozenset()), seed=script.seed, cfg_scale=script.cfg_scale, size=size)
    scenery = _set_for(wish)
    look = {"grain": "grain" not in reading.negative, "vignette": "vignette" not in reading.negative}
    film = Film(scenery, move, script.frames, Grade(size, **look))
    words = _with_words(film, script, size)
    return Take(frames=script.frames, draw=words, ambience=scenery.ambience, undrawn=_undrawn(reading))


def _undrawn(reading: Reading) -> tuple[str, ...]:
    """What the prompt names and the scene has no place for."""
    without_place = (reading.words & VISIBLE) - reading.negative - found_scenes()[reading.scene].draws
    return tuple(sorted(without_place | reading.undrawn))


def cut_together(takes: Sequence[Take]) -> Draw:
    """One drawing for all takes, in order."""
    starts = np.cumsum([0, *(take.frames for take in takes)])

    def draw(index: int, planes: Planes) -> None:
        at = int(np.searchsorted(starts, index, side="right")) - 1
        takes[at].draw(index - int(starts[at]), planes)

    return draw


def _with_words(film: Film, script: Script, size: Size) -> Draw:
    pill = Laying(make_pill(size, from_picture=False))
    caption = Caption(script.prompt if script.captioned else "", size, script.seconds)

    def draw(index: int, planes: Planes) -> None:
        film.draw(index, planes)
        caption.lay(planes, index / FPS)
        pill.lay(planes)

    return draw


def _from_picture(script: Script, first: Bytes, size: Size, move: Move) -> Draw:
    film = _film_of(script, first, size, move)
    pill = Laying(make_pill(size, from_picture=True))

    def draw(index: int, planes: Planes) -> None:
        film.draw(index, planes)
        pill.lay(planes)

    return draw


def _film_of(script: Script, first: Bytes, size: Size, move: Move) -> PictureMove | LayeredMove | Dissolve:
    if script.last is not None:
        return Dissolve(first, script.last, size, script.frames)
    person = None if script.cuts else find_person(first)
    cuts = script.cuts if person is None else (Cut(mask=person),)
    return LayeredMove(first, size, move, script.frames, cuts) if cuts else PictureMove(first, size, move, script.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """All that a painted set depends on: what its cache is keyed by."""

    reading: Reading
    seed: int
    cfg_scale: float
    size: Size


def _set_for(wish: _Wish) -> Set:
    """A set is some tens of megabytes; the last one is kept, for the caller who tries the same scene again with another camera. It is let
    go before another one is painted, which takes much more."""
    if wish not in _LAST_SET:
        _LAST_SET.clear()
        _LAST_SET[wish] = _painted(wish)
    return _LAST_SET[wish]


def _painted(wish: _Wish) -> Set:
    rng = np.random.default_rng([wish.seed, 7])
    brief = Brief(
        width=wish.size.width,
        height=wish.size.height,
        margin=2 * round(wish.size.least * _MARGIN / 2),
        palette=wish.reading.palette,
        words=wish.reading.words,
        negative=wish.reading.negative,
        rng=rng,
        cfg_scale=wish.cfg_scale,
    )
    stage = found_scenes()[wish.reading.scene].paint(brief)
    ambience = heard(stage.ambience, words=brief.words - brief.negative, palette=brief.palette)
    return make_set(replace(stage, ambience=ambience), wish.size, rng)


_MARGIN = 0.09
_AMBIENCE = {  # what a picture of such a place sounds like: as the painted scene does
    "city": "city",
    "desert": "sand",
    "flow": "silk",
    "forest": "forest",
    "mountains": "wind",
    "ocean": "sea",
    "road": "road",
    "space": "space",
    "stage": "hall",
    "underwater": "underwater",
}

_LAST_SET: dict[_Wish, Set] = {}
