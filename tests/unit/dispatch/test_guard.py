"""The guard at its sockets, against servers on the loopback that misbehave, and names whose answers change.

Every connection that the process opens is heard through Python's audit hook, so that "nothing was reached" is seen at the
one place that all of them pass, and not only at the servers that a test thought of.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import ssl
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme

from reelgate.dispatch.guard import Barred, FetchFailed, Guard, Late, Oversized, Reply
from reelgate.domain.address import Reach
from reelgate.domain.errors import Refused
from reelgate.domain.media import Foreign
from tests.unit.dispatch.origin import Answers, Origin, Stopwatch, body, opened, serving

CASES: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parents[2] / "fixtures" / "addresses.json").read_text())
PICTURE = b"\x89PNG not really"


def _has_ipv6() -> bool:
    try:
        with closing(socket.create_server(("::1", 0), family=socket.AF_INET6)):
            return True
    except OSError:
        return False


HAS_IPV6 = _has_ipv6()
_heard: list[tuple[Any, ...]] | None = None


def _listen(event: str, details: tuple[Any, ...]) -> None:
    if _heard is not None and event == "socket.connect":
        _heard.append(details[1])


sys.addaudithook(_listen)


@pytest.fixture
def connects() -> Iterator[list[tuple[Any, ...]]]:
    """Where sockets were connected to during the test."""
    global _heard  # noqa: PLW0603 -- an audit hook cannot be taken back, only told to stop listening
    _heard = []
    yield _heard
    _heard = None


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with serving() as one:
        one.says("/cat.png", body(PICTURE, "Content-Type: Image/PNG; charset=binary"))
        yield one


async def fetched(guard: Guard, url: str, *, limit_bytes: int = 1_000_000, deadline_s: float = 10.0) -> bytes:
    async with guard.open(url, limit_bytes=limit_bytes, deadline_s=deadline_s) as reply:
        return b"".join([chunk async for chunk in reply.chunks()])


async def failure(guard: Guard, url: str, **limits: Any) -> FetchFailed:
    with pytest.raises(FetchFailed) as error:
        await fetched(guard, url, **limits)
    return error.value


async def whole(reply: Reply) -> bytes:
    return b"".join([chunk async for chunk in reply.chunks()])


# What is fetched


async def test_a_picture_in_reach_is_fetched(origin: Origin) -> None:
    async with opened().open(origin.url("/cat.png?a=%2F&b=ü#top"), limit_bytes=100, deadline_s=10) as reply:
        assert (reply.status, reply.content_type, reply.size_bytes) == (200, "image/png", len(PICTURE))
        assert await whole(reply) == PICTURE
    assert origin.asked[0].startswith("GET /cat.png?a=%2F&b=%C3%BC HTTP/1.1\r\n")


@pytest.mark.skipif(not HAS_IPV6, reason="this machine has no IPv6, not even on its loopback")
async def test_an_ipv6_literal_is_fetched() -> None:
    async with serving(host="::1") as six:
        six.says("/a/../cat.png", body(PICTURE))
        assert await fetched(opened("::1"), six.url("/a/../cat.png", host="[::1]")) == PICTURE
        assert await fetched(opened("::1", Answers(six_example=[["::1"]])), six.url("/a/../cat.png", host="six.example")) == PICTURE


async def test_the_request_carries_nothing_of_ours(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", "/dev/null")
    origin.redirects("/away", "/cat.png")
    assert await fetched(opened(), origin.url("/away")) == PICTURE
    for head in origin.asked:
        names = {line.partition(":")[0].lower() for line in head.splitlines()[1:] if line}
        assert names == {"host", "accept", "accept-encoding", "user-agent", "connection"}
        assert "\r\nAccept-Encoding: identity\r\n" in head


async def test_other_statuses_are_for_the_caller_to_judge(origin: Origin) -> None:
    origin.says("/gone", body(b"gone", status="410 Gone"))
    async with opened().open(origin.url("/gone"), limit_bytes=100, deadline_s=10) as reply:
        assert reply.status == 410


async def test_a_download_hands_the_bytes_on_and_returns_what_became_of_them(origin: Origin) -> None:
    assert await opened().download(Foreign(origin.url("/cat.png"), "image_url"), whole) == PICTURE


async def test_a_failed_download_points_at_the_callers_field_and_keeps_the_reason_to_itself(origin: Origin) -> None:
    origin.says("/gone", body(b"gone", status="404 Not Found"))
    with pytest.raises(Refused) as error:
        await opened().download(Foreign(origin.url("/gone"), "image_url"), whole)
    fault = error.value.fault
    assert (fault.path, fault.kind, fault.message) == (("image_url",), "file_download_error", "the address could not be fetched")
    assert isinstance(error.value.__cause__, FetchFailed)
    assert error.value.__cause__.reason == "status 404"


async def test_a_download_that_is_too_large_says_what_would_be_allowed(origin: Origin) -> None:
    with pytest.raises(Refused) as error:
        await opened().download(Foreign(origin.url("/cat.png"), "image_url"), whole, limit_bytes=3)
    assert (error.value.fault.kind, error.value.fault.limits) == ("file_too_large", {"max_size": 3})


async def test_what_the_consumer_raises_is_not_blamed_on_the_address(origin: Origin) -> None:
    async def full(reply: Reply) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await opened().download(Foreign(origin.url("/cat.png"), "image_url"), full)


# What is not


async def test_nothing_is_connected_for_any_address_that_is_refused(connects: list[tuple[Any, ...]]) -> None:
    async def refused(text: str, answers: list[str] | None) -> str:
        async def look_up(name: str) -> list[str]:
            return answers or []

        watch = Stopwatch()
        return (await failure(Guard(lookup=look_up, clock=watch, pause=watch.pause), text)).message

    cases = [(each["text"], each.get("answers")) for group in ("text_refused", "out_of_reach") for each in CASES[group]]
    messages = await asyncio.gather(*(refused(*each) for each in cases))
    assert len(messages) >= 150
    assert set(messages) == {"the address could not be fetched"}
    assert connects == []


async def test_a_bare_client_would_have_reached_them(origin: Origin, connects: list[tuple[Any, ...]]) -> None:
    """The negative control: the canary sings, and the ear that hears no connection above hears this one."""
    async with aiohttp.ClientSession() as session, session.get(origin.url("/cat.png")) as reply:
        assert await reply.read() == PICTURE
    assert connects == [("127.0.0.1", origin.port)]
    assert len(origin.asked) == 1


async def test_the_loopback_is_out_of_reach_unless_it_is_opened(origin: Origin, connects: list[tuple[Any, ...]]) -> None:
    assert (await failure(opened("10.0.0.0/8"), origin.url("/cat.png"))).reason
    assert connects == []
    assert await fetched(opened("127.0.0.1"), origin.url("/cat.png")) == PICTURE


async def test_a_name_that_cannot_pass_is_not_even_looked_up() -> None:
    answers = Answers(pictures_example=[["8.8.8.8"]])
    watch = Stopwatch()
    guard = Guard(lookup=answers.look_up, clock=watch, pause=watch.pause)
    assert (await failure(guard, "http://pictures.example:8080/")).reason
    assert answers.asked == []


async def test_one_answer_out_of_reach_refuses_the_name(origin: Origin, connects: list[tuple[Any, ...]]) -> None:
    answers = Answers(mixed_example=[["127.0.0.1", "127.0.0.2"]])
    assert (await failure(opened("127.0.0.1", answers), origin.url(host="mixed.example"))).reason == "out of reach"
    assert connects == []


async def test_a_name_that_changes_its_answer_is_asked_only_once(origin: Origin, connects: list[tuple[Any, ...]]) -> None:
    answers = Answers(rebinding_example=[["127.0.0.1"], ["127.0.0.2"]])
    assert await fetched(opened("127.0.0.1", answers), origin.url("/cat.png", host="rebinding.example")) == PICTURE
    assert answers.asked == ["rebinding.example"]
    assert connects == [("127.0.0.1", origin.port)]


async def test_a_name_that_changes_its_answer_between_two_hops_is_judged_again(origin: Origin, connects: list[tuple[Any, ...]]) -> None:
    origin.redirects("/first", "/second")
    answers = Answers(rebinding_example=[["127.0.0.1"], ["127.0.0.2"]])
    error = await failure(opened("127.0.0.1", answers), origin.url("/first", host="rebinding.example"))
    assert error.reason == "out of reach"
    assert connects == [("127.0.0.1", origin.port)]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/cat.png",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/",
        "//[::1]:{port}/",
        "http://inside.example/",
        "http://user@127.0.0.1:{port}/cat.png",
        "http://0x7f.1:{port}/",
        "file:///etc/passwd",
        "",
    ],
)
async def test_a_redirect_out_of_reach_is_refused(origin: Origin, connects: list[tuple[Any, ...]], location: str) -> None:
    origin.redirects("/away", location.format(port=origin.port))
    answers = Answers(inside_example=[["192.168.0.1"]])
    assert (await failure(opened("127.0.0.1", answers), origin.url("/away"))).reason
    assert connects == [("127.0.0.1", origin.port)]


async def test_three_redirects_are_followed_and_a_fourth_is_not(origin: Origin) -> None:
    for hop, status in enumerate((301, 302, 303, 307)):
        origin.redirects(f"/{hop}", f"/{hop + 1}", status)
    origin.says("/4", body(PICTURE))
    assert await fetched(opened(), origin.url("/1")) == PICTURE
    assert (await failure(opened(), origin.url("/0"))).reason == "too many redirects"


async def test_a_redirect_that_leads_to_itself_ends(origin: Origin) -> None:
    origin.redirects("/round", "/round", 308)
    assert (await failure(opened(), origin.url("/round"))).reason == "too many redirects"
    assert len(origin.asked) == 4


# Layers below: each one holds when those above it are gone


class Turncoat(Reach):
    """Says yes a number of times, then no."""

    yes: list[int] = [0]  # noqa: RUF012 -- a frozen record has no other place to count

    def admits(self, ip: Any, address: Any) -> bool:
        self.yes[0] -= 1
        return self.yes[0] >= 0

    def check(self, address: Any) -> None:
        """Says yes."""


@pytest.mark.parametrize(("yes", "reached"), [(0, False), (1, False), (2, True)])
async def test_the_socket_and_the_peer_are_judged_again(origin: Origin, connects: list[tuple[Any, ...]], yes: int, reached: bool) -> None:
    """The first yes is for the answer of the name, the second for the socket, the third for the peer."""
    Turncoat.yes[0] = yes
    watch = Stopwatch()
    assert await failure(Guard(Turncoat(), clock=watch, pause=watch.pause), origin.url("/cat.png"))
    assert (connects == [("127.0.0.1", origin.port)]) is reached
    assert origin.asked == []


async def test_the_same_turncoat_with_three_times_yes_fetches(origin: Origin) -> None:
    """The control for the test above: only the judgement keeps it from fetching."""
    Turncoat.yes[0] = 3
    assert await fetched(Guard(Turncoat()), origin.url("/cat.png")) == PICTURE


async def test_no_more_than_eight_answers_are_tried(connects: list[tuple[Any, ...]]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    answers = Answers(many_example=[[f"127.0.0.{last}" for last in range(1, 101)]])
    assert await failure(opened(answers=answers), f"http://many.example:{port}/")
    assert 1 <= len(set(connects)) <= 8


# Deadlines and limits


@asynccontextmanager
async def dripping(origin: Origin, head: bytes, drop: bytes) -> AsyncGenerator[asyncio.Event]:
    """A server that sends one more drop every hundredth of a second, for ever, and an event for when it was hung up on."""
    gone = asyncio.Event()

    async def drip(writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(head)
            while not writer.is_closing():
                writer.write(drop)
                await writer.drain()
                await asyncio.sleep(0.01)
        finally:
            gone.set()

    origin.scripts["/drip"] = drip
    yield gone


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b""),
        (b"", b""),
    ],
    ids=["body", "chunks", "headers", "continues", "silence after the headers", "silence"],
)
async def test_a_reply_that_drips_is_cut_by_the_total_deadline(origin: Origin, head: bytes, drop: bytes) -> None:
    async with dripping(origin, head, drop) as gone:
        error = await failure(opened(), origin.url("/drip"), deadline_s=0.15)
        assert error.reason == "too slow"
        if drop and origin.asked:
            await gone.wait()


async def test_redirects_share_one_deadline(origin: Origin) -> None:
    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /late\r\nContent-Length: 0\r\n\r\n")

    origin.scripts["/late"] = late
    assert (await failure(opened(), origin.url("/late"), deadline_s=0.25)).reason == "too slow"
    assert len(origin.asked) < 4


async def test_a_name_server_that_never_answers_is_cut_by_the_deadline() -> None:
    async def never(name: str) -> list[str]:
        await asyncio.Event().wait()
        return []

    watch = Stopwatch()
    guard = Guard(lookup=never, clock=watch, pause=watch.pause)
    assert (await failure(guard, "http://slow.example/", deadline_s=0.05)).reason == "too slow"


async def test_a_consumer_that_dawdles_past_the_deadline_gets_no_more(origin: Origin) -> None:
    async def dawdle(reply: Reply) -> bytes:
        await asyncio.sleep(0.2)
        return await whole(reply)

    with pytest.raises(Refused) as error:
        await opened().download(Foreign(origin.url("/cat.png")), dawdle, deadline_s=0.1)
    assert isinstance(error.value.__cause__, FetchFailed)
    assert error.value.__cause__.reason == "too slow"
    assert error.value.fault.path == ()


async def test_a_body_that_says_it_is_too_large_is_not_read(origin: Origin) -> None:
    async with dripping(origin, b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", b"x"):
        assert isinstance(await failure(opened(), origin.url("/drip"), limit_bytes=1000, deadline_s=1), Oversized)
    assert isinstance(await failure(opened(), origin.url("/cat.png"), limit_bytes=len(PICTURE) - 1), Oversized)
    assert await fetched(opened(), origin.url("/cat.png"), limit_bytes=len(PICTURE)) == PICTURE


async def test_a_body_that_hides_its_size_is_cut_at_the_limit(origin: Origin) -> None:
    async with dripping(origin, b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 50_000) as gone:
        assert isinstance(await failure(opened(), origin.url("/drip"), limit_bytes=200_000), Oversized)
        await gone.wait()


async def test_a_compressed_bomb_stays_packed(origin: Origin) -> None:
    bomb = gzip.compress(bytes(5_000_000))
    origin.says("/bomb", body(bomb, "Content-Encoding: gzip", "Content-Type: image/png"))
    assert await fetched(opened(), origin.url("/bomb"), limit_bytes=10_000) == bomb


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: x\r\n" * 1_000 + b"\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://\xff\xfe/\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
    ],
)
async def test_a_reply_that_is_broken_is_one_more_failure(origin: Origin, reply: bytes) -> None:
    origin.says("/broken", reply)
    assert (await failure(opened(), origin.url("/broken"))).message == "the address could not be fetched"


# What the caller can tell


async def test_refused_closed_and_unknown_sound_alike_and_take_full_steps(origin: Origin) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        closed_port = taken.getsockname()[1]
    origin.says("/broken", b"")
    errors: list[FetchFailed] = []
    for url in ("http://10.0.0.1/", "gopher://x/", f"http://127.0.0.1:{closed_port}/", "http://unknown.example/", origin.url("/broken")):
        watch = Stopwatch()
        errors.append(await failure(opened(watch=watch), url))
        assert watch.pauses == [pytest.approx(0.1)]
    assert {str(each) for each in errors} == {"the address could not be fetched"}
    assert len({each.reason for each in errors}) > 2


async def test_a_failure_waits_for_the_next_full_step(origin: Origin) -> None:
    watch = Stopwatch()

    async def later(reply: Reply) -> bytes:
        watch.now_s += 0.25
        return await whole(reply)

    with pytest.raises(Refused):
        await opened(watch=watch).download(Foreign(origin.url("/cat.png")), later, limit_bytes=1)
    assert watch.pauses == [pytest.approx(0.05)]


async def test_a_success_does_not_wait(origin: Origin) -> None:
    watch = Stopwatch()
    await fetched(opened(watch=watch), origin.url("/cat.png"))
    assert watch.pauses == []


async def test_no_word_of_the_address_is_in_the_error(origin: Origin) -> None:
    origin.says("/secret-path", b"garbage")
    error = await failure(opened(), origin.url("/secret-path?token=hush", host="127.0.0.1"))
    assert "hush" not in error.reason + str(error) + repr(error)
    assert error.__cause__ is None
    assert error.__suppress_context__


# TLS


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def _server(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _client(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_the_certificate_is_checked_against_the_name_and_not_the_machine(authority: trustme.CA) -> None:
    answers = Answers(pictures_example=[["127.0.0.1"]], other_example=[["127.0.0.1"]])
    async with serving(_server(authority.issue_cert("pictures.example"))) as origin:
        origin.says("/cat.png", body(PICTURE))
        guard = opened(answers=answers, tls=_client(authority))
        assert await fetched(guard, origin.url("/cat.png", "pictures.example", "https")) == PICTURE
        assert (await failure(guard, origin.url("/cat.png", "other.example", "https"))).reason == "ClientConnectorCertificateError"
        stranger = opened(answers=answers)
        assert (await failure(stranger, origin.url("/cat.png", "pictures.example", "https"))).reason == "ClientConnectorCertificateError"


async def test_https_never_leads_to_http(authority: trustme.CA, origin: Origin) -> None:
    async with serving(_server(authority.issue_cert("127.0.0.1"))) as secure:
        guard = opened(tls=_client(authority))
        secure.redirects("/down", origin.url("/cat.png"))
        secure.says("/cat.png", body(PICTURE))
        origin.redirects("/up", secure.url("/cat.png", scheme="https"))
        assert "https to http" in (await failure(guard, secure.url("/down", scheme="https"))).reason
        assert origin.asked == []
        assert await fetched(guard, origin.url("/up")) == PICTURE


# Calling a receiver


LETTER = b'{"status":"OK"}'
JSON = (("Content-Type", "application/json"), ("webhook-id", "d-1"))


async def uncalled(guard: Guard, url: str, **limits: Any) -> FetchFailed:
    with pytest.raises(FetchFailed) as error:
        await guard.post(url, LETTER, JSON, **limits)
    return error.value


async def test_a_receiver_is_sent_these_bytes_with_these_headers(origin: Origin) -> None:
    origin.says("/hook", body(b"thanks", status="202 Accepted"))
    assert await opened().post(origin.url("/hook?token=a%2Fb"), LETTER, JSON) == 202
    (head,) = origin.asked
    assert head.startswith("POST /hook?token=a%2Fb HTTP/1.1\r\n")
    assert "\r\nContent-Type: application/json\r\n" in head
    assert "\r\nwebhook-id: d-1\r\n" in head
    assert origin.bodies == [LETTER]
    names = {line.partition(":")[0].lower() for line in head.splitlines()[1:] if line}
    assert names == {"host", "accept", "accept-encoding", "user-agent", "connection", "content-type", "content-length", "webhook-id"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_of_a_receiver_is_its_answer_and_is_not_followed(origin: Origin, status: int) -> None:
    origin.redirects("/hook", "/cat.png", status)
    assert await opened().post(origin.url("/hook"), LETTER, JSON) == status
    assert len(origin.asked) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.2:{port}/hook", "http://10.0.0.1/", "http://0x7f.1/", "ftp://127.0.0.1/", "http://me@127.0.0.1/"]
)
async def test_a_receiver_whose_text_is_out_of_reach_is_not_called(origin: Origin, connects: list[tuple[Any, ...]], url: str) -> None:
    assert isinstance(await uncalled(opened("127.0.0.1"), url.format(port=origin.port)), Barred)
    assert connects == []


async def test_a_receiver_whose_name_leads_inside_sounds_like_one_that_is_not_there(connects: list[tuple[Any, ...]]) -> None:
    watch = Stopwatch()
    guard = opened("127.0.0.1", Answers(inside_example=[["10.0.0.1"]]), watch)
    errors = [await uncalled(guard, f"http://{name}.example/") for name in ("inside", "nowhere")]
    assert {type(each) for each in errors} == {FetchFailed}
    assert watch.pauses == [pytest.approx(0.1)] * 2
    assert connects == []


@pytest.mark.parametrize("drop", [b"", b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["silence", "continues"])
async def test_a_receiver_without_an_answer_is_cut_by_the_deadline(origin: Origin, drop: bytes) -> None:
    async with dripping(origin, b"", drop):
        assert isinstance(await uncalled(opened(), origin.url("/drip"), deadline_s=0.15), Late)


@pytest.mark.parametrize("reply", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 2"])
async def test_a_receiver_that_breaks_off_before_its_status_has_not_answered(origin: Origin, reply: bytes) -> None:
    origin.says("/hook", reply)
    assert (await uncalled(opened(), origin.url("/hook"))).message == "the address could not be fetched"


async def test_no_more_than_a_little_of_a_large_answer_is_read(origin: Origin) -> None:
    sent_bytes = 0

    async def flood(writer: asyncio.StreamWriter) -> None:
        nonlocal sent_bytes
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x" * 1_000_000)
            await writer.drain()
            sent_bytes += 1_000_000

    origin.scripts["/hook"] = flood
    assert await opened().post(origin.url("/hook"), LETTER, JSON) == 200
    assert sent_bytes < 50_000_000


@pytest.mark.parametrize("reply", [b"Content-Length: 10\r\n\r\nshort", b"Transfer-Encoding: chunked\r\n\r\n9\r\nshort"])
async def test_what_follows_the_status_cannot_take_it_back(origin: Origin, reply: bytes) -> None:
    origin.says("/hook", b"HTTP/1.1 200 OK\r\n" + reply)
    assert await opened().post(origin.url("/hook"), LETTER, JSON) == 200


async def test_an_answer_that_drips_is_read_no_longer_than_the_deadline(origin: Origin) -> None:
    async with dripping(origin, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x") as gone:
        assert await opened().post(origin.url("/drip"), LETTER, JSON, deadline_s=0.15) == 200
        await gone.wait()
