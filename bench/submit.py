"""CPU and rate of a durable submit with a hold at list price, 64 callers, against a bare echo and the disk."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import apsw

from bench.disk import syncs_per_second
from bench.load import CALLERS, Asked
from bench.scene import BODY, ENDPOINT, Scene
from bench.table import Row

_DATABASE = "store.sqlite"
_OF_SYNCS = 0.7
_OF_CPU = 0.9


def measure(scene: Scene) -> list[Row]:
    """Submit as fast as the gateway answers."""
    asked = Asked(paths=[f"/{ENDPOINT}"], headers=scene.headers, body=BODY)
    ratios: list[float] = []
    reached: list[float] = []
    ours: list[tuple[float, float, float]] = []
    answered = 0
    for _ in range(scene.rounds):
        echo, submit = scene.load(scene.echo, asked), scene.load(scene.house, asked)
        syncs = syncs_per_second(scene.folder, scene.seconds / 2)
        bound = min(_OF_SYNCS * syncs, _OF_CPU * 1e6 / submit.cpu_us)
        print(
            f"submit  echo {echo.cpu_us:5.1f} µs {echo.rate:7.0f}/s   submit {submit.cpu_us:5.1f} µs {submit.rate:7.0f}/s  "
            f"p99 {submit.p99_ms:.1f} ms   disk {syncs:.0f}/s"
        )
        ratios.append(submit.cpu_us / echo.cpu_us)
        reached.append(submit.rate / bound)
        ours.append((submit.rate, submit.cpu_us, syncs))
        answered += submit.requests
    _check_held(scene.folder / "data", answered)
    rate, cpu_us, syncs = (median(column) for column in zip(*ours, strict=True))
    speed = f"{rate:.0f}/s; one-at-a-time fsync {syncs:.0f}/s; one core at {cpu_us:.0f} µs: {1e6 / cpu_us:.0f}/s"
    return [
        Row(
            what="durable submit, CPU",
            value=median(ratios),
            unit="× echo",
            must=6.0,
            aim=2.5,
            spread=(min(ratios), max(ratios)),
            note=f"{cpu_us:.0f} µs, {CALLERS} callers, {scene.generator.name}",
        ),
        Row(
            what="durable submit, rate",
            value=median(reached),
            unit="× bound",
            must=1.0,
            aim=1.0,
            spread=(min(reached), max(reached)),
            more_is_better=True,
            note=speed,
        ),
    ]


def _check_held(data: Path, answered: int) -> None:
    """Every submit that was answered is in the store, with money held for it."""
    connection = apsw.Connection(str(data / _DATABASE), flags=apsw.SQLITE_OPEN_READONLY)
    ((held,),) = connection.execute("select count(*) from hold where amount > 0").fetchall()
    connection.close()
    assert held >= answered, f"{answered} submits were answered and {held} holds were found"
