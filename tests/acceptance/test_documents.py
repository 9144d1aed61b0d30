"""Every command and every sample of the documents is run as it stands, in a place that looks like a clone.

The blocks of one document run one after the other in one shell, as a reader would paste them. What is changed about them:
the port 8000 becomes a free one, `reelgate up` goes to the background until the next `up` or the end, and a Python block
that begins with `# src/…` is a file that is put there. A document that starts no gateway gets one that runs.

    ```sh            runs and must succeed
    ```sh fails      runs and must fail
    ```sh stopped    runs after the gateway was stopped
    ```python, js    a program of its own
"""

from __future__ import annotations

import html
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.shots import Wanted, contact_sheet, stills
from reelgate.domain.media import VideoInput
from reelgate.settings import Settings
from scripts.docs import ROOT, fill
from tests.acceptance._gateway import Gateway
from tests.acceptance._node import CLIENTS, NODE

DOCUMENTS = sorted({ROOT / "README.md", *(ROOT / "docs").glob("*.md")} - {ROOT / "docs" / "bench.md"})  # whose commands measure for minutes
RUN = {"sh", "python", "js"}
NOT_RUN = {
    "text": "what a program prints, or an excerpt",
    "toml": "settings, read by a test of its own",
    "yaml": "settings of Prometheus, which tests do not start; its rules are fired by tests/unit/api/test_metrics.py",
    "ini": "a unit for systemd, which tests do not start",
    "nginx": "settings of a proxy, which tests do not start",
}
LEFT_OUT = {
    "make demo": "a test of its own runs it in a fresh clone; here `up` makes the data folder that it would leave",
    "make test": "it would run this test again",
}
PATIENCE_S = 110

_FENCED = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_UP = re.compile(r"^(?P<before>(?:\w+=\S+ )*)(?P<command>\.venv/bin/reelgate up\b.*)$", re.MULTILINE)
_FILE = re.compile(r"# (src/\S+\.py)\n")
_NAME = re.compile(r"(?<![\w./-])((?:[a-z_]\w*/)*(?:[a-z_]\w*\.(?:py|sql|html)|[a-z_]\w*/))(?![\w/])")
_PORT = "127.0.0.1:8000"
_SHELL = r"""
set -eu -o pipefail
GATEWAY=
_down() {
  if [ -n "$GATEWAY" ]; then kill "$GATEWAY"; wait "$GATEWAY" || true; GATEWAY=; fi
}
_up() {
  _down
  rm -f up.pipe; mkfifo up.pipe
  env "$@" > up.pipe 2>> up.log & GATEWAY=$!
  exec 3< up.pipe
  while IFS= read -r line <&3; do case $line in *Ctrl+C*) return 0;; esac; done
  cat up.log >&2
  return 1
}
trap _down EXIT
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block. `info` are the words after the fence."""

    line: int
    info: tuple[str, ...]
    text: str

    @property
    def language(self) -> str:
        """The first of its words."""
        return self.info[0] if self.info else ""


def blocks_of(text: str) -> list[Block]:
    """Every fenced block of a document."""
    return [
        Block(line=text.count("\n", 0, found.start()) + 1, info=tuple(found["info"].split()), text=found["text"])
        for found in _FENCED.finditer(text)
    ]


WITH_SAMPLES = [each for each in DOCUMENTS if any(block.language in RUN for block in blocks_of(each.read_text(encoding="utf-8")))]


@pytest.mark.needs("curl")
@pytest.mark.parametrize("document", WITH_SAMPLES, ids=lambda each: each.stem)
def test_every_command_and_every_sample_works(document: Path, gateway: Gateway, tmp_path: Path) -> None:
    play(document.read_text(encoding="utf-8"), document.name, tmp_path, gateway)


@pytest.mark.needs("curl")
def test_the_samples_of_the_front_page_work(gateway: Gateway, tmp_path: Path) -> None:
    page = gateway.call("GET", "/", key=None, headers={"Accept": "text/html"}).body.decode()
    samples = [html.unescape(each) for each in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]
    assert len(samples) == 3
    told = "".join(f"```{'python' if each.startswith('from ') else 'sh'}\n{each}\n```\n\n" for each in samples)
    play(told, "front page", tmp_path, gateway)
    assert (tmp_path / "waves.mp4").stat().st_size > 10_000


@pytest.mark.needs("curl")
def test_a_sample_that_does_not_work_is_found(gateway: Gateway, tmp_path: Path) -> None:
    sample = "```sh\ntrue\n```\n\n```python\nraise SystemExit(3)\n```\n"
    with pytest.raises(AssertionError, match=r"bad\.md:5"):
        play(sample, "bad.md", tmp_path / "first", gateway)
    with pytest.raises(AssertionError, match=r"bad\.md:1"):
        play("```sh\ncurl http://127.0.0.1:8000/demo/nothing -d '{}'\n```\n", "bad.md", tmp_path / "second", gateway)
    with pytest.raises(AssertionError, match=r"bad\.md:1"):
        play("```sh fails\ntrue\n```\n", "bad.md", tmp_path / "third", gateway)
    with pytest.raises(AssertionError, match=r"(?s)bad\.md:1.*--nonsense"):
        play("```sh\n.venv/bin/reelgate up --data demo/data --nonsense\n```\n", "bad.md", tmp_path / "fourth", gateway)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.stem)
def test_every_block_says_what_it_is(document: Path) -> None:
    unknown = [block for block in blocks_of(document.read_text(encoding="utf-8")) if block.language not in RUN | set(NOT_RUN)]
    assert unknown == []


def test_what_is_left_out_is_still_there() -> None:
    lines = {
        line.partition("#")[0].strip()
        for each in DOCUMENTS
        for block in blocks_of(each.read_text("utf-8"))
        for line in block.text.splitlines()
    }
    assert set(LEFT_OUT) <= lines


def test_settings_that_are_shown_can_be_read() -> None:
    shown = [block for each in DOCUMENTS for block in blocks_of(each.read_text(encoding="utf-8")) if block.language == "toml"]
    assert shown
    for block in shown:
        Settings(**tomllib.loads(block.text))


def test_pictures_are_light_and_are_shown() -> None:
    shown = {Path(name).name for each in DOCUMENTS for name in re.findall(r'src="([^"]+)"', each.read_text(encoding="utf-8"))}
    pictures = [each for each in (ROOT / "docs" / "pictures").iterdir() if each.is_file()]
    assert {each.name for each in pictures} == shown
    assert all(each.stat().st_size < 300_000 for each in pictures)


def test_the_sheet_of_shots_can_still_be_made() -> None:
    wanted = VideoInput(prompt="waves on a rocky shore", seconds=1, resolution="480p", aspect_ratio="16:9")
    first, last = stills(Wanted(name="waves", input=wanted, seed=1, places=(0.0, 1.0)))
    assert (first.name, last.name) == ("waves 0", "waves 100")
    assert first.image.size == last.image.size == (854, 480)
    assert first.image.tobytes() != last.image.tobytes()
    assert contact_sheet([[first, last], [last]]).width > 1000


def test_what_is_generated_is_fresh() -> None:
    # In a process and surroundings of its own: other tests let this one find leaves of other packages, which no document speaks of.
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" and not name.startswith("REELGATE_")}
    command = [sys.executable, "scripts/docs.py", "--check"]
    checked = subprocess.run(command, cwd=ROOT, env=plain, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_stale_piece_is_found(tmp_path: Path) -> None:
    text = "a\n<!-- begin exits -->\nold\n<!-- end exits -->\nb\n"
    assert fill(text, {"exits": "new"}) == "a\n<!-- begin exits -->\n\nnew\n\n<!-- end exits -->\nb\n"
    with pytest.raises(KeyError):
        fill(text, {})


def test_the_map_names_what_there_is_and_only_that() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert list(misdrawn(told, ROOT / "src" / "reelgate")) == []


def test_a_map_that_is_wrong_is_found(tmp_path: Path) -> None:
    for name in ("domain/job.py", "app.py", "wire/fal.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    drawn = "app.py   here\nwire/    words\n    fal.py\n    kling.py\ndomain/  nouns\n    job.py\n"
    told = f"`domain/gone.py`; where `api/` was\n```text\n{drawn}```\n"
    assert list(misdrawn(told, tmp_path)) == ["domain/gone.py is not there", "api/ is not there", "kling.py is not there"]
    assert list(misdrawn("`domain/job.py` `wire/`", tmp_path)) == ["app.py is not on the map"]


def misdrawn(told: str, source: Path) -> Iterator[str]:
    """Modules and packages that a map names and are not there, and top-level ones that it does not name."""
    named: set[str] = set()
    for folder, name in _names_on(told):
        found = next((each for each in (source / name, source / folder / name, source.parent.parent / name) if each.exists()), None)
        if found is None:
            yield f"{name} is not there"
        elif found.is_relative_to(source) and found != source:
            named.add(found.relative_to(source).parts[0])
    for each in sorted(source.iterdir()):
        is_code = each.suffix == ".py" or (each.is_dir() and any(each.glob("*.py")))
        if is_code and not each.name.startswith("__") and each.name not in named:
            yield f"{each.name} is not on the map"


def _names_on(told: str) -> Iterator[tuple[str, str]]:
    """Names of modules and packages, each with the package under which it is drawn, if it is indented below one."""
    folder = ""
    for line in told.splitlines():
        below = line.startswith("    ")
        if not below:
            folder = found[1] if (found := re.match(r"([a-z_]+/)  ", line)) else ""
        yield from ((folder if below else "", name) for name in _NAME.findall(line))


def play(text: str, name: str, stage: Path, gateway: Gateway) -> None:
    """Run the blocks of a document on a stage of its own."""
    stage.mkdir(exist_ok=True)
    blocks = [block for block in blocks_of(text) if block.language in RUN]
    starts = any(_UP.search(block.text) for block in blocks)
    address = f"127.0.0.1:{_free_port()}" if starts else gateway.host
    environment = _set(stage, blocks, None if starts else gateway)
    script = _SHELL + "".join(_scene(block, name, stage, address) for block in blocks)
    done = subprocess.run(
        [shutil.which("bash") or "/bin/bash", "-c", script],
        cwd=stage,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    where = [line for line in done.stderr.splitlines() if line.startswith("== ")][-1:]
    assert done.returncode == 0, f"{where[0] if where else name}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def _set(stage: Path, blocks: list[Block], gateway: Gateway | None) -> dict[str, str]:
    """Make the stage look like a clone, with a home of its own; the environment to play in."""
    for name, target in ((".venv", Path(sys.prefix)), ("docs", ROOT / "docs"), ("node_modules", CLIENTS / "node_modules")):
        (stage / name).symlink_to(target)
    (stage / ".curlrc").write_text("fail-with-body\nsilent\nshow-error\n")  # an error of HTTP is an error of the command
    (stage / "demo").mkdir()
    kept = {name: value for name, value in os.environ.items() if name in {"LANG", "LC_ALL", "TMPDIR"}}
    path = os.pathsep.join([str(NODE.parent), os.environ.get("PATH", os.defpath)])
    environment = {**kept, "PATH": path, "HOME": str(stage)}
    if gateway is not None:
        (stage / "demo" / "data").symlink_to(gateway.data)
        environment |= {"REELGATE_URL": gateway.url}
        environment |= {"REELGATE_KEY": gateway.key, "REELGATE_ADMIN_KEY": gateway.admin_key}
    if any(_FILE.match(block.text) for block in blocks):
        shutil.copytree(ROOT / "src", stage / "src", ignore=shutil.ignore_patterns("__pycache__"))
        environment["PYTHONPATH"] = str(stage / "src")
    return environment


def _scene(block: Block, name: str, stage: Path, address: str) -> str:
    """The part of the script that one block is."""
    text = block.text.replace(_PORT, address)
    head = f"echo '== {name}:{block.line}' >&2\n"
    if (file := _FILE.match(text)) is not None:
        assert not (stage / file[1]).exists(), f"{file[1]} is there already: a leaf is a new file"
        (stage / file[1]).write_text(text, encoding="utf-8")
        return head
    if block.language == "sh":
        return head + _commands(block, text, address)
    script = stage / f"line-{block.line}.{'py' if block.language == 'python' else 'mjs'}"
    script.write_text(text, encoding="utf-8")
    return f"{head}{'.venv/bin/python' if block.language == 'python' else 'node'} {script.name}\n"


def _commands(block: Block, text: str, address: str) -> str:
    kept = [line for line in text.splitlines() if line.partition("#")[0].strip() not in LEFT_OUT]
    port = address.rpartition(":")[2]
    commands = _UP.sub(lambda found: f"_up {found['before']}{found['command']} --port {shlex.quote(port)}", "\n".join(kept))
    if "fails" in block.info:
        return f"if ( {commands} ); then echo 'this should have failed' >&2; exit 1; fi\n"
    return f"{'_down' if 'stopped' in block.info else ''}\n{commands}\n"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
