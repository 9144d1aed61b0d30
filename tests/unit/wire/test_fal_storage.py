"""What fal's clients say about files, and what they hear."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.errors import InvalidInput
from reelgate.wire import fal_storage as wire
from reelgate.wire.fal_storage import Intent

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["parts", "partNumber", "etag", "x"]), inner, max_size=4),
)


def test_an_intent_has_a_name_and_a_type_or_leaves_them_out() -> None:
    assert wire.read_intent(b'{"file_name":"a.png","content_type":"image/png","more":1}') == Intent(
        file_name="a.png", content_type="image/png"
    )
    assert wire.read_intent(b"") == wire.read_intent(b"{}") == Intent(file_name="", content_type="")


def test_an_intent_of_another_shape_is_refused_where_it_is_wrong() -> None:
    with pytest.raises(InvalidInput) as refused:
        wire.read_intent(b'{"file_name":[1],"content_type":7}')
    assert [fault.path for fault in refused.value.faults] == [("file_name",), ("content_type",)]
    for raw in (b"[]", b"nothing", b"\xff", b'{"file_name":null'):
        with pytest.raises(InvalidInput):
            wire.read_intent(raw)


@pytest.mark.parametrize(
    ("told", "keep_s"),
    [
        (b'{"expiration_duration_seconds":3600}', 3600.0),
        (b'{"expiration_duration_seconds":0.5,"initial_acl":{"default":"forbid"}}', 0.5),
        (b'{"expiration_duration_seconds":99999999999999999999999999}', 1e26),
        (b'{"expiration_duration_seconds":0}', None),
        (b'{"expiration_duration_seconds":-5}', None),
        (b'{"expiration_duration_seconds":true}', None),
        (b'{"expiration_duration_seconds":"1h"}', None),
        (b'{"expiration_duration_seconds":1e999}', None),
        (b'{"initial_acl":{"default":"hide","rules":[]}}', None),
        (b"[]", None),
        (b"never", None),
        (b"\xff\x00", None),
        (b"", None),
        (None, None),
    ],
)
def test_a_lifecycle_is_a_wish_and_junk_is_none(told: bytes | None, keep_s: float | None) -> None:
    assert wire.read_keep_s(told) == keep_s
    assert wire.read_keep_s(told, b'{"expiration_duration_seconds":7}') == (7.0 if keep_s is None else keep_s)


def test_a_header_holds_a_text_in_one_of_two_encodings() -> None:
    assert wire.read_text("雪.png".encode()) == "雪.png"
    assert wire.read_text("é.png".encode("latin-1")) == "é.png"
    assert wire.read_text(None) == ""


def test_parts_come_in_any_order_each_once() -> None:
    assert wire.read_parts(b'{"parts":[{"partNumber":2,"etag":"b"},{"partNumber":1,"etag":"a","more":0}]}') == {2: "b", 1: "a"}


def test_as_many_parts_as_there_may_be_fit_the_body() -> None:
    parts = [{"partNumber": number, "etag": wire.write_etag("f" * 64)} for number in range(1, wire.PARTS_MAX + 1)]
    raw = orjson.dumps({"parts": parts}, option=orjson.OPT_INDENT_2)
    assert len(raw) <= wire.PARTS_BODY_BYTES
    assert len(wire.read_parts(raw)) == wire.PARTS_MAX


@pytest.mark.parametrize(
    "parts",
    [
        [],
        None,
        {},
        "all",
        [1],
        [None],
        [{"partNumber": 0, "etag": "a"}],
        [{"partNumber": 10_001, "etag": "a"}],
        [{"partNumber": True, "etag": "a"}],
        [{"partNumber": 1.0, "etag": "a"}],
        [{"partNumber": "1", "etag": "a"}],
        [{"partNumber": 1, "etag": None}],
        [{"partNumber": 1}],
        [{"partNumber": 1, "etag": "a"}, {"partNumber": 1, "etag": "a"}],
    ],
)
def test_a_list_that_cannot_be_one_of_parts_is_refused(parts: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        wire.read_parts(orjson.dumps({"parts": parts}))
    assert [fault.path for fault in refused.value.faults] == [("parts",)]


@given(ANY_JSON)
def test_no_json_at_all_is_more_than_refused(value: Any) -> None:
    try:
        raw = orjson.dumps(value)
    except TypeError:
        raw = b'{"parts":[{"partNumber":1e400,"etag":"\\ud800"}]}'
    for read in (wire.read_parts, wire.read_intent):
        with suppress(InvalidInput):
            read(raw)
    assert wire.read_keep_s(raw) is None


@pytest.mark.parametrize("text", ["0", "10001", "-1", "+1", "1.0", "", "x", "99999999999999999999", "\uff11", "01x"])
def test_a_part_has_a_number_from_1_to_10000(text: str) -> None:
    with pytest.raises(InvalidInput):
        wire.read_number(text)
    assert (wire.read_number("1"), wire.read_number("10000")) == (1, 10_000)


@pytest.mark.parametrize("sent", ['"ab12"', "ab12", 'W/"ab12"', ' "ab12" '])
def test_an_etag_survives_what_is_done_to_it_on_the_way(sent: str) -> None:
    assert wire.write_etag("ab12") == '"ab12"'
    assert wire.read_etag(sent) == "ab12"


def test_an_address_can_hold_every_name() -> None:
    assert wire.file_address("http://g", "0" * 32, "été 100%?#.png") == f"http://g/files/{'0' * 32}/%C3%A9t%C3%A9%20100%25%3F%23.png"


def test_answers_have_the_names_that_the_libraries_read() -> None:
    until = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
    token = orjson.loads(wire.write_token("t", "http://g", until).body)
    assert token == {"token": "t", "token_type": "Bearer", "base_url": "http://g", "expires_at": "2026-01-01T12:00:00+00:00"}
    assert orjson.loads(wire.write_kept("u").body) == {"access_url": "u"}
    assert orjson.loads(wire.write_initiated("u", "f").body) == {"upload_url": "u", "file_url": "f"}
    assert orjson.loads(wire.write_begun("u", "i").body) == {"access_url": "u", "uploadId": "i"}
    part = wire.write_part(3, '"e"')
    assert (orjson.loads(part.body), part.headers) == ({"partNumber": 3, "etag": '"e"'}, (("etag", '"e"'),))
