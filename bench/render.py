"""Whole-clip CPU of the preview engine, against encoding alone.

`python -m bench.render ROUNDS` prints a line of JSON for each clip. Encoding alone is the engine's own writer, fed with the very
frames from memory: the two files must be equal to the byte, else the two sides did not do the same.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.process import Cores, on_core
from bench.table import Row

PICTURE = "picture"
_PICTURE_PROMPT = "The camera slowly moves in"
_WHY = {
    "forest": "trunks in four rows from edge to edge, rays and dust: 0.45 s to paint, 7 ms a frame",
    "mountains": "nine layers, six of them mirrored by a lake: 0.45 s to paint, 8.5 ms a frame",
    "underwater": "eight players between the layers, all new in each frame: 0.3 s to paint, 9 ms a frame",
}
"""What the scenes that are at their bound spend the time on."""

_PEAKS = {"720p": (400, 300), "1080p": (700, 500)}
"""What a worker may take at its peak, and what is aimed at, megabytes."""


def measure(cores: Cores, rounds: int) -> list[Row]:
    """A row for the picture, one for each scene, and the memory of a worker that has made one clip of each."""
    with on_core(cores.measured):
        done = subprocess.run([sys.executable, "-m", "bench.render", str(rounds)], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in done.stdout.splitlines():
        told = json.loads(line)
        found[told["clip"]].append((told["whole_s"], told["encode_s"]))
        seconds = f"whole {told['whole_s']:5.2f} s   encode only {told['encode_s']:5.2f} s"
        print(f"render  {told['clip']:10} {seconds}   {told['bytes'] / 1e6:.1f} MB")
    rows = [_row(clip, found[clip]) for clip in (PICTURE, *(clip for clip in found if clip != PICTURE))]
    return [*rows, *(_peak_row(resolution) for resolution in _PEAKS)]


def _peak_row(resolution: str) -> Row:
    done = subprocess.run([sys.executable, "-m", "bench.render", resolution], stdout=subprocess.PIPE, text=True, check=True)
    megabytes = float(done.stdout)
    must, aim = _PEAKS[resolution]
    what = f"peak RSS of a worker, {resolution}"
    return Row(
        what=what,
        value=megabytes,
        unit="MB",
        must=must,
        aim=aim,
        spread=(megabytes, megabytes),
        note="a clip of each scene and of a picture",
    )


def _row(clip: str, rounds: list[tuple[float, float]]) -> Row:
    ratios = [whole_s / encode_s for whole_s, encode_s in rounds]
    whole_s, encode_s = (median(column) for column in zip(*rounds, strict=True))
    picture = clip == PICTURE
    must = 1.6 if picture else 2.0
    why = f"; {_WHY[clip]}" if clip in _WHY and median(ratios) > must else ""
    return Row(
        what="image-to-video 5 s 720p, CPU" if picture else f"text-to-video 5 s 720p, {clip}, CPU",
        value=median(ratios),
        unit="× encode",
        must=must,
        aim=1.4 if picture else 1.7,
        spread=(min(ratios), max(ratios)),
        note=f"{whole_s:.2f} s against {encode_s:.2f} s{why}",
    )


def main(rounds: int) -> None:
    """Render in this process, as a warm worker would: everything is imported, the first clips are not counted."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(-1, rounds):
            for clip in clips():
                # A seed of its own for each round: a scene that was kept from the round before would cost nothing.
                told = _clip(clip, 1000 + number, Path(folder))
                if number >= 0:
                    print(json.dumps({"clip": clip, **told}), flush=True)


def peak(resolution: str) -> None:
    """Make a clip of everything in this process, and print the most memory that it ever had, in megabytes."""
    from reelgate.engines.preview import ENGINE

    with tempfile.TemporaryDirectory() as folder:
        for clip in clips():
            ENGINE.render(_order(clip, 7, seconds=2, resolution=resolution), Path(folder), _unheard)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)


def clips() -> dict[str, str]:
    """What is rendered: prompts by the names of clips."""
    from bench.prompts import scene_prompts

    return {PICTURE: _PICTURE_PROMPT, **scene_prompts()}


def _clip(clip: str, seed: int, folder: Path) -> dict[str, float]:
    from reelgate.engines.preview import ENGINE
    from reelgate.engines.preview import render as module
    from reelgate.engines.preview.encode import Reel, write_reel

    reels: list[Reel] = []

    def kept(reel: Reel, path: Path, progress: Callable[[int], None]) -> None:
        reels.append(reel)
        write_reel(reel, path, progress)

    module.write_reel = kept
    began_s = time.process_time()
    video = ENGINE.render(_order(clip, seed), folder, _unheard)
    whole_s = time.process_time() - began_s
    assert (video.width, video.height, video.frames, video.sound) == (1280, 720, 120, False), video
    alone = folder / "encode_only.mp4"
    encode_s = _encode_only(reels[0], alone)
    made = (folder / "preview.mp4").read_bytes()
    assert made == alone.read_bytes(), "encoding alone made another file: the frames or the settings were not the same"
    return {"whole_s": whole_s, "encode_s": encode_s, "bytes": len(made)}


def _encode_only(reel: object, path: Path) -> float:
    import numpy as np

    from reelgate.engines.preview.encode import Reel, write_reel
    from reelgate.engines.preview.plane import Planes, new_planes

    assert isinstance(reel, Reel)
    frames = [new_planes(reel.size) for _ in range(reel.frames)]
    for index, planes in enumerate(frames):
        reel.draw(index, planes)

    def draw(index: int, planes: Planes) -> None:
        for into, drawn in ((planes.y, frames[index].y), (planes.u, frames[index].u), (planes.v, frames[index].v)):
            np.copyto(into, drawn)

    again = Reel(size=reel.size, frames=reel.frames, draw=draw, tags=reel.tags)
    began_s = time.process_time()
    write_reel(again, path, _quiet)
    return time.process_time() - began_s


def _order(clip: str, seed: int, *, seconds: int = 5, resolution: str = "720p") -> object:
    from importlib.resources import files

    from reelgate.contracts.engine import Order
    from reelgate.domain.media import LocalFile, VideoInput

    picture = LocalFile(Path(str(files("reelgate.cli").joinpath("sample.jpg"))), "image_url") if clip == PICTURE else None
    wanted = VideoInput(prompt=clips()[clip], seconds=seconds, aspect_ratio="16:9", resolution=resolution, sound=False, first_frame=picture)
    return Order(endpoint="fal-ai/kling-video/v2.5-turbo/pro/text-to-video", input=wanted, seed=seed)


def _quiet(_done: int) -> None:
    """Nobody follows."""


def _unheard(_fraction: float, _line: str) -> None:
    """Nobody follows."""


if __name__ == "__main__":
    peak(sys.argv[1]) if sys.argv[1] in _PEAKS else main(int(sys.argv[1]))
