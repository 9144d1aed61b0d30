"""Uploads as fal's clients make them, call by call, and as nobody should."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx  # noqa: TID251 -- calls an application in this process; nothing goes out
import pytest

from tests.house import BASE, Lodger, open_lodging

NAMED = {"X-Fal-File-Name": "a.png", "Content-Type": "image/png"}
LIMIT = 100_000


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, max_upload=LIMIT) as lodger:
        yield lodger


async def token(gate: Lodger) -> dict[str, str]:
    """Headers with an upload token, as Python's library makes them."""
    told = (await gate.http.post("/storage/auth/token?storage_type=fal-cdn-v3", json={})).raise_for_status().json()
    return {"Authorization": f"{told['token_type']} {told['token']}"}


async def initiated(gate: Lodger, name: str = "a.png", content_type: str = "image/png", *, parts: bool = False) -> dict[str, str]:
    where = f"/storage/upload/initiate{'-multipart' if parts else ''}?storage_type=fal-cdn-v3"
    return (await gate.http.post(where, json={"file_name": name, "content_type": content_type})).raise_for_status().json()


async def fetched(gate: Lodger, address: str) -> httpx.Response:
    return await gate.http.get(address, headers={"Authorization": ""})


def kept(gate: Lodger) -> list[Path]:
    return [path for path in gate.folder.blobs.glob("??/*") if path.is_file()]


# -- Python's way ----------------------------------------------------------------------------------------------------------


async def test_a_token_says_where_to_send_files_and_until_when(gate: Lodger) -> None:
    answer = await gate.http.post("/storage/auth/token?storage_type=fal-cdn-v3", json={})
    told = answer.json()
    assert (answer.status_code, told["token_type"], told["base_url"]) == (200, "Bearer", BASE)
    assert told["expires_at"].endswith("+00:00")
    assert datetime.fromisoformat(told["expires_at"]).utcoffset() is not None
    assert answer.headers["x-fal-request-id"]
    assert "rg_live" not in answer.text


async def test_a_file_is_sent_with_a_token_and_fetched_without(gate: Lodger) -> None:
    headers = {**await token(gate), **NAMED}
    url = (await gate.http.post("/files/upload", content=b"\x89PNG", headers=headers)).raise_for_status().json()["access_url"]
    assert url.startswith(f"{BASE}/files/")
    assert url.endswith("/a.png")
    file = await fetched(gate, url)
    assert (file.status_code, file.content, file.headers["content-type"]) == (200, b"\x89PNG", "image/png")
    assert file.headers["content-disposition"] == "inline"


async def test_a_key_does_as_well_as_a_token(gate: Lodger) -> None:
    url = (await gate.http.post("/files/upload", content=b"x")).raise_for_status().json()["access_url"]
    assert url.endswith("/file.bin")
    file = await fetched(gate, url)
    assert (file.content, file.headers["content-type"], file.headers["content-disposition"]) == (
        b"x",
        "application/octet-stream",
        "attachment",
    )


async def test_a_page_is_given_back_as_no_page(gate: Lodger) -> None:
    headers = {"Content-Type": "text/html", "X-Fal-File-Name": "../../x.html"}
    url = (await gate.http.post("/files/upload", content=b"<script>", headers=headers)).json()["access_url"]
    assert url.endswith("/x.html")
    assert url.count("/") == 5
    assert (await fetched(gate, url)).headers["content-type"] == "application/octet-stream"


async def test_a_name_of_any_letters_comes_back_quoted(gate: Lodger) -> None:
    name = "été 100% #1?.雪.png"
    told = await initiated(gate, name)
    await gate.http.put(told["upload_url"], content=b"x")
    assert told["file_url"].isascii()
    assert unquote(told["file_url"].rpartition("/")[2]) == name
    assert (await fetched(gate, told["file_url"])).content == b"x"
    raw = (await gate.http.post("/files/upload", content=b"y", headers={b"x-fal-file-name": "雪.png".encode()})).json()["access_url"]
    assert unquote(raw).endswith("/雪.png")
    assert (await fetched(gate, raw)).content == b"y"


async def test_a_large_file_comes_in_parts_in_any_order(gate: Lodger) -> None:
    headers = await token(gate)
    begun = (await gate.http.post("/files/upload/multipart", headers={**headers, **NAMED})).raise_for_status().json()
    assert (await fetched(gate, begun["access_url"])).status_code == 404
    below = f"{begun['access_url']}/multipart/{begun['uploadId']}"
    parts: list[dict[str, Any]] = []
    for number in (2, 1, 3):
        answer = await gate.http.put(f"{below}/{number}", content=b"%d" % number * 10, headers=headers)
        assert answer.headers["etag"] == answer.json()["etag"] == f'"{hashlib.sha256(b"%d" % number * 10).hexdigest()}"'
        parts.append({"partNumber": number, "etag": answer.headers["etag"]})
    for _ in range(2):
        done = await gate.http.post(f"{below}/complete", json={"parts": parts}, headers=headers)
        assert (done.status_code, done.json()) == (200, {"access_url": begun["access_url"]})
    file = await fetched(gate, begun["access_url"])
    assert (file.content, file.headers["content-type"]) == (b"1111111111" + b"2222222222" + b"3333333333", "image/png")


async def test_a_lifecycle_shortens_a_file_s_life(gate: Lodger) -> None:
    wish = json.dumps({"expiration_duration_seconds": 60, "initial_acl": {"default": "forbid"}})
    url = (await gate.http.post("/files/upload", content=b"x", headers={"X-Fal-Object-Lifecycle": wish})).json()["access_url"]
    row = await gate.house.gateway.store.blob(urlsplit(url).path.split("/")[2])
    assert row is not None
    assert row.expires_at is not None
    assert (row.expires_at - row.created_at).total_seconds() == 60
    assert 50 <= int((await fetched(gate, url)).headers["cache-control"].split("=")[1].partition(",")[0]) <= 60


@pytest.mark.parametrize(
    "wish", ["never", "[]", '{"expiration_duration_seconds":1e999}', '{"expiration_duration_seconds":{}}', "\x7f", "{" * 5000]
)
async def test_a_wish_that_cannot_be_read_is_none(gate: Lodger, wish: str) -> None:
    headers = {"X-Fal-Object-Lifecycle-Preference": wish, "X-Fal-Object-Lifecycle": wish}
    assert (await gate.http.post("/files/upload", content=b"x", headers=headers)).status_code == 200


# -- JavaScript's way ------------------------------------------------------------------------------------------------------


async def test_a_signed_address_takes_the_bytes_whatever_the_key(gate: Lodger) -> None:
    told = await initiated(gate)
    answers = [
        await gate.http.put(told["upload_url"], content=b"\x89PNG", headers={"Authorization": ""}),
        await gate.http.put(told["upload_url"], content=b"\x89PNG"),
        await gate.http.put(told["upload_url"], content=b"\x89PNG", headers={"Authorization": "Key rg_live_nobody"}),
    ]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"access_url": told["file_url"]})] * 3
    other = await gate.http.put(told["upload_url"], content=b"\x89PN!")
    assert (other.status_code, other.json()["error_type"]) == (400, "bad_request")
    assert (await fetched(gate, told["file_url"])).content == b"\x89PNG"


async def test_a_large_file_goes_below_its_signed_address(gate: Lodger) -> None:
    told = await initiated(gate, parts=True)
    address = urlsplit(told["upload_url"])
    nobody = {"Authorization": ""}
    parts = [
        (await gate.http.put(f"{address.path}/{number}?{address.query}", content=content, headers=nobody)).raise_for_status().json()
        for number, content in enumerate((b"one ", b"two "), 1)
    ]
    done = await gate.http.post(f"{address.path}/complete?{address.query}", json={"parts": parts[::-1]}, headers=nobody)
    assert done.status_code == 200
    assert (await fetched(gate, told["file_url"])).content == b"one two "


# -- what becomes of it ----------------------------------------------------------------------------------------------------


async def test_an_upload_is_the_picture_of_a_job(gate: Lodger) -> None:
    url = (await gate.http.post("/files/upload", content=b"\x89PNG of mine", headers=NAMED)).json()["access_url"]
    for address in (url, url.replace("gateway.test", "localhost:8000"), url.replace("http:", "https:")):
        job = (await gate.http.post("/scripted/picture", json={"prompt": "go", "image_url": address})).raise_for_status().json()
        video = (await gate.ended(job["request_id"]))["video"]
        assert (await fetched(gate, video["url"])).content == b"\x89PNG of mine"


async def test_an_upload_is_nobody_else_s_picture(gate: Lodger) -> None:
    url = (await gate.http.post("/files/upload", content=b"\x89PNG of mine", headers=NAMED)).json()["access_url"]
    stranger = await gate.key(account="mallory")
    for address in (url, url.replace("gateway.test", "localhost:8000")):
        answer = await gate.http.post("/scripted/picture", json={"prompt": "go", "image_url": address}, headers=stranger)
        assert answer.status_code == 422
        assert [(each["loc"], each["type"]) for each in answer.json()["detail"]] == [(["body", "image_url"], "file_download_error")]


# -- the wrong hands and the wrong words -----------------------------------------------------------------------------------

WITH_A_KEY = [
    "/storage/auth/token",
    "/storage/upload/initiate",
    "/storage/upload/initiate-multipart",
    "/files/upload",
    "/files/upload/multipart",
]


@pytest.mark.parametrize("path", WITH_A_KEY)
async def test_nobody_uploads_without_a_key(gate: Lodger, path: str) -> None:
    for header in ("", "Key rg_live_nobody", "Bearer permit.x.y", "Bearer", "permit.x.y"):
        answer = await gate.http.post(path, content=b"{}", headers={"Authorization": header})
        assert answer.status_code == 401
        assert isinstance(answer.json()["detail"], str)
    assert (await gate.http.post(path, content=b"{}", headers=await gate.key("admin"))).status_code == 403
    assert kept(gate) == []


async def test_a_token_opens_nothing_but_uploads(gate: Lodger) -> None:
    headers = await token(gate)
    for path in ("/scripted/text", "/storage/auth/token", "/storage/upload/initiate"):
        assert (await gate.http.post(path, json={"prompt": "go"}, headers=headers)).status_code == 401
    assert (await gate.http.get("/v1/jobs", headers=headers)).status_code == 401


async def test_a_signed_address_is_good_for_its_own_file_only(gate: Lodger) -> None:
    one, two = await initiated(gate), await initiated(gate)
    path, query = urlsplit(one["upload_url"]).path, urlsplit(two["upload_url"]).query
    bearer = (await token(gate))["Authorization"].partition(" ")[2]
    for asked in (query, "", "permit=", f"permit={bearer}", urlsplit(one["upload_url"]).query[:-1], "permit=%00&permit=x"):
        for method, where in (("PUT", path), ("PUT", f"{path}/1"), ("POST", f"{path}/complete")):
            answer = await gate.http.request(method, f"{where}?{asked}", content=b"x")
            assert answer.status_code == 401, (where, asked)
    assert kept(gate) == []


async def test_another_account_s_upload_is_not_there(gate: Lodger) -> None:
    begun = (await gate.http.post("/files/upload/multipart")).json()
    mine = (await gate.http.post("/files/upload/multipart")).json()
    below, stranger = f"{begun['access_url']}/multipart/{begun['uploadId']}", await gate.key(account="mallory")
    assert (await gate.http.put(f"{below}/1", content=b"x", headers=stranger)).status_code == 404
    assert (
        await gate.http.post(f"{below}/complete", json={"parts": [{"partNumber": 1, "etag": "x"}]}, headers=stranger)
    ).status_code == 404
    crossed = f"{mine['access_url']}/multipart/{begun['uploadId']}"
    assert (await gate.http.put(f"{crossed}/1", content=b"x")).status_code == 404
    assert (await gate.http.put(f"{BASE}/files/x/y/multipart/{'0' * 32}/1", content=b"x")).status_code == 404
    assert kept(gate) == []


async def test_a_part_that_is_not_there_makes_no_file(gate: Lodger) -> None:
    begun = (await gate.http.post("/files/upload/multipart")).json()
    below = f"{begun['access_url']}/multipart/{begun['uploadId']}"
    etag = (await gate.http.put(f"{below}/1", content=b"x")).headers["etag"]
    wrong = await gate.http.post(f"{below}/complete", json={"parts": [{"partNumber": 1, "etag": '"0"'}]})
    assert (wrong.status_code, wrong.json()["error_type"]) == (400, "bad_request")
    assert (await gate.http.post(f"{below}/complete", json={"parts": [{"partNumber": 2, "etag": etag}]})).status_code == 400
    assert (await fetched(gate, begun["access_url"])).status_code == 404
    assert (await gate.http.post(f"{below}/complete", json={"parts": [{"partNumber": 1, "etag": etag}]})).status_code == 200


async def test_what_is_too_large_is_413_and_leaves_nothing(gate: Lodger) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 10_000

    told = await initiated(gate)
    for content in (b"x" * (LIMIT + 1), endless()):
        for method, where in (("POST", "/files/upload"), ("PUT", told["upload_url"])):
            answer = await gate.http.request(method, where, content=content)
            assert answer.status_code == 413
            assert str(LIMIT) in answer.json()["detail"]
    assert kept(gate) == []


async def test_a_full_disk_is_503_with_a_request_id_so_that_nobody_hammers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, min_free_bytes=1 << 62) as gate:
        for path in ("/files/upload", "/files/upload/multipart", "/storage/upload/initiate"):
            answer = await gate.http.post(path, content=b"")
            assert (answer.status_code, bool(answer.headers["x-fal-request-id"])) == (503, True)


async def test_more_than_an_account_may_have_is_429_in_fal_s_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch, working=False, upload_quota=1 << 16) as gate:
        assert (await gate.http.post("/files/upload", content=b"x")).status_code == 200
        for path in ("/files/upload", "/files/upload/multipart", "/storage/upload/initiate", "/storage/upload/initiate-multipart"):
            refused = await gate.http.post(path, json={"file_name": "a.png", "content_type": "image/png"})
            assert (refused.status_code, refused.headers["x-fal-error-type"]) == (429, refused.json()["error_type"])
            assert "may take up 65536 bytes together" in refused.json()["detail"]
            assert int(refused.headers["retry-after"]) > 0
        other = await gate.key(account="other")
        assert (await gate.http.post("/files/upload", content=b"x", headers=other)).status_code == 200


async def test_a_method_that_a_path_does_not_have_is_405(gate: Lodger) -> None:
    told = await initiated(gate)
    asked = urlsplit(told["upload_url"])
    for method, where in (
        ("GET", "/storage/auth/token"),
        ("PUT", "/storage/upload/initiate"),
        ("GET", told["upload_url"]),
        ("POST", told["upload_url"]),
        ("GET", f"{asked.path}/1?{asked.query}"),
        ("PUT", f"{asked.path}/complete?{asked.query}"),
        ("PUT", "/files/upload"),
    ):
        assert (await gate.http.request(method, where)).status_code == 405, (method, where)


WORDS = [
    *("..", ".", "%2e%2e", "%2F", "a\0b", "\n", "0" * 32, "f" * 32, "complete", "1", "10001", "-1", "9" * 400, "upload", "multipart"),
    *("\u202e", "\ufffd", "é", "雪.png", "x" * 5000, " ", "a b", "permit.x.y", "\u0661", "1.0", "'; drop table blobs; --"),
]
PATHS = [
    *WITH_A_KEY,
    *("/storage/upload/{}/{}", "/storage/upload/{}/{}/{}", "/storage/upload/{}/{}/complete", "/storage/{}", "/storage/{}/{}"),
    *("/files/{}/{}/multipart/{}/{}", "/files/{}/{}/multipart/{}/complete", "/files/{}/{}"),
]
QUERIES = [
    b"",
    b"permit=",
    b"permit=permit.x.y",
    b"permit=%ff%00",
    b"storage_type=" + b"x" * 3000,
    b"\xff&&==;%",
    b"permit=permit." + b"A" * 3000,
]
VALUES = [
    *(b"", b"\xff\xfe", b"x" * 4000, b"../../a", b"text/html", b"image/png;;;", b"-1", b"9" * 30, b"1e9", b"\xb9", b"[[[[", b"{}", b"null"),
    *(b'{"expiration_duration_seconds":%s}' % each for each in (b"1e308", b"-1", b"null", b"[]", b"9" * 400, b'"never"', b"0.0000001")),
]
BODIES = [
    *(b"", b"x" * 300, b"\xff\x00", b"null", b"[]", b"[" * 5000, b'{"a":' * 5000, b"1e400", b"{", b'{"parts":' + b"9" * 5000 + b"}"),
    b'{"file_name":"\\ud800","content_type":"\\u0000"}',
    b'{"file_name":null,"content_type":{}}',
    b'{"file_name":"' + b"a" * 5000 + b'"}',
    *(b'{"parts":%s}' % each for each in (b"[]", b"{}", b"[[]]", b'[{"partNumber":1e400,"etag":1}]', b'[{"partNumber":1,"etag":"x"}]')),
    b'{"parts":[' + b'{"partNumber":1,"etag":"x"},' * 500 + b"0]}",
]
HEADERS = (b"x-fal-file-name", b"content-type", b"x-fal-object-lifecycle", b"x-fal-object-lifecycle-preference", b"content-length", b"host")


async def test_no_words_at_all_make_it_stumble(gate: Lodger, large: bool) -> None:
    """Machine-made requests, the same ones every time."""
    chance = random.Random(20261121)  # noqa: S311 -- the same requests every time
    key = gate.http.headers["authorization"].encode()
    permits = (key, (await token(gate))["Authorization"].encode(), b"Bearer permit.x", b"\xff", b"")
    statuses: Counter[int] = Counter()
    for _ in range(20_000 if large else 2_000):
        path = chance.choice(PATHS).format(*chance.choices(WORDS, k=4))
        headers = {name: chance.choice(VALUES) for name in HEADERS if chance.random() < 0.2}
        headers[b"authorization"] = chance.choice(permits)
        asked = chance.choice(["POST", "PUT", "GET", "DELETE"]), path, chance.choice(QUERIES), headers, chance.choice(BODIES)
        status, answer = await said(gate, *asked)
        assert status < 500, asked
        assert isinstance(json.loads(answer), dict), asked
        assert b"rg_live" not in answer
        statuses[status] += 1
    assert {200, 400, 401, 404, 405, 422} <= set(statuses), statuses


async def said(gate: Lodger, method: str, path: str, query: bytes, headers: dict[bytes, bytes], body: bytes) -> tuple[int, bytes]:
    """An exchange at the application's own border, where no client mends what it sends."""
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    scope = {"type": "http", "method": method, "path": path, "raw_path": b"", "query_string": query, "headers": [*headers.items()]}
    await gate.house.door({**scope, "scheme": "http", "client": ("127.0.0.1", 1)}, receive, send)
    return told[0]["status"], b"".join(each.get("body", b"") for each in told[1:])
