"""What a prompt asks for, read with a word list: scene, light, weather, things, camera.

Every word carries a weight; the longest word at a place counts, words of the negative prompt and words after "no" or
"without" count against. English and Chinese are known. Of what the list does not know, in whatever language, something abstract is made.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reelgate.engines.preview.vocabulary import ANY_PALETTES, CAMERA, KIN, PALETTE, SCENE, THING, USUAL_PALETTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A prompt, read."""

    scene: str  # one of those offered
    palette: str
    words: frozenset[str]  # weather and things
    negative: frozenset[str]  # the same, unwanted; with "grain", "vignette" and "blur"
    camera: frozenset[str]
    known: bool  # whether any word named a scene


def read_prompt(prompt: str, negative_prompt: str, *, scenes: Iterable[str], seed: int) -> Reading:
    """Read both prompts. `scenes` are those that can be painted; a scene that cannot be gives way to its kin, then to the seed."""
    scores = _scores(prompt)
    scores.subtract({meaning: weight for meaning, weight in _scores(negative_prompt).items() if weight > 0})
    choice = random.Random(f"{seed}/{prompt}")
    offered = sorted(scenes)
    ranked = {name: _scene_score(name, scores, offered) for name in offered}
    best = max(ranked.values(), default=0.0)
    known = best > 0
    unknown = [_ABSTRACT] if _ABSTRACT in ranked else offered
    scene = choice.choice([name for name in offered if ranked[name] == best] if known else unknown)
    return Reading(
        scene=scene,
        palette=_palette(scene if known else "", scores, choice),
        words=_wanted(scores, "thing"),
        negative=_unwanted(scores, "thing"),
        camera=_wanted(scores, "camera"),
        known=known,
    )


def _scores(text: str) -> Counter[tuple[str, str]]:
    scores: Counter[tuple[str, str]] = Counter()
    lowered = text.lower()
    for match in _WORDS.finditer(lowered):
        sign = -1 if _NOT.search(lowered, 0, match.start()) else 1
        for meaning, weight in _MEANINGS[_plain(match["latin"] or match["chinese"])].items():
            scores[meaning] += sign * weight
    return scores


def _scene_score(name: str, scores: Counter[tuple[str, str]], offered: Sequence[str]) -> float:
    """Its own words, and a share of those of scenes that are not there."""
    kin = {other: weight for other, weight in KIN.get(name, {}).items() if other not in offered}
    return scores["scene", name] + sum(weight * max(0, scores["scene", other]) for other, weight in kin.items())


def _palette(scene: str, scores: Counter[tuple[str, str]], choice: random.Random) -> str:
    asked = {name: scores["palette", name] for name in PALETTE}
    best = max(asked.values())
    if best > 0:
        return next(name for name in PALETTE if asked[name] == best)
    usual = [name for name in USUAL_PALETTES.get(scene, ANY_PALETTES) if asked[name] >= 0]
    return choice.choice(usual or ["day"])


def _wanted(scores: Counter[tuple[str, str]], kind: str) -> frozenset[str]:
    return frozenset(name for (each, name), score in scores.items() if each == kind and score > 0)


def _unwanted(scores: Counter[tuple[str, str]], kind: str) -> frozenset[str]:
    return frozenset(name for (each, name), score in scores.items() if each == kind and score < 0)


def _meanings() -> dict[str, dict[tuple[str, str], int]]:
    meanings: dict[str, dict[tuple[str, str], int]] = {}
    for kind, table in (("scene", SCENE), ("palette", PALETTE), ("thing", THING), ("camera", CAMERA)):
        for name, rows in table.items():
            for weight, words in rows.items():
                for word in words.split():
                    known = meanings.setdefault(_plain(word), {})
                    known[kind, name] = max(weight, known.get((kind, name), 0))
    return meanings


def _plain(word: str) -> str:
    return _GAP.sub(" ", word)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    latin = "|".join(re.escape(word).replace(r"\ ", _GAP.pattern) for word in longest_first if word.isascii())
    chinese = "|".join(word for word in longest_first if not word.isascii())
    return re.compile(rf"\b(?P<latin>{latin})(?:s|es)?\b|(?P<chinese>{chinese})")


_ABSTRACT = "flow"  # what is painted of words that nobody here knows, another one for each seed
_GAP = re.compile(r"[\s_-]+")
_MEANINGS = _meanings()
_WORDS = _pattern(_MEANINGS)
_NOT = re.compile(r"(?:\b(?:no|not|without|never|avoid)\s+(?:any\s+|a\s+|the\s+)?|没有|不要|无|不是)$")
