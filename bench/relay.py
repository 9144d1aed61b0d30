"""Jobs in flight at an upstream, what callers' polls do to those of the gateway, and a large video brought home."""

from __future__ import annotations

import http.client
import threading
import time
from pathlib import Path

from bench.process import Cores, cpu_s_of, read_line, resident_bytes, running
from bench.table import Row

JOBS = 10_000
_CALLERS = 8
_WARM_S = 15.0
_KILOBYTE, _MEGABYTE = 1000, 1_000_000


def measure(folder: Path, cores: Cores, *, quick: bool) -> list[Row]:
    """All rows, against one upstream on the other core."""
    with running(["-m", "bench.vendor"], cores.loading) as vendor:
        port = int(read_line(vendor))
        return [*_in_flight(folder / "flight", cores, port, 1000 if quick else JOBS, 10.0 if quick else 30.0), _copied(folder, cores, port)]


def _in_flight(folder: Path, cores: Cores, port: int, jobs: int, seconds: float) -> list[Row]:
    with running(["-m", "bench.following", str(folder), str(port), str(jobs)], cores.measured) as process:
        before_bytes = int(read_line(process))
        gateway_port, key = read_line(process).split()
        _wait(_WARM_S)
        each_bytes = (resident_bytes(process.pid) - before_bytes) / jobs
        cpu_s, polls, took_s = _watched(process.pid, port, seconds)
        asked = _Callers(int(gateway_port), key)
        with asked:
            _, loaded, loaded_s = _watched(process.pid, port, seconds)
    share, growth = 100 * cpu_s / took_s, (loaded / loaded_s) / (polls / took_s)
    told = f"{share:.1f} % of a core, {each_bytes / _KILOBYTE:.1f} kB each"
    print(f"flight  {polls / took_s:.0f} polls/s, {told}; {asked.count} asked")
    note = f"{polls / took_s:.0f} polls a second, {1e6 * cpu_s / max(polls, 1):.0f} µs each"
    return [
        Row(what=f"{jobs} jobs in flight, CPU", value=share, unit="% of a core", must=30, aim=12, note=note),
        Row(what=f"{jobs} jobs in flight, memory", value=each_bytes / _KILOBYTE, unit="kB each", must=10, aim=4),
        Row(
            what="upstream polls while callers poll",
            value=growth,
            unit="× without",
            must=1.05,
            aim=1.0,
            note=f"{asked.count} statuses asked",
        ),
    ]


def _watched(pid: int, port: int, seconds: float) -> tuple[float, int, float]:
    """CPU seconds, the polls that the upstream saw, and how long that was."""
    began_s, cpu_s, polls = time.monotonic(), cpu_s_of(pid), _count(port)
    _wait(seconds)
    return cpu_s_of(pid) - cpu_s, _count(port) - polls, time.monotonic() - began_s


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def _count(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/count")
    told = int(connection.getresponse().read())
    connection.close()
    return told


class _Callers:
    """Some who ask for the status of a job, again and again, for the length of a block."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._headers = port, {"Authorization": f"Key {key}"}
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(_CALLERS)]
        self.count = 0

    def __enter__(self) -> None:
        for each in self._threads:
            each.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in self._threads:
            each.join()

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        connection.request("GET", "/v1/jobs?limit=1", headers=self._headers)
        job = connection.getresponse().read().split(b'"id":"')[1].split(b'"')[0].decode()
        while not self._over.is_set():
            connection.request("GET", f"/fal-ai/veo3/requests/{job}/status", headers=self._headers)
            answer = connection.getresponse()
            assert answer.read()
            self.count += 1
            self._over.wait(0.005)
        connection.close()


def _copied(folder: Path, cores: Cores, port: int) -> Row:
    with running(["-m", "bench.copying", str(folder / "copy"), str(port)], cores.measured) as process:
        grew_bytes, took_s, plain_s = (float(word) for word in read_line(process).split())
    note = f"{took_s / plain_s:.2f} × the CPU of a plain copy with a checksum ({took_s:.2f} s)"
    print(f"copy    200 MiB: {grew_bytes / _MEGABYTE:.1f} MB more, {note}")
    return Row(what="200 MiB brought home, growth of RSS", value=grew_bytes / _MEGABYTE, unit="MB", must=50, aim=20, note=note)
