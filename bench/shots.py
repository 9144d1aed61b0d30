"""`python -m bench.shots`: every scene in every shape and a picture that was filmed, on one sheet to look at.

What the preview engine renders goes to `shots/`, frame by frame and as a contact sheet; the pictures that the documents
show go to `docs/pictures/`. Each is a frame of a video that was rendered and decoded again, as a viewer would see it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import reelgate.cli
from bench.portrait import portrait
from bench.prompts import scene_prompts
from reelgate.contracts.engine import Order
from reelgate.domain.media import LocalFile, VideoInput
from reelgate.engines.preview.render import render

ROOT = Path(__file__).resolve().parent.parent
PICTURE = Path(reelgate.cli.__file__).with_name("sample.jpg")

SHAPES = ("16:9", "9:16", "1:1")

_ROW = 300  # pixels: the height of every frame on the sheet
_GAP = 16
_LABEL = 26
_PAPER, _INK = (250, 250, 248), (25, 26, 23)
_SUN = 44  # pixels: radius of the sun in the sample picture
_QUALITY = 88


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One frame of a video."""

    name: str
    image: Image.Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A video to render, and the places in it to look at: 0 is its first frame, 1 its last."""

    name: str
    input: VideoInput
    seed: int
    places: tuple[float, ...] = (0.6,)


DOCUMENTS = (
    Wanted(
        name="mountains",
        input=VideoInput(prompt="A mountain lake at sunrise, mist between the pines, calm water", aspect_ratio="16:9"),
        seed=3,
    ),
    Wanted(name="ocean", input=VideoInput(prompt="A sailboat on a calm ocean at sunset, long golden waves", aspect_ratio="16:9"), seed=2),
)
"""The pictures of the documents."""


def main() -> int:
    """Render, save, and say where."""
    asked = _arguments()
    began_s = time.perf_counter()
    asked.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="shots-") as folder:
        rows = [[still for wanted in row for still in stills(wanted)] for row in _rows(Path(folder))]
    for still in (still for row in rows for still in row):
        still.image.save(asked.into / f"{still.name}.png")
    contact_sheet(rows).save(asked.into / "sheet.png")
    asked.pictures.mkdir(parents=True, exist_ok=True)
    for still in (still for wanted in DOCUMENTS for still in stills(wanted)):
        still.image.save(asked.pictures / f"{still.name}.jpg", quality=_QUALITY, optimize=True, progressive=True)
    print(f"{asked.into / 'sheet.png'} and the pictures of the documents in {asked.pictures}: {time.perf_counter() - began_s:.0f} s")
    return 0


def stills(wanted: Wanted) -> list[Still]:
    """Render a video and look at it; one still for each of its places."""
    with tempfile.TemporaryDirectory(prefix="shots-") as folder:
        video = render(Order(endpoint="demo/text-to-video", input=wanted.input, seed=wanted.seed), Path(folder), _quietly)
        indexes = [round(place * (video.frames - 1)) for place in wanted.places]
        images = _frames(Path(folder) / "preview.mp4", indexes)
    names = [wanted.name] if len(images) == 1 else [f"{wanted.name} {place:.0%}".replace("%", "") for place in wanted.places]
    return [Still(name=name, image=image) for name, image in zip(names, images, strict=True)]


def contact_sheet(rows: Sequence[Sequence[Still]]) -> Image.Image:
    """Rows of frames of one height, each under its name."""
    shown = [[(still.name, _of_height(still.image, _ROW)) for still in row] for row in rows]
    width = max(sum(image.width + _GAP for _, image in row) for row in shown) + _GAP
    sheet = Image.new("RGB", (width, len(shown) * (_ROW + _LABEL + _GAP) + _GAP), _PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for number, row in enumerate(shown):
        top, left = _GAP + number * (_ROW + _LABEL + _GAP), _GAP
        for name, image in row:
            pen.text((left, top), name, fill=_INK, font=font)
            sheet.paste(image, (left, top + _LABEL))
            left += image.width + _GAP
    return sheet


def _rows(folder: Path) -> Iterator[list[Wanted]]:
    for number, (scene, prompt) in enumerate(scene_prompts().items()):
        yield [Wanted(name=f"{scene} {shape.replace(':', 'x')}", input=_short(prompt, shape), seed=number + 1) for shape in SHAPES]
    yield from ([Wanted(name=name, input=wanted, seed=1, places=(0.0, 0.5, 1.0))] for name, wanted in _from_pictures(folder))


def _from_pictures(folder: Path) -> Iterator[tuple[str, VideoInput]]:
    """What can be asked of a picture: a move, a person who comes nearer, another shape, a last picture, and a part that goes its way."""
    land, person, sun = LocalFile(PICTURE, "image_url"), LocalFile(folder / "person.png"), LocalFile(folder / "sun.png")
    Image.fromarray(portrait(960, 720)).save(person.path)
    with Image.open(PICTURE) as picture:
        size = picture.size
    rows, columns = np.mgrid[: size[1], : size[0]]
    Image.fromarray(((np.hypot(rows - 256, columns - 910) < _SUN) * 255).astype(np.uint8)).save(sun.path)
    way = [{"x": 910, "y": 464}, {"x": 980, "y": 560}, {"x": 1100, "y": 620}]
    brush = {"fal": {"dynamic_masks": [{"mask_url": 0, "trajectories": way}]}}
    yield "a picture", VideoInput(prompt="the camera moves slowly closer", first_frame=land)
    yield "a person", VideoInput(prompt="the camera moves to the right", first_frame=person)
    yield "another shape", VideoInput(prompt="the camera moves slowly closer", first_frame=land, aspect_ratio="9:16")
    yield "a last picture", VideoInput(first_frame=land, last_frame=person, aspect_ratio="16:9")
    yield "a part that moves", VideoInput(first_frame=land, references=(sun,), extras=brush)


def _short(prompt: str, shape: str) -> VideoInput:
    return VideoInput(prompt=prompt, seconds=2, aspect_ratio=shape)


def _frames(path: Path, indexes: Sequence[int]) -> list[Image.Image]:
    with av.open(str(path)) as container:
        frames = {index: frame.to_ndarray(format="rgb24") for index, frame in enumerate(container.decode(video=0)) if index in indexes}
    return [Image.fromarray(np.asarray(frames[index])) for index in indexes]


def _of_height(image: Image.Image, height: int) -> Image.Image:
    return image.resize((round(image.width * height / image.height), height), Image.Resampling.LANCZOS)


def _quietly(_fraction: float, _line: str) -> None:
    """Nobody is waiting for the progress of a sheet."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.shots", description="A contact sheet of rendered frames.")
    parser.add_argument("--into", type=Path, default=ROOT / "shots", help="folder that takes the sheet and its frames")
    parser.add_argument("--pictures", type=Path, default=ROOT / "docs" / "pictures", help="folder of the pictures that the documents show")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
