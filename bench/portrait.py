"""A painted portrait: plain enough to be ours, enough of a person for a network that looks for one."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt


def portrait(width: int = 480, height: int = 360) -> npt.NDArray[np.uint8]:
    """Head and shoulders before a wall with a stripe, (height, width, 3)."""
    picture = np.zeros((360, 480, 3), np.float32)
    picture[:] = np.linspace(150, 190, 480, dtype=np.float32)[None, :, None]
    picture[:, 60:90] -= 60
    picture[:, 380:400] -= 60
    cv2.ellipse(picture, (240, 380), (120, 150), 0, 180, 360, (60, 70, 110), -1, cv2.LINE_AA)
    cv2.rectangle(picture, (214, 150), (266, 232), (200, 150, 120), -1)
    cv2.ellipse(picture, (240, 120), (58, 76), 0, 0, 360, (222, 172, 142), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (240, 82), (64, 50), 0, 180, 360, (60, 40, 30), -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.ellipse(picture, (240 + side * 22, 115), (9, 5), 0, 0, 360, (250, 250, 250), -1, cv2.LINE_AA)
        cv2.circle(picture, (240 + side * 22, 115), 4, (40, 30, 30), -1, cv2.LINE_AA)
        cv2.ellipse(picture, (240 + side * 22, 102), (13, 4), 0, 180, 360, (70, 50, 40), 2, cv2.LINE_AA)
    cv2.ellipse(picture, (240, 135), (7, 10), 0, 0, 180, (190, 130, 105), 2, cv2.LINE_AA)
    cv2.ellipse(picture, (240, 158), (20, 8), 0, 0, 180, (170, 70, 70), -1, cv2.LINE_AA)
    picture = cv2.GaussianBlur(picture, (0, 0), 1.2) + np.random.default_rng(1).normal(0, 3, picture.shape)
    return np.asarray(cv2.resize(np.clip(picture, 0, 255).astype(np.uint8), (width, height)), np.uint8)
