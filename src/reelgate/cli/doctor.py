"""`reelgate doctor`: what is in order, what is not, and the cure."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import typer

from reelgate.cli.program import command
from reelgate.cli.terminal import Tone, give_json, paint, printable, wants_json
from reelgate.cli.trouble import Code, Trouble
from reelgate.folder import SECRETS

if TYPE_CHECKING:
    from reelgate.cli.chosen import Chosen
    from reelgate.cli.locate import Located

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Deep = Annotated[bool, typer.Option("--deep", help="Read every kept file of the data folder too, and compare its sum.")]
Verdict = Literal["good", "doubtful", "bad"]

_MARK: dict[Verdict, tuple[str, str, Tone]] = {
    "good": ("✓", "ok", "green"),
    "doubtful": ("!", "!", "yellow"),
    "bad": ("✗", "no", "red"),
}
_NAMED = 20
_PREVIEW = ("numpy", "PIL", "cv2", "av")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; `cure` is what to do if it is not good."""

    what: str
    verdict: Verdict
    words: str
    cure: str = ""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(deep: Deep = False, as_json: AsJson = False) -> None:
    """Look at all parts and name cures. Exit 1 if one is broken."""
    findings = [*examine(), *(_files() if deep else ())]
    if wants_json(as_json):
        give_json([asdict(each) for each in findings])
    else:
        width = max(len(each.what) for each in findings)
        for each in findings:
            print(_text(each, width))
    if any(each.verdict == "bad" for each in findings):
        raise typer.Exit(Code.FAILED)


def examine() -> Iterator[Finding]:
    """Everything that is looked at, in order; a check that cannot go on leaves out those that rest on it."""
    yield _python()
    yield _renderer()
    chosen, finding = _settings()
    yield finding
    if chosen is not None:
        yield from _folder(chosen)
    located, finding = _gateway()
    yield finding
    if located is not None:
        yield from _inside(located)
    yield from _client_traps(located)


def _python() -> Finding:
    version = platform.python_version()
    return Finding(what="Python", verdict="good", words=f"{version} at {sys.executable}")


def _renderer() -> Finding:
    missing = [name for name in _PREVIEW if find_spec(name) is None]
    if not missing:
        return Finding(what="Preview engine", verdict="good", words="its packages are installed")
    words = f"missing: {', '.join(missing)}; only paid channels can serve"
    return Finding(what="Preview engine", verdict="doubtful", words=words, cure="pip install 'reelgate[preview]'")


def _settings() -> tuple[Chosen | None, Finding]:
    from reelgate.cli.chosen import choose

    try:
        chosen = choose({})
    except Trouble as trouble:
        return None, Finding(what="Settings", verdict="bad", words=trouble.message, cure=command("settings", "--help"))
    words = f"can be used; file {chosen.file}" if chosen.file else "can be used; no file, the environment alone"
    return chosen, Finding(what="Settings", verdict="good", words=words)


def _folder(chosen: Chosen) -> Iterator[Finding]:
    path = chosen.data
    there = _nearest(path)
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        yield Finding(what="Data folder", verdict="bad", words=f"{path} cannot be written", cure=command("up", "--data", "DIR"))
        return
    words = str(path) if path.is_dir() else f"{path}, made at the first start"
    yield Finding(what="Data folder", verdict="good", words=words)
    free = shutil.disk_usage(there).free
    enough = free >= chosen.settings.min_free_bytes
    cure = "make room, or lower REELGATE_KEEP_FILES"
    yield Finding(what="Free space", verdict="good" if enough else "bad", words=f"{free / 1e9:.1f} GB", cure="" if enough else cure)
    yield from _loose_secrets(path)


def _loose_secrets(path: Path) -> Iterator[Finding]:
    loose = [name for name in SECRETS if (path / name).exists() and (path / name).stat().st_mode & 0o077]
    if loose:
        files = " ".join(str(path / name) for name in loose)
        yield Finding(what="Secrets", verdict="bad", words=f"others on this machine can read {', '.join(loose)}", cure=f"chmod 600 {files}")


def _gateway() -> tuple[Located | None, Finding]:
    from reelgate.cli.client import Client
    from reelgate.cli.locate import locate

    try:
        located = locate()
        Client(located, "").exchange("GET", "/healthz")
    except Trouble as trouble:
        cure = trouble.tips[-1] if trouble.tips else ""
        return None, Finding(what="Gateway", verdict="doubtful", words=trouble.message, cure=cure)
    return located, Finding(what="Gateway", verdict="good", words=f"answers at {located.url} ({located.how})")


def _inside(located: Located) -> Iterator[Finding]:
    """What the gateway says of itself."""
    from reelgate.cli.client import Client, record
    from reelgate.cli.locate import admin_key, caller_key

    for part, word in record(Client(located, "").exchange("GET", "/readyz").body).items():
        if part != "status":
            verdict = "good" if word == "ok" else "bad"
            yield Finding(what=f"Gateway: {part}", verdict=verdict, words=str(word), cure=_CURE_OF_PART.get(part, ""))
    yield _try("Caller's key", lambda: Client(located, caller_key(located, None)).get("/v1/jobs?limit=1"), "is taken")
    try:
        state: dict[str, Any] = Client(located, admin_key(located)).get("/admin/v1/state")
    except Trouble as trouble:
        yield Finding(what="Admin key", verdict="doubtful", words=trouble.message, cure="export REELGATE_ADMIN_KEY=rg_admin_…")
        return
    yield Finding(what="Admin key", verdict="good", words="is taken")
    yield from findings_of(state)
    client = Client(located, admin_key(located))
    for channel in client.get("/admin/v1/channels")["data"]:
        yield from findings_of_costs(channel["id"], client.get(f"/admin/v1/channels/{channel['id']}/costs")["data"])


def findings_of_costs(channel: str, costs: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What a channel costs the house, as far as nobody has said so: receipts and margins rest on guesses until then."""
    open_ = [each["endpoint"] for each in costs if not each["confirmed"]]
    if open_:
        more = f" and {len(open_) - 1} more" if len(open_) > 1 else ""
        words = f"what it costs you is not confirmed for {open_[0]}{more}"
        yield Finding(what=f"Channel {channel}", verdict="doubtful", words=words, cure=command("channels", "costs", channel, "--confirm"))


def findings_of(state: dict[str, Any]) -> Iterator[Finding]:
    """What `/admin/v1/state` tells."""
    yield Finding(what="Who serves", verdict="good", words=state["rule"])
    for engine in state["engines"]:
        trouble = engine["trouble"]
        yield Finding(what=f"Engine {engine['name']}", verdict="bad" if trouble else "good", words=trouble or "can render")
    jobs = ", ".join(f"{count} {word}" for word, count in state["jobs"].items() if count) or "none yet"
    yield Finding(what="Jobs", verdict="good", words=jobs)
    yield from _books(list(map(str, state["breaches"])))
    yield from _stale_prices(state.get("stale_prices"))


def _books(breaches: list[str]) -> Iterator[Finding]:
    """Each broken invariant with its number."""
    if not breaches:
        yield Finding(what="Ledger", verdict="good", words="balances and jobs agree")
    for breach in breaches[:_NAMED]:
        number, _, words = breach.partition(" ")
        number = number.rstrip(":")
        cure = _CURE_OF_BREACH.get(number, "keep the data folder as it is and report it")
        yield Finding(what=f"Ledger: {number}", verdict="bad", words=words, cure=cure)
    if len(breaches) > _NAMED:
        yield Finding(what="Ledger", verdict="bad", words=f"{len(breaches) - _NAMED} breaches more")


def _stale_prices(told: Any) -> Iterator[Finding]:
    if told:
        words = f"{len(told['endpoints'])} are older than 60 days, the oldest of {told['oldest']}"
        cure = f"{command('prices', 'list')}, then {command('prices', 'confirm')} if they still hold"
        yield Finding(what="Prices", verdict="doubtful", words=words, cure=cure)


def _files() -> Iterator[Finding]:
    """Every kept file, read through."""
    import asyncio

    from reelgate.backup.deep import look_deep
    from reelgate.backup.source import source_of
    from reelgate.cli.backup import chosen_folder
    from reelgate.domain.clock import SystemClock
    from reelgate.domain.errors import StoreError

    try:
        chosen = chosen_folder(None)
        seen = asyncio.run(look_deep(source_of(chosen.data, chosen.settings.database), SystemClock()))
    except (StoreError, Trouble) as error:
        yield Finding(what="Files", verdict="doubtful", words=f"not read: {error.message}", cure=command("doctor", "--deep"))
        return
    for fault in seen.faults[:_NAMED]:
        yield Finding(what="Files", verdict="bad", words=fault, cure=_CURE_OF_FILE)
    if len(seen.faults) > _NAMED:
        yield Finding(what="Files", verdict="bad", words=f"{len(seen.faults) - _NAMED} more")
    if not seen.faults:
        yield Finding(what="Files", verdict="good", words=f"{seen.files} read, {seen.size_bytes / 1e6:.1f} MB: each has its sum")


def _client_traps(located: Located | None) -> Iterator[Finding]:
    """Settings under which fal's own Python client would fail in a way that explains nothing."""
    named = {name: os.environ[name] for name in ("FAL_RUN_HOST", "FAL_QUEUE_RUN_HOST") if os.environ.get(name)}
    if located is None or not named:
        return
    mine = urlsplit(located.url)
    ours = [name for name, host in named.items() if host.partition("/")[0] == mine.netloc]
    if ours and mine.scheme == "http":
        words = f"{' and '.join(ours)} lead fal's client here by https, and this gateway speaks http: it would hang"
        yield Finding(what="fal's client", verdict="bad", words=words, cure=f"{command('up', '--tls')}, or use reelgate.fal")
    elif ours and not os.environ.get("SSL_CERT_FILE"):
        words = "it is led here, but does not trust this gateway's authority"
        yield Finding(what="fal's client", verdict="bad", words=words, cure=f"export SSL_CERT_FILE={located.authority}")
    elif named.get("FAL_RUN_HOST") == mine.netloc:
        words = "FAL_RUN_HOST leads direct calls to the queue: they would get a place in it instead of a video"
        yield Finding(what="fal's client", verdict="doubtful", words=words, cure=f"export FAL_RUN_HOST={mine.netloc}/run")
    elif len(named) == 1:
        words = f"only {next(iter(named))} is set"
        yield Finding(what="fal's client", verdict="doubtful", words=words, cure="set FAL_RUN_HOST and FAL_QUEUE_RUN_HOST")


def _try(what: str, ask: Callable[[], Any], words: str) -> Finding:
    try:
        ask()
    except Trouble as trouble:
        return Finding(what=what, verdict="bad", words=trouble.message, cure=trouble.tips[0] if trouble.tips else "")
    return Finding(what=what, verdict="good", words=words)


def _nearest(path: Path) -> Path:
    """The path itself, or the nearest one above it that is there."""
    return path if path.exists() else _nearest(path.parent)


def _text(finding: Finding, width: int) -> str:
    sign, plain, tone = _MARK[finding.verdict]
    encodes = (sys.stdout.encoding or "").lower().startswith("utf")
    mark = paint(sign if encodes else plain, tone, sys.stdout)
    cure = f"\n  {'':<{width}}  cure: {finding.cure}" if finding.cure and finding.verdict != "good" else ""
    return f"{mark} {finding.what:<{width}}  {printable(finding.words)}{cure}"


_CURE_OF_FILE = "bring it back from a backup: it lies in blobs/ under this name"
_CURE_OF_BREACH = {"I16": "bring the file back from a backup; which one it is: doctor --deep"}
_CURE_OF_PART = {
    "books": "see the breaches below",
    "workers": "look at the gateway's log, then start it again",
    "store": "look at the disk and the rights of the data folder",
    "disk": "make room on the disk",
}
