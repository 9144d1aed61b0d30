"""What a scene paints and the compositor films: layers from far to near, water, weather, light.

A scene knows nothing of cameras, frames or files. It is handed a `Brief` and returns a `Stage`; everything that moves is
moved by the compositor. All of its chance comes from `brief.rng`, so that one seed makes one picture.

Where things stand: the frame is `width` × `height`, row 0 at the top. A layer is painted larger than the frame, by `margin`
pixels on each side where it reaches the frame's edge, so that the camera has room. Columns: a layer is centred on the
frame, whatever its width; `width + 2 * margin` is the usual one, a layer that drifts fast may be wider. Rows: `top` is the
frame's row at which the layer's first row stands, `-margin` for one that begins above the frame. Crop a layer to the rows
that hold something: empty rows cost time in every frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast
from zlib import crc32

import numpy as np

from reelgate.engines.preview.camera import View
from reelgate.engines.preview.plane import Colour, Picture, Plane, Planes, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One sheet of the picture."""

    rgb: Picture  # float32 (h, w, 3), sRGB, premultiplied by alpha
    alpha: Plane  # float32 (h, w); the first layer of a stage is opaque and covers the frame and its margin
    top: int = 0  # the frame's row at which the layer's first row stands; may be negative
    depth: float  # 0 = infinitely far, stays where it is; 1 = the foreground, moves most with the camera
    drift: float = 0.0  # own movement to the right, pixels a second at a frame width of 1280 (clouds, mist)
    reflected: bool = True  # whether water mirrors it; only asked of layers drawn before the water


@dataclass(frozen=True, slots=True, kw_only=True)
class Water:
    """A mirror across the lower part of the frame: what stands above `line` is turned upside down, rippled and tinted."""

    line: float  # height of the water line, fraction of the frame's height from the top
    tint: Colour  # the water's own colour
    tint_strength: float = 0.35  # 0 = a perfect mirror, 1 = nothing but tint; grows towards the viewer by itself
    ripple: float = 1.0  # 0 = glass, 1 = a breeze, 2 = rough sea
    glitter: Colour | None = None  # colour of the light's path on the water; None = no path
    sun_x: float | None = None  # where that light stands, fraction of the frame's width


class Player(Protocol):
    """Something alive: it draws itself into every frame."""

    def play(self, planes: Planes, second: float, view: View) -> None:
        """Draw what it is at that second over the frame; `view.seen` says where the camera sees a place. The same second, the same
        bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role in the play. `after`: how many layers stand behind it. `cast` makes its player for frames of a size, once for a film."""

    after: int
    cast: Callable[[Size, np.random.Generator], Player]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A painted scene, ready to be filmed."""

    layers: tuple[Layer, ...]  # far to near, drawn in this order; those from index `water_after` on are drawn over the water
    margin: int  # by how many pixels the layers reach beyond the frame: the brief's
    alive: tuple[Role, ...] = ()  # what moves by itself
    water: Water | None = None
    water_after: int = 0  # number of layers drawn before the water; what is alive between them is mirrored too
    rain: float = 0.0  # 0 to 1
    snow: float = 0.0  # 0 to 1
    birds: int = 0
    bird_colour: Colour = (0.1, 0.08, 0.12)
    glow: tuple[float, float, float, Colour] | None = None  # x, y, radius as fractions of width, height, shorter side; breathes slowly
    ambience: str = "air"  # of the place, a name in `sound.BEDS`; what rain and night make of it is told by `sound.heard`


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a scene is asked to paint."""

    width: int  # of the frame, pixels
    height: int
    margin: int  # pixels that layers reach beyond the frame on each side
    palette: str  # dawn, golden, day, sunset, night, storm, neon, fog
    words: frozenset[str]  # weather and elements read in the prompt: rain, snow, fog, storm, rocks, trees, birds, moon, boats, lake, ...
    negative: frozenset[str]  # the same words, read in the negative prompt
    rng: np.random.Generator
    cfg_scale: float = 0.5  # 0 to 1: how literally to take the words; more = richer colour, more elements

    def own(self, name: str) -> np.random.Generator:
        """A generator of an element's own, by its name: what it draws leaves the chance of all else where it was."""
        sequence = cast("np.random.SeedSequence", self.rng.bit_generator.seed_seq)
        return np.random.default_rng(np.random.SeedSequence(sequence.entropy, spawn_key=(crc32(name.encode()),)))


SceneMaker: TypeAlias = Callable[[Brief], Stage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A leaf of `scenes/`: a module there exports one as `SCENE`."""

    name: str  # the word by which the lexicon calls it: "ocean"
    paint: SceneMaker
    draws: frozenset[str] = frozenset()  # the things of the vocabulary that have a place in it, there already or where asked for
