"""fal's proxy protocol, which ends at this gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.api.proxy import read_target
from tests.house import Lodger, open_lodging

QUEUE = "https://queue.fal.run"


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        yield lodger


def to(target: str) -> dict[str, str]:
    return {"x-fal-target-url": target}


async def test_a_request_goes_its_way_through_the_proxy(gate: Lodger) -> None:
    submitted = await gate.http.post("/fal/proxy", json={"prompt": "go"}, headers=to(f"{QUEUE}/scripted/text"))
    assert submitted.status_code == 200
    job = submitted.json()["request_id"]
    await gate.ended(job)
    status = await gate.http.get("/fal/proxy", headers=to(f"{QUEUE}/scripted/text/requests/{job}/status?logs=1"))
    assert (status.status_code, status.json()["status"]) == (200, "COMPLETED")
    assert status.json()["logs"]
    assert status.headers["x-fal-request-id"] == job
    unlogged = await gate.http.get("/fal/proxy?logs=1", headers=to(f"{QUEUE}/scripted/text/requests/{job}/status"))
    assert unlogged.json()["logs"] is None, "the query is the target's"
    result = await gate.http.get("/fal/proxy/", headers=to(f"{QUEUE}/scripted/text/requests/{job}/"))
    assert result.json()["video"]["url"].startswith("http://gateway.test/files/")
    cancel = await gate.http.put("/fal/proxy", headers=to(f"{QUEUE}/scripted/text/requests/{job}/cancel"))
    assert (cancel.status_code, cancel.json()) == (400, {"status": "ALREADY_COMPLETED"})
    async with gate.http.stream("GET", "/fal/proxy", headers=to(f"{QUEUE}/scripted/text/requests/{job}/status/stream")) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert b"COMPLETED" in await stream.aread()


@pytest.mark.parametrize("host", ["rest.fal.ai", "rest.alpha.fal.ai", "REST.FAL.AI"])
async def test_an_upload_begins_through_the_proxy(gate: Lodger, host: str) -> None:
    target = to(f"https://{host}/storage/upload/initiate?storage_type=fal-cdn-v3")
    told = (await gate.http.post("/fal/proxy", json={"file_name": "a.png", "content_type": "image/png"}, headers=target)).json()
    await gate.http.put(told["upload_url"], content=b"x")
    file = await gate.http.get("/fal/proxy", headers=to(f"https://v3.fal.media{urlsplit(told['file_url']).path}"))
    assert (file.status_code, file.content) == (200, b"x")


async def test_bytes_stream_through_the_proxy(gate: Lodger) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 100_000

    told = await gate.http.post("/fal/proxy", content=pieces(), headers=to("https://v3.fal.media/files/upload"))
    assert len((await gate.http.get(told.json()["access_url"])).content) == 1_000_000


async def test_the_target_s_route_asks_for_the_key(gate: Lodger) -> None:
    answer = await gate.http.post("/fal/proxy", json={"prompt": "go"}, headers={**to(f"{QUEUE}/scripted/text"), "Authorization": ""})
    assert answer.status_code == 401
    assert (await gate.http.get("/fal/proxy", headers=to(f"{QUEUE}/nobody/knows"))).status_code == 404


async def test_without_a_target_it_says_which_header_is_missing(gate: Lodger) -> None:
    answer = await gate.http.post("/fal/proxy", json={})
    assert (answer.status_code, answer.json()) == (400, {"detail": "Missing the x-fal-target-url header"})


TRICKS = [
    "",
    "queue.fal.run/scripted/text",
    "//queue.fal.run/scripted/text",
    "http://queue.fal.run/scripted/text",
    "ftp://queue.fal.run/x",
    "https://example.com/scripted/text",
    "https://queue.fal.run.example.com/x",
    "https://example.com/queue.fal.run",
    "https://example.com?https://queue.fal.run/",
    "https://api.fal.ai/v1/models",
    "https://queue.falrun.com/x",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://queue.fal.run:443/x",
    "https://queue.fal.run:8000/x",
    "https://queue.fal.run:/x",
    "https://me@queue.fal.run/x",
    "https://queue.fal.run@example.com/x",
    "https://queue.fal.run\\@example.com/x",
    "https://queue.fal.run\\x",
    "https://queue.fal.run./x",
    "https://queue.fal.run/../admin/v1/state",
    "https://queue.fal.run/a/../../x",
    "https://queue.fal.run/%2e%2e/x",
    "https://queue.fal.run/a%2f..%2fx",
    "https://queue.fal.run/a%5cx",
    "https://queue.fal.run//x",
    "https://queue.fal.run/a//b",
    "https://queue.fal.run/a%00b",
    "https://queue.fal.run/a%0d%0ab",
    "https://queue.fal.run/x#y",
    "https://queue.fal.run/x y",
    "https://queue.fal.run/fal/proxy",
    "https://queue.fal.run/%66al/proxy",
    "https://rest.fal.ai/fal/proxy/",
    "https://queue.fal.run/admin/v1/state",
    "https://rest.fal.ai/%61dmin/v1/state",
    "https://queue.fal.run/" + "x" * 9000,
    "HTTPS://QUEUE.FAL.RUN:80/x",
    "https://queue.fal.run/x, https://queue.fal.run/y",
]


@pytest.mark.parametrize("target", TRICKS)
async def test_it_goes_nowhere_else(gate: Lodger, target: str) -> None:
    answer = await gate.http.post("/fal/proxy", json={"prompt": "go"}, headers=to(target))
    assert answer.status_code == 412
    assert answer.json()["detail"].startswith("Invalid x-fal-target-url header")


async def test_two_targets_are_none(gate: Lodger) -> None:
    headers = [("x-fal-target-url", f"{QUEUE}/scripted/text"), ("x-fal-target-url", "https://example.com/")]
    assert (await gate.http.post("/fal/proxy", json={}, headers=headers)).status_code == 412


async def test_a_header_that_is_no_text_is_no_target(gate: Lodger) -> None:
    headers = {b"x-fal-target-url": b"https://queue.fal.run/\xff"}
    assert (await gate.http.post("/fal/proxy", json={}, headers=headers)).status_code == 412


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (f"{QUEUE}/fal-ai/veo3/requests/1/status?logs=1", "/fal-ai/veo3/requests/1/status", b"logs=1"),
        (f"{QUEUE}/a/?x=%2F..%2F&y=?/", "/a", b"x=%2F..%2F&y=?/"),
        ("https://fal.run/fal-ai/veo3", "/run/fal-ai/veo3", b""),
        ("https://fal.run", "/run", b""),
        ("https://fal.media/files/x/%C3%A9%20a.png", "/files/x/é a.png", b""),
        (QUEUE, "/", b""),
        (f"{QUEUE}?x=1", "/", b"x=1"),
    ],
)
def test_each_host_of_fal_s_has_its_place_here(target: str, path: str, query: bytes) -> None:
    assert read_target(target.encode()) == (path, query)


@given(st.binary(max_size=100) | st.text(max_size=60).map(lambda text: f"https://queue.fal.run/{text}".encode()))
def test_what_is_taken_for_a_target_is_a_plain_path(told: bytes) -> None:
    target = read_target(told)
    if target is None:
        return
    path, query = target
    assert told.lower().startswith((b"https://queue.fal.run", b"https://fal.run"))
    assert path.startswith("/")
    assert path.isprintable()
    assert not {".", "..", ""} & set(path.split("/")[1:-1])
    assert b"#" not in query
