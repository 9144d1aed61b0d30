"""The measure of all HTTP figures: the least that an application can do behind stock uvicorn. `python -m bench.echo`."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn

_SHORT = b'{"status":"IN_QUEUE","queue_position":0}'
_JSON = (b"content-type", b"application/json")


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the body that came, or with a short one where none came."""
    assert scope["type"] == "http"
    body = b""
    if scope["method"] == "POST":
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
    answer = body or _SHORT
    await send({"type": "http.response.start", "status": 200, "headers": [_JSON, (b"content-length", b"%d" % len(answer))]})
    await send({"type": "http.response.body", "body": answer})


def main() -> None:
    """Serve on a free port, print it, and go on until SIGTERM."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(echo, loop="uvloop", http="httptools", ws="none", lifespan="off", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
