"""The crew: child processes that render, and what becomes of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from reelgate.contracts.engine import Order
from reelgate.dispatch.crew import Crew
from reelgate.domain.errors import Broken, Refused, WorkerDied
from reelgate.domain.media import LocalFile, Video, VideoInput

ENGINES = Path(__file__).parents[2] / "fixtures" / "engines"


@pytest.fixture
async def crew(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Crew]:
    monkeypatch.setenv("PYTHONPATH", str(ENGINES))
    monkeypatch.setenv("REELGATE_ADMIN_KEY", "a secret of the gateway")
    made = Crew(slots=1, memory_bytes=1 << 32, limit_s=30)
    yield made
    await made.stop()


async def render(crew: Crew, prompt: str, folder: Path, told: list[str] | None = None) -> Video:
    async def progress(fraction: float, line: str) -> None:
        assert 0 <= fraction <= 1
        if told is not None:
            told.append(line)

    async with crew.renderer() as renderer:
        return await renderer.render("scripted", Order(endpoint="scripted/a", input=VideoInput(prompt=prompt), seed=7), folder, progress)


BEFORE: set[int] = set()


@pytest.fixture(autouse=True)
def _those_of_others() -> Iterator[None]:
    """Gateways of other tests in this process have crews of their own."""
    BEFORE.update(processes())
    yield
    BEFORE.clear()


def processes() -> set[int]:
    """The renderers that this test has started and that live."""
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status, command = (entry / "stat").read_text(), (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if int(status.rpartition(")")[2].split()[1]) == os.getpid() and b"reelgate.dispatch.renderer" in command:
                found.add(int(entry.name))
    return found - BEFORE


async def test_a_clip_comes_back_with_its_progress(crew: Crew, tmp_path: Path) -> None:
    told: list[str] = []
    video = await render(crew, "go", tmp_path, told)
    assert isinstance(video.source, LocalFile)
    assert video.source.path.read_bytes().startswith(b"not a video")
    assert (video.seed, told) == (7, ["half way"])


async def test_a_renderer_is_kept_warm_between_clips(crew: Crew, tmp_path: Path) -> None:
    await render(crew, "go", tmp_path)
    first = processes()
    await render(crew, "go", tmp_path)
    assert len(first) == 1
    assert processes() == first


async def test_a_library_that_prints_does_not_speak_into_the_answers(crew: Crew, tmp_path: Path) -> None:
    assert (await render(crew, "print", tmp_path)).frames == 120


async def test_a_renderer_holds_no_secret_of_the_gateway(crew: Crew, tmp_path: Path) -> None:
    told: list[str] = []
    await render(crew, "environment", tmp_path, told)
    assert "PATH" in told[0]
    assert "REELGATE" not in told[0]


@pytest.mark.parametrize("prompt", ["die", "memory"])
async def test_a_death_is_told_and_the_next_clip_gets_a_fresh_process(crew: Crew, tmp_path: Path, prompt: str) -> None:
    with pytest.raises(WorkerDied):
        await render(crew, prompt, tmp_path)
    assert (await render(crew, "go", tmp_path)).frames == 120
    assert len(processes()) == 1


async def test_an_engine_that_fails_keeps_its_process(crew: Crew, tmp_path: Path) -> None:
    with pytest.raises(Broken, match="as the script says"):
        await render(crew, "fail", tmp_path)
    before = processes()
    with pytest.raises(Broken, match="engine failed"):
        await render(crew, "bug", tmp_path)
    with pytest.raises(Refused) as refused:
        await render(crew, "refuse", tmp_path)
    assert refused.value.fault.path == ("prompt",)
    assert processes() == before


async def test_a_clip_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ENGINES))
    crew = Crew(slots=1, memory_bytes=1 << 32, limit_s=1.5)
    try:
        await render(crew, "go", tmp_path)
        with pytest.raises(WorkerDied, match="longer than 2 s"):
            await render(crew, "hang", tmp_path)
        assert processes() == set()
    finally:
        await crew.stop()


async def test_a_clip_that_is_given_up_leaves_no_process(crew: Crew, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await render(crew, "hang", tmp_path)
    assert processes() == set()
    assert (await render(crew, "go", tmp_path)).frames == 120


async def test_no_more_clips_run_at_once_than_there_are_slots(crew: Crew, tmp_path: Path) -> None:
    async def one(number: int) -> int:
        folder = tmp_path / str(number)
        folder.mkdir()
        await render(crew, "go", folder)
        return len(processes())

    assert await asyncio.gather(*(one(number) for number in range(4))) == [1, 1, 1, 1]
