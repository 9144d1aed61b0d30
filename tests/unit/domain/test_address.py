"""Addresses from outside: which texts are sound, which machines are public, what an operator opens."""

from __future__ import annotations

import json
import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.address import LENGTH_MAX, Address, NotAllowed, Reach, check_webhook, public, read_address, read_ranges, redirected

CASES: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parents[2] / "fixtures" / "addresses.json").read_text())


def cases(group: str) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(each, id=each["why"]) for each in CASES[group]])


def at(text: str) -> Address:
    return read_address(text)


@cases("text_refused")
def test_a_text_that_readers_could_take_differently_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed) as refusal:
        read_address(case["text"])
    assert refusal.value.message
    assert not case["text"].strip() or case["text"] not in refusal.value.message


def test_a_password_in_the_text_is_named_as_the_fault_and_not_repeated() -> None:
    with pytest.raises(NotAllowed, match="no user name or password") as refusal:
        read_address("https://me:hush@pictures.example/")
    assert "hush" not in str(refusal.value)


@cases("sound")
def test_a_sound_text_is_read(case: dict[str, Any]) -> None:
    address = read_address(case["text"])
    assert (address.scheme, address.host, address.port, address.path_and_query) == (
        case["scheme"],
        case["host"],
        case["port"],
        case["path_and_query"],
    )
    Reach().check(address)


@cases("sound")
def test_what_is_written_is_read_as_the_same_address(case: dict[str, Any]) -> None:
    address = read_address(case["text"])
    assert read_address(address.url) == address


@cases("not_public")
def test_a_machine_inside_is_not_public(case: dict[str, Any]) -> None:
    ip = ip_address(case["ip"])
    assert not public(ip)
    assert not Reach().admits(ip, at("https://pictures.example/"))


@cases("public")
def test_a_machine_of_the_open_internet_is_public(case: dict[str, Any]) -> None:
    ip = ip_address(case["ip"])
    assert public(ip)
    assert Reach().admits(ip, at("https://pictures.example/"))


@cases("out_of_reach")
def test_a_sound_text_may_still_lead_inside(case: dict[str, Any]) -> None:
    address = read_address(case["text"])
    answers = [address.host] if case["answers"] is None else case["answers"]
    assert not answers or not all(Reach().admits(ip_address(each), address) for each in answers)


def test_the_standard_library_would_have_let_some_of_them_pass() -> None:
    """The reason for a table of our own, and the proof that these cases are not all easy ones."""
    passed = [case["why"] for case in CASES["not_public"] if ip_address(case["ip"]).is_global]
    assert "multicast, first" in passed
    assert "a cloud's host" in passed


def test_an_address_of_full_length_is_read() -> None:
    start = "https://pictures.example/"
    assert read_address(start + "a" * (LENGTH_MAX - len(start))).host == "pictures.example"


def test_a_literal_out_of_reach_is_refused_by_its_text_alone() -> None:
    with pytest.raises(NotAllowed):
        Reach().check(at("http://[::ffff:10.0.0.1]/"))


def test_a_strange_port_is_refused_by_the_text_alone_while_nothing_is_opened() -> None:
    address = at("http://pictures.example:8080/")
    with pytest.raises(NotAllowed, match="ports 80 and 443"):
        Reach().check(address)
    Reach(opened=read_ranges("10.0.0.0/8")).check(address)  # the name may lie in the range: its machine is judged later


def test_http_can_be_kept_to_the_opened_ranges() -> None:
    strict = Reach(opened=read_ranges("10.0.0.0/8"), plain=False)
    plain, secure = at("http://hooks.example/"), at("https://hooks.example/")
    assert not strict.admits(ip_address("8.8.8.8"), plain)
    assert strict.admits(ip_address("8.8.8.8"), secure)
    assert strict.admits(ip_address("10.0.0.1"), plain)
    with pytest.raises(NotAllowed, match="only https"):
        Reach(plain=False).check(plain)


def test_an_opened_range_is_open_on_every_port_and_nothing_beside_it_is() -> None:
    reach = Reach(opened=read_ranges("127.0.0.0/8, fd12::/16"))
    inside = at("http://127.0.0.1:8123/")
    reach.check(inside)
    assert reach.admits(ip_address("127.0.0.1"), inside)
    assert reach.admits(ip_address("::ffff:127.0.0.1"), inside)
    assert reach.admits(ip_address("fd12::1"), at("http://nas:8123/"))
    assert not reach.admits(ip_address("10.0.0.1"), at("http://10.0.0.1/"))
    assert not reach.admits(ip_address("8.8.8.8"), at("http://8.8.8.8:8123/"))
    assert not reach.admits(ip_address("fd12::1%eth0"), at("http://nas/"))


def test_a_closed_range_is_stronger_than_an_opened_one_and_than_the_table() -> None:
    reach = Reach(opened=read_ranges("10.0.0.0/8"), closed=read_ranges("10.0.0.1, 2a00:64::/96"))
    assert not reach.admits(ip_address("10.0.0.1"), at("http://nas/"))
    assert not reach.admits(ip_address("2a00:64::7f00:1"), at("http://nas/"))
    assert reach.admits(ip_address("10.0.0.2"), at("http://nas/"))


def test_more_ports_can_be_opened() -> None:
    assert Reach(ports=frozenset({80, 443, 8443})).admits(ip_address("8.8.8.8"), at("https://pictures.example:8443/"))


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/other.png", "https://pictures.example/other.png"),
        ("other.png?x=1", "https://pictures.example/a/other.png?x=1"),
        ("../up.png", "https://pictures.example/up.png"),
        ("//elsewhere.example/x", "https://elsewhere.example/x"),
        ("https://elsewhere.example", "https://elsewhere.example/"),
        ("https://10.0.0.1:8443/x", "https://10.0.0.1:8443/x"),
    ],
)
def test_a_redirect_is_read_against_where_it_stood(location: str, expected: str) -> None:
    assert redirected(at("https://pictures.example/a/cat.png"), location).url == expected


@pytest.mark.parametrize(
    "location",
    [
        "http://pictures.example/cat.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "//user@10.0.0.1/",
        "https://0x7f.1/",
        "https://[::1",
        "\\\\10.0.0.1\\",
        "/a\nb",
        " https://pictures.example/",
        "",
        "/caf\udce9.png",
    ],
)
def test_a_redirect_that_is_not_sound_is_refused(location: str) -> None:
    with pytest.raises(NotAllowed):
        redirected(at("https://pictures.example/a/cat.png"), location)


def test_a_redirect_from_http_to_https_is_followed() -> None:
    assert redirected(at("http://pictures.example/"), "https://pictures.example/").scheme == "https"


def test_ranges_are_read() -> None:
    assert read_ranges("") == ()
    assert read_ranges(" 10.0.0.0/8,fd00::/8  192.168.7.7 ") == (
        ip_network("10.0.0.0/8"),
        ip_network("fd00::/8"),
        ip_network("192.168.7.7/32"),
    )


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("localhost", "'localhost' is not a range"),
        ("10.0.0.0/33", "is not a range"),
        ("10.0.0.0/8; 127.0.0.1", "'10.0.0.0/8;' is not a range"),
        ("10.0.0.1/8", "the range around it is 10.0.0.0/8"),
        ("fd00::1/64", "the range around it is fd00::/64"),
        ("::ffff:10.0.0.0/104", "write them as IPv4"),
        ("::/0", "write them as IPv4"),
    ],
)
def test_a_range_that_cannot_be_meant_is_explained(text: str, advice: str) -> None:
    with pytest.raises(ValueError, match=re.escape(advice)):
        read_ranges(text)


@given(st.text(max_size=80) | st.from_regex(r"https?://[^ ]{1,40}(:[0-9]{1,6})?(/.*)?", fullmatch=True))
def test_whatever_is_read_is_plain_and_means_the_same_again(text: str) -> None:
    try:
        address = read_address(text)
    except NotAllowed:
        return
    assert address.url.isascii()
    assert address.url.isprintable()
    assert " " not in address.url
    assert read_address(address.url) == address


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_the_one_it_maps(ip: Any) -> None:
    assert public(ip_address(f"::ffff:{ip}")) == public(ip)


@given(st.ip_addresses())
def test_what_is_public_here_is_never_private_to_the_standard_library(ip: Any) -> None:
    assert not public(ip) or ip.is_global or (ip.version == 6 and ip.ipv4_mapped is not None)


# Receivers of webhooks


@pytest.mark.parametrize(
    "text", ["https://receiver.example/hook?a=b", "http://receiver.example", "https://8.8.8.8/", "https://[2606:4700::1]/"]
)
def test_a_receiver_on_the_web_may_be_named(text: str) -> None:
    assert check_webhook(text, Reach()) == read_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "receiver.example/hook",
        "ftp://receiver.example/",
        "https://me:hush@receiver.example/",
        "https://receiver.example/a b",
        "https://receiver.example:8443/",
        "http://127.0.0.1/",
        "http://10.0.0.1/hook",
        "http://[::1]/",
        "http://169.254.169.254/",
        "http://2130706433/",
        "https://receiver.example/" + "a" * 2048,
    ],
)
def test_a_receiver_that_could_never_be_called_is_refused_at_once_and_not_repeated(text: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        check_webhook(text, Reach())
    assert not text or text not in refused.value.message


def test_a_receiver_inside_may_be_named_where_the_operator_opened_its_network() -> None:
    reach = Reach(opened=read_ranges("10.0.0.0/8"))
    assert check_webhook("http://10.1.2.3:9000/hook", reach).port == 9000
    with pytest.raises(NotAllowed):
        check_webhook("http://127.0.0.1:9000/hook", reach)
