"""What `reelgate up` prints: the address, a key, and lines that work as pasted."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address

from reelgate import __version__
from reelgate.cli.program import command
from reelgate.cli.terminal import paint
from reelgate.folder import DataFolder, announced
from reelgate.server import TlsFiles
from reelgate.settings import Settings

ENDPOINT = "fal-ai/kling-video/v1.6/standard/text-to-video"
PROMPT = "a calm ocean at sunset, long golden waves"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A gateway that answers, with what there is to say about it. `known`: its folder has been used before."""

    settings: Settings
    folder: DataFolder
    port: int
    tls: TlsFiles | None
    rule: str
    known: bool

    @property
    def authority(self) -> str:
        """Host and port under which this machine reaches it."""
        return f"{_reachable(self.settings.host)}:{self.port}"

    @property
    def url(self) -> str:
        """The same as an address."""
        return f"{'https' if self.tls else 'http'}://{self.authority}"

    @property
    def key(self) -> str:
        """The first key of the owner's account."""
        return (self.folder.secret("key") or b"").decode()


def show(started: Started) -> None:
    """Print it on stdout."""
    print(_text(started), flush=True)


def _text(started: Started) -> str:
    path, settings = started.folder.path, started.settings
    kept = "data and key are those of the last start" if started.known else "a new data folder and a new key"
    lines = [
        f"{paint('reelgate', 'bold', sys.stdout)} {__version__}   data {path}   database {settings.database}",
        "",
        _line("Address", paint(started.url, "cyan", sys.stdout)),
        _line("Key", f"{started.key}   also alone in {path / 'key'}"),
        _line("", kept),
        *([_line("Public", f"{settings.public_url}, the address in every answer")] if settings.public_url else []),
        "",
        "  Submit a job:",
        f"    {_curl(started)}",
        "  Make a video and write it to a file:",
        f"    {_run(started)}",
        *(["", *_trust(started, started.tls)] if started.tls else []),
        "",
        f"  {started.rule}",
        f"  {paint('Ctrl+C stops; jobs go on at the next start', 'dim', sys.stdout)}",
        "",
    ]
    return "\n".join(lines)


def _line(label: str, text: str) -> str:
    return f"  {label:<8} {text}"


def _curl(started: Started) -> str:
    trusted = f" --cacert {shlex.quote(str(started.tls.authority))}" if started.tls else ""
    body = f'{{"prompt": "{PROMPT}"}}'
    return f"curl{trusted} {started.url}/{ENDPOINT} -H 'Authorization: Key {started.key}' -d '{body}'"


def _run(started: Started) -> str:
    return f"{_whereabouts(started)}{command('run', ENDPOINT, '--prompt', PROMPT, '-o', 'ocean.mp4')}"


def _whereabouts(started: Started) -> str:
    """What a command in another terminal must be told to find this gateway: nothing, as long as it is the only one."""
    others = [each for each in announced() if each.pid != os.getpid()]
    if os.environ.get("REELGATE_STATE"):
        return f"REELGATE_URL={started.url} REELGATE_KEY={started.key} "
    return f"REELGATE_URL={started.url} " if others else ""


def _trust(started: Started, tls: TlsFiles) -> list[str]:
    return [
        "  For fal's own Python client, and everything else that asks the system whom to trust:",
        f"    export SSL_CERT_FILE={shlex.quote(str(tls.authority))}",
        f"    export FAL_QUEUE_RUN_HOST={started.authority} FAL_RUN_HOST={started.authority}/run",
        f"    export FAL_KEY={started.key}",
    ]


def _reachable(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return "127.0.0.1" if address.is_unspecified else str(address)
    return "[::1]" if address.is_unspecified else f"[{address}]"
