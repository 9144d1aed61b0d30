"""`reelgate up`: the API, the queue and the workers in one process, on one data folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reelgate.cli.trouble import Code, Trouble

if TYPE_CHECKING:
    from reelgate.folder import DataFolder
    from reelgate.settings import Settings

Host = Annotated[str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1, for this machine alone.", show_default=False)]
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one. Default: 8000.", show_default=False)]
Data = Annotated[Path | None, typer.Option(help="Data folder. Default: the user's data directory.", show_default=False)]
PublicUrl = Annotated[str | None, typer.Option(help="Address as clients reach it. Default: that of each request.", show_default=False)]
Tls = Annotated[bool, typer.Option("--tls", help="Serve https under an authority of your own, for clients that insist on it.")]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(host: Host = None, port: Port = None, data: Data = None, public_url: PublicUrl = None, tls: Tls = False) -> None:
    """Start a gateway here. Ctrl+C stops it; its jobs go on at the next start."""
    if sys.platform == "win32":
        raise Trouble("reelgate up runs on Linux and macOS; on Windows use WSL", Code.WRONG)
    from reelgate.cli.chosen import choose
    from reelgate.domain.errors import StoreError
    from reelgate.folder import DataFolder

    chosen = choose({"host": host, "port": port, "data": data, "public_url": public_url})
    try:
        folder = DataFolder(chosen.data)
    except StoreError as error:
        raise Trouble(error.message, Code.WRONG) from None
    try:
        code = _serve(chosen.settings, folder, tls=tls)
    finally:
        folder.close()
    raise typer.Exit(code)


def _serve(settings: Settings, folder: DataFolder, *, tls: bool) -> int:
    import asyncio

    import structlog
    import uvloop

    from reelgate.cli.life import live, stop_on_signals
    from reelgate.observe import configure_logs
    from reelgate.tracing import TRACING

    async def until_told() -> int:
        stop = asyncio.Event()
        stop_on_signals(stop)
        return await live(settings, folder, stop, tls=tls)

    configure_logs(settings.log_level, pretty=sys.stderr.isatty())
    if words := TRACING.begin():
        structlog.get_logger(__name__).info("tracing", told=words)
    return uvloop.run(until_told())
