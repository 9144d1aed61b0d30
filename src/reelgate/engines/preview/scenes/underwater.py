"""Underwater: a reef in four depths of water, light that falls from the waves above, a school of fish, kelp, bubbles."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reelgate.engines.preview import canvas, coral, noise, weather
from reelgate.engines.preview.caustic import Caustics, Ground
from reelgate.engines.preview.deep import Deep, sounded
from reelgate.engines.preview.fish import School, Shoal
from reelgate.engines.preview.kelp import Bed, Kelp
from reelgate.engines.preview.mote import Motes, Swarm
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Plane
from reelgate.engines.preview.setting import Setting, settle
from reelgate.engines.preview.shaft import Fan, Shafts
from reelgate.engines.preview.stage import Brief, Layer, Role, Scene, Stage


def paint(brief: Brief) -> Stage:
    """The scene for a brief. There is no weather down here: a storm makes it dim and green, fog milky, snow drifts as flakes."""
    sea = sounded(settle(brief, line=(0.66, 0.66), light_x=0.66))
    grown = [_grow(sea, reef) for reef in _REEFS]
    layers = [_water(sea), *(_painted(sea, each, front) for each, front in zip(grown, [*grown[1:], None], strict=True))]
    alive = (*_light(sea, layers[-2], grown[-1].lowest), *_plants(sea), *_fish(sea), *_small(sea))
    return Stage(layers=tuple(layers), margin=brief.margin, alive=alive, water_after=len(layers), ambience="underwater")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reef:
    """Rock and coral at one distance. Lengths in short sides."""

    level: float  # of the ground above the foot of the frame, at the side away from the light
    low: float  # the same at the side of the light
    rough: float
    tall: float  # what grows on it
    many: float  # for each short side of width
    far: float  # share of water before it
    depth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grown:
    """A reef as a shape: its cover, the frame's row of its first row, and the lowest row at which something is behind it."""

    reef: _Reef
    cover: Plane
    top: int
    lowest: int


_REEFS = (
    _Reef(level=0.56, low=0.40, rough=0.060, tall=0.05, many=10, far=0.80, depth=0.08),
    _Reef(level=0.48, low=0.30, rough=0.070, tall=0.08, many=11, far=0.58, depth=0.16),
    _Reef(level=0.36, low=0.20, rough=0.070, tall=0.13, many=11, far=0.30, depth=0.30),
    _Reef(level=0.25, low=0.05, rough=0.050, tall=0.20, many=10, far=0.02, depth=0.85),
)


def _light(sea: Deep, ground: Layer, lowest: int) -> list[Role]:
    """Rays, the waves from below, and the net that they throw on the ground of that layer, down to the lowest row that is seen."""
    brief, light = sea.setting.brief, sea.setting.light
    clear = sea.dim * (1.0 - 0.45 * sea.milk)
    fan = Fan(x=light.x, y=-0.22, colour=sea.beam, strength=0.56 * clear, reach=1.15, rays=15.0, sway=0.55)
    cover = np.zeros((brief.height, brief.width), np.float32)
    first, last = max(0, ground.top), min(brief.height, ground.top + ground.alpha.shape[0])
    cover[first:last] = ground.alpha[first - ground.top : last - ground.top, brief.margin : brief.margin + brief.width]
    foot = min(1.0, lowest / brief.height + _SLACK)
    net = Ground(top=first / brief.height, foot=foot, strength=0.30 * clear * clear, depth=ground.depth, cover=cover)
    bright = np.broadcast_to(np.clip(sea.near(0, brief.height)[:1, brief.margin : brief.margin + brief.width] * 1.3, 0, 1), cover.shape)
    if weather.asked(brief, "boats"):
        y, x = (each.astype(np.float32) / sea.setting.unit for each in np.mgrid[: brief.height, : brief.width])
        bright = bright * (1.0 - _hull(sea.setting, x - np.float32(light.x * brief.width / sea.setting.unit), y))
    waves = Ground(top=0.0, foot=0.15, strength=0.75 * sea.dim, depth=0.05, above=True, fine=2, pace=1.5, cover=bright)
    return [
        Role(after=3, cast=lambda size, rng: Caustics(waves, size, rng)),
        Role(after=3, cast=lambda size, rng: Shafts(fan, size, rng)),
        Role(after=4, cast=lambda size, rng: Caustics(net, size, rng)),
    ]


def _plants(sea: Deep) -> list[Role]:
    """Kelp at the edge of the frame, on the side of the light, and some behind it."""
    setting, scale = sea.setting, sea.setting.brief.cfg_scale
    if "trees" in setting.brief.negative:
        return []
    tall = min(0.78 * setting.brief.height / setting.unit, 1.02)
    near = Bed(
        x=setting.aside(1.0 - 0.085 / setting.wide),
        wide=0.34,
        tall=tall,
        count=3 + round(3 * scale),
        dark=mixed(sea.deep, (0.0, 0.0, 0.0), 0.45),
        lit=mixed(sea.deep, sea.surface, 0.22),
        depth=0.7,
    )
    far = replace(
        near,
        x=setting.aside(1.0 - 0.27 / setting.wide),
        wide=0.20,
        tall=0.66 * tall,
        count=3,
        dark=mixed(sea.deep, sea.surface, 0.14),
        lit=mixed(sea.deep, sea.surface, 0.42),
        depth=0.4,
    )
    return [Role(after=4, cast=lambda size, rng: Kelp(far, size, rng)), Role(after=5, cast=lambda size, rng: Kelp(near, size, rng))]


def _fish(sea: Deep) -> list[Role]:
    """A school at each of two depths: more of them where they are asked for, none where they are refused."""
    setting, scale = sea.setting, sea.setting.brief.cfg_scale
    if setting.brief.negative & _FISH:
        return []
    more = 1.3 if weather.asked(setting.brief, *_FISH) else 1.0
    far = School(
        count=round(more * (14 + 14 * scale)),
        x=setting.aside(0.60),
        y=0.36,
        length=0.030,
        spread=0.15,
        colour=mixed(sea.deep, sea.surface, 0.42),
        pace=0.028 * setting.side,
        depth=0.22,
    )
    near = School(
        count=round(more * (7 + 6 * scale)),
        x=setting.aside(0.32),
        y=0.50,
        length=0.070,
        spread=0.15,
        colour=mixed(mixed(sea.deep, (0.0, 0.0, 0.0), 0.25), sea.surface, 0.08),
        pace=0.050 * setting.side,
        depth=0.5,
    )
    return [Role(after=3, cast=lambda size, rng: Shoal(far, size, rng)), Role(after=4, cast=lambda size, rng: Shoal(near, size, rng))]


def _small(sea: Deep) -> list[Role]:
    """Bubbles from one spot, plankton, and in the dark what shines by itself."""
    setting, brief = sea.setting, sea.setting.brief
    pale = mixed(sea.surface, (1.0, 1.0, 1.0), 0.6)
    spot = setting.aside(0.20)
    swarms: list[Swarm] = []
    if "bubbles" not in brief.negative:
        area = (spot - 0.035, 0.05, spot + 0.035, 0.92)
        swarms.append(
            Swarm(count=26, colour=pale, radius=(0.0025, 0.009), light=0.55, drift=(0.004, -0.085), twinkle=0.2, area=area, ring=True)
        )
    many = round((30 + 32 * brief.cfg_scale) * (1.0 + 1.6 * sea.milk))
    swarms.append(Swarm(count=many, colour=sea.surface, radius=(0.0010, 0.0032), light=0.5, drift=(0.010 * setting.side, -0.004)))
    if weather.asked(brief, "snow"):
        swarms.append(Swarm(count=70, colour=pale, radius=(0.0018, 0.0045), light=0.6, drift=(0.008 * setting.side, 0.030)))
    if sea.shining:
        colour = mixed(_SHINE, setting.palette.glitter, 0.15)
        area = (0.0, 0.42, 1.0, 1.0)
        swarms.append(Swarm(count=50 + round(40 * brief.cfg_scale), colour=colour, radius=(0.0020, 0.0060), light=0.95, area=area))
    return [Role(after=5, cast=lambda size, rng, swarm=swarm: Motes(swarm, size, rng)) for swarm in swarms]


def _water(sea: Deep) -> Layer:
    """All that is behind the reef: light from above, the waves seen from below, the dark."""
    setting, brief, unit = sea.setting, sea.setting.brief, sea.setting.unit
    rows, columns = brief.height + 2 * brief.margin, setting.columns
    small = (rows // 2, columns // 2)
    down, across = np.mgrid[: small[0], : small[1]].astype(np.float32) * 2.0
    y, x = (down - brief.margin) / unit, (across - brief.margin - setting.light.x * brief.width) / unit
    near = canvas.enlarged(sea.near(-brief.margin, rows), *small)
    murk = noise.fbm(brief.rng, small, (0.2 * unit, 0.3 * unit), octaves=3)
    picture = sea.seen(np.asarray(near * (0.98 + 0.05 * murk), np.float32))
    waves = noise.ridged(brief.rng, small, (0.020 * unit, 0.085 * unit), octaves=4, gain=0.6)
    above = canvas.smoothstep(y + 0.04 * waves, 0.17, -0.02) * canvas.smoothstep(waves, 0.25, 0.85)
    picture = canvas.screened(picture, mixed(sea.surface, (1.0, 1.0, 1.0), 0.5), above * (0.20 + 0.5 * near) * sea.dim)
    away = np.hypot(x, (y + 0.02) * 1.15)
    picture = canvas.screened(picture, sea.beam, np.exp(-((away / 0.42) ** 2)) * 0.42 * sea.dim)
    picture = canvas.screened(picture, mixed(setting.palette.light, (1.0, 1.0, 1.0), 0.3), np.exp(-((away / 0.15) ** 2)) * 0.8 * sea.dim)
    if weather.asked(brief, "boats"):
        picture = canvas.between(picture, mixed(sea.deep, sea.surface, 0.10), _hull(setting, x, y))
    return canvas.layer(canvas.enlarged(picture, rows, columns), np.ones((rows, columns), np.float32), top=-brief.margin, depth=0.0)


def _hull(setting: Setting, x: Plane, y: Plane) -> Plane:
    """Cover of a boat above, seen from below: a bow, a broad middle, a stern. Short sides from the light, and from the frame's top."""
    along = (x * setting.side + 0.30) / 0.20
    broad = 0.034 * np.clip(1.0 - np.abs(along - 0.18) ** 2.2, 0.0, None) ** 0.75
    return canvas.smoothstep(broad - np.abs(y - 0.050), -0.002, 0.006) * canvas.smoothstep(np.abs(along - 0.05), 0.97, 0.93)


def _grow(sea: Deep, reef: _Reef) -> _Grown:
    setting, brief, unit = sea.setting, sea.setting.brief, sea.setting.unit
    rng = np.random.default_rng(brief.rng.integers(2**32))  # its own: what grows on one reef does not change the rock of the next
    x = (np.arange(setting.columns, dtype=np.float32) - brief.margin) / brief.width
    aside = x if setting.side > 0.0 else 1.0 - x
    rough = np.tanh(np.abs(noise.line(rng, setting.columns, 0.34 * unit, octaves=5, gain=0.55)) / 2.4) * 2.4 * reef.rough
    tall = max(1.0, brief.height / unit * 0.62)
    level = (reef.low + (reef.level - reef.low) * canvas.smoothstep(aside, 0.78, 0.02)) * tall + rough
    below = round(brief.margin * reef.depth)
    rows = round((float(level.max()) + reef.tall * 1.2) * unit) + below + 4
    ground = np.asarray(rows - below - level * unit, np.float32)
    rocky = 0.6 if "rocks" in brief.negative else 1.35 if weather.asked(brief, "rocks") else 1.0
    many = round(reef.many * rocky * (0.6 + 0.8 * brief.cfg_scale) * setting.wide)
    cover = coral.reef(rng, (rows, setting.columns), ground, reef.tall * unit, many)
    top = brief.height + below - rows
    return _Grown(reef=reef, cover=cover, top=top, lowest=top + round(float(ground.max())))


def _painted(sea: Deep, grown: _Grown, front: _Grown | None) -> Layer:
    """Rock in the water that stands before it: as pale as that water is there. What the next reef hides is left out."""
    setting, unit, reef = sea.setting, sea.setting.unit, grown.reef
    rows = grown.cover.shape[0] if front is None else min(grown.cover.shape[0], front.lowest - grown.top + round(_SLACK * unit))
    cover = grown.cover[:rows]
    relief = noise.fbm(setting.brief.rng, (rows // 2, setting.columns // 2), (0.06 * unit, 0.08 * unit), octaves=5, gain=0.55)
    facing = canvas.enlarged(np.clip(1.6 * (relief - canvas.moved(relief, -1.5 * setting.side, 2.5)), -1.0, 1.0), rows, setting.columns)
    near = sea.near(grown.top, rows)
    lit = (0.25 + 0.75 * canvas.smoothstep(near, 0.10, 0.62)) * sea.dim
    dark = mixed(mixed(setting.palette.ground, sea.deep, 0.5), (0.0, 0.0, 0.0), 0.28 * (1.0 - reef.far))
    rock = canvas.between(dark, mixed(sea.deep, sea.surface, 0.55), np.clip(0.16 + 0.34 * facing, 0.0, 1.0) * lit)
    share = min(0.94, reef.far + 0.30 * sea.milk * (0.15 + reef.far))
    picture = canvas.between(rock, sea.seen(near * (1.0 - 0.16 * (1.0 - reef.far))), np.full(cover.shape, share, np.float32))
    rim = np.clip(cover - canvas.moved(cover, -1.2 * setting.side, 3.0), 0.0, 1.0)
    edge = mixed(mixed(sea.surface, sea.beam, 0.4), _SHINE, 0.5 if sea.shining else 0.0)
    picture = canvas.screened(picture, edge, rim * lit * 0.62 * (1.0 - reef.far))
    return canvas.layer(picture, cover, top=grown.top, depth=reef.depth)


SCENE = Scene(name="underwater", paint=paint, draws=frozenset({"fish", "bubbles", "rocks", "boats"}))

_FISH = frozenset({"fish"})
_SHINE = (0.25, 0.95, 1.0)
_SLACK = 0.11  # short sides by which a far reef may rise against the next one
