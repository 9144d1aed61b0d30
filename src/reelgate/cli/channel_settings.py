"""What of a channel can be set on the command line: an option for each setting, and what was typed as the admin API takes it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from reelgate.cli.program import command
from reelgate.cli.trouble import Code, Trouble

Address = Annotated[str | None, typer.Option(help="Where it is reached, if not at the provider's usual address.")]
Models = Annotated[
    list[str] | None,
    typer.Option("--model", metavar="ID[=NAME]", help="A model that it serves, and the vendor's name for it; may be repeated. none: all."),
]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="An option of the provider's own; may be repeated. none: no option."),
]
Priority = Annotated[int | None, typer.Option(help="Smaller is asked first.")]
Weight = Annotated[int | None, typer.Option(help="Its share among channels of one priority.")]
Concurrency = Annotated[int | None, typer.Option(help="Jobs that it may have at once.")]
PerSecond = Annotated[str | None, typer.Option("--per-second", metavar="N", help="Submits a second; none takes the bound away.")]
SubmitTimeout = Annotated[float | None, typer.Option("--submit-timeout", metavar="SECONDS", help="How long a submit may take.")]
PollTimeout = Annotated[float | None, typer.Option("--poll-timeout", metavar="SECONDS", help="How long any other call may take.")]
JobLimit = Annotated[float | None, typer.Option("--job-limit", metavar="SECONDS", help="After so long a job is given up.")]
Window = Annotated[
    str | None,
    typer.Option(
        "--window",
        metavar="SECONDS",
        help="For how long after a submit in doubt its job may still turn up; none: as long as the provider says.",
    ),
]
Cancelled = Annotated[
    str | None,
    typer.Option(
        "--on-cancel",
        metavar="finish|release",
        help="What becomes of a running job that is cancelled where the vendor cannot stop it: its video is finished and charged, or the "
        "caller's money is released and the cost is yours.",
    ),
]
Patience = Annotated[
    float | None,
    typer.Option(
        "--patience",
        metavar="SECONDS",
        help="While it is full, jobs wait for it that can expect to start within so long; others go on.",
    ),
]
StoreOutputs = Annotated[
    bool | None,
    typer.Option("--store-outputs/--no-store-outputs", help="Copy videos here, or pass the vendor's addresses on.", show_default=False),
]


def settings_of(**typed: Any) -> dict[str, Any]:
    """The settings that were typed, by their names in the admin API; what was not typed is left out.

    "none" takes a bound away (None), and makes a table empty. `Trouble` names the option that cannot be read.
    """
    said = {name: value for name, value in typed.items() if value is not None and value != []}
    for name, option in (("per_second", "--per-second"), ("window_s", "--window")):
        if name in said:
            said[name] = _number(said[name], option)
    for name, option, bare in (("models", "--model", True), ("options", "--option", False)):
        if name in said:
            said[name] = {} if said[name] == ["none"] else pairs(said[name], option, bare=bare)
    return said


def pairs(words: list[str] | None, what: str, *, bare: bool = False) -> dict[str, str]:
    """NAME=VALUE words as a table; `bare` names may go without a value, which is "" then. `Trouble` names what they are words of."""
    found: dict[str, str] = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not name or (not equals and not bare):
            raise Trouble(f"{what} is NAME=VALUE", Code.WRONG, command("channels", "add", "--help"))
        found[name] = value
    return found


def _number(text: str, option: str) -> float | None:
    if text == "none":
        return None
    try:
        return float(text)
    except ValueError:
        raise Trouble(f"{option} takes a number, or none", Code.WRONG) from None
