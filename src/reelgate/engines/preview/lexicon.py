"""What a prompt asks for, read with a word list: scene, light, weather, things, camera.

Every word carries a weight; the longest word at a place counts, words of the negative prompt and words after "no" or
"without" count against, all of a list. English and Chinese are known. Of what the word list does not know, in whatever language,
something abstract is made.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reelgate.engines.preview.thing import THING, UNDRAWN
from reelgate.engines.preview.vocabulary import ANY_PALETTES, CAMERA, GOING, IRREGULAR, KIN, PALETTE, SCENE, USUAL_PALETTES

_Scores: TypeAlias = Counter[tuple[str, str]]
"""Weights by kind and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A prompt, read."""

    scene: str  # one of those offered
    palette: str
    words: frozenset[str]  # weather and things
    negative: frozenset[str]  # the same, unwanted; with "grain", "vignette" and "blur"
    camera: frozenset[str]
    known: bool  # whether any word named a scene
    undrawn: frozenset[str] = frozenset()  # what is named and drawn in no scene


def read_prompt(prompt: str, negative_prompt: str, *, scenes: Iterable[str], seed: int) -> Reading:
    """Read both prompts. `scenes` are those that can be painted; a scene that cannot be gives way to its kin, then to the seed."""
    wanted, unwanted = _scores(prompt)
    refused, _ = _scores(negative_prompt, against=True)
    scores = Counter(wanted)
    for each in (unwanted, refused):
        scores.subtract(each)
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
        negative=_unwanted(scores, refused, "thing"),
        camera=_wanted(scores, "camera"),
        known=known,
        undrawn=_wanted(scores, "undrawn"),
    )


def _scores(text: str, *, against: bool = False) -> tuple[_Scores, _Scores]:
    """What the text names, and what it denies. `against`: all of it is refused."""
    named: _Scores = Counter()
    denied: _Scores = Counter()
    lowered = text.lower()
    for match, no in _found(lowered):
        meanings = _meanings_of(match)
        for meaning, weight in (_refusal(meanings) if no or against else meanings).items():
            (denied if no else named)[meaning] += weight
    return named, denied


def _found(text: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Every known word, and whether it is denied: by a word before it, or as one of a list whose first is."""
    no, end = False, 0
    for match in _WORDS.finditer(text):
        between = text[end : match.start()]
        listed = bool(_AND.fullmatch(between)) or bool(_COMMA.fullmatch(between) and _OR_SOON.match(text, match.end()))
        no, end = bool(_NOT.search(text, 0, match.start())) or (no and listed), match.end()
        yield match, no


def _meanings_of(match: re.Match[str]) -> Mapping[tuple[str, str], int]:
    for number, ways in enumerate(_WAYS):
        if way := match[f"way{number}"]:
            return {("camera", ways[way]): 1}
    return _MEANINGS[_plain(match["latin"] or match["chinese"])]


def _refusal(meanings: Mapping[tuple[str, str], int]) -> Mapping[tuple[str, str], int]:
    """What a word takes away: a thing that only hints at a scene or a light leaves them, for there are nights without a moon."""
    if all(kind != "thing" for kind, _ in meanings):
        return meanings
    return {(kind, name): weight for (kind, name), weight in meanings.items() if kind not in {"scene", "palette"} or weight >= _NAMES}


def _scene_score(name: str, scores: _Scores, offered: Sequence[str]) -> float:
    """Its own words, and a share of those of scenes that are not there."""
    kin = {other: weight for other, weight in KIN.get(name, {}).items() if other not in offered}
    return scores["scene", name] + sum(weight * max(0, scores["scene", other]) for other, weight in kin.items())


def _palette(scene: str, scores: _Scores, choice: random.Random) -> str:
    asked = {name: scores["palette", name] for name in PALETTE}
    best = max(asked.values())
    if best > 0:
        return next(name for name in PALETTE if asked[name] == best)
    usual = [name for name in USUAL_PALETTES.get(scene, ANY_PALETTES) if asked[name] >= 0]
    return choice.choice(usual or ["day"])


def _wanted(scores: _Scores, kind: str) -> frozenset[str]:
    return frozenset(name for (each, name), score in scores.items() if each == kind and score > 0)


def _unwanted(scores: _Scores, refused: _Scores, kind: str) -> frozenset[str]:
    """What counts more against than for it; as much is enough where the negative prompt names it, for it may be there unasked."""
    return frozenset(
        name for (each, name), score in scores.items() if each == kind and (score < 0 or (not score and (each, name) in refused))
    )


def _meanings() -> dict[str, dict[tuple[str, str], int]]:
    meanings: dict[str, dict[tuple[str, str], int]] = {}
    for kind, table in (("scene", SCENE), ("palette", PALETTE), ("thing", THING), ("camera", CAMERA), ("undrawn", UNDRAWN)):
        for name, rows in table.items():
            for weight, words in rows.items():
                for word in _forms(words):
                    known = meanings.setdefault(_plain(word), {})
                    known[kind, name] = max(weight, known.get((kind, name), 0))
    return meanings


def _forms(words: str) -> Iterator[str]:
    """The words, and those plurals that are more than an ending."""
    for word in words.split():
        yield word
        if word in IRREGULAR:
            yield IRREGULAR[word]
        elif _IN_Y.search(word):
            yield f"{word[:-1]}ies"


def _plain(word: str) -> str:
    return _GAP.sub(" ", word)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    latin = _any_of(word for word in words if word.isascii())
    chinese = _any_of(word for word in words if not word.isascii())
    going = "|".join(_going(number, verbs, ways) for number, (verbs, ways) in enumerate(zip(GOING, _WAYS, strict=True)))
    return re.compile(rf"{going}|\b(?P<latin>{latin})(?:s|es)?\b|(?P<chinese>{chinese})")


def _going(number: int, verbs: str, ways: Iterable[str]) -> str:
    """A camera's verb before one of its ways, of which only the verb is taken: what lies between may name things."""
    between = rf"(?:{_GAP.pattern}(?!(?:{_any_of(_EVERY_WAY)}|{_NOT_BETWEEN})\b)[^\W_]+){{0,3}}"
    return rf"\b(?:{_any_of(verbs.split())})(?={between}{_GAP.pattern}(?P<way{number}>{_any_of(ways)})\b)"


def _any_of(words: Iterable[str]) -> str:
    longest_first = sorted((_plain(word) for word in words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", _GAP.pattern) for word in longest_first)


_ABSTRACT = "flow"  # what is painted of words that nobody here knows, another one for each seed
_NAMES = 3  # the weight of a word that names a scene or a light
_GAP = re.compile(r"[\s_-]+")
_IN_Y = re.compile(r"[^aeiou\W]y$")
_WAYS = [{word: move for move, words in ways.items() for word in words.split()} for ways in GOING.values()]
_EVERY_WAY = {way for ways in _WAYS for way in ways}
_NOT_BETWEEN = "not|never|his|her|its|their|my|your"  # she tilts her head up
_MEANINGS = _meanings()
_WORDS = _pattern(_MEANINGS)
_NOT = re.compile(
    r"(?:\b(?:no|not|without|never|avoid)\s+(?:(?:\w+\s+){1,2}n?or\s+)?(?:any\s+|a\s+|the\s+)?"
    r"|(?:没有|不要|无|不是)(?:有|出现)?(?:任何)?)$"
)
_AND = re.compile(r"\s*,?\s*\b(?:or|nor|and)\s+(?:any\s+)?|\s*(?:、|和|或者|或|与|及)\s*")
_COMMA = re.compile(r"\s*,\s*")
_OR_SOON = re.compile(r"(?:\s*,\s*\w+)*\s*,?\s+n?or\b")
