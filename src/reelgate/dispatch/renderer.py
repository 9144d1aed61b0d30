"""The child process in which engines render: one line of JSON in for each order, lines of progress and one answer out.

It is started with an empty environment and limits on its memory, reads orders from its standard input, and ends at once
when that closes, even in the middle of a render: a gateway that is gone needs no video.
"""

from __future__ import annotations

import errno
import math
import os
import queue
import resource
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import orjson

from reelgate.contracts.engine import Engine, Order
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Broken, Refused
from reelgate.domain.media import dump_video, load_input

_REPORT_EVERY_S = 0.25
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def main(memory_bytes: int, cpu_s: float) -> None:
    """Render orders until standard input closes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a library that prints must not speak into the answers
    orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    engines = load_leaves("reelgate.engines", "ENGINE", Engine)
    while True:
        told = orjson.loads(orders.get())
        _limit_cpu(cpu_s)
        answers.write(orjson.dumps(_render(engines, told, answers)) + b"\n")


def _read(orders: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        orders.put(line)
    os._exit(0)  # the gateway is gone; nobody would take the video


def _render(engines: dict[str, Engine], told: dict[str, Any], answers: Any) -> dict[str, Any]:
    order = Order(endpoint=told["endpoint"], input=load_input(told["input"]), seed=told["seed"], discreet=told["discreet"])
    try:
        video = engines[told["engine"]].render(order, Path(told["folder"]), _Reporter(answers))
    except MemoryError:
        os._exit(70)  # a process that ran out of memory once is not to be trusted with the next clip
    except Refused as error:
        fault = error.fault
        return {"refused": {"path": fault.path, "message": fault.message, "kind": fault.kind, "limits": dict(fault.limits)}}
    except Broken as error:
        return {"broken": error.message}
    except OSError as error:
        if error.errno in _NO_ROOM:
            return {"full": "there is no room to render"}
        return _bug()
    except Exception:  # noqa: BLE001 -- a bug in an engine fails its own job and is logged by the gateway
        return _bug()
    return {"video": dump_video(video)}


def _bug() -> dict[str, Any]:
    return {"broken": "the engine failed at this input", "trace": traceback.format_exc(limit=-6)}


class _Reporter:
    """Passes on what an engine reports, at most four times a second."""

    def __init__(self, answers: Any) -> None:
        self._answers, self._next_at = answers, 0.0

    def __call__(self, fraction: float, line: str) -> None:
        now = time.monotonic()
        if now < self._next_at:
            return
        self._next_at = now + _REPORT_EVERY_S
        self._answers.write(orjson.dumps({"fraction": min(max(fraction, 0.0), 1.0), "line": line}) + b"\n")


def _limit_cpu(cpu_s: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(used.ru_utime + used.ru_stime + cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
