"""`reelgate backup` and `reelgate restore`: a copy of the data folder that can be gone back to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelgate.cli.program import command
from reelgate.cli.terminal import give_json, printable, say, wants_json
from reelgate.cli.trouble import Code, Trouble

if TYPE_CHECKING:
    from reelgate.backup.manifest import Manifest, Unfit
    from reelgate.cli.chosen import Chosen

To = Annotated[Path, typer.Argument(help="A folder that is not there yet.")]
From = Annotated[Path, typer.Argument(metavar="FROM", help="A backup.")]
Data = Annotated[
    Path | None,
    typer.Option(help="Data folder. Default: that of the gateway that runs, else the user's data directory.", show_default=False),
]
Into = Annotated[Path | None, typer.Option(help="Data folder, new or empty. Default: the user's data directory.", show_default=False)]
Link = Annotated[bool, typer.Option("--link", help="Share the bytes of videos with the data folder where one file system holds both.")]
DespiteLosses = Annotated[
    bool, typer.Option("--despite-losses", help="Leave out files that are lost or damaged in the data folder, instead of giving up.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_NAMED = 20


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(to: To, data: Data = None, link: Link = False, despite_losses: DespiteLosses = False, as_json: AsJson = False) -> None:
    """Copy the data folder, secrets included, while its gateway runs or not. The path of the copy alone goes to stdout.

    The copy is of one moment, and it is checked: it appears whole, or not at all with exit code 1.
    """
    import asyncio

    from reelgate.backup.manifest import BackupError, Unfit
    from reelgate.backup.source import source_of
    from reelgate.backup.take import Wish, take
    from reelgate.domain.clock import SystemClock
    from reelgate.domain.errors import StoreError

    chosen = chosen_folder(data)
    wish = Wish(linked=link, despite_losses=despite_losses, spare_bytes=chosen.settings.min_free_bytes)
    try:
        source = source_of(chosen.data, chosen.settings.database)
        taken = asyncio.run(take(source, to.absolute(), wish, SystemClock(), say))
    except Unfit as error:
        raise _unfit(error, command("doctor", "--deep")) from None
    except (BackupError, StoreError) as error:
        raise Trouble(error.message, Code.WRONG) from None
    manifest = taken.manifest
    if wants_json(as_json):
        give_json({"path": str(taken.path), **_facts(manifest), "linked": taken.linked})
        return
    print(taken.path)
    say(f"{_words(manifest)}; its database and its books were checked")
    if manifest.lost:
        say(f"{len(manifest.lost)} files are not in it: they are lost or damaged in the data folder")
    say(f"its secrets came along, for this user alone: {', '.join(manifest.secrets)}; who has the backup has them")
    if "master.key" not in manifest.secrets:
        say("the master key is not in it: keep REELGATE_MASTER_KEY as well, without it the sealed secrets are lost")
    say(f"restore it with {command('restore', str(to), '--data', 'DIR')}")


def restore(backup: From, data: Into = None, as_json: AsJson = False) -> None:
    """Make a data folder of a backup, whole or not at all. Every file is compared with its sum first."""
    from reelgate.backup.manifest import BackupError, Unfit
    from reelgate.backup.restore import restore as bring_back
    from reelgate.cli.chosen import choose
    from reelgate.domain.errors import StoreError

    chosen = choose({"data": data})
    try:
        restored = bring_back(backup.absolute(), chosen.data)
    except Unfit as error:
        raise _unfit(error) from None
    except (BackupError, StoreError) as error:
        raise Trouble(error.message, Code.WRONG) from None
    manifest = restored.manifest
    if wants_json(as_json):
        give_json({"path": str(restored.folder), **_facts(manifest)})
        return
    print(restored.folder)
    say(f"{_words(manifest)}; what happened since is not in it")
    if "master.key" not in manifest.secrets:
        say("the master key was not in the backup: start with the REELGATE_MASTER_KEY that it was taken under")
    say(f"start it with {command('up', '--data', str(data or chosen.data))}")


def chosen_folder(data: Path | None) -> Chosen:
    """The settings of the data folder that is meant: the option, `REELGATE_DATA`, the gateway that runs, or the user's own.

    `Trouble` if several gateways may be meant, or one whose folder is not on this machine.
    """
    from reelgate.cli.chosen import choose
    from reelgate.cli.locate import locate
    from reelgate.folder import announced

    if data is None and not os.environ.get("REELGATE_DATA") and (os.environ.get("REELGATE_URL") or announced()):
        located = locate()
        if located.data is None:
            message = f"the data folder of {located.url} is not known on this machine; name it with --data"
            raise Trouble(message, Code.WRONG)
        data = located.data
    return choose({"data": data})


def _unfit(error: Unfit, *tips: str) -> Trouble:
    for fault in error.faults[:_NAMED]:
        say(f"  {printable(fault)}")
    if len(error.faults) > _NAMED:
        say(f"  and {len(error.faults) - _NAMED} more")
    return Trouble(error.message, Code.FAILED, *tips)


def _facts(manifest: Manifest) -> dict[str, object]:
    return {
        "created_at": manifest.created_at.isoformat(timespec="milliseconds"),
        "store": manifest.store,
        "schema": manifest.schema,
        "jobs": manifest.jobs,
        "files": manifest.blobs.count,
        "size_bytes": manifest.blobs.size_bytes + sum(each.size_bytes for each in manifest.database.values()),
        "expired": manifest.expired,
        "lost": list(manifest.lost),
        "secrets": list(manifest.secrets),
    }


def _words(manifest: Manifest) -> str:
    mb = (manifest.blobs.size_bytes + sum(each.size_bytes for each in manifest.database.values())) / 1e6
    when = f"{manifest.created_at.astimezone():%Y-%m-%d %H:%M:%S %Z}"
    return f"{manifest.jobs} jobs and {manifest.blobs.count} files, {mb:.1f} MB, as of {when}"
