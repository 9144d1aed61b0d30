"""Stage: people in silhouette on a raised floor before one strong light, beams from above, the heads of those who watch."""

from __future__ import annotations

import numpy as np

from reelgate.engines.preview import canvas, figure, noise, weather
from reelgate.engines.preview.mote import Motes, Swarm
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour, Plane
from reelgate.engines.preview.setting import Setting, settle
from reelgate.engines.preview.shaft import Fan, Shafts
from reelgate.engines.preview.stage import Brief, Layer, Role, Scene, Stage
from reelgate.engines.preview.sway import Rhythm, Swaying


def paint(brief: Brief) -> Stage:
    """The scene for a brief. `people` brings more of them and, refused, nobody; rain and snow fall as glitter in the light."""
    hall = settle(brief, line=(0.70, 0.66), light_x=0.58)
    layers = (_back(hall), _pillars(hall, far=True), _floor(hall), _pillars(hall, far=False))
    people, crowd = ([], []) if "people" in brief.negative else (_people(hall), _crowd(hall))
    fan = Fan(x=hall.light.x, y=-0.35, colour=_glow(hall), strength=0.66, reach=1.25, rays=8.0, sway=2.0, depth=0.3)
    falls = weather.asked(brief, "snow", "rain")
    dust = Swarm(
        count=round((90 if falls else 34) * (0.7 + 0.6 * brief.cfg_scale)),
        colour=mixed(_glow(hall), (1.0, 1.0, 1.0), 0.3),
        radius=(0.0012, 0.0044),
        light=0.6,
        drift=(0.004, 0.05 if falls else -0.006),
        area=(0.08, 0.0, 0.92, 0.95),
    )
    still, listening = Rhythm(aside=0.0012, up=0.0007, period_s=4.2), Rhythm(aside=0.0035, up=0.0016, period_s=5.5)
    return Stage(
        layers=layers,
        margin=brief.margin,
        alive=(
            Role(after=2, cast=lambda size, rng: Shafts(fan, size, rng)),
            Role(after=3, cast=lambda size, rng: Swaying(people, still, size, rng)),
            Role(after=4, cast=lambda size, rng: Motes(dust, size, rng)),
            Role(after=4, cast=lambda size, rng: Swaying(crowd, listening, size, rng)),
        ),
        water_after=len(layers),
        glow=(hall.light.x, hall.line - 0.20, 0.55, mixed(_glow(hall), (0.0, 0.0, 0.0), 0.55)),
        ambience="hall",
    )


def _glow(hall: Setting) -> Colour:
    """The colour of the great light."""
    return mixed(hall.palette.blaze, hall.palette.light, 0.35)


def _dark(hall: Setting) -> Colour:
    return mixed(hall.palette.ground, hall.palette.zenith, 0.18)


def _back(hall: Setting) -> Layer:
    """The wall behind in haze, brightest where the light stands."""
    brief, palette, unit = hall.brief, hall.palette, hall.unit
    rows, columns = brief.height + 2 * brief.margin, hall.columns
    small = (rows // 2, columns // 2)
    down, across = np.mgrid[: small[0], : small[1]].astype(np.float32) * 2.0
    x, y = (across - brief.margin - hall.light.x * brief.width) / unit, (down - brief.margin - (hall.line - 0.16) * brief.height) / unit
    smoke = noise.fbm(brief.rng, small, (0.16 * unit, 0.34 * unit), octaves=5, gain=0.55)
    away = np.hypot(x, y * 1.15)
    near = np.exp(-((away / 0.46) ** 1.5)) * (1.0 + 0.10 * smoke)
    wide = np.exp(-((away / 1.0) ** 1.7)) * (1.0 + 0.22 * smoke)
    picture = canvas.between(
        mixed(_dark(hall), palette.middle, 0.22), mixed(palette.middle, palette.haze, 0.4), np.clip(wide * 0.85, 0.0, 1.0)
    )
    picture = canvas.screened(picture, _glow(hall), np.clip(near * 0.92, 0.0, 1.0))
    picture = canvas.screened(
        picture, mixed(palette.sun, (1.0, 1.0, 1.0), 0.4), np.asarray(np.exp(-((away / 0.15) ** 2)) * 0.55, np.float32)
    )
    return canvas.layer(canvas.enlarged(picture, rows, columns), np.ones((rows, columns), np.float32), top=-brief.margin, depth=0.0)


def _pillars(hall: Setting, *, far: bool) -> Layer:
    """Columns that frame the light, or curtains before them at the edges of the frame."""
    brief, unit, rng = hall.brief, hall.unit, hall.brief.rng
    foot = round((hall.line + (0.0 if far else 0.10)) * brief.height) + brief.margin
    x = (np.arange(hall.columns, dtype=np.float32) - brief.margin) / unit
    cover, shade = np.zeros(hall.columns, np.float32), np.zeros(hall.columns, np.float32)
    if far:
        middle = hall.light.x * hall.wide
        for number in range(1, 6):
            for side in (-1.0, 1.0):
                across = (x - middle - side * (0.17 + 0.21 * number)) / 0.038
                inside = np.clip((1.0 - np.abs(across)) * 0.038 * unit + 0.5, 0.0, 1.0)
                cover = np.maximum(cover, inside)
                shade = np.where(inside > 0.0, np.clip(-side * across, 0.0, 1.0) ** 2 + 0.10 * np.sin(across * 14.0), shade)
    else:
        for side, edge in ((1.0, 0.0), (-1.0, hall.wide)):
            across = (x - edge) * side / (0.13 + 0.05 * float(rng.random()))
            folds = 0.5 + 0.5 * np.sin(across * 17.0 + 1.2 * np.sin(across * 5.0))
            inside = np.clip((1.0 - across - 0.10 * folds) * 30.0, 0.0, 1.0)
            cover = np.maximum(cover, inside)
            shade = np.where(inside > 0.0, folds**2 * np.clip(across, 0.0, 1.0), shade)
    rows = np.arange(foot, dtype=np.float32)[:, None]
    tall = np.broadcast_to(cover[None, :], (foot, hall.columns)) * np.clip(foot - rows, 0.0, 1.0)
    colour = mixed(_dark(hall), mixed(hall.palette.haze, _glow(hall), 0.4), 0.30) if far else mixed(_dark(hall), _CURTAIN, 0.22)
    picture = canvas.filled(foot, hall.columns, colour)
    fall = canvas.smoothstep(rows / foot, 0.05, 0.95)
    picture = canvas.screened(picture, _glow(hall), np.asarray(shade[None, :] * (0.50 if far else 0.22) * fall, np.float32))
    return canvas.layer(picture, np.asarray(tall, np.float32), top=-brief.margin, depth=0.14 if far else 0.58)


def _floor(hall: Setting) -> Layer:
    """The raised floor: its surface mirrors the light, its front is dark, its edge shines."""
    brief, unit = hall.brief, hall.unit
    rows = brief.height + brief.margin - hall.shore
    x = ((np.arange(hall.columns, dtype=np.float32) - brief.margin - hall.light.x * brief.width) / unit)[None, :]
    down = np.arange(rows, dtype=np.float32)[:, None] / unit
    grain = noise.fbm(brief.rng, (rows, hall.columns), (0.008 * unit, 0.25 * unit), octaves=3)
    deep = 0.105 * max(1.0, brief.height / unit * 0.7)
    top = canvas.smoothstep(down, deep + 0.004, deep)
    mirrored = np.exp(-((x / (0.20 + 1.6 * down)) ** 2)) * np.exp(-down * 5.5) * (0.8 + 0.10 * grain)
    picture = canvas.between(mixed(_dark(hall), hall.palette.middle, 0.10), _dark(hall), np.asarray(1.0 - top + 0 * x, np.float32))
    picture = canvas.screened(picture, _glow(hall), np.clip(mirrored * top * 0.85, 0.0, 1.0))
    edge = np.exp(-(((down - deep) / 0.0022) ** 2)) * np.exp(-((x / 0.75) ** 2)) * 0.6
    picture = canvas.screened(picture, _glow(hall), np.asarray(edge, np.float32))
    return canvas.layer(picture, np.ones((rows, hall.columns), np.float32), top=hall.shore, depth=0.26)


def _people(hall: Setting) -> list[Layer]:
    """Those on the stage: one who stands apart in the light, the others to both sides, each a layer that can sway."""
    brief, rng = hall.brief, hall.brief.rng
    many = 4 + round(4 * brief.cfg_scale) + (2 if weather.asked(brief, "people") else 0)
    tall = (0.36 if hall.wide > 1.0 else 0.33) * hall.unit
    chosen = "lord" if rng.random() < (1.0 if weather.asked(brief, "lord") else _LORDS) else str(rng.choice(["gown", "coat", "cloak"]))
    groups: list[list[tuple[str, float, float]]] = [[(chosen, hall.light.x * brief.width, 1.12)], []]
    reach = min(0.40, 0.62 / hall.wide)
    for number in range(many):
        side = -1.0 if number % 2 else 1.0
        place = hall.light.x + side * (0.10 + reach * (number // 2 + 1 + float(rng.uniform(-0.28, 0.28))) / (many / 2 + 0.5)) * 1.0
        kind = str(rng.choice(["gown", "coat", "cloak", "coat", "gown"]))
        groups[1].append((kind, place * brief.width, float(rng.uniform(0.80, 1.0))))
    return [_group(hall, group, tall) for group in groups]


def _group(hall: Setting, group: list[tuple[str, float, float]], tall: float) -> Layer:
    brief, unit, rng = hall.brief, hall.unit, hall.brief.rng
    rows = round(tall * 1.45)
    ink = np.zeros((rows, hall.columns), np.uint8)
    ground = rows - round(0.030 * unit)
    for kind, place, share in group:
        figure.stand(ink, rng, kind, (place + brief.margin, ground + float(rng.uniform(-0.010, 0.020)) * unit), tall * share)
    cover = canvas.blurred(ink / np.float32(255.0), max(0.7, 0.0013 * unit))
    return _rimmed(hall, cover, top=hall.shore + round(0.055 * unit) - rows + round(0.030 * unit), depth=0.30, rim=0.75)


def _crowd(hall: Setting) -> list[Layer]:
    """Those who watch: two rows of heads along the foot of the frame."""
    brief, unit, rng = hall.brief, hall.unit, hall.brief.rng
    layers: list[Layer] = []
    for size, rise, depth in ((0.085, 0.205, 0.72), (0.125, 0.095, 0.95)):
        rows = round((rise + size * 2.2) * unit) + brief.margin
        count = max(3, round(hall.wide / (size * 1.45)))
        spread = (np.arange(count) + 0.5 + rng.uniform(-0.3, 0.3, count)) * hall.columns / count
        places = [float(each) for each in spread if abs(each - brief.margin - hall.light.x * brief.width) > _AISLE * unit or depth < _NEAR]
        cover = figure.heads(rng, (rows, hall.columns), places, rows - brief.margin - rise * unit, size * unit)
        layers.append(_rimmed(hall, cover, top=brief.height + brief.margin - rows, depth=depth, rim=0.40))
    return layers


def _rimmed(hall: Setting, cover: Plane, *, top: int, depth: float, rim: float) -> Layer:
    """A dark shape with the light around its edge, stronger towards the middle of the light."""
    x = (np.arange(hall.columns, dtype=np.float32) - hall.brief.margin - hall.light.x * hall.brief.width) / hall.unit
    towards = np.sign(-x)[None, :]
    left, right = canvas.moved(cover, 0.0035 * hall.unit, 0.0015 * hall.unit), canvas.moved(cover, -0.0035 * hall.unit, 0.0015 * hall.unit)
    edge = np.clip(cover - np.where(towards > 0.0, right, left), 0.0, 1.0)
    light = edge * np.exp(-((x / 0.62) ** 2))[None, :] * rim
    picture = canvas.filled(cover.shape[0], hall.columns, mixed(_dark(hall), hall.palette.middle, 0.05 * (1.0 - depth)))
    picture = canvas.screened(picture, _glow(hall), np.asarray(light, np.float32))
    return canvas.layer(picture, cover, top=top, depth=depth)


SCENE = Scene(name="stage", paint=paint, draws=frozenset({"people", "lord"}))

_CURTAIN = (0.42, 0.10, 0.12)
_LORDS = 0.3  # how often somebody with a crown stands in the light, unasked
_AISLE = 0.10
_NEAR = 0.9
