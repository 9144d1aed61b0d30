"""A river through meadows: the land on both sides of it, laid over the water, which shows between them.

It winds as rivers do, its bends closer to each other the farther away they are.
"""

from __future__ import annotations

import cv2
import numpy as np

from reelgate.engines.preview import canvas, noise, weather
from reelgate.engines.preview.palette import mixed
from reelgate.engines.preview.plane import Colour, Picture, Plane
from reelgate.engines.preview.setting import Setting
from reelgate.engines.preview.stage import Layer


def banks(land: Setting, *, depth: float) -> Layer:
    """The meadows, from the far shore to below the frame."""
    brief, rng, unit = land.brief, land.brief.own("river"), land.unit
    rim = round(_RIM * unit)  # above the line, for a camera that sinks: no gap opens towards the far shore
    tall = brief.height - land.shore
    rows = np.arange(-rim, tall + brief.margin, dtype=np.float32)[:, None] + np.float32(0.5)
    # 0 at the far shore, 1 at the foot of the frame: one over the distance
    near = np.asarray(np.clip(rows / tall, 0.25 / tall, None), np.float32)
    x = np.asarray((np.arange(land.columns, dtype=np.float32)[None, :] - brief.margin - brief.width * 0.5) / unit, np.float32)
    inside = np.where(rows < 0.0, np.float32(-1.0), _inside(land, rng, near, x))
    pixel = 0.7 / unit
    grass = rim * np.clip(0.62 + 0.3 * noise.line(rng, land.columns, 0.05 * unit, octaves=4, gain=0.6), 0.0, 1.0)
    cover = canvas.smoothstep(inside, pixel, -pixel) * np.clip(rows + grass[None, :] + 1.0, 0.0, 1.0)
    return canvas.layer(_meadow(land, rng, near, x, inside), cover, top=land.shore - rim, depth=depth)


def _inside(land: Setting, rng: np.random.Generator, near: Plane, x: Plane) -> Plane:
    """How far inside the river a place lies, short sides; on land it is negative."""
    wide = min(1.25, land.wide)
    distance = np.log(1.0 / np.clip(near, 0.012, None))
    phase = float(rng.uniform(-0.5, 0.5))
    swing = 0.30 * wide * near**0.85 * np.sin(2.1 * distance + phase + 0.9) + 0.10 * wide * near * np.sin(4.7 * distance + 2.0 * phase)
    start = 0.16 * land.side * wide * (1.0 - near)  # it comes from under the light
    half = (0.20 * near**1.25 + 0.012 * canvas.smoothstep(near, 0.0, 0.06)) * wide
    shape = (near.shape[0], x.shape[1])
    edge = noise.fbm(rng, shape, (0.025 * land.unit, 0.10 * land.unit), octaves=4, gain=0.6)
    return np.asarray(half - np.abs(x - start - land.side * swing) + 0.016 * near * edge, np.float32)


def _meadow(land: Setting, rng: np.random.Generator, near: Plane, x: Plane, inside: Plane) -> Picture:
    """Grass in drifts of two tones, gravel along the water, a dark edge where the bank falls off."""
    palette = land.palette
    deep = 0.22 if weather.asked(land.brief, "snow") else 0.50  # snow throws its light into every hollow
    grass, dry = _in_light(land, _GRASS), _in_light(land, _DRY)
    field = _seen_flat(noise.tile(rng, (256, 256), slope=1.35), near, x)
    fine = _seen_flat(noise.tile(rng, (256, 256), slope=0.75), near * 0.35, x * 0.35)
    plain = canvas.smoothstep(near, 0.02, 0.35)
    dark = canvas.between(mixed(grass, palette.ground, deep), mixed(grass, palette.ground, 0.56 * deep), np.zeros(inside.shape, np.float32))
    picture = canvas.between(dark, mixed(grass, dry, 0.35), np.clip(0.5 + 0.26 * field + 0.16 * plain * fine, 0.0, 1.0))
    picture = canvas.between(picture, dry, np.asarray(0.55 * canvas.smoothstep(field, 0.3, 1.6), np.float32))
    gravel = mixed(_in_light(land, _GRAVEL), palette.light, 0.12)
    reach = np.asarray(-inside / np.clip(near, 0.02, None), np.float32) + 0.03 * field  # in the ground's own measure
    beach = canvas.smoothstep(reach, 0.085, 0.035)
    picture = canvas.between(picture, gravel, 0.80 * beach)
    picture = canvas.between(picture, mixed(palette.ground, palette.water, 0.35), 0.75 * canvas.smoothstep(reach, 0.022, 0.004))
    x_light = (land.light.x - 0.5) * land.brief.width / land.unit
    lit = np.exp(-(((x - x_light) / 0.75) ** 2)) * canvas.smoothstep(near, 0.75, 0.0)
    picture = canvas.screened(picture, palette.blaze, np.asarray(0.16 * lit, np.float32))
    far = np.clip((0.30 + 0.5 * palette.haziness) * np.exp(-near * 7.0) + land.murk * np.exp(-near * 1.2) + 0.0 * x, 0.0, 0.92)
    picture = canvas.between(picture, land.air(near.shape[0], warmth=0.55), far)
    foot = canvas.smoothstep(near, 0.55, 1.25) + 0.0 * x
    return canvas.between(picture, mixed(palette.ground, grass, 0.15), np.asarray(0.55 * foot, np.float32))


def _seen_flat(pattern: Plane, near: Plane, x: Plane) -> Plane:
    """A pattern on the ground, seen in perspective; what is too far to be told is left out."""
    away = 1.0 / np.clip(near, 0.02, None)
    column, row = np.broadcast_arrays(
        np.asarray(x * away * _GROUND % pattern.shape[1], np.float32), np.asarray(away * _GROUND % pattern.shape[0], np.float32)
    )
    seen = cv2.remap(pattern, np.ascontiguousarray(column), np.ascontiguousarray(row), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(np.asarray(seen) * canvas.smoothstep(near, 0.03, 0.16), np.float32)


def _in_light(land: Setting, colour: Colour) -> Colour:
    palette = land.palette
    if weather.asked(land.brief, "snow"):
        colour = mixed(colour, (0.93, 0.95, 1.0), 0.85)
    red, green, blue = (own * light for own, light in zip(colour, palette.light, strict=True))
    colour = mixed(colour, (red, green, blue), 0.8)
    night = 0.62 if palette.moon or palette.lamps > _DARK else 0.10
    return mixed(mixed(mixed(colour, palette.light, 0.20), palette.shade, night), palette.ground, 0.35 if palette.moon else 0.10)


_GRASS: Colour = (0.34, 0.44, 0.20)
_DRY: Colour = (0.58, 0.54, 0.28)
_GRAVEL: Colour = (0.62, 0.58, 0.52)
_DARK = 0.5
_RIM = 0.015  # short sides
_GROUND = 60.0  # pixels of a pattern for a short side at the foot of the frame
