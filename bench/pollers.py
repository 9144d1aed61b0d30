"""A thousand callers that each ask ten times a second, as fal's Python client polls: how long the slowest wait, against a bare echo."""

from __future__ import annotations

import random
from statistics import median

from bench.load import Asked
from bench.process import resident_bytes
from bench.scene import Scene
from bench.table import Row

_JOBS = 100
_PAUSE_S = 0.1
_ROUND_S = 6.0  # a thousand connections are made first
_POLLERS, _POLLERS_OF_OURS = 1000, 100  # our own generator takes too much of a core for more
_MEGABYTE = 1_000_000
_APP = "fal-ai/kling-video"


def measure(scene: Scene) -> list[Row]:
    """Poll a hundred queued jobs, in turns with the echo; then see whether all that asking has left anything behind."""
    ids = scene.submit_some(_JOBS)
    random.Random(1).shuffle(ids)
    pollers = _POLLERS if scene.generator.wrk else _POLLERS_OF_OURS
    paths = [f"/{_APP}/requests/{each}/status?logs=false" for each in ids]
    asked = Asked(paths=paths, headers=scene.headers, callers=pollers, pause_s=_PAUSE_S)
    ratios: list[float] = []
    waits_ms: list[float] = []
    sizes: list[float] = []
    for _ in range(scene.rounds + 1):
        echo, status = (scene.load(server, asked, _ROUND_S) for server in (scene.echo, scene.house))
        print(f"pollers echo p99 {echo.p99_ms:5.1f} ms {echo.rate:6.0f}/s   status p99 {status.p99_ms:5.1f} ms {status.rate:6.0f}/s")
        ratios.append(status.p99_ms / echo.p99_ms)
        waits_ms.append(status.p99_ms)
        sizes.append(resident_bytes(scene.house.pid) / _MEGABYTE)
    what = f"status p99, {pollers} pollers each {_PAUSE_S:.1f} s"
    note = f"{_JOBS} jobs, p99 {waits_ms[1]:.1f} ms in the first round, {waits_ms[-1]:.1f} in the last, {scene.generator.name}"
    rounds = ratios[1:]  # the first warms both up
    return [
        Row(what=what, value=median(rounds), unit="× echo", must=5.0, aim=2.0, spread=(min(rounds), max(rounds)), note=note),
        Row(
            what="memory after all rounds of pollers",
            value=sizes[-1] / sizes[0],
            unit="× after the first",
            must=1.05,
            aim=1.01,
            note=f"{sizes[0]:.1f} MB, then {sizes[-1]:.1f}",
        ),
    ]
