"""Refuses all traffic that would leave this machine, in the process that runs the tests.

An audit hook sees each call of Python's socket module before it is made, whoever makes it. What is refused is also
remembered, because the code under test may swallow the error: the test that caused it fails all the same.
"""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address
from typing import Any

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"}
_DIALS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}

refused: list[str] = []


class TrafficRefused(RuntimeError):
    """A test tried to reach something beyond this machine."""


def refuse_traffic() -> None:
    """From now on only loopback and local sockets answer. Cannot be undone, so call it once."""
    for name in _PROXIES:  # a proxy of this machine would be asked even for loopback
        os.environ.pop(name, None)
    sys.addaudithook(_judge)


def _judge(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _DIALS:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # anything else is a local socket's path
        stays = host is None or _is_local(host)
    elif event in _LOOKUPS:
        host = arguments[0]
        stays = host is None or _is_local(host) or (event == "socket.getaddrinfo" and _is_number(host))
    else:
        return
    if not stays:
        refused.append(f"{event} {host!r}")
        message = f"tests stay on this machine, but this was tried: {refused[-1]}"
        raise TrafficRefused(message)


def _is_local(host: str | bytes) -> bool:
    name = _text(host)
    if not _is_number(host):
        return name.lower() in _LOCAL_NAMES or name.lower().endswith(".localhost")
    address = ip_address(name.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or address.is_unspecified


def _is_number(host: str | bytes) -> bool:
    """Whether it is an address already: looking one up sends nothing."""
    try:
        ip_address(_text(host).partition("%")[0])
    except ValueError:
        return False
    return True


def _text(host: str | bytes) -> str:
    return host if isinstance(host, str) else host.decode("ascii", "replace")
