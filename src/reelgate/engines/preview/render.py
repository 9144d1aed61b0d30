"""From an order to a file."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from reelgate.contracts.engine import Order, Report
from reelgate.domain.errors import Broken, Fault, Refused
from reelgate.domain.media import LocalFile, Media, Shot, Video, VideoInput
from reelgate.engines.preview.brush import strokes_of
from reelgate.engines.preview.caption import tidy
from reelgate.engines.preview.control import asked_move
from reelgate.engines.preview.directive import read_script, without_directives
from reelgate.engines.preview.encode import FPS, Reel, Samples, write_reel
from reelgate.engines.preview.footage import read_last_frame
from reelgate.engines.preview.format import frame_size
from reelgate.engines.preview.move import Cut
from reelgate.engines.preview.person import can_see
from reelgate.engines.preview.picture import read_mask, read_picture
from reelgate.engines.preview.plane import Bytes, Size
from reelgate.engines.preview.sound import make_track
from reelgate.engines.preview.speech import quoted
from reelgate.engines.preview.take import Script, Take, cut_together, make_take


def render(order: Order, folder: Path, report: Report) -> Video:
    """Draw what the order asks for into `folder / "preview.mp4"`."""
    cv2.setNumThreads(1)
    if _play_part(order.input):
        report = _silence
    report(0.0, "reading the input")
    first, last = _pictures(order.input)
    size = _size(order.input, first)
    report(0.0, "preparing the scene")
    takes = [make_take(script, size) for script in _scripts(order, first, last)]
    frames = sum(take.frames for take in takes)
    path = folder / "preview.mp4"
    with ThreadPoolExecutor(1) as band:  # plays while the first frames are drawn
        samples = band.submit(_track, order, takes).result if order.input.sound else None
        reel = Reel(size=size, frames=frames, draw=cut_together(takes), tags=_tags(order), samples=samples)
        write_reel(reel, path, lambda done: report(done / frames, f"rendering frame {done}/{frames}"))
    return Video(
        source=LocalFile(path),
        width=size.width,
        height=size.height,
        fps=FPS,
        frames=frames,
        sound=reel.samples is not None,
        seed=order.seed,
        size_bytes=path.stat().st_size,
        remarks=(*_remarks(order.input, size, first), *_left_out(takes)),
    )


def _play_part(wanted: VideoInput) -> bool:
    """Fail or refuse where the prompt says so; whether it says to be quiet."""
    quiet = False
    for prompt in (wanted.prompt, *(shot.prompt for shot in wanted.shots)):
        script = read_script(prompt)
        if script.fail:
            raise Broken("the prompt asked the preview to fail")
        if script.refuse:
            raise Refused(Fault(path=("prompt",), message="The prompt asked to be refused.", kind="content_policy_violation"))
        quiet = quiet or script.quiet
    return quiet


def _silence(fraction: float, line: str) -> None:
    del fraction, line


def _pictures(wanted: VideoInput) -> tuple[Bytes | None, Bytes | None]:
    """The pictures that the film starts and ends on."""
    last = None if wanted.last_frame is None else read_picture(_local(wanted.last_frame))
    if wanted.source_video is not None:
        return read_last_frame(_local(wanted.source_video)), last
    first = wanted.first_frame or next(iter(wanted.references), None)
    if first is None:
        return last, None
    return read_picture(_local(first)), last


def _local(medium: Media) -> LocalFile:
    if not isinstance(medium, LocalFile):
        raise Broken("an engine reads local files only")
    return medium


def _size(wanted: VideoInput, first: Bytes | None) -> Size:
    """A film that goes on from a picture or a video keeps its shape where the caller names none."""
    shape = None if first is None else Size(width=first.shape[1], height=first.shape[0])
    return frame_size(wanted.aspect_ratio, wanted.resolution, shape)


def _scripts(order: Order, first: Bytes | None, last: Bytes | None) -> list[Script]:
    """One script per shot. The picture belongs to the first shot, the last frame to the last."""
    wanted = order.input
    shots = wanted.shots or (Shot(prompt=wanted.prompt, seconds=wanted.seconds),)
    literally = 0.5 if wanted.cfg_scale is None else min(1.0, max(0.0, wanted.cfg_scale))
    scripts: list[Script] = []
    for number, shot in enumerate(shots):
        opening = first if number == 0 else None
        closing = last if number == len(shots) - 1 else None
        scripts.append(
            Script(
                prompt=without_directives(shot.prompt),
                negative_prompt=wanted.negative_prompt,
                seconds=shot.seconds,
                seed=(order.seed + number) % _SEEDS,
                cfg_scale=literally,
                first=closing if opening is None else opening,
                last=None if opening is None else closing,
                cuts=_cuts(wanted, opening),
                move=asked_move(wanted.extras),
                captioned=not order.discreet,
            )
        )
    return scripts


def _cuts(wanted: VideoInput, picture: Bytes | None) -> tuple[Cut, ...]:
    """What the caller has masked in the opening picture, if this shot opens on it."""
    if picture is None:
        return ()
    height, width = picture.shape[:2]
    cuts: list[Cut] = []
    for stroke in strokes_of(wanted):
        way = tuple((x / width, 1 - y / height) for x, y in stroke.way) or ((0.0, 0.0),)
        cuts.append(Cut(mask=read_mask(_local(stroke.mask)), way=way))
    return tuple(cuts)


def _track(order: Order, takes: Sequence[Take]) -> Samples:
    """Each take's place, one after another, and what is said in all of them."""
    prompts = [shot.prompt for shot in order.input.shots] or [order.input.prompt]
    words = quoted(without_directives(" ".join(prompts)))
    return make_track([(take.ambience, take.frames / FPS) for take in takes], words, np.random.default_rng([order.seed, 3]))


def _tags(order: Order) -> dict[str, str]:
    """What the file says of itself. No time and no job: the same order makes the same bytes."""
    prompts = [shot.prompt for shot in order.input.shots] or [order.input.prompt]
    said = {} if order.discreet else {"prompt": tidy(without_directives(" / ".join(prompts)), _LONGEST_TAG)}
    return {
        "comment": "Preview render: procedural, no video model was used.",
        **said,
        "seed": str(order.seed),
        "engine": "reelgate preview",
    }


def _remarks(wanted: VideoInput, size: Size, first: Bytes | None) -> tuple[str, ...]:
    """What was done otherwise than asked."""
    shape = f"{size.width}x{size.height}"
    masks = {stroke.mask for stroke in strokes_of(wanted)}
    opens_on_reference = bool(wanted.references) and wanted.first_frame is None and wanted.source_video is None
    extra = wanted.references[1:] if opens_on_reference else wanted.references
    extra = tuple(medium for medium in extra if medium not in masks)
    moved = first is not None and wanted.last_frame is None
    said = (
        (wanted.resolution == "4k", f"4k was rendered as 1080p ({shape})"),
        (bool(wanted.shots), f"{len(wanted.shots)} shots were cut together, each a scene of its own"),
        (wanted.source_video is not None, "the video goes on from the last frame of the given one, which is not repeated"),
        (
            bool(wanted.references) and wanted.first_frame is None and wanted.source_video is None,
            "the first reference picture was filmed as it is",
        ),
        (bool(extra), "further reference pictures were not used"),
        (first is not None, "the picture is moved over by a camera; nothing in it is animated"),
        (moved and not masks and not can_see(), "people are not told from what is behind them: the network for it is not installed"),
        (wanted.first_frame is None and wanted.last_frame is not None, "the last frame stands for the whole shot"),
    )
    return tuple(words for applies, words in said if applies)


def _left_out(takes: Sequence[Take]) -> tuple[str, ...]:
    """Which things of the prompts are not in the picture."""
    names = dict.fromkeys(name for take in takes for name in take.undrawn)
    return (f"not drawn: {', '.join(names)}",) if names else ()


_LONGEST_TAG = 2500  # characters of the prompt that the file repeats: as many as the models take
_SEEDS = 2**31
