"""How fal's clients say that they send a file, and what they want to hear about it.

Their two libraries speak two protocols: Python's takes a token and posts to a content host, or asks for a signed address; the
JavaScript one always asks for a signed address. Both cut large files into parts. Where an answer has a name that its library
compares or reads, it is written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

import orjson

from reelgate.domain.errors import Fault, InvalidInput
from reelgate.wire._body import read_body
from reelgate.wire._reply import Reply

TOKEN_TYPE = "Bearer"  # noqa: S105 -- the scheme that a token is sent with
PARTS_MAX = 10_000
PARTS_BODY_BYTES = PARTS_MAX * 200
_NUMBER_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a client says of a file before it sends it: claims, all of them, and "" for none."""

    file_name: str
    content_type: str


# -- what clients say ----------------------------------------------------------------------------------------------------


def read_intent(raw: bytes) -> Intent:
    """The body of an initiate; `InvalidInput` names what is no text."""
    body = read_body(raw)
    faults = [
        Fault(path=(name,), message="Must be a text", kind="string_type")
        for name in ("file_name", "content_type")
        if not isinstance(body.get(name, ""), str)
    ]
    if faults:
        raise InvalidInput(faults)
    return Intent(file_name=body.get("file_name", ""), content_type=body.get("content_type", ""))


def read_text(header: bytes | None) -> str:
    """A header that holds a text: UTF-8 where it is that, else Latin-1."""
    try:
        return (header or b"").decode()
    except UnicodeDecodeError:
        return (header or b"").decode("latin-1")


def read_keep_s(*headers: bytes | None) -> float | None:
    """For how many seconds a client wants its file to be kept, by the first of its lifecycle headers that says so.

    It is a wish, and what cannot be read is none. Zero is how fal's own servers are told "for ever".
    """
    for header in headers:
        try:
            told: object = orjson.loads(header or b"null")
        except orjson.JSONDecodeError:
            continue
        wish: object = cast("dict[str, object]", told).get("expiration_duration_seconds") if isinstance(told, dict) else None
        if isinstance(wish, int | float) and not isinstance(wish, bool) and wish > 0:
            return float(wish)
    return None


def read_number(text: str) -> int:
    """The number of a part, as a path has it."""
    number = int(text) if text.isdecimal() and text.isascii() and len(text) <= _NUMBER_DIGITS else 0
    if not 1 <= number <= PARTS_MAX:
        raise InvalidInput([Fault(path=("partNumber",), message=f"A part has a number from 1 to {PARTS_MAX}")])
    return number


def read_parts(raw: bytes) -> Mapping[int, str]:
    """The parts that a client says make its file, each with its etag; `InvalidInput` if they are no such list."""
    try:
        body: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise _refusal("The body is not valid JSON", at=()) from None
    parts: object = cast("dict[str, object]", body).get("parts") if isinstance(body, dict) else None
    if not isinstance(parts, list) or not parts:
        raise _refusal("A list of the parts that were sent")
    named: dict[int, str] = {}
    for each in cast("list[object]", parts):
        part: Mapping[str, object] = cast("Mapping[str, object]", each) if isinstance(each, dict) else {}
        number, etag = part.get("partNumber"), part.get("etag")
        if type(number) is not int or not 1 <= number <= PARTS_MAX or not isinstance(etag, str):
            raise _refusal(f'Each part is {{"partNumber": 1 to {PARTS_MAX}, "etag": a text}}')
        if number in named:
            raise _refusal("Each part is named once")
        named[number] = etag
    return named


def _refusal(message: str, *, at: tuple[str, ...] = ("parts",)) -> InvalidInput:
    return InvalidInput([Fault(path=at, message=message)])


# -- what they hear ------------------------------------------------------------------------------------------------------


def file_address(base: str, name: str, file_name: str) -> str:
    """Where a file can be fetched, and what it is called by in an input."""
    return f"{base}/files/{name}/{quote(file_name, safe='')}"


def upload_address(base: str, subject: str, permit: str) -> str:
    """A signed address to which the bytes are put; parts of them at `…/{number}` with the same query."""
    return f"{base}/storage/upload/{subject}?permit={permit}"


def write_token(token: str, base: str, until: datetime) -> Reply:
    """A token for uploads. Older Pythons read an instant only with its zone as an offset and without a fraction."""
    body = {"token": token, "token_type": TOKEN_TYPE, "base_url": base, "expires_at": until.isoformat(timespec="seconds")}
    return _write(body)


def write_kept(address: str) -> Reply:
    """The file is there."""
    return _write({"access_url": address})


def write_initiated(upload: str, file: str) -> Reply:
    """Where to put the bytes, and where the file will be."""
    return _write({"upload_url": upload, "file_url": file})


def write_begun(address: str, upload_id: str) -> Reply:
    """An upload in parts has begun; parts go below the address of the file."""
    return _write({"access_url": address, "uploadId": upload_id})


def write_part(number: int, etag: str) -> Reply:
    """A part is there. Python's library reads the header, the JavaScript one the body."""
    return _write({"partNumber": number, "etag": etag}, (("etag", etag),))


def write_etag(sha256: str) -> str:
    """The etag of a part."""
    return f'"{sha256}"'


def read_etag(etag: str) -> str:
    """What `write_etag` was made of, whatever a proxy on the way made of it."""
    return etag.strip().removeprefix("W/").strip('"')


def _write(body: Mapping[str, Any], headers: Sequence[tuple[str, str]] = ()) -> Reply:
    return Reply(200, orjson.dumps(body), tuple(headers))
