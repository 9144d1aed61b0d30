"""Memory of the API process of a real `reelgate up` that has nothing to do."""

from __future__ import annotations

import http.client
import re
import subprocess
from pathlib import Path
from statistics import median

from bench.process import Cores, read_line, resident_bytes, running
from bench.table import Row

_ADDRESS = re.compile(r"Address +http://([^/\s]+)")
_CALM_S = 3.0
_MEGABYTE = 1_000_000


def measure(folder: Path, cores: Cores, rounds: int) -> list[Row]:
    """Start, answer a few people and programs, and be left alone."""
    sizes = [_idle_bytes(folder / f"idle{number}", cores) / _MEGABYTE for number in range(rounds)]
    print("idle    " + ", ".join(f"{size:.1f} MB" for size in sizes))
    return [Row(what="idle RSS of the API process", value=median(sizes), unit="MB", must=120, aim=70, spread=(min(sizes), max(sizes)))]


def _idle_bytes(folder: Path, cores: Cores) -> int:
    environment = {"XDG_STATE_HOME": str(folder / "state"), "REELGATE_LOG_LEVEL": "warning"}
    with running(["-m", "reelgate", "up", "--port", "0", "--data", str(folder / "data")], cores.measured, environment) as process:
        host = _address(process)
        key = (folder / "data" / "key").read_text().strip()
        for path in ("/", "/healthz", "/readyz", "/v1/models", "/v1/jobs"):
            connection = http.client.HTTPConnection(host)
            connection.request("GET", path, headers={"Authorization": f"Key {key}"})
            answer = connection.getresponse()
            assert answer.read(), path
            assert answer.status == http.HTTPStatus.OK, f"{path} answered {answer.status}"
            connection.close()
        try:
            process.wait(_CALM_S)
        except subprocess.TimeoutExpired:
            return resident_bytes(process.pid)
        message = "the gateway ended by itself"
        raise RuntimeError(message)


def _address(process: subprocess.Popen[str]) -> str:
    while True:
        found = _ADDRESS.search(read_line(process))
        if found:
            return found[1]
