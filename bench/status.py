"""CPU of a status, against a bare echo on the same core in the same round."""

from __future__ import annotations

import random
from statistics import median

from bench.load import Asked
from bench.scene import Scene
from bench.table import Row

_JOBS = 2000
_APP = "fal-ai/kling-video"


def measure(scene: Scene) -> list[Row]:
    """Ask for the status of one of two thousand queued jobs after another, in no order."""
    ids = scene.submit_some(_JOBS)
    random.Random(1).shuffle(ids)
    asked = Asked(paths=[f"/{_APP}/requests/{each}/status" for each in ids], headers=scene.headers)
    ratios: list[float] = []
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(scene.rounds):
        echo, status = scene.load(scene.echo, asked), scene.load(scene.house, asked)
        print(
            f"status  echo {echo.cpu_us:5.1f} µs {echo.rate:7.0f}/s   status {status.cpu_us:5.1f} µs {status.rate:7.0f}/s  "
            f"p99 {status.p99_ms:.1f} ms"
        )
        ratios.append(status.cpu_us / echo.cpu_us)
        ours.append(status.cpu_us)
        theirs.append(echo.cpu_us)
    note = f"{median(ours):.0f} µs against {median(theirs):.0f}, {scene.generator.name}"
    return [
        Row(what="status GET, CPU", value=median(ratios), unit="× echo", must=2.0, aim=1.4, spread=(min(ratios), max(ratios)), note=note)
    ]
