"""A certificate authority of this gateway's own, and the certificate that it serves https with.

Clients are told to trust `ca.pem`. The authority may vouch only for names of this machine and of private networks, so
that whoever steals its key from the data folder cannot pose as a bank to them.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from reelgate.domain.clock import Clock, SystemClock
from reelgate.domain.errors import StoreError
from reelgate.server import TlsFiles

_log = structlog.get_logger(__name__)

_AUTHORITY_LIFE = timedelta(days=3650)
_SERVER_LIFE = timedelta(days=390)  # browsers take 397 and 398 at most
_RENEW_BEFORE = timedelta(days=30)
_CLOCKS_DIFFER = timedelta(hours=1)

_ALWAYS = ("localhost", "127.0.0.1", "::1")
_LABEL_LIMIT = 63
_PRIVATE_DOMAINS = ("localhost", "local", "internal", "home.arpa")
_PRIVATE_NETWORKS = (
    *("127.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
    *("::1/128", "fc00::/7", "fe80::/10"),
)

_Name = str | IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


def certificate_files(folder: Path, names: Sequence[str], *, clock: Clock | None = None) -> TlsFiles:
    """The files to serve https with under these host names and addresses, made or renewed in `folder` where need be.

    localhost, the loopback addresses and this machine's own name are always added; "0.0.0.0" and "::" are left out. The
    server's certificate is renewed when fewer than 30 days are left or the names have changed. The authority stays as
    long as it is valid and may vouch for all names; else it is made anew, and the log says so. `StoreError` if a name is
    none, or the folder cannot be written.
    """
    now = (clock or SystemClock()).now()
    own = socket.gethostname()
    wanted = _read_names((*_ALWAYS, own if len(own) <= _LABEL_LIMIT else "", *names))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        authority = _authority(folder, wanted, now)
        _keep_server_certificate(folder, authority, wanted, now)
    except OSError as error:
        raise StoreError(f"the folder {folder} cannot be written: {error.strerror}") from error
    return TlsFiles(certificate=folder / "server.pem", key=folder / "server-key.pem", authority=folder / "ca.pem")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def lasts(self, now: datetime) -> bool:
        return self.certificate.not_valid_before_utc <= now < self.certificate.not_valid_after_utc - _RENEW_BEFORE


def _authority(folder: Path, names: frozenset[_Name], now: datetime) -> _Pair:
    """The authority in the folder if it will do, else a new one."""
    kept = _read_pair(folder, "ca")
    if kept is not None and kept.lasts(now) and all(_may_vouch(kept.certificate, name) for name in names):
        return kept
    replaced = (folder / "ca.pem").exists()
    made = _make_authority(names, now)
    _write_pair(folder, "ca", made)
    if replaced:
        _log.warning("certificate_authority_replaced", trust=str(folder / "ca.pem"), advice="clients have to be told to trust the new one")
    return made


def _keep_server_certificate(folder: Path, authority: _Pair, names: frozenset[_Name], now: datetime) -> None:
    kept = _read_pair(folder, "server")
    if kept is None or not kept.lasts(now) or _names_of(kept.certificate) != names or not _issued(kept.certificate, authority.certificate):
        _write_pair(folder, "server", _make_server(authority, names, now))


def _make_authority(names: frozenset[_Name], now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Reelgate"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Reelgate's own authority of {now:%Y-%m-%d}"),
        ]
    )
    domains = {*_PRIVATE_DOMAINS, *(name for name in names if isinstance(name, str) and not _is_private(name))}
    networks = {
        *map(ip_network, _PRIVATE_NETWORKS),
        *(ip_network(name) for name in names if not isinstance(name, str) and not _is_private(name)),
    }
    permitted = [*map(x509.DNSName, sorted(domains)), *(x509.IPAddress(each) for each in sorted(networks, key=str))]
    certificate = (
        _begin(called, called, key, now, now + _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, excluded_subtrees=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _Pair(certificate=certificate, key=key)


def _make_server(authority: _Pair, names: frozenset[_Name], now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.certificate
    alternatives = [x509.DNSName(name) if isinstance(name, str) else x509.IPAddress(name) for name in sorted(names, key=str)]
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    until = min(now + _SERVER_LIFE, issuer.not_valid_after_utc)
    certificate = (
        _begin(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Reelgate")]), issuer.subject, key, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _Pair(certificate=certificate, key=key)


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _read_names(names: Sequence[str]) -> frozenset[_Name]:
    """Host names in the form they have in a certificate, addresses as addresses, without those that stand for all."""
    read = {_read_name(name.strip().strip("[]")) for name in names if name.strip()}
    return frozenset(name for name in read if isinstance(name, str) or not name.is_unspecified)


def _read_name(name: str) -> _Name:
    try:
        return ip_address(name)
    except ValueError:
        pass  # then it is a host name
    try:
        return name.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise StoreError(f"{name!r} is no host name that a certificate can bear") from error


def _names_of(certificate: x509.Certificate) -> frozenset[_Name]:
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = found.get_values_for_type(x509.IPAddress)
    return frozenset(
        [*found.get_values_for_type(x509.DNSName), *(each for each in addresses if isinstance(each, IPv4Address | IPv6Address))]
    )


def _is_private(name: _Name) -> bool:
    return _permits(name, _PRIVATE_DOMAINS, [ip_network(each) for each in _PRIVATE_NETWORKS])


def _may_vouch(authority: x509.Certificate, name: _Name) -> bool:
    try:
        permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    except x509.ExtensionNotFound:
        return True
    domains = [each.value for each in permitted if isinstance(each, x509.DNSName)]
    networks = [each.value for each in permitted if isinstance(each, x509.IPAddress)]
    return _permits(name, domains, [each for each in networks if isinstance(each, IPv4Network | IPv6Network)])


def _permits(name: _Name, domains: Sequence[str], networks: Sequence[_Network]) -> bool:
    if isinstance(name, str):
        return any(name == domain or name.endswith(f".{domain}") for domain in domains)
    return any(name in network for network in networks)


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _read_pair(folder: Path, name: str) -> _Pair | None:
    """The certificate and key of that name, if both are there, can be read and belong together."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / f"{name}-key.pem").read_bytes(), password=None)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        _log.warning("certificate_unreadable", file=str(folder / f"{name}.pem"))
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        return None
    (folder / f"{name}-key.pem").chmod(0o600)
    return _Pair(certificate=certificate, key=key)


def _write_pair(folder: Path, name: str, pair: _Pair) -> None:
    key = pair.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(folder / f"{name}-key.pem", key, mode=0o600)
    _write(folder / f"{name}.pem", pair.certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that appears whole or not at all."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
