"""The child process by itself: one line in, lines out, and gone when nobody listens."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

ENGINES = Path(__file__).parents[2] / "fixtures" / "engines"


async def start() -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "reelgate.dispatch.renderer",
        str(1 << 32),
        "60",
        stdin=PIPE,
        stdout=PIPE,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ENGINES)},
    )


def order(prompt: str, folder: Path) -> bytes:
    told = {"engine": "scripted", "endpoint": "scripted/a", "input": {"prompt": prompt}, "seed": 1}
    return json.dumps({**told, "discreet": False, "folder": str(folder)}).encode() + b"\n"


async def test_lines_go_in_and_answers_come_out(tmp_path: Path) -> None:
    child = await start()
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(order("go", tmp_path) + order("fail", tmp_path))
    progress, done, failed = [json.loads(await child.stdout.readline()) for _ in range(3)]
    assert progress == {"fraction": 0.5, "line": "half way"}
    assert done["video"]["frames"] == 120
    assert failed == {"broken": "as the script says"}
    child.stdin.close()
    assert await asyncio.wait_for(child.wait(), 10) == 0


@pytest.mark.parametrize("prompt", ["hang", ""])
async def test_it_ends_when_its_gateway_is_gone_even_in_the_middle_of_a_render(tmp_path: Path, prompt: str) -> None:
    child = await start()
    assert child.stdin is not None
    if prompt:
        child.stdin.write(order(prompt, tmp_path))
        await child.stdin.drain()
    child.stdin.close()
    assert await asyncio.wait_for(child.wait(), 10) == 0
