"""The two servers side by side on one core, and the callers on another: what the HTTP rows are measured in."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Asked, Generator, Load
from bench.process import Cores, read_line, running

ENDPOINT = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
_BODY = {
    "prompt": "A lighthouse on a cliff above a slow sea, the camera rises along the rock while gulls cross the frame; evening light, "
    "long shadows, a calm and steady move that ends on the lamp as it is lit.",
    "duration": "5",
    "aspect_ratio": "16:9",
    "negative_prompt": "blur, distortion, low quality",
    "cfg_scale": 0.5,
}
BODY = json.dumps(_BODY).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A program that listens."""

    pid: int
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that a row over HTTP needs."""

    echo: Server
    house: Server
    key: str
    generator: Generator
    folder: Path  # on the disk of the gateway's data
    rounds: int
    seconds: float

    @property
    def headers(self) -> dict[str, str]:
        """What fal's Python client sends, for the most part."""
        return {"Authorization": f"Key {self.key}", "Accept": "*/*", "User-Agent": "bench", "Content-Type": "application/json"}

    def load(self, server: Server, asked: Asked, at_least_s: float = 0) -> Load:
        """One round of callers."""
        return self.generator.load(server.pid, server.port, asked, max(self.seconds, at_least_s))

    def submit_some(self, count: int) -> list[str]:
        """Submit one after another; their ids."""
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port)
        ids: list[str] = []
        for _ in range(count):
            connection.request("POST", f"/{ENDPOINT}", BODY, self.headers)
            ids.append(json.loads(connection.getresponse().read())["request_id"])
        connection.close()
        return ids


@contextmanager
def opened(folder: Path, cores: Cores, *, rounds: int, seconds: float) -> Iterator[Scene]:
    """Both servers, started and, at the end, stopped."""
    with (
        running(["-m", "bench.echo"], cores.measured) as echo,
        running(["-m", "bench.house", str(folder / "data")], cores.measured) as house,
    ):
        port, key = read_line(house).split()
        yield Scene(
            echo=Server(pid=echo.pid, port=int(read_line(echo))),
            house=Server(pid=house.pid, port=int(port)),
            key=key,
            generator=Generator(core=cores.loading, folder=folder),
            folder=folder,
            rounds=rounds,
            seconds=seconds,
        )
