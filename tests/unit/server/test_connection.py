"""What a connection takes from a client, and for how long."""

import json
import socket
import ssl
import struct
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from tests.unit.server.conftest import PATIENT, Client, Stage, Start

GET = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"


# Patience.


def test_a_connection_that_stays_silent_is_closed(start: Start) -> None:
    with start(limits=replace(PATIENT, head_s=0.1)).client() as client:
        assert client.rest() == b""


def test_a_head_that_never_ends_is_cut_although_bytes_keep_coming(start: Start, stage: Stage) -> None:
    with start(limits=replace(PATIENT, head_s=0.2)).client() as client:
        assert client.drip(b"GET /hello HTTP/1.1\r\nHost: a\r\nX-Slow: " + b"a" * 1000, every_s=0.02) == b""
    assert stage.seen == []


def test_a_second_head_has_its_own_time(start: Start, stage: Stage) -> None:
    with start(limits=replace(PATIENT, head_s=0.2)).client() as client:
        client.say(GET)
        client.said()
        assert client.drip(b"GET /again HTTP/1.1\r\nHost: a\r\nX-Slow: " + b"a" * 1000, every_s=0.02) == b""
    assert stage.seen == ["GET /hello"]


def test_a_body_that_never_ends_is_cut_and_the_application_told(start: Start, stage: Stage) -> None:
    server = start(limits=replace(PATIENT, body_s=0.2))
    with server.client() as client:
        client.say(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        assert client.drip(b"a" * 1000, every_s=0.02) == b""
    server.stop()
    assert stage.seen == ["POST /slow"]
    assert stage.left == ["/slow"]


def test_a_large_body_over_a_thin_line_goes_on_as_long_as_it_comes_on(start: Start) -> None:
    with start(limits=replace(PATIENT, body_s=0.2, body_bytes=4)).client() as client:
        client.say(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n")
        client.connection.settimeout(0.02)
        for each in b"012345678901234567890123456789"[:-1]:  # 0.6 s in all
            with pytest.raises(TimeoutError):
                client.connection.recv(1)
            client.say(bytes([each]))
        client.connection.settimeout(5)
        client.say(b"!")
        assert client.said()["body"] == "01234567890123456789012345678!"


def test_a_body_may_take_longer_than_a_head(start: Start) -> None:
    with start(limits=replace(PATIENT, head_s=0.05)).client() as client:
        client.say(b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")
        client.connection.settimeout(0.02)
        for each in b"0123456789":
            with pytest.raises(TimeoutError):
                client.connection.recv(1)
            client.say(bytes([each]))
        client.connection.settimeout(5)
        client.say(b"!")
        assert client.said()["body"] == "0123456789!"


def test_an_idle_connection_is_kept_for_the_next_request_and_then_closed(start: Start, stage: Stage) -> None:
    with start(limits=replace(PATIENT, head_s=0.1, idle_s=0.4)).client() as client:
        client.say(GET)
        client.said()
        client.connection.settimeout(0.2)
        with pytest.raises(TimeoutError):  # longer than a head may take
            client.connection.recv(1)
        client.connection.settimeout(5)
        client.say(GET)
        client.said()
        assert client.rest() == b""
    assert len(stage.seen) == 2


def test_an_event_stream_outlives_every_deadline_but_the_one_for_readers(start: Start) -> None:
    hasty = replace(PATIENT, head_s=0.1, body_s=0.1, idle_s=0.1)
    with start(limits=hasty).client() as client:
        client.say(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        for _ in range(20):
            client.until(b"data: tick\n\n")


def test_an_answer_may_take_its_time(start: Start, stage: Stage) -> None:
    with start(limits=replace(PATIENT, head_s=0.1, body_s=0.1, idle_s=0.1, stall_s=0.1)).client() as client:
        client.say(b"GET /held HTTP/1.1\r\nHost: a\r\n\r\nGET /hel")
        client.connection.settimeout(0.4)
        with pytest.raises(TimeoutError):
            client.connection.recv(1)
        stage.release.set()
        client.connection.settimeout(5)
        assert client.said() == "done"


@pytest.mark.parametrize("ahead", [b"", GET], ids=["and is silent", "and asks for more"])
def test_a_reader_that_stopped_reading_is_cut(start: Start, stage: Stage, ahead: bytes) -> None:
    server = start(limits=replace(PATIENT, stall_s=0.3, idle_s=0.5))
    with _narrow(server.port) as client:
        client.say(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        with server.client() as other:
            other.connection.settimeout(0.2)
            sent_bytes = -1
            while sent_bytes != stage.sent_bytes:  # until the kernel takes no more
                sent_bytes = stage.sent_bytes
                with pytest.raises(TimeoutError):
                    other.connection.recv(1)
            client.say(ahead)
            other.connection.settimeout(5)
            other.say(GET)
            other.said()
            assert other.rest() == b""  # when this one is closed for idleness, the first was cut long since
        assert len(client.rest()) < 64 * 1024 * 1024
    server.stop()
    assert stage.left == ["/big"]
    assert stage.sent_bytes < 16 * 1024 * 1024  # what the kernel and one bounded buffer hold, not the whole answer


def test_a_slow_reader_that_goes_on_reading_is_not_cut(start: Start, stage: Stage) -> None:
    server = start(limits=replace(PATIENT, stall_s=0.3))
    with _narrow(server.port) as client:
        client.say(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        idle, idle_writer = socket.socketpair()
        idle.settimeout(0.03)
        for _ in range(18):
            taken = 0
            while taken < 1024 * 1024:
                taken += len(client.connection.recv(65536))
            with pytest.raises(TimeoutError):
                idle.recv(1)
        idle.close()
        idle_writer.close()
    assert stage.sent_bytes > 16 * 1024 * 1024


def _narrow(port: int) -> Client:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    connection.settimeout(8)
    connection.connect(("127.0.0.1", port))
    return Client(connection)


# Limits of size.


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /" + b"a" * 8300 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET /" + b"a" * 1_000_000, 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 8300 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 1_000_000, 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: %s\r\n" % (b"a" * 4000) * 9 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 100 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: a\r\n" % each for each in range(100)) + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 100_000, 431),
    ],
    ids=["line", "endless line", "header", "endless header", "head", "headers", "distinct headers", "endless headers"],
)
def test_a_head_that_is_too_big_is_refused_and_its_sender_gets_to_read_that(start: Start, stage: Stage, head: bytes, status: int) -> None:
    with start().client() as client:
        client.say(head)
        told, headers, body = client.answer()
        assert (told, headers["content-type"], headers["connection"]) == (status, "application/json", "close")
        assert list(json.loads(body)) == ["detail"]
        assert client.rest() == b""
    assert stage.seen == []


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 8000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 8000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: %s\r\n" % (each, b"a" * 300) for each in range(99)) + b"\r\n",
    ],
    ids=["line", "header", "headers"],
)
def test_a_head_just_within_the_limits_is_taken(start: Start, head: bytes) -> None:
    with start().client() as client:
        client.say(head)
        client.said()


def test_a_large_body_behind_a_head_is_no_large_head(start: Start) -> None:
    with start().client() as client:
        client.say(b"POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + b"a" * 300_000 + GET)
        assert len(client.said()["body"]) == 300_000
        assert client.said()["path"] == "/hello"


def test_many_small_requests_in_one_piece_are_no_large_head(start: Start) -> None:
    with start().client() as client:
        client.say(GET * 1500)
        assert [client.said()["path"] for _ in range(1500)] == ["/hello"] * 1500


# One way to read a request.

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        [b"POST / HTTP/1.1"],
        [b"POST / HTTP/1.0"],
        [b"POST / HTTP/1.1", b"Host: a", b"Host: b"],
        [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 3", b"Transfer-Encoding: chunked"],
        [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: chunked", b"Content-Length: 3"],
        [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 3", b"Content-Length: 4"],
        [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 3", b"Content-Length: 3"],
        [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 3, 3"],
        [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: +3"],
        [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: -3"],
        [b"POST / HTTP/1.1", b"Host: a", b"Content-Length: 0x3"],
        [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
        [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: gzip, chunked"],
        [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: identity"],
        [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding: xchunked"],
        [b"POST / HTTP/1.1", b"Host: a", b"Transfer-Encoding : chunked"],
        [b"POST / HTTP/1.1", b"Host: a", b"X: a", b" Transfer-Encoding: chunked"],
        [b"POST / HTTP/1.0", b"Host: a", b"Transfer-Encoding: chunked"],
        [b"GET / HTTP/1.1", b"Host: a\nX: b"],
        [b"GET / HTTP/1.1\nHost: a"],
        [b"GET / HTTP/1.1", b"Host: a", b"X: a\0b"],
        [b"GET  HTTP/1.1", b"Host: a"],
        [b"GARBAGE"],
        [b"GET /\xff HTTP/1.1", b"Host: a"],
        [b"GET http:// HTTP/1.1", b"Host: a"],
    ],
    ids=lambda lines: b"|".join(lines).decode("latin-1"),
)
def test_a_request_that_two_parsers_could_read_differently_is_refused(start: Start, stage: Stage, lines: list[bytes]) -> None:
    with start().client() as client:
        client.say(b"\r\n".join(lines) + b"\r\n\r\n" + SMUGGLED)
        status, headers, body = client.answer()
        assert (status, headers["content-type"], headers["connection"]) == (400, "application/json", "close")
        assert list(json.loads(body)) == ["detail"]
        assert client.rest() == b""
    assert stage.seen == []


@pytest.mark.parametrize(
    ("head", "status"), [(b"GET / HTTP/2.0", 505), (b"GET / HTTP/0.9", 505), (b"GET / HTTP/9.9", 400), (b"CONNECT b:443 HTTP/1.1", 405)]
)
def test_other_protocols_are_refused(start: Start, stage: Stage, head: bytes, status: int) -> None:
    with start().client() as client:
        client.say(head + b"\r\nHost: a\r\nX: a\r\nX: a\r\n\r\n")
        assert client.answer()[0] == status
    assert stage.seen == []


def test_an_honest_chunked_body_is_read(start: Start) -> None:
    with start().client() as client:
        client.say(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n" + GET)
        assert client.said()["body"] == "abcde"
        assert client.said()["path"] == "/hello"


def test_a_bad_chunk_ends_the_request_with_a_400(start: Start, stage: Stage) -> None:
    server = start()
    with server.client() as client:
        client.say(b"POST /bad HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n")
        assert client.answer()[0] == 400
        assert client.rest() == b""
    server.stop()
    assert stage.left == ["/bad"]


def test_a_trailer_never_becomes_a_header(start: Start) -> None:
    with start().client() as client:
        client.say(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: Key x\r\nX: y\r\n\r\n" + GET)
        assert sorted(client.said()["headers"]) == ["host", "transfer-encoding"]
        assert sorted(client.said()["headers"]) == ["host"]


@pytest.mark.parametrize("framing", [b"0\r\nX: " + b"a" * 200_000, b"3;" + b"a" * 200_000], ids=["trailer", "chunk extension"])
def test_a_body_with_endless_framing_is_refused(start: Start, framing: bytes) -> None:
    with start().client() as client:
        client.say(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.say(framing)
        assert client.answer()[0] == 431


@pytest.mark.parametrize("in_pieces", [False, True], ids=["in one piece", "in two"])
def test_a_body_survives_an_offer_to_speak_http2(start: Start, stage: Stage, in_pieces: bool) -> None:
    head = b"POST /offer HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
    body = SMUGGLED
    with start().client() as client:
        client.say(head + b"Content-Length: %d\r\n\r\n" % len(body) + body[: 0 if in_pieces else None])
        if in_pieces:
            client.say(body)
        said = client.said()
        assert said["body"].encode() == body
        assert "upgrade" not in said["headers"]
        client.say(GET)
        client.said()
    assert stage.seen == ["POST /offer", "GET /hello"]


# Manners.


def test_an_answer_bears_no_server_and_no_date(start: Start) -> None:
    with start().client() as client:
        client.say(GET)
        assert sorted(client.answer()[1]) == ["content-length", "content-type"]


def test_requests_sent_ahead_are_answered_in_order(start: Start, stage: Stage) -> None:
    with start().client() as client:
        client.say(b"GET /held HTTP/1.1\r\nHost: a\r\n\r\nPOST /two HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + GET)
        assert stage.held.wait(5)
        stage.release.set()
        assert client.said() == "done"
        assert client.said()["body"] == "abc"
        assert client.said()["path"] == "/hello"


def test_garbage_behind_a_request_does_not_spoil_its_answer(start: Start, stage: Stage) -> None:
    with start().client() as client:
        client.say(b"GET /held HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n")
        assert stage.held.wait(5)
        stage.release.set()
        status, headers, body = client.answer()
        assert (status, headers["connection"], body) == (200, "close", b'"done"')
        assert client.rest() == b""


def test_who_sends_twenty_megabytes_gets_to_read_that_it_was_too_much(start: Start) -> None:
    with start().client() as client:
        client.say(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n")
        client.say(b"a" * 20_000_000)
        assert client.answer()[0] == 413
        client.say(GET)
        client.said()


def test_who_sends_much_more_than_that_is_cut(start: Start) -> None:
    with start().client() as client:
        client.say(b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000000\r\n\r\n")
        with pytest.raises(OSError, match=r"reset|pipe"):
            client.say(b"a" * 200_000_000)


def test_a_client_that_waits_for_100_gets_it(start: Start) -> None:
    with start().client() as client:
        client.say(b"POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert client.until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        client.say(b"abc")
        assert client.said()["body"] == "abc"


def test_a_client_that_waits_in_vain_for_100_is_answered_and_left(start: Start, stage: Stage) -> None:
    with start().client() as client:
        client.say(b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n" % len(SMUGGLED))
        assert client.answer()[0] == 401
        assert client.rest() == b""
    assert stage.seen == ["POST /unread"]


def test_a_tls_greeting_on_the_plain_port_is_met_with_advice_in_the_log(start: Start) -> None:
    server = start()
    with capture_logs() as logs:
        for _ in range(2):
            with pytest.raises(ssl.SSLError), server.client() as client:
                ssl.create_default_context().wrap_socket(client.connection, server_hostname="localhost")
    assert [(log["event"], log["client"]) for log in logs] == [("tls_on_plain_port", "127.0.0.1")]
    assert "reelgate up --tls" in logs[0]["advice"]


def test_other_garbage_gets_no_such_advice(start: Start) -> None:
    with capture_logs() as logs, start().client() as client:
        client.say(b"\x15\x03\x01\r\n\r\n")
        assert client.answer()[0] == 400
    assert logs == []


def test_a_client_that_resets_does_no_harm(start: Start, stage: Stage) -> None:
    server = start()
    with server.client() as client:
        client.say(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        client.until(b"tick")
        client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with server.client() as client:
        client.say(GET)
        client.said()
    server.stop()
    assert stage.left == ["/stream"]


def test_one_connection_more_than_may_be_is_told_so_and_the_others_are_served(start: Start) -> None:
    server = start(limits=replace(PATIENT, connections=2))
    with server.client() as first, server.client() as second:
        for client in (first, second):
            client.say(GET)
            client.said()
        with server.client() as third:
            assert third.rest().startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        first.say(GET)
        assert first.said()["path"] == "/hello"
