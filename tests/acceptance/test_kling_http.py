"""Kling's protocol by plain HTTP, where no client of its own can be had: every mount, both generations, tokens, money, callbacks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.acceptance._film import watch
from tests.acceptance._gateway import Answer, Gateway, running
from tests.acceptance._receiver import Letter, Receiver, is_standard, receiver
from tests.acceptance.conftest import LOOPBACK_IS_OPEN

FLAT, OWN, BEHIND = "/kling/v1/videos", "/v1/videos", "/proxy/kling/v1/videos"
NEW = "/text-to-video/kling-2.5-turbo"
SMALL = {"model_name": "kling-v1", "mode": "std", "duration": "5"}
REFUSED = SMALL | {"prompt": "[[refuse]]"}
USUAL_SECRET = f"whsec_{base64.b64encode(bytes(range(32))).decode()}"
ANOTHER_SECRET = f"whsec_{base64.b64encode(bytes(32)).decode()}"
OUR_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


@pytest.fixture(scope="module")
def kling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that takes the list price, signs callbacks, and may call this machine."""
    told = {"REELGATE_KLING_WEBHOOK_SECRET": USUAL_SECRET, "REELGATE_PREVIEW_PRICE": "list"}
    with running(tmp_path_factory.mktemp("kling") / "data", environment=told | LOOPBACK_IS_OPEN) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def mail() -> Iterator[Receiver]:
    """Where callbacks go."""
    with receiver() as made:
        yield made


@pytest.fixture(scope="module")
def made(kling: Gateway, mail: Receiver) -> dict[str, Any]:
    """The task of a video that was made, as its create answered it on the flat mount."""
    asked = SMALL | {"prompt": "waves below a lighthouse", "callback_url": f"{mail.url}/made?of=flat", "external_task_id": "lighthouse 1"}
    created = create(kling, f"{FLAT}/text2video", asked).json
    assert (created["code"], created["object"], created["data"]["task_status"]) == ("success", "chat.completion", "submitted")
    kling.end_of(created["task_id"])
    return created["data"]


# -- callbacks -----------------------------------------------------------------------------------------------------------


def test_every_change_is_called_back_with_our_id(made: dict[str, Any], kling: Gateway, mail: Receiver) -> None:
    letters = mail.letters("/made", 2)
    assert [each.json["task_status"] for each in letters] == ["processing", "succeed"]
    for letter in letters:
        assert letter.path == "/made?of=flat"
        assert letter.json["task_id"] == made["task_id"]
        assert letter.json["task_info"] == {"external_task_id": "lighthouse 1"}
        assert "code" not in letter.json
        assert_signed(letter, USUAL_SECRET)
    begun, ended = letters
    assert OUR_ID.fullmatch(made["task_id"])
    assert begun.json["task_result"] == {}
    [video] = ended.json["task_result"]["videos"]
    assert watch(kling.call("GET", video["url"], key=None).body).seconds == pytest.approx(5, abs=0.05)
    assert begun.headers["webhook-id"] != ended.headers["webhook-id"]


def test_the_account_s_own_secrets_sign_and_the_former_one_for_a_while(kling: Gateway, mail: Receiver) -> None:
    kling.new_key("signing")
    key = kling.call("POST", "/admin/v1/keys", {"account": "signing", "name": "x", "mode": "test"}, key=kling.admin_key).json["secret"]
    first, second = (new_secret(kling, "signing") for _ in range(2))
    create(kling, f"{OWN}/text2video", REFUSED | {"callback_url": f"{mail.url}/signing"}, key=key)
    told = {each.json["task_status"]: each for each in mail.letters("/signing", 2)}
    assert told.keys() == {"processing", "failed"}
    assert told["failed"].json["task_status_msg"].startswith("1301: ")
    for letter in told.values():
        assert_signed(letter, second)
        assert_signed(letter, first)
        assert not is_standard(letter, USUAL_SECRET, time.time())


def test_a_receiver_that_stumbles_is_told_again(kling: Gateway, mail: Receiver) -> None:
    mail.answers["/stumbling"] = [500]
    create(kling, f"{OWN}/text2video", REFUSED | {"callback_url": f"{mail.url}/stumbling"})
    letters = mail.letters("/stumbling", 3)
    first, *others = letters
    [again] = [each for each in others if each.headers["webhook-id"] == first.headers["webhook-id"]]
    assert again.body == first.body
    assert sorted(each.json["task_status"] for each in letters) == ["failed", "processing", "processing"]
    assert_signed(again, USUAL_SECRET)


def test_the_generation_of_2026_calls_back_in_its_own_words(kling: Gateway, mail: Receiver) -> None:
    options = {"callback_url": f"{mail.url}/new", "external_task_id": "new 1"}
    created = create(kling, NEW, {"prompt": "[[refuse]]", "settings": {"resolution": "720p", "duration": 5}, "options": options}).json
    told = {each.json["status"]: each for each in mail.letters("/new", 2)}
    assert told.keys() == {"processing", "failed"}
    assert {each.json["id"] for each in told.values()} == {created["data"]["id"]}
    failed = told["failed"]
    assert failed.json["message"].startswith("1301: ")
    assert failed.json["external_id"] == "new 1"
    assert_signed(failed, USUAL_SECRET)


# -- mounts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mount", [FLAT, OWN, BEHIND])
def test_one_task_is_on_every_mount_by_every_id(made: dict[str, Any], kling: Gateway, mount: str) -> None:
    for name in (made["task_id"], made["task_id"].lower(), kling.job(made["task_id"])["id"], "lighthouse%201"):
        told = kling.call("GET", f"{mount}/text2video/{name}")
        assert told.status == 200, (name, told.body)
        assert told.json["code"] == ("success" if mount == FLAT else 0)
        task = told.json["data"]
        assert (task["task_id"], task["task_status"]) == (made["task_id"], "succeed")
        assert isinstance(task["task_result"]["videos"][0]["duration"], str)
    listed = kling.call("GET", f"{mount}/text2video?pageNum=1&pageSize=500").json["data"]
    assert made["task_id"] in {each["task_id"] for each in listed}
    assert kling.call("GET", f"{mount}/image2video/{made['task_id']}").json["code"] == 1201
    assert made["task_id"] not in {each["task_id"] for each in kling.call("GET", f"{mount}/image2video").json["data"]}


def test_pages_go_from_the_newest_to_the_oldest(kling: Gateway) -> None:
    mine = [create(kling, f"{OWN}/text2video", REFUSED).json["data"]["task_id"] for _ in range(3)]
    first, second = (
        [each["task_id"] for each in kling.call("GET", f"{OWN}/text2video?pageNum={page}&pageSize=2").json["data"]] for page in (1, 2)
    )
    assert first == [mine[2], mine[1]]
    assert second[0] == mine[0]


def test_the_generation_of_2026_finds_tasks_by_their_ids(kling: Gateway) -> None:
    body = {"prompt": "[[fail]]", "settings": {"resolution": "720p", "duration": 5}, "options": {"external_task_id": "new 2"}}
    created = create(kling, NEW, body).json
    assert (created["code"], created["data"]["status"]) == (0, "submitted")
    mine = created["data"]["id"]
    kling.end_of(mine)
    for asked in (f"task_ids={mine},0000000000000000000000000", "external_task_ids=new%202"):
        [task] = kling.call("GET", f"/tasks?{asked}").json["data"]
        assert (task["id"], task["status"], task["external_id"]) == (mine, "failed", "new 2")
    nobodys = kling.call("GET", "/tasks?task_ids=nobody")
    assert (nobodys.status, nobodys.json["code"], nobodys.json["data"]) == (200, 0, [])
    since = kling.call("POST", "/tasks", {"start_time": created["data"]["create_time"], "limit": 1}).json
    assert [each["id"] for each in since["data"]] == [mine]


def test_a_task_of_2026_can_be_read_in_the_words_of_before(made: dict[str, Any], kling: Gateway) -> None:
    [task] = kling.call("GET", f"/tasks?task_ids={made['task_id']}").json["data"]
    assert (task["status"], task["outputs"][0]["type"]) == ("succeeded", "video")


def test_what_fals_queue_made_is_a_task_of_the_same_kind(kling: Gateway) -> None:
    request = kling.submit("fal-ai/kling-video/v1/standard/text-to-video", {"prompt": "[[fail]]"})["request_id"]
    kling.end_of(request)
    assert kling.call("GET", f"{OWN}/text2video/{request}").json["data"]["task_status"] == "failed"
    assert kling.call("GET", f"{OWN}/image2video/{request}").json["code"] == 1201


def test_what_kling_made_is_a_request_of_fals_queue(made: dict[str, Any], kling: Gateway) -> None:
    told = kling.call("GET", f"/fal-ai/kling-video/requests/{made['task_id']}")
    assert told.status == 200
    assert told.json["video"]["url"].startswith(f"{kling.url}/files/")


# -- keys and money ------------------------------------------------------------------------------------------------------


def test_refusals_of_keys_have_the_vendors_numbers(kling: Gateway) -> None:
    asked = {"account": "owner", "name": "pair", "mode": "live", "pair": True}
    pair = kling.call("POST", "/admin/v1/keys", asked, key=kling.admin_key).json
    now_s = int(time.time())

    def number(**claims: Any) -> tuple[int, int]:
        token = signed({"iss": pair["access_key"], "exp": now_s + 1800, "nbf": now_s - 5, **claims}, pair["secret_key"])
        told = kling.call("GET", f"{OWN}/text2video?pageSize=1", key=None, headers={"Authorization": f"Bearer {token}"})
        return told.status, told.json["code"]

    assert number() == (200, 0)
    assert number(exp=now_s - 60) == (401, 1004)
    assert number(nbf=now_s + 600) == (401, 1003)
    assert number(iss="nobody") == (401, 1002)
    nothing = kling.call("GET", f"{OWN}/text2video", key=None)
    assert (nothing.status, nothing.json["code"]) == (401, 1001)
    wrong = kling.call("GET", f"{OWN}/text2video", key="rg_live_nobody")
    assert (wrong.status, wrong.json["code"]) == (401, 1002)


def test_an_account_without_money_is_told_so(kling: Gateway) -> None:
    key = kling.new_key("poor")
    priced = REFUSED | {"model_name": "kling-v1-6"}
    for path, body in ((f"{OWN}/text2video", priced), (f"{FLAT}/text2video", priced), (NEW, {"prompt": "x"})):
        told = kling.call("POST", path, body, key=key)
        assert (told.status, told.json["code"]) == (429, 1102), path
        assert "data" not in told.json


def test_a_stranger_s_task_is_no_task(made: dict[str, Any], kling: Gateway) -> None:
    key = kling.new_key("stranger")
    theirs = kling.call("GET", f"{OWN}/text2video/{made['task_id']}", key=key)
    nobodys = kling.call("GET", f"{OWN}/text2video/{'0' * 26}", key=key)
    assert (theirs.status, theirs.json["code"]) == (nobodys.status, nobodys.json["code"]) == (400, 1201)
    assert theirs.json["message"] == nobodys.json["message"]
    assert kling.call("GET", f"/tasks?task_ids={made['task_id']}", key=key).json["data"] == []


def create(gateway: Gateway, path: str, body: dict[str, Any], key: str = "") -> Answer:
    """A create that was taken."""
    answer = gateway.call("POST", path, body, key=key)
    assert answer.status == 200, answer.body
    return answer


def new_secret(gateway: Gateway, account: str) -> str:
    """A secret of an account's own, as the command line makes one."""
    made = gateway.call("POST", f"/admin/v1/accounts/{account}/webhook-secret", b"", key=gateway.admin_key)
    assert made.status == 201, made.body
    return made.json["secret"]


def signed(claims: dict[str, Any], secret: str) -> str:
    """A token as Kling's documents tell their customers to make one."""
    parts = [json.dumps(each).encode() for each in ({"alg": "HS256", "typ": "JWT"}, claims)]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return (text + b"." + base64.urlsafe_b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).rstrip(b"=")).decode()


def assert_signed(letter: Letter, secret: str) -> None:
    """It is signed by the secret, and so is nothing that somebody has changed or kept, or another has signed."""
    now_s = time.time()
    assert letter.headers["content-type"] == "application/json"
    assert is_standard(letter, secret, now_s)
    assert not is_standard(letter, ANOTHER_SECRET, now_s)
    assert not is_standard(replace(letter, body=letter.body.replace(b"processing", b"succeed") + b" "), secret, now_s)
    assert not is_standard(letter, secret, now_s + 301)
