"""The door: bodies within limits, and the address by which the caller came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from reelgate.domain.errors import CallerError, TooLarge
from reelgate.gateway.door import Doorplate, answer, header, read_body
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

    with pytest.raises(TooLarge):
        await read_body(scope({"Content-Length": "9999999999"}), never, 4)


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


def test_the_first_of_two_headers_counts() -> None:
    twice = scope()
    twice["headers"] = [(b"a", b"1"), (b"a", b"2")]
    assert header(twice, b"a") == b"1"
    assert header(twice, b"b") is None
