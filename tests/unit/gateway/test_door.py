"""The door: bodies within limits, and the address by which the caller came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from reelgate.domain.errors import CallerError, TooLarge, Unready
from reelgate.gateway.door import Budget, Doorplate, answer, header, read_body, read_ip
from reelgate.settings import Settings, read_settings


def scope(headers: dict[str, str] | None = None, *, client: str = "203.0.113.9", root_path: str = "") -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "http",
        "client": (client, 1234),
        "root_path": root_path,
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }


def pieces(*bodies: bytes, gone: bool = False) -> Callable[[], Awaitable[dict[str, Any]]]:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    if gone:
        messages.append({"type": "http.disconnect"})
    else:
        messages[-1]["more_body"] = False

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    return receive


async def test_a_body_in_pieces_is_put_together() -> None:
    assert await read_body(scope(), pieces(b"ab", b"", b"cd"), 4) == b"abcd"


@pytest.mark.parametrize("bodies", [(b"abcde",), (b"abc", b"de")])
async def test_a_body_over_the_limit_is_refused(bodies: tuple[bytes, ...]) -> None:
    with pytest.raises(TooLarge):
        await read_body(scope(), pieces(*bodies), 4)


async def test_an_announced_giant_is_refused_before_it_is_read() -> None:
    async def never() -> dict[str, Any]:
        pytest.fail("the body was read")

    for length in ("9999999999", "9" * 4500):
        with pytest.raises(TooLarge):
            await read_body(scope({"Content-Length": length}), never, 4)


LARGE = b"x" * 100_000


async def test_a_large_body_takes_of_the_budget_until_it_was_handled() -> None:
    budget = Budget(250_000)
    with budget.share() as share:
        await read_body(scope(), pieces(LARGE, LARGE), 1 << 20, share)
        assert budget.taken_bytes == 200_000
        with pytest.raises(Unready), budget.share() as other:
            await read_body(scope(), pieces(LARGE), 1 << 20, other)
        assert budget.taken_bytes == 200_000
    assert budget.taken_bytes == 0


async def test_what_is_announced_and_has_no_room_is_refused_before_it_is_read() -> None:
    async def never() -> dict[str, Any]:
        pytest.fail("the body was read")

    budget = Budget(250_000)
    with budget.share() as share, budget.share() as other:
        await read_body(scope(), pieces(LARGE, LARGE), 1 << 20, share)
        with pytest.raises(Unready):
            await read_body(scope({"Content-Length": "100000"}), never, 1 << 20, other)


async def test_a_body_that_grows_beyond_the_budget_is_refused_and_gives_back_what_it_had() -> None:
    budget = Budget(250_000)
    with budget.share() as share:
        await read_body(scope(), pieces(LARGE), 1 << 20, share)
        with pytest.raises(Unready), budget.share() as other:
            await read_body(scope(), pieces(LARGE, LARGE), 1 << 20, other)
        assert budget.taken_bytes == 100_000


async def test_a_body_that_breaks_off_gives_back_what_it_had() -> None:
    budget = Budget()
    with pytest.raises(CallerError), budget.share() as share:
        await read_body(scope(), pieces(LARGE, gone=True), 1 << 20, share)
    assert budget.taken_bytes == 0


async def test_a_small_body_is_never_refused_and_a_lone_one_neither() -> None:
    budget = Budget(150_000)
    with budget.share() as alone, budget.share() as small:
        assert len(await read_body(scope(), pieces(LARGE, LARGE, LARGE), 1 << 20, alone)) == 300_000
        assert await read_body(scope({"Content-Length": "65536"}), pieces(b"x" * 65536), 1 << 20, small)
        assert budget.taken_bytes == 300_000


@pytest.mark.parametrize("bodies", [(), (b'{"prompt":1}',)])
async def test_a_body_that_broke_off_is_no_request(bodies: tuple[bytes, ...]) -> None:
    with pytest.raises(CallerError):
        await read_body(scope(), pieces(*bodies, gone=True), 100)


async def test_an_answer_says_its_length_and_type() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await answer(send, 200, b"{}", [(b"x-one", b"1")])
    assert sent[0]["headers"] == [(b"x-one", b"1"), (b"content-type", b"application/json"), (b"content-length", b"2")]
    assert sent[1]["body"] == b"{}"


def settings(**given: str) -> Settings:
    return read_settings(given)


def test_the_request_s_own_host_is_the_address() -> None:
    assert Doorplate(settings()).base(scope({"Host": "gw.local:8000"}, root_path="/api/")) == "http://gw.local:8000/api"


def test_a_public_url_wins() -> None:
    plate = Doorplate(settings(public_url="https://video.example.com/gw/", trusted_proxies="0.0.0.0/0"))
    assert plate.base(scope({"Host": "evil", "X-Forwarded-Host": "worse"})) == "https://video.example.com/gw"


FORWARDED = {"Host": "inner", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "out.example.com", "X-Forwarded-Prefix": "/gw"}


def test_forwarded_headers_of_strangers_are_not_believed() -> None:
    plate = Doorplate(settings(trusted_proxies="10.0.0.0/8"))
    assert plate.base(scope(FORWARDED, client="203.0.113.9")) == "http://inner"
    assert Doorplate(settings()).base(scope(FORWARDED, client="10.1.2.3")) == "http://inner"


def test_forwarded_headers_of_a_trusted_proxy_are() -> None:
    plate = Doorplate(settings(trusted_proxies="10.0.0.0/8"))
    assert plate.base(scope(FORWARDED, client="10.1.2.3")) == "https://out.example.com/gw"


def test_the_last_word_is_the_proxy_s_own() -> None:
    plate = Doorplate(settings(trusted_proxies="10.0.0.0/8"))
    assert (
        plate.base(scope({"Host": "inner", "X-Forwarded-Host": "evil.example, out.example.com"}, client="10.1.2.3"))
        == "http://out.example.com"
    )


@pytest.mark.parametrize("host", ["gw.local", "gw_1.local:8000", "127.0.0.1:1", "[::1]:8000", "[2001:db8::1]", "xn--mnchen-3ya.example"])
def test_a_host_is_a_name_or_an_address_with_a_port(host: str) -> None:
    assert Doorplate(settings()).base(scope({"Host": host})) == f"http://{host}"


NO_HOSTS = [
    'a b"<script>',
    "evil/path",
    "a@evil",
    "a?b",
    "a#b",
    "a:port",
    "a:123456",
    "::1",
    "[::1",
    "[evil]",
    "a\\b",
    "a" * 256,
    "a\n",
    "ÿþ",
    " ",
]


@pytest.mark.parametrize("host", NO_HOSTS)
def test_any_other_host_is_refused_before_it_is_in_a_link(host: str) -> None:
    with pytest.raises(CallerError, match="Host"):
        Doorplate(settings()).base(scope({"Host": host}))
    with pytest.raises(CallerError, match="Host"):
        Doorplate(settings(trusted_proxies="10.0.0.0/8")).base(scope({"Host": host}, client="10.1.2.3"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-Host", "out.example/evil"),
        ("X-Forwarded-Prefix", "gw"),
        ("X-Forwarded-Prefix", "/gw?x"),
        ("X-Forwarded-Prefix", "//evil"),
        ("X-Forwarded-Prefix", '/"<script>'),
        ("X-Forwarded-Prefix", "/" + "a" * 256),
        ("X-Forwarded-Proto", "javascript"),
    ],
)
def test_what_a_trusted_proxy_forwards_is_looked_at_too(name: str, value: str) -> None:
    with pytest.raises(CallerError):
        Doorplate(settings(trusted_proxies="10.0.0.0/8")).base(scope({"Host": "inner", name: value}, client="10.1.2.3"))
    assert Doorplate(settings()).base(scope({"Host": "inner", name: value})) == "http://inner"


def test_the_first_of_two_headers_counts() -> None:
    twice = scope()
    twice["headers"] = [(b"a", b"1"), (b"a", b"2")]
    assert header(twice, b"a") == b"1"
    assert header(twice, b"b") is None


# -- where a caller comes from -----------------------------------------------------------------------------------------------

TRUSTED = "10.0.0.0/8, 2001:db8:1::/48"


def client(told: str | None, peer: str = "10.1.2.3", trusted: str = TRUSTED) -> str:
    headers = {} if told is None else {"X-Forwarded-For": told}
    return Doorplate(settings(trusted_proxies=trusted) if trusted else settings()).client(scope(headers, client=peer))


def test_whoever_calls_without_a_proxy_is_where_the_call_comes_from() -> None:
    assert client("198.51.100.1", peer="203.0.113.9") == "203.0.113.9"
    assert client("198.51.100.1", trusted="") == "10.1.2.3"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (None, "10.1.2.3"),
        ("", "10.1.2.3"),
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.4.4.4", "203.0.113.9"),
        ("198.51.100.1,203.0.113.9 ,10.4.4.4,  2001:db8:1::7", "203.0.113.9"),
        ("10.9.9.9, 10.4.4.4", "10.9.9.9"),
        ("203.0.113.9, unknown", "10.1.2.3"),
        ("203.0.113.9, unknown, 10.4.4.4", "10.4.4.4"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::9]:4711", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, ::ffff:10.4.4.4", "203.0.113.9"),
        ("2001:0DB8::0009", "2001:db8::9"),
        ("203.0.113.9, 999.1.1.1", "10.1.2.3"),
        ("203.0.113.9,,", "10.1.2.3"),
        ("é", "10.1.2.3"),
    ],
)
def test_behind_trusted_proxies_it_is_the_nearest_that_is_none_of_them(told: str | None, found: str) -> None:
    assert client(told) == found


def test_two_headers_are_one_list() -> None:
    twice = scope(client="10.1.2.3")
    twice["headers"] = [(b"x-forwarded-for", b"198.51.100.1"), (b"host", b"a"), (b"x-forwarded-for", b"203.0.113.9")]
    assert Doorplate(settings(trusted_proxies=TRUSTED)).client(twice) == "203.0.113.9"


def test_a_list_without_an_end_is_read_from_its_end() -> None:
    assert client("203.0.113.8, " * 1000 + "203.0.113.9") == "203.0.113.9"
    assert client("1" * 300) == "10.1.2.3"
    for cut in range(30):  # wherever the cut falls, what it leaves of an address is not taken for one
        assert client("203.0.113.8" + ", 10.0.0.1" * 24 + ", 10.11.12.13"[: cut % 13 or None]).startswith("10.")


def test_who_comes_by_no_address_has_none() -> None:
    nowhere = scope()
    nowhere["client"] = None
    assert Doorplate(settings()).client(nowhere) == ""
    assert Doorplate(settings(trusted_proxies=TRUSTED)).client(nowhere) == ""
    assert client("203.0.113.9", peer="a socket") == "a socket"


@pytest.mark.parametrize(
    ("text", "read"),
    [("10.0.0.1", "10.0.0.1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("x", None), ("", None), ("010.0.0.1", None)],
)
def test_an_address_has_one_form(text: str, read: str | None) -> None:
    address = read_ip(text)
    assert (None if address is None else str(address)) == read
