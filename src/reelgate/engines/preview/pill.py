"""The mark that says, in every frame, that this is a preview and what made it. It cannot be turned off."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from reelgate.engines.preview.font import fonts
from reelgate.engines.preview.overlay import Overlay
from reelgate.engines.preview.plane import Colour, Floats, Size, halve

PROCEDURAL = "procedural · no video model"
CAMERA_MOVE = "camera move only · no video model"


def make_pill(size: Size, *, from_picture: bool) -> Overlay:
    """Top right over a painted scene; bottom left over a caller's picture, whose faces tend to be above."""
    height = max(16, round(size.least * _HEIGHT)) & ~1
    drawn = _draw(height * 2, CAMERA_MOVE if from_picture else PROCEDURAL)
    rgb, alpha = drawn
    room = round(size.least * 0.03)
    left = room if from_picture else size.width - room - alpha.shape[1]
    top = size.height - room - alpha.shape[0] if from_picture else room
    return Overlay(rgb=rgb, alpha=alpha, left=max(0, left) & ~1, top=max(0, top) & ~1)


def _draw(height: int, words: str) -> tuple[Floats, Floats]:
    """Drawn twice as large as shown, then averaged: round ends stay round."""
    letter = round(height * 0.44)
    bold, plain = fonts(letter, bold=True)[0], fonts(letter)[0]
    text_at = round(height * 0.76)
    words_at = text_at + round(bold.getlength(_TITLE) + height * 0.26)
    width = words_at + round(plain.getlength(words) + height * 0.46)
    width += -width % 4
    box, dot, title, rest = (Image.new("L", (width, height), 0) for _ in range(4))
    ImageDraw.Draw(box).rounded_rectangle((0, 0, width - 1, height - 1), radius=height / 2, fill=255)
    radius = height * 0.11
    x, y = height * 0.49, height / 2
    ImageDraw.Draw(dot).ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    baseline = round(height * 0.655)
    ImageDraw.Draw(title).text((text_at, baseline), _TITLE, fill=255, font=bold, anchor="ls")
    ImageDraw.Draw(rest).text((words_at, baseline), words, fill=255, font=plain, anchor="ls")
    return _stacked((box, _GROUND, 0.72), (dot, _AMBER, 1.0), (title, _WHITE, 1.0), (rest, _WHITE, 0.74))


def _stacked(*sheets: tuple[Image.Image, Colour, float]) -> tuple[Floats, Floats]:
    height, width = np.asarray(sheets[0][0]).shape
    rgb, alpha = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    for image, colour, strength in sheets:
        cover = np.asarray(image, np.float32) * np.float32(strength / 255)
        rgb = np.asarray(rgb * (1 - cover[..., None]) + cover[..., None] * np.asarray(colour, np.float32), np.float32)
        alpha = np.asarray(alpha * (1 - cover) + cover, np.float32)
    return halve(rgb), halve(alpha)


_HEIGHT = 34 / 720  # of the shorter side
_TITLE = "PREVIEW RENDER"
_GROUND: Colour = (0.07, 0.05, 0.09)
_AMBER: Colour = (1.0, 0.66, 0.24)
_WHITE: Colour = (1.0, 1.0, 1.0)
