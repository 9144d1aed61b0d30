"""Videos that come from upstreams: resumed where they broke off, refused where they are none."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from reelgate.contracts.provider import HttpCall
from reelgate.contracts.roster import Offer
from reelgate.dispatch.backends import HttpBackend
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.outputs import Outputs
from reelgate.dispatch.talks import Talks
from reelgate.domain.address import Reach, read_ranges
from reelgate.domain.errors import Garbled, Unavailable
from reelgate.domain.media import Foreign, LocalFile, VideoInput
from tests.clock import FakeClock
from tests.unit.dispatch.channels import KEY, Purse, make_offer
from tests.unit.dispatch.clips import clip
from tests.unit.dispatch.origin import Origin, body, serving

CLIP = clip(seconds=5, rate=8)
WANTED = VideoInput(prompt="a boat", seconds=5)


@asynccontextmanager
async def _open(
    tmp_path: Path, opened: str = "127.0.0.0/8", monkeypatch: pytest.MonkeyPatch | None = None
) -> AsyncIterator[tuple[Outputs, Origin]]:
    guard = Guard(Reach(opened=read_ranges(opened)))
    backend = HttpBackend(guard)
    try:
        async with serving() as origin:
            yield Outputs(guard, backend, Talks(backend, Purse(), FakeClock()), tmp_path / "scratch"), origin
    finally:
        await backend.close()


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(tries: int) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr("reelgate.dispatch.outputs.pause", at_once)


async def test_a_video_is_fetched_and_measured(tmp_path: Path) -> None:
    async with _open(tmp_path) as (outputs, origin):
        origin.says("/a.mp4", body(CLIP))
        fetched = await outputs.fetch(make_offer(), Foreign(origin.url("/a.mp4")), wanted=WANTED)
        assert fetched.path.read_bytes() == CLIP
        video = fetched.video
        assert (video.width, video.height, video.fps, video.frames, video.content_type) == (96, 64, 8, 40, "video/mp4")
        assert (video.source, video.size_bytes) == (LocalFile(fetched.path), len(CLIP))
        assert "Authorization" not in origin.asked[0], "a key never goes to an address that a reply named"


async def test_it_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    async with _open(tmp_path) as (outputs, origin):
        _ranged(origin, "/a.mp4", pieces=(len(CLIP) // 3, len(CLIP) // 3))
        fetched = await outputs.fetch(make_offer(), Foreign(origin.url("/a.mp4")), wanted=WANTED)
        assert fetched.path.read_bytes() == CLIP
        ranges = [found[1] for head in origin.asked if (found := re.search(r"Range: bytes=(\d+)-\r\n", head))]
        assert len(origin.asked) == 3
        assert len(ranges) == 2


async def test_where_the_other_side_knows_no_ranges_it_begins_anew(tmp_path: Path) -> None:
    async with _open(tmp_path) as (outputs, origin):
        _ranged(origin, "/a.mp4", pieces=(1000,), ranged=False)
        assert (await outputs.fetch(make_offer(), Foreign(origin.url("/a.mp4")), wanted=WANTED)).path.read_bytes() == CLIP


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (body(b"<html>" + bytes(2000)), Garbled, "output: a page"),
        (body(b""), Garbled, "output: 0 bytes"),
        (body(b'{"error": 1}' + b" " * 2000), Garbled, "output: JSON"),
        (body(clip(seconds=1, rate=8)), Garbled, "output: 1.0 s of 5"),
        (body(b"", status="403 Forbidden"), Unavailable, "output: http 403"),
        (body(b"", status="404 Not Found"), Unavailable, "output: http 404"),
        (body(b"", status="500 Oops"), Unavailable, "output: http 500"),
    ],
)
async def test_what_is_no_such_video_is_refused_and_leaves_nothing(tmp_path: Path, reply: bytes, error: type[Exception], said: str) -> None:
    async with _open(tmp_path) as (outputs, origin):
        origin.says("/a.mp4", reply)
        with pytest.raises(error) as raised:
            await outputs.fetch(make_offer(), Foreign(origin.url("/a.mp4")), wanted=WANTED)
        assert getattr(raised.value, "said", "") == said
        assert list((tmp_path / "scratch").iterdir()) == []


async def test_an_address_inside_is_not_fetched_but_on_the_channel_s_own_host(tmp_path: Path) -> None:
    async with _open(tmp_path, opened="") as (outputs, origin):
        origin.says("/a.mp4", body(CLIP))
        with pytest.raises(Unavailable):
            await outputs.fetch(make_offer(), Foreign(origin.url("/a.mp4")), wanted=WANTED)
        assert origin.asked == []
        own = make_offer(address=origin.url(""))
        assert (await outputs.fetch(own, Foreign(origin.url("/a.mp4")), wanted=WANTED)).path.read_bytes() == CLIP
        assert KEY not in origin.asked[0]


async def test_an_address_beside_the_channel_s_path_is_on_its_own_host_and_is_fetched_without_its_key(tmp_path: Path) -> None:
    async with _open(tmp_path, opened="") as (outputs, origin):
        origin.says("/outputs/x.mp4", body(CLIP))
        beside = Foreign(origin.url("/outputs/x.mp4?a=%2Fb"))
        assert (await outputs.fetch(make_offer(address=origin.url("/v1")), beside, wanted=WANTED)).path.read_bytes() == CLIP
        assert "GET /outputs/x.mp4?a=%2Fb " in origin.asked[0]
        assert KEY not in origin.asked[0]
        assert "Authorization" not in origin.asked[0]


async def test_own_hosts_differ_by_scheme_and_by_port_and_lead_nowhere_else(tmp_path: Path) -> None:
    async with _open(tmp_path, opened="") as (outputs, origin), serving() as neighbour:
        neighbour.says("/a.mp4", body(CLIP))
        origin.redirects("/outputs/a.mp4", neighbour.url("/a.mp4"))
        own = make_offer(address=origin.url("/v1"))
        for there in (neighbour.url("/a.mp4"), origin.url("/a.mp4").replace("http:", "https:"), origin.url("/outputs/a.mp4")):
            with pytest.raises(Unavailable):
                await outputs.fetch(own, Foreign(there), wanted=WANTED)
        assert neighbour.asked == []
        assert {head.split(" ")[1] for head in origin.asked} == {"/outputs/a.mp4"}


async def test_what_needs_the_key_is_called_with_it(tmp_path: Path) -> None:
    async with _open(tmp_path, opened="") as (outputs, origin):
        origin.says("/v/7/content", body(CLIP))
        offer: Offer = make_offer(address=origin.url("/v"))
        await outputs.fetch(offer, HttpCall("GET", "/7/content"), wanted=WANTED)
        assert f"Authorization: Bearer {KEY}" in origin.asked[0]


async def test_what_stays_where_it_is_has_the_measures_that_were_asked_for(tmp_path: Path) -> None:
    async with _open(tmp_path) as (outputs, origin):
        video = await outputs.look(make_offer(), Foreign("https://cdn.example/a.mp4"), wanted=WANTED)
        assert (video.source, video.seconds, origin.asked) == (Foreign("https://cdn.example/a.mp4"), 5, [])


def _ranged(origin: Origin, path: str, *, pieces: tuple[int, ...], ranged: bool = True) -> None:
    """A file that breaks off after each of these pieces."""
    left = list(pieces)

    async def script(writer: asyncio.StreamWriter) -> None:
        found = re.search(r"Range: bytes=(\d+)-\r\n", origin.asked[-1])
        begin = int(found[1]) if found and ranged else 0
        rest = CLIP[begin:]
        status = "206 Partial Content" if begin else "200 OK"
        writer.write(f'HTTP/1.1 {status}\r\nETag: "v1"\r\nContent-Length: {len(rest)}\r\n\r\n'.encode())
        writer.write(rest[: left.pop(0)] if left else rest)

    origin.scripts[path] = script
