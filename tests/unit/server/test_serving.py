"""Listening, and leaving in time."""

import asyncio
import http.client
import json
import signal
import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from reelgate.server import AddressTaken, CannotListen, CannotStart, TlsFiles, serve
from tests.unit.server.conftest import PATIENT, Stage, Start

GET = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
STREAM = b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"
HELD = b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    folder = tmp_path_factory.mktemp("tls")
    files = TlsFiles(certificate=folder / "server.pem", key=folder / "key.pem", authority=folder / "ca.pem")
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(files.authority)
    issued.private_key_pem.write_to_path(files.key)
    issued.cert_chain_pems[0].write_to_path(files.certificate)
    return files


# Listening.


def test_a_request_sees_what_the_application_shared_at_its_start(start: Start) -> None:
    with start().client() as client:
        client.say(GET)
        said = client.said()
    assert (said["state"], said["scheme"]) == ({"greeting": "hello"}, "http")


def test_it_serves_on_the_standard_loop_as_well(start: Start, stage: Stage) -> None:
    server = start(new_loop=asyncio.new_event_loop)
    with server.client() as client:
        client.say(GET)
        client.said()
    server.stop()
    assert stage.stopped


def test_every_address_of_a_name_is_served_on_one_port(start: Start) -> None:
    server = start(host="localhost")
    for address in {each[4][0] for each in socket.getaddrinfo("localhost", server.port, type=socket.SOCK_STREAM)} & _own_addresses():
        with server.client(address) as client:
            client.say(GET)
            client.said()


def test_each_address_of_this_machine_can_be_served(start: Start) -> None:
    for address in _own_addresses():
        with start(host=address).client(address) as client:
            client.say(GET)
            client.said()


def test_a_taken_port_is_said_in_a_line(start: Start) -> None:
    taken = start().port
    with pytest.raises(AddressTaken, match=f"port {taken} is taken by another program"):
        asyncio.run(_serve_nothing(port=taken))


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotListen, match=r"192\.0\.2\.1 is none of this machine's"):
        asyncio.run(_serve_nothing(host="192.0.2.1"))


def test_a_certificate_that_is_none_is_refused(tls: TlsFiles) -> None:
    with pytest.raises(CannotListen, match="cannot be used"):
        asyncio.run(_serve_nothing(tls=replace(tls, certificate=tls.key)))


def test_an_application_that_does_not_start_frees_the_port(start: Start) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": ""})

    with pytest.raises(CannotStart):
        start(app=broken)


def test_signals_are_left_to_the_caller() -> None:
    async def look(scope: Any, receive: Any, send: Any) -> None:
        handlers.append(signal.getsignal(signal.SIGTERM))
        raise NotImplementedError

    handlers = [signal.getsignal(signal.SIGTERM)]
    asyncio.run(_serve_nothing(app=look))
    assert handlers == [handlers[0]] * 2


# TLS.


def test_https_is_spoken_to_who_trusts_the_authority(start: Start, tls: TlsFiles) -> None:
    server = start(tls=tls)
    trusting = ssl.create_default_context(cafile=tls.authority)
    connection = http.client.HTTPSConnection("localhost", server.port, context=trusting, timeout=5)
    for _ in range(2):
        connection.request("POST", "/hello", b"abc")
        said = json.loads(connection.getresponse().read())
        assert (said["scheme"], said["body"]) == ("https", "abc")
    connection.close()


def test_a_connection_that_stays_silent_on_the_tls_port_is_closed(start: Start, tls: TlsFiles) -> None:
    with start(tls=tls, limits=replace(PATIENT, head_s=0.2)).client() as client:
        assert client.rest() == b""


def test_a_refusal_can_be_read_over_tls(start: Start, tls: TlsFiles) -> None:
    with start(tls=tls).client().over_tls(str(tls.authority)) as client:
        client.say(b"GET / HTTP/1.1\r\n\r\n")
        assert client.answer()[0] == 400
        assert client.rest() == b""


def test_a_reader_that_stopped_reading_is_cut_over_tls_too(start: Start, stage: Stage, tls: TlsFiles) -> None:
    server = start(tls=tls, limits=replace(PATIENT, stall_s=0.2, idle_s=0.5))
    with server.client().over_tls(str(tls.authority)) as client:
        client.say(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        with server.client() as other, other.over_tls(str(tls.authority)):
            other.say(GET)
            other.said()
            other.rest()
        assert len(client.rest()) < 64 * 1024 * 1024
    server.stop()
    assert stage.left == ["/big"]
    assert stage.sent_bytes < 16 * 1024 * 1024


# Leaving.


def test_a_stop_lets_a_running_request_finish_and_takes_no_other(start: Start, stage: Stage) -> None:
    server = start()
    with server.client() as held, server.client() as idle, server.client() as silent:
        idle.say(GET)
        idle.said()
        held.say(HELD)
        assert stage.held.wait(5)
        server.tell_to_stop()
        assert idle.rest() == b""
        assert silent.rest() == b""
        with pytest.raises(OSError, match=r"refused|reset"):
            server.client()
        assert not stage.stopped
        stage.release.set()
        status, headers, body = held.answer()
        assert (status, headers["connection"], body) == (200, "close", b'"done"')
        assert held.rest() == b""
    server.stop()
    assert stage.stopped


def test_a_stop_cuts_an_event_stream_without_its_closing_chunk(start: Start, stage: Stage) -> None:
    server = start()
    with server.client() as client:
        client.say(STREAM)
        assert b"transfer-encoding: chunked" in client.until(b"\r\n\r\n")
        client.until(b"data: tick\n\n")
        server.tell_to_stop()
        assert not client.rest().endswith(b"0\r\n\r\n")
    server.stop()
    assert stage.left == ["/stream"]


def test_that_cut_is_seen_as_one_by_a_client_that_counts_chunks(start: Start) -> None:
    server = start()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    answer.readline()
    server.tell_to_stop()
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        answer.read()
    connection.close()


def test_a_stream_that_ends_by_itself_does_close_its_chunks(start: Start) -> None:
    async def short(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        await send({"type": "http.response.body", "body": b"data: end\n\n"})

    with start(app=short).client() as client:
        client.say(GET)
        client.until(b"\r\n0\r\n\r\n")


def test_a_stop_cuts_an_event_stream_over_tls(start: Start, tls: TlsFiles, stage: Stage) -> None:
    server = start(tls=tls)
    with server.client().over_tls(str(tls.authority)) as client:
        client.say(STREAM)
        client.until(b"data: tick\n\n")
        server.tell_to_stop()
        assert not client.rest().endswith(b"0\r\n\r\n")
    server.stop()
    assert stage.left == ["/stream"]


def test_a_request_that_does_not_end_is_cut_after_the_time_of_grace(start: Start, stage: Stage) -> None:
    server = start(limits=replace(PATIENT, grace_s=0.2))
    with server.client() as client, capture_logs() as logs:
        client.say(HELD)
        assert stage.held.wait(5)
        server.stop()
        assert client.rest() == b""
    assert [log["requests"] for log in logs if log["event"] == "requests_cut_at_stop"] == [1]
    assert stage.stopped


def test_a_client_that_sends_on_and_on_cannot_hold_up_the_stop(start: Start, stage: Stage) -> None:
    server = start(limits=replace(PATIENT, grace_s=0.2))
    with server.client() as client:
        client.say(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
        with server.client() as other:
            other.say(GET)
            other.said()
        server.stop()
    assert stage.left == ["/slow"]


async def _serve_nothing(**settings: Any) -> None:
    stop = asyncio.Event()
    stop.set()
    stage: Any = Stage()
    await serve(**{"app": stage, "host": "127.0.0.1", "port": 0, "stop": stop, "ready": print, **settings})


def _own_addresses() -> set[str]:
    """The loopback addresses; some machines have no IPv6."""
    own = {"127.0.0.1"}
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        own.add("::1")
    return own
