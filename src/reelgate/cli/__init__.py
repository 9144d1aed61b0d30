"""The command line: one file a group of commands.

Progress and messages go to stderr, results to stdout. Modules are imported inside the commands that need them, so that
`--help` and a refused option do not wait for the server's packages.
"""

from __future__ import annotations

import sys

import typer

from reelgate.cli import (
    accounts,
    audit,
    backup,
    channels,
    credit,
    deliveries,
    demo,
    doctor,
    jobs,
    keys,
    models,
    prices,
    run,
    settings,
    statement,
    up,
    usage,
)
from reelgate.cli.terminal import complain
from reelgate.cli.trouble import Trouble

app = typer.Typer(
    name="reelgate",
    help="One address and one key in front of every video model.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
for group in (
    up,
    demo,
    run,
    models,
    jobs,
    deliveries,
    accounts,
    keys,
    credit,
    prices,
    channels,
    usage,
    statement,
    audit,
    backup,
    doctor,
    settings,
):
    group.add_to(app)


@app.callback(invoke_without_command=True)
def _reelgate(version: bool = typer.Option(False, "--version", help="Print the version and leave.", is_eager=True)) -> None:
    if version:
        from reelgate import __version__

        print(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; exit codes are those of `reelgate.cli.trouble.Code`."""
    try:
        app(prog_name="reelgate")
    except Trouble as trouble:
        complain(trouble)
        sys.exit(trouble.code)
