"""Rings around a planet: bands of ice and dust in one plane, the half behind it in its shadow."""

from __future__ import annotations

import math

import numpy as np

from reelgate.engines.preview import canvas, noise
from reelgate.engines.preview.plane import Colour, Floats
from reelgate.engines.preview.planet import Globe
from reelgate.engines.preview.stage import Brief, Layer

INNER, OUTER = 1.32, 2.25  # in radii of the planet
_GAP = (1.93, 0.035)  # where a moon keeps the ring clear, and half its width
_LOW = 0.26  # the sine of the angle at which their plane is seen
_SHADOW = 0.93  # how much of the light the planet takes
_SEAM = 2.5  # pixels over which the half behind goes over into the one before
_LOOKS = 4  # places of a pixel at which they are looked at
_FINE = 260  # places along a radius of the planet at which their density is told


def rings(brief: Brief, globe: Globe, colour: Colour) -> tuple[Layer, Layer]:
    """What of the rings is seen behind the planet, and what before it."""
    rows, columns = brief.height + 2 * brief.margin, brief.width + 2 * brief.margin
    radius = globe.radius * min(brief.width, brief.height)
    right = (np.arange(columns, dtype=np.float32) - brief.margin - globe.x * brief.width)[None, :] / radius
    down = (np.arange(rows, dtype=np.float32) - brief.margin - globe.y * brief.height)[:, None] / radius
    cos, sin = math.cos(globe.tilt), math.sin(globe.tilt)
    along = np.asarray(right * cos - down * sin, np.float32)
    across = np.asarray(-(right * sin + down * cos) / _LOW, np.float32)
    cover = _seen(_bands(brief.own("rings"), radius), along, across, 1.0 / (radius * _LOW))
    light = 1.0 - _SHADOW * _shadowed(globe, along, across)
    picture = canvas.times(canvas.filled(rows, columns, colour), np.asarray(light, np.float32))
    # Where the halves meet one goes over into the other within some pixels, and both together take as much light as one would.
    width = _SEAM / (radius * _LOW)
    before = cover * canvas.smoothstep(across, width, -width)
    back, front = (
        canvas.layer(picture, np.asarray(each, np.float32), top=-brief.margin, depth=globe.depth)
        for each in ((cover - before) / (1.0 - before), before)
    )
    return back, front


def _seen(bands: Floats, along: Floats, across: Floats, pixel: float) -> Floats:
    """How much of the light they take, 0 to 1. In front and behind, bands lie closer than pixels do: each looks at several places."""
    places = np.linspace(INNER, OUTER, len(bands), dtype=np.float32)
    looks = [
        np.interp(np.hypot(along, across + np.float32(pixel * place)), places, bands, left=0.0, right=0.0)
        for place in np.linspace(-0.5, 0.5, _LOOKS)
    ]
    return np.asarray(np.mean(looks, axis=0), np.float32)


def _bands(rng: np.random.Generator, radius: float) -> Floats:
    """How dense they are from the innermost place to the outermost, 0 to 1."""
    places = np.linspace(INNER, OUTER, round(_FINE * (OUTER - INNER)), dtype=np.float32)
    bands = 0.62 + 0.22 * noise.line(rng, len(places), len(places) / 9, octaves=5, gain=0.62)
    edge = 1.5 / radius
    bands *= canvas.smoothstep(places, INNER, INNER + 0.16) * canvas.smoothstep(places, OUTER, OUTER - max(edge, 0.02))
    bands *= canvas.smoothstep(np.abs(places - _GAP[0]), _GAP[1], _GAP[1] + max(edge, 0.02))
    return np.asarray(np.clip(bands, 0.0, 0.92), np.float32)


def _shadowed(globe: Globe, along: Floats, across: Floats) -> Floats:
    """How much of the planet's shadow lies at these places of the plane, 0 to 1."""
    cos, sin, high = math.cos(globe.tilt), math.sin(globe.tilt), math.sqrt(1.0 - _LOW * _LOW)
    right, up, towards = along * cos - across * _LOW * sin, along * sin + across * _LOW * cos, -across * high
    to_star = right * globe.light[0] + up * globe.light[1] + towards * globe.light[2]
    beside = np.sqrt(np.maximum(right * right + up * up + towards * towards - to_star * to_star, 0.0))
    return np.asarray(canvas.smoothstep(beside, 1.03, 0.95) * (to_star < 0.0), np.float32)
