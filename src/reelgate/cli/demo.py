"""`reelgate demo`: a gateway in a folder of its own, one clip from words and one from a picture, and lines that go on from there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reelgate.cli.program import command
from reelgate.cli.terminal import paint, say
from reelgate.cli.trouble import Code, Trouble

if TYPE_CHECKING:
    from reelgate.cli.client import Client

Into = Annotated[Path, typer.Option(help="Folder that takes everything: data, videos, the gateway's log.")]

_WORDS = ("fal-ai/kling-video/v1.6/standard/text-to-video", "a calm ocean at sunset, long golden waves, slow dolly in")
_PICTURE = ("fal-ai/kling-video/v2.1/standard/image-to-video", "the camera moves slowly closer to the mountains")
_SAMPLE = Path(__file__).with_name("sample.jpg")
_START_S = 30.0
_STOP_S = 12.0
_LOOK_EVERY_S = 0.05


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(into: Into = Path("demo")) -> None:
    """Render a clip from words and one from a picture, through the HTTP API."""
    into = into.absolute()
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(f"{into} cannot be written: {(error.strerror or '').lower()}", Code.WRONG, command("demo", "--into", "DIR")) from None
    _keep_inside(into)
    with _gateway(into):
        from reelgate.cli.client import caller
        from reelgate.cli.form import read_media

        client = caller(None)
        say(f"A gateway runs at {client.located.url} on {_shown(into / 'data')}, its log is {_shown(into / 'gateway.log')}")
        made = [
            _clip(client, "From words", _WORDS, {}, into / "text-to-video.mp4"),
            _clip(client, "From a picture", _PICTURE, {"image_url": read_media(str(_SAMPLE))}, into / "image-to-video.mp4"),
        ]
    for path in made:
        print(_shown(path), flush=True)
    _go_on(into)


def _clip(client: Client, title: str, what: tuple[str, str], more: dict[str, Any], to: Path) -> Path:
    from reelgate.cli.follow import follow, summary
    from reelgate.cli.progress import show_progress

    endpoint, prompt = what
    say(f"\n{paint(title, 'bold', sys.stderr)}  {endpoint}\n  {prompt}")
    with show_progress() as progress:
        submitted = client.ask("POST", f"/{endpoint}", {"prompt": prompt, **more})
        job = follow(client, submitted["request_id"], progress)
    if job["state"] != "done":
        failure: dict[str, Any] = job["failure"] or {"message": job["state"]}
        raise Trouble(f"the clip was not made: {failure['message']}", Code.FAILED, f"less {to.parent / 'gateway.log'}", command("doctor"))
    size = client.fetch(job["video"]["url"], to)
    say(f"{paint('done', 'green', sys.stderr)} {_shown(to)}  {summary(job, size)}")
    return to


def _keep_inside(into: Path) -> None:
    """Make this process and the gateway that it starts speak of nothing but this folder."""
    for name in [name for name in os.environ if name.startswith("REELGATE_")]:
        del os.environ[name]
    os.environ["REELGATE_STATE"] = str(into / "state")


@contextmanager
def _gateway(into: Path) -> Generator[None]:
    """A gateway in a child process, until the block ends."""
    log = into / "gateway.log"
    started = [sys.executable, "-m", "reelgate", "up", "--port", "0", "--data", str(into / "data")]
    with log.open("wb") as file:
        # A session of its own: Ctrl+C reaches this process alone, which then stops the gateway in good order.
        child = subprocess.Popen(started, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True)  # noqa: S603 -- this program itself
    try:
        _wait_until_ready(child, log)
        yield
    finally:
        child.terminate()
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait_until_ready(child: subprocess.Popen[bytes], log: Path) -> None:
    from reelgate.folder import announced

    deadline_s = time.monotonic() + _START_S
    while not any(each.pid == child.pid for each in announced()):
        if child.poll() is not None:
            last = log.read_text(errors="replace").strip().rpartition("\n")[2].removeprefix("error ")
            raise Trouble(last or "the gateway did not start", Code.FAILED, command("doctor"))
        if time.monotonic() > deadline_s:
            raise Trouble(f"the gateway did not start within {_START_S:.0f} s", Code.FAILED, f"less {log}")
        threading.Event().wait(_LOOK_EVERY_S)


def _go_on(into: Path) -> None:
    endpoint, _ = _WORDS
    print("\nStart a gateway that stays; it keeps the data and the key of this demo:\n")
    print(f"  {command('up', '--data', _shown(into / 'data'))}\n")
    print("While it runs, in a second terminal: a video of your own, then the list of all models.\n")
    print(f"  {command('run', endpoint, '--prompt', 'a city at night in the rain', '-o', _shown(into / 'mine.mp4'))}")
    print(f"  {command('models')}\n")


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
