"""Programs under measurement: pinned to a core, and what the kernel says of the CPU and memory they take. Linux only."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_PATIENCE_S = 15


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the programs that are measured, and that of whatever loads them."""

    measured: int
    loading: int


def choose_cores() -> Cores:
    """The first and the last core that this process may use; one core serves both where there is no other."""
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[-1])


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started inside runs on this core alone, with all its threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(arguments: Sequence[str], core: int, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A Python program of ours on a core, from its start to its end by SIGTERM. No setting of the caller's gateway reaches it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REELGATE_")}
    with on_core(core):
        process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env={**kept, **(environment or {})})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def read_line(process: subprocess.Popen[str]) -> str:
    """The next line that the program prints."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the program ended before it was ready: {process.args}"
    return line.rstrip()


def cpu_s_of(pid: int) -> float:
    """CPU seconds of all threads of a process: to the nanosecond where the kernel keeps such books, else in clock ticks (10 ms)."""
    ran_ns = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            ran_ns += int((task / "schedstat").read_text().split()[0])
        except FileNotFoundError:
            return _in_ticks(pid)
    return ran_ns / 1e9


def resident_bytes(pid: int) -> int:
    """Memory of a process that is in RAM, shared libraries counted whole."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    message = f"process {pid} has no memory"
    raise LookupError(message)


def describe_machine() -> str:
    """The class of machine, for the head of the table."""
    names = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    busy = os.getloadavg()[0]
    return f"{len(names)} × {names[0] if names else platform.machine()}, Python {platform.python_version()}, load {busy:.1f} at the start"


def _in_ticks(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
