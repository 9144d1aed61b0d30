"""The authority in the data folder, and what it vouches for."""

import os
import socket
import ssl
import stat
import threading
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from structlog.testing import capture_logs

from reelgate.cli.certificate import certificate_files
from reelgate.domain.errors import StoreError
from reelgate.server import TlsFiles
from tests.clock import FakeClock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tls"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "gateway.example.org", "10.1.2.3", "203.0.113.7", "box.local"])
def test_python_trusts_it_with_strict_rules_for_each_name(folder: Path, name: str) -> None:
    files = certificate_files(folder, ["gateway.example.org", "10.1.2.3", "203.0.113.7", "box.local"])
    assert _greets(files, name) == "TLSv1.3"


def test_python_does_not_trust_it_for_another_name(folder: Path) -> None:
    files = certificate_files(folder, ["gateway.example.org"])
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        _greets(files, "example.com")


def test_nobody_trusts_it_without_being_told(folder: Path, tmp_path: Path) -> None:
    files = certificate_files(folder, [])
    stranger = certificate_files(tmp_path / "stranger", []).authority
    with pytest.raises(ssl.SSLCertVerificationError):
        _greets(TlsFiles(certificate=files.certificate, key=files.key, authority=stranger), "localhost")


def test_a_stolen_authority_cannot_pose_as_a_bank(folder: Path) -> None:
    files = certificate_files(folder, [])
    certificate_files(folder, ["bank.example"])  # replaces the authority by one that may
    bold = files.authority.read_bytes()
    assert _greets(files, "bank.example") == "TLSv1.3"
    shy = folder.parent / "shy"
    certificate_files(shy, [])
    for name in ("ca.pem", "ca-key.pem"):
        (folder / name).write_bytes((shy / name).read_bytes())
    assert (folder / "ca.pem").read_bytes() != bold
    _sign_with_what_is_there(folder, "bank.example")
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        _greets(files, "bank.example")


def test_keys_are_the_owners_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        files = certificate_files(folder, [])
    finally:
        os.umask(before)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
    assert modes == {"ca.pem": 0o644, "ca-key.pem": 0o600, "server.pem": 0o644, "server-key.pem": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert files == TlsFiles(certificate=folder / "server.pem", key=folder / "server-key.pem", authority=folder / "ca.pem")


def test_a_key_left_open_is_closed_again(folder: Path) -> None:
    certificate_files(folder, [])
    (folder / "ca-key.pem").chmod(0o644)
    folder.chmod(0o755)
    certificate_files(folder, [])
    assert stat.S_IMODE((folder / "ca-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_start_changes_nothing(folder: Path, clock: FakeClock) -> None:
    certificate_files(folder, ["box.local"], clock=clock)
    before = _contents(folder)
    clock.tick(days=359)
    certificate_files(folder, ["BOX.local."], clock=clock)
    assert _contents(folder) == before


def test_the_certificate_is_renewed_thirty_days_before_its_end_and_the_authority_stays(folder: Path, clock: FakeClock) -> None:
    certificate_files(folder, [], clock=clock)
    before = _contents(folder)
    clock.tick(days=361)
    certificate_files(folder, [], clock=clock)
    after = _contents(folder)
    assert {name for name in before if before[name] != after[name]} == {"server.pem", "server-key.pem"}
    assert (_certificate(folder).not_valid_after_utc - clock.now()).days == 390


def test_the_certificate_is_renewed_when_names_change_and_the_authority_stays(folder: Path) -> None:
    certificate_files(folder, [])
    before = _contents(folder)
    certificate_files(folder, ["192.168.1.5", "box.local"])
    after = _contents(folder)
    assert {name for name in before if before[name] != after[name]} == {"server.pem", "server-key.pem"}
    assert {"192.168.1.5", "box.local"} <= _names(folder)


def test_an_authority_that_may_not_vouch_for_a_new_public_name_is_replaced_and_that_is_said(folder: Path) -> None:
    certificate_files(folder, [])
    before = _contents(folder)
    with capture_logs() as logs:
        certificate_files(folder, ["gateway.example.org"])
    after = _contents(folder)
    assert all(before[name] != after[name] for name in before)
    assert [log["event"] for log in logs] == ["certificate_authority_replaced"]


def test_an_authority_near_its_end_is_replaced(folder: Path, clock: FakeClock) -> None:
    certificate_files(folder, [], clock=clock)
    before = _contents(folder)["ca.pem"]
    clock.tick(days=3600)
    certificate_files(folder, [], clock=clock)
    assert _contents(folder)["ca.pem"] == before
    assert _certificate(folder).not_valid_after_utc <= _certificate(folder, "ca").not_valid_after_utc
    clock.tick(days=30)
    certificate_files(folder, [], clock=clock)
    assert _contents(folder)["ca.pem"] != before


@pytest.mark.parametrize("broken", ["ca.pem", "ca-key.pem", "server.pem", "server-key.pem"])
def test_a_file_that_is_broken_or_gone_is_made_again(folder: Path, broken: str) -> None:
    files = certificate_files(folder, [])
    (folder / broken).write_text("nonsense")
    certificate_files(folder, [])
    assert _greets(files, "localhost") == "TLSv1.3"
    (folder / broken).unlink()
    certificate_files(folder, [])
    assert _greets(files, "localhost") == "TLSv1.3"


def test_it_bears_loopback_and_this_machines_name_but_no_name_for_all(folder: Path) -> None:
    certificate_files(folder, ["0.0.0.0", "::", "", "[::1]", "bücher.internal"])  # noqa: S104  # the point: it must not be there
    own = {socket.gethostname().lower()} if len(socket.gethostname()) < 64 else set()
    assert _names(folder) == {"localhost", "127.0.0.1", "::1", "xn--bcher-kva.internal"} | own


def test_the_lives_are_those_that_clients_accept(folder: Path) -> None:
    certificate_files(folder, [])
    server, authority = _certificate(folder), _certificate(folder, "ca")
    assert (server.not_valid_after_utc - server.not_valid_before_utc).days <= 397
    assert (authority.not_valid_after_utc - authority.not_valid_before_utc).days == 3650


def test_a_folder_that_cannot_be_written_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        certificate_files(tmp_path / "file" / "tls", [])


def test_a_name_that_is_none_is_refused(folder: Path) -> None:
    with pytest.raises(StoreError, match="no host name"):
        certificate_files(folder, ["a" * 70])


def _greets(files: TlsFiles, name: str) -> str | None:
    """The protocol that a client trusting `files.authority` and a server of `files` agree on."""
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(files.certificate, files.key)
    theirs = ssl.create_default_context(cafile=files.authority)
    theirs.verify_flags |= ssl.VERIFY_X509_STRICT
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=_answer_once, args=(listening, ours))
        server.start()
        try:
            with (
                socket.create_connection(listening.getsockname(), timeout=5) as plain,
                theirs.wrap_socket(plain, server_hostname=name) as wrapped,
            ):
                return wrapped.version()
        finally:
            server.join(timeout=5)


def _answer_once(listening: socket.socket, context: ssl.SSLContext) -> None:
    plain, _ = listening.accept()
    with plain:
        plain.settimeout(5)
        try:
            context.wrap_socket(plain, server_side=True).close()
        except OSError:  # the client did not trust us, and says so itself
            return


def _sign_with_what_is_there(folder: Path, name: str) -> None:
    """What a thief would do: let the stolen authority sign for a name that it may not vouch for."""
    from datetime import UTC, datetime

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    authority, key = _certificate(folder, "ca"), ec.generate_private_key(ec.SECP256R1())
    signing = serialization.load_pem_private_key((folder / "ca-key.pem").read_bytes(), password=None)
    assert isinstance(signing, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    forged = (
        x509.CertificateBuilder(
            authority.subject, x509.Name([]), key.public_key(), 1, authority.not_valid_before_utc, now.replace(year=now.year + 1)
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(signing, hashes.SHA256())
    )
    (folder / "server.pem").write_bytes(forged.public_bytes(serialization.Encoding.PEM))
    (folder / "server-key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir()}


def _certificate(folder: Path, name: str = "server") -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())


def _names(folder: Path) -> set[str]:
    found = _certificate(folder).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = {str(ip_address(each.packed)) for each in found.get_values_for_type(x509.IPAddress)}
    return {*found.get_values_for_type(x509.DNSName), *addresses}
