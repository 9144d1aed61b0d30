"""What the disk can do: small writes made durable one at a time, as a store without group commit would."""

from __future__ import annotations

import os
import time
from pathlib import Path

_PAGE = 4096
_PAGES = 256


def syncs_per_second(folder: Path, seconds: float) -> float:
    """Overwrite a page and wait for the disk, again and again."""
    path = folder / "disk"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        os.pwrite(descriptor, os.urandom(_PAGE * _PAGES), 0)
        os.fsync(descriptor)
        page, done, began_s = os.urandom(_PAGE), 0, time.perf_counter()
        while time.perf_counter() - began_s < seconds:
            os.pwrite(descriptor, page, done % _PAGES * _PAGE)
            os.fdatasync(descriptor)
            done += 1
        return done / (time.perf_counter() - began_s)
    finally:
        os.close(descriptor)
        path.unlink()
