"""fal's server proxy at /fal/proxy: a page sends here what it would send to fal, and says in a header where that was meant to go.

fal's own proxies hold a key and call fal. This one holds none and calls nobody: it answers by the routes of this gateway that
stand for fal's hosts, and the caller's own key counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from starlette.routing import BaseRoute, Route

from reelgate.gateway.door import Receive, Scope, Send, answer
from reelgate.gateway.entrance import App
from reelgate.gateway.face import Face, Gateway
from reelgate.gateway.manual import Manual, Operation, record, words

_TARGET = b"x-fal-target-url"
_TARGET_MAX = 8192
_HOSTS: Mapping[str, str] = {
    "queue.fal.run": "",
    "fal.run": "/run",
    "rest.fal.ai": "",
    "rest.alpha.fal.ai": "",
    "v3.fal.media": "",
    "fal.media": "",
}
"""fal's hosts, and under which of our paths what they serve is found."""

_ADDRESS = re.compile(r"https://([a-z0-9.-]+)((?:/[^/?#\\]*)*)(?:\?([^#]*))?", re.IGNORECASE)
_VISIBLE = re.compile(rb"[!-~]+")
_NEVER = frozenset({"fal", "admin"})  # nothing that fal has is there, and the proxy itself is
_OF_THIS_ROUTE = frozenset({"endpoint", "path_params", "route"})
_NO_TARGET = b'{"detail":"Missing the x-fal-target-url header"}'
_NO_SUCH_TARGET = b'{"detail":"Invalid x-fal-target-url header: this proxy goes to fal\'s queue, runs and files, which are served here"}'


class ProxyFace:
    """Serves fal's proxy protocol."""

    name = "proxy"
    rank = 10

    def routes(self, gateway: Gateway) -> Sequence[BaseRoute]:
        del gateway
        return [Route("/fal/proxy", _Proxy())]

    def manual(self, gateway: Gateway) -> Manual:
        """What these routes are for."""
        del gateway
        return _MANUAL


FACE: Face = ProxyFace()


class _Proxy:
    """Hands a request on to the route that it was meant for: same method, headers and body, another path and query."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        told = [value for name, value in scope["headers"] if name == _TARGET]
        if not told:
            await answer(send, 400, _NO_TARGET)
            return
        target = read_target(told[0]) if len(told) == 1 else None
        if target is None:
            await answer(send, 412, _NO_SUCH_TARGET)
            return
        path, query = target
        faces: App = scope["reelgate.faces"]
        meant = {name: value for name, value in scope.items() if name not in _OF_THIS_ROUTE}
        meant |= {"path": path, "raw_path": path.encode(), "query_string": query}
        meant["headers"] = [(name, value) for name, value in scope["headers"] if name != _TARGET]  # it never goes round twice
        await faces(meant, receive, send)


def read_target(told: bytes) -> tuple[str, bytes] | None:
    """Our own path, decoded, and the query of an address of fal's; None for any other address, and for one with a trick in it."""
    if len(told) > _TARGET_MAX or not _VISIBLE.fullmatch(told):
        return None
    found = _ADDRESS.fullmatch(told.decode("ascii"))
    prefix = _HOSTS.get(found[1].lower()) if found is not None else None
    if found is None or prefix is None:
        return None
    words = [unquote(word) for word in found[2].rstrip("/").split("/")[1:]]
    if any(not word.strip(".") or not word.isprintable() or "/" in word or "\\" in word for word in words):
        return None
    if not prefix and words and words[0] in _NEVER:
        return None
    return "/".join([prefix, *words]) or "/", (found[3] or "").encode("ascii")


_MANUAL = Manual(
    schemas={"NoTarget": record("The target is missing, or not one that this proxy goes to.", detail="string")},
    operations=tuple(
        Operation(
            f"{method} /fal/proxy",
            "Answers as the route of this gateway that stands for an address of fal's.",
            {400: "NoTarget", 412: "NoTarget", "default": "application/json text/event-stream */*"},
            headers={_TARGET.decode(): words("An address of fal's.", examples=["https://queue.fal.run/demo/text-to-video"])},
            body="" if method == "GET" else "application/json",
            open=True,
        )
        for method in ("GET", "POST", "PUT")
    ),
)
