"""An engine makes videos on this machine.

An engine is a leaf: a module or package in `reelgate.engines` that exports one constant, `ENGINE: Engine`. The
module that exports it is imported by the API process and must stay light: it only declares. Everything heavy (NumPy,
OpenCV, torch) is imported inside `render`, which runs in a child process; a test asserts that the API process has
loaded none of it.

Why a child process: pictures and prompts come from strangers, and decoders crash. A render that dies takes no
more than its own job with it. The child is killed when the job is cancelled or takes too long, and ends by itself when
the gateway is gone, so an engine needs no code for any of that and keeps no state that it would miss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from reelgate.domain.media import Dropped, Video, VideoInput

Report = Callable[[float, str], None]
"""`report(fraction, line)`: how far along, 0 to 1, and a line for the job's log ("" for none). Call it once a frame if
you like: the runner passes on at most four a second and never blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an engine is handed: all it may know, nothing else.

    Every medium of `input` is a `LocalFile` of at most the configured size whose bytes nobody has looked at yet: decode
    them as the hostile input they are. `seed` is the caller's or a random one, 0 to 2³¹ − 1; the same input and seed
    make the same bytes on one machine. Of a `discreet` order the caller wants no words kept: nothing of its prompts is written into
    the video, neither in the picture nor beside it.
    """

    endpoint: str
    input: VideoInput
    seed: int
    discreet: bool = False


class Engine(Protocol):
    """Work done on this machine."""

    name: str

    def serves(self, endpoint: str) -> bool:
        """Whether this engine can make videos for the endpoint of that id. Pure and quick."""
        ...

    def available(self) -> str:
        """Empty if the engine can run here, else what is missing and the command that installs it. Must not import anything heavy."""
        ...

    def cannot(self, endpoint: str, wanted: VideoInput) -> str:
        """Empty, or why this engine cannot make this input at all: what is content must not be left out silently. Asked of
        endpoints that it serves, before the job is accepted. Pure and quick."""
        ...

    def unused(self, endpoint: str, wanted: VideoInput) -> tuple[Dropped, ...]:
        """What of this input would change nothing in the video that this engine makes, each field by the caller's own name for
        it, with the reason. Fields at their endpoint's default are not named. Pure and quick."""
        ...

    def wait_s(self, wanted: VideoInput) -> float:
        """Seconds to wait before the render takes one of the slots; 0 but for engines that play a script. Pure and quick."""
        ...

    def render(self, order: Order, folder: Path, report: Report) -> Video:
        """Make the video and return it with `source=LocalFile(path)`, the file lying in `folder`.

        Blocking; called in a child process, one call at a time, with `folder` empty and its own. Raise `Refused` where
        the input is at fault (its `Fault.path` names the caller's field: use `medium.field`), `Broken` where the
        engine is; anything else counts as `Broken` too and is logged.
        """
        ...
