"""Addresses of the web that came from outside: what their text says, and which machines they may lead to.

Pure: nothing here opens a socket or asks for a name. `dispatch/guard.py` does, and judges all that it learns by these
rules. Two readers of one address must never disagree about the host, so the text is held to a form that every reader
understands alike, and what is sent is written anew from what was read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import quote, urljoin

from reelgate.domain.errors import CallerError

IpAddress: TypeAlias = IPv4Address | IPv6Address
Range: TypeAlias = IPv4Network | IPv6Network

LENGTH_MAX = 2048
WEB_PORTS = frozenset({80, 443})


class NotAllowed(CallerError):
    """This address is never fetched. The message rests on the text alone, so that it tells nothing about our network."""

    code = "address_not_allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An http or https address whose text was found sound; whether its machine may be reached is another question.

    `host` is a name in ASCII and lower case without a final dot, or an IP address in its canonical form without
    brackets. `path_and_query` begins with "/" and is ASCII; what was percent-encoded stays as it was.
    """

    scheme: str
    host: str
    port: int
    path_and_query: str

    @property
    def ip(self) -> IpAddress | None:
        """The host, where it is an IP address; None where it is a name that has to be looked up."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def url(self) -> str:
        """The address as text again."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path_and_query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where this gateway may go.

    `opened` are ranges that the operator opened: on every port, and for http. `closed` are ranges that stay shut though
    the table calls them public, such as the network's own NAT64 prefix; it is stronger than `opened`. `plain` says
    whether http is spoken outside the opened ranges.
    """

    opened: tuple[Range, ...] = ()
    closed: tuple[Range, ...] = ()
    ports: frozenset[int] = WEB_PORTS
    plain: bool = True

    def admits(self, ip: IpAddress, address: Address) -> bool:
        """Whether a connection made for `address` may go to `ip`."""
        ip = _bare(ip)
        if _has_zone(ip) or _inside(ip, self.closed):
            return False
        return _inside(ip, self.opened) or (public(ip) and self._on_the_web(address))

    def check(self, address: Address) -> None:
        """Refuse with `NotAllowed` what the text alone shows to be out of reach; a name's machine is judged when it is known."""
        if address.ip is not None and not self.admits(address.ip, address):
            raise NotAllowed("only public addresses on the web's own ports are called")
        if address.ip is None and not self.opened and not self._on_the_web(address):
            ports = " and ".join(map(str, sorted(self.ports)))
            raise NotAllowed(f"only {'http and ' if self.plain else ''}https on the ports {ports} are called")

    def _on_the_web(self, address: Address) -> bool:
        return address.port in self.ports and (self.plain or address.scheme == "https")


def read_address(text: str) -> Address:
    """Read an http or https address; `NotAllowed` says what is wrong with its text."""
    if len(text) > LENGTH_MAX:
        raise NotAllowed(f"an address has at most {LENGTH_MAX} characters")
    if _NEVER.search(text):
        raise NotAllowed("an address has no spaces, control characters or backslashes")
    parts = _HTTP.match(text)
    if parts is None:
        raise NotAllowed("an address begins with http:// or https://")
    scheme, authority, rest = parts[1].lower(), parts[2], parts[3]
    host, port = _read_authority(authority)
    return Address(
        scheme=scheme,
        host=host,
        port=_PORTS[scheme] if port is None else port,
        path_and_query=_encoded(rest if rest.startswith("/") else f"/{rest}"),
    )


def check_webhook(text: str, reach: Reach) -> Address:
    """Read the address of a receiver, when a caller names it; `NotAllowed` says what is wrong with its text.

    What a name leads to is judged whenever it is called, since that may change.
    """
    address = read_address(text)
    reach.check(address)
    return address


def redirected(here: Address, location: str) -> Address:
    """Where a `Location` sends whoever asked `here`; `NotAllowed` for a text that is not sound, and from https to http."""
    if not location or _NEVER.search(location):  # urljoin would drop some of them without a word
        raise NotAllowed("a redirect names an address without spaces, control characters or backslashes")
    try:
        joined = urljoin(here.url, location)
    except ValueError:
        raise NotAllowed("a redirect names no address") from None
    there = read_address(joined)
    if here.scheme == "https" and there.scheme != "https":
        raise NotAllowed("a redirect leads from https to http")
    return there


def public(ip: IpAddress) -> bool:
    """Whether this is a machine of the open internet, by our own table; what the table does not know is not public.

    `ipaddress.is_global` is no help: in Python 3.11 it holds for multicast, 6to4, NAT64, site-local and others.
    """
    ip = _bare(ip)
    if _has_zone(ip):
        return False
    if isinstance(ip, IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    return not _inside(ip, _NOT_PUBLIC)


def read_ranges(text: str) -> tuple[Range, ...]:
    """Read ranges such as "10.0.0.0/8, fd00::/8", parted by commas or spaces; a bare address is a range of one.

    `ValueError` names the entry and what to write instead.
    """
    return tuple(_read_range(each) for each in text.replace(",", " ").split())


def _read_range(text: str) -> Range:
    try:
        loose = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is not a range of addresses; write one as 10.0.0.0/8 or fd00::/8") from None
    if loose.network_address != ip_address(text.partition("/")[0]):
        raise ValueError(f"{text!r} has bits set beyond its prefix; the range around it is {loose}")
    if isinstance(loose, IPv6Network) and loose.overlaps(_MAPPED):
        raise ValueError(f"{text!r} holds IPv4 addresses written as IPv6; write them as IPv4, such as 10.0.0.0/8")
    return loose


def _read_authority(text: str) -> tuple[str, int | None]:
    if "@" in text:
        raise NotAllowed("an address carries no user name or password")
    parts = _AUTHORITY.fullmatch(text)
    if parts is None:
        raise NotAllowed("an address names a host, and a port from 1 to 65535 if any")
    host = _read_literal(parts[1][1:-1]) if parts[1].startswith("[") else _read_name(parts[1])
    port = None if parts[2] is None else int(parts[2])
    if port is not None and port > _PORT_MAX:
        raise NotAllowed("a port is a number from 1 to 65535")
    return host, port


def _read_literal(text: str) -> str:
    if "%" in text:
        raise NotAllowed("an address has no zone")
    try:
        return str(IPv6Address(text))
    except ValueError:
        raise NotAllowed("what stands in brackets is an IPv6 address") from None


def _read_name(text: str) -> str:
    name = (text if text.isascii() else _ascii_name(text)).lower().removesuffix(".")
    if len(name) > _NAME_MAX or not _NAME.fullmatch(name):
        raise NotAllowed("the host of an address is a name or an IP address")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return _read_ipv4(name)
    return name


def _read_ipv4(name: str) -> str:
    # Some readers take 0177.1, 0x7f000001 or 2130706433 for 127.0.0.1, others look them up as names.
    try:
        return str(IPv4Address(name))
    except ValueError:
        raise NotAllowed("a host that ends in a number is an IPv4 address of four plain numbers") from None


def _ascii_name(text: str) -> str:
    name = unicodedata.normalize("NFC", text)
    if len(name) > _NAME_MAX or unicodedata.normalize("NFKC", name) != name or not all(map(_read_alike, name)):
        raise NotAllowed("the host of an address has characters that are read in more than one way; write it as xn--…")
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        raise NotAllowed("the host of an address has characters that no name has") from None


def _read_alike(character: str) -> bool:
    if character.isascii() or character == _IDEOGRAPHIC_DOT:
        return True
    return unicodedata.category(character)[0] in "LMN" and character not in _READ_DIFFERENTLY


def _encoded(path_and_query: str) -> str:
    return quote(path_and_query, safe="!$%&'()*+,-./:;=?@[]_|~")


def _bare(ip: IpAddress) -> IpAddress:
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return ip if mapped is None else mapped


def _has_zone(ip: IpAddress) -> bool:
    return isinstance(ip, IPv6Address) and ip.scope_id is not None


def _inside(ip: IpAddress, ranges: tuple[Range, ...]) -> bool:
    return any(ip in each for each in ranges)


_PORTS = {"http": 80, "https": 443}
_PORT_MAX = 65_535
_NAME_MAX = 253

_NEVER = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
_HTTP = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]+)(?::([1-9][0-9]{0,4}))?")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_READ_DIFFERENTLY = frozenset("\u00df\u1e9e\u03c2")  # sharp s, final sigma: the two IDNA standards make different names of them
_IDEOGRAPHIC_DOT = "\u3002"

_MAPPED = IPv6Network("::ffff:0:0/96")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NOT_PUBLIC: tuple[Range, ...] = (
    IPv4Network("0.0.0.0/8"),  # this network
    IPv4Network("10.0.0.0/8"),  # private
    IPv4Network("100.64.0.0/10"),  # shared by carriers; one cloud's metadata is in it
    IPv4Network("127.0.0.0/8"),  # loopback
    IPv4Network("168.63.129.16/32"),  # one cloud's host, reached from inside its machines only
    IPv4Network("169.254.0.0/16"),  # link-local; most clouds' metadata
    IPv4Network("172.16.0.0/12"),  # private
    IPv4Network("192.0.0.0/24"),  # protocol assignments; one cloud's metadata is in it
    IPv4Network("192.0.2.0/24"),  # documentation
    IPv4Network("192.31.196.0/24"),  # AS112, answers for private names
    IPv4Network("192.52.193.0/24"),  # multicast tunnels
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv4Network("192.168.0.0/16"),  # private
    IPv4Network("192.175.48.0/24"),  # AS112
    IPv4Network("198.18.0.0/15"),  # benchmarks
    IPv4Network("198.51.100.0/24"),  # documentation
    IPv4Network("203.0.113.0/24"),  # documentation
    IPv4Network("224.0.0.0/4"),  # multicast
    IPv4Network("240.0.0.0/4"),  # reserved, and broadcast
    IPv6Network("2001::/23"),  # protocol assignments: Teredo, benchmarks, ORCHID
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4, an IPv4 address in disguise
    IPv6Network("2620:4f:8000::/48"),  # AS112
    IPv6Network("3fff::/20"),  # documentation
)
