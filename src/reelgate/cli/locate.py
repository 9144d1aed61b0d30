"""Which gateway a command speaks to, and with which key.

Looked for in `REELGATE_URL`, then `REELGATE_DATA`, then among the gateways of this user that announced themselves. Every
failure says where was looked.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from reelgate.cli.program import command
from reelgate.cli.trouble import Code, Trouble
from reelgate.folder import Running, announced, announcements


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A gateway's address without a slash at its end, how it was found, and its data folder if that is on this machine."""

    url: str
    how: str
    data: Path | None

    @property
    def authority(self) -> Path | None:
        """The certificate of its own authority, if it has one."""
        return _authority(self.data)


def locate() -> Located:
    """The gateway to speak to; `Trouble` if none or several may be meant."""
    if url := os.environ.get("REELGATE_URL"):
        return _by_address(url.rstrip("/"))
    if data := os.environ.get("REELGATE_DATA"):
        return _by_folder(Path(data).absolute())
    running = announced()
    if len(running) == 1:
        return _found(running[0], "the one that runs")
    if running:
        raise _several(running)
    message = f"no gateway runs: REELGATE_URL and REELGATE_DATA are not set, and none has announced itself in {announcements()}"
    raise Trouble(message, Code.UNREACHED, command("up"))


def caller_key(located: Located, given: str | None) -> str:
    """A caller's key: the option, `REELGATE_KEY`, or the file that the gateway keeps."""
    return given or _key(located, "REELGATE_KEY", "key")


def admin_key(located: Located) -> str:
    """The owner's key: `REELGATE_ADMIN_KEY`, or the file that the gateway keeps."""
    return _key(located, "REELGATE_ADMIN_KEY", "admin-key")


def _by_address(url: str) -> Located:
    if not url.startswith(("http://", "https://")):
        raise Trouble("REELGATE_URL must begin with http:// or https://", Code.WRONG, "export REELGATE_URL=http://127.0.0.1:8000")
    named = os.environ.get("REELGATE_DATA")
    data = Path(named).absolute() if named else next((each.data for each in announced() if each.url == url), None)
    return Located(url=url, how="from REELGATE_URL", data=data)


def _by_folder(data: Path) -> Located:
    for running in announced():
        if running.data.resolve() == data.resolve():
            return _found(running, "from REELGATE_DATA")
    message = f"no gateway runs on {data} (from REELGATE_DATA): none has announced itself for it in {announcements()}"
    raise Trouble(message, Code.UNREACHED, command("up", "--data", str(data)))


def _found(running: Running, how: str) -> Located:
    return Located(url=running.url, how=f"{how}, process {running.pid}", data=running.data)


def _several(running: list[Running]) -> Trouble:
    each = [f"REELGATE_URL={one.url}   # data {one.data}, process {one.pid}" for one in running]
    message = f"{len(running)} gateways run; say which is meant by setting one of these"
    return Trouble(message, Code.WRONG, *(f"export {line}" for line in each))


def _key(located: Located, variable: str, file: str) -> str:
    if key := os.environ.get(variable):
        return key
    if located.data is None:
        looked = f"the data folder of {located.url} is not known on this machine"
    else:
        path = located.data / file
        try:
            return path.read_text().strip()
        except OSError as error:
            looked = f"{path} cannot be read ({error.strerror})"
    owner = command("keys", "create", "NAME") if file == "key" else command("doctor")
    raise Trouble(f"no key: {variable} is not set, and {looked}", Code.REFUSED, f"export {variable}=rg_…", owner)


def _authority(data: Path | None) -> Path | None:
    if data is None:
        return None
    path = data / "tls" / "ca.pem"
    return path if path.is_file() else None
