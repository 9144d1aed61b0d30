"""fal's queue, through the whole gateway."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.routing import BaseRoute, Match, Route

from reelgate.api.fal import FACE
from reelgate.api.fal.queue import Quick
from reelgate.domain.errors import Unready
from tests.house import BASE, Lodger, open_lodging

ENDPOINT = "/scripted/text"
KEYS = {"status", "request_id", "response_url", "status_url", "cancel_url", "logs", "metrics"}


@pytest.fixture
async def open_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        yield lodger


@pytest.fixture
async def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, working=False, preview_price="list") as lodger:
        yield lodger


async def submit(lodger: Lodger, prompt: str = "go", **headers: str) -> dict[str, Any]:
    answer = await lodger.http.post(ENDPOINT, json={"prompt": prompt}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_submit_answers_a_place_in_the_queue(waiting: Lodger) -> None:
    first, second = await submit(waiting), await submit(waiting)
    assert KEYS | {"queue_position", "reelgate"} == set(first)
    assert (first["status"], first["logs"], first["metrics"]) == ("IN_QUEUE", None, {})
    assert (first["queue_position"], second["queue_position"]) == (0, 1)
    assert first["status_url"] == f"{BASE}/scripted/text/requests/{first['request_id']}/status"
    assert first["reelgate"]["cost"] == "0.350000"


async def test_a_job_goes_from_the_queue_to_a_file(open_gate: Lodger) -> None:
    submitted = await submit(open_gate)
    await open_gate.ended(submitted["request_id"])
    status = await open_gate.http.get(submitted["status_url"] + "?logs=1")
    assert (status.status_code, status.json()["status"]) == (200, "COMPLETED")
    assert status.headers["x-fal-request-id"] == submitted["request_id"]
    assert set(status.json()) == KEYS
    assert [line["message"] for line in status.json()["logs"]] == ["half way"]
    assert status.json()["metrics"]["inference_time"] > 0
    result = (await open_gate.http.get(submitted["response_url"])).json()
    assert result["reelgate"]["engine"] == "scripted"
    video = await open_gate.http.get(result["video"]["url"], headers={"Authorization": ""})
    assert video.content.startswith(b"not a video")
    assert len(video.content) == result["video"]["file_size"]


@pytest.mark.parametrize("tail", ["/status", "/status/", ""])
async def test_every_spelling_of_a_follow_up_path_is_served(waiting: Lodger, tail: str) -> None:
    job = (await submit(waiting))["request_id"]
    for app in ("scripted/text", "scripted/text"):
        assert (await waiting.http.get(f"/{app}/requests/{job}{tail}")).status_code in (202, 400)


async def test_a_pending_result_says_the_sentence_that_clients_compare(waiting: Lodger) -> None:
    submitted = await submit(waiting)
    for tail in ("", "/response"):
        answer = await waiting.http.get(submitted["response_url"] + tail)
        assert (answer.status_code, answer.json()) == (400, {"detail": "Request is still in progress"})


async def test_a_queued_job_is_202_with_its_place(waiting: Lodger) -> None:
    submitted = await submit(waiting)
    status = await waiting.http.get(submitted["status_url"])
    assert status.status_code == 202
    assert status.json()["queue_position"] == 0


async def test_a_cancel_takes_a_queued_job_back_at_once(waiting: Lodger) -> None:
    submitted = await submit(waiting)
    answer = await waiting.http.put(submitted["cancel_url"])
    assert (answer.status_code, answer.json()) == (200, {"status": "OK"})
    again = await waiting.http.put(submitted["cancel_url"])
    assert (again.status_code, again.json()) == (400, {"status": "ALREADY_COMPLETED"})
    status = (await waiting.http.get(submitted["status_url"])).json()
    assert (status["status"], status["error_type"]) == ("COMPLETED", "client_cancelled")
    assert (await waiting.http.get(submitted["response_url"])).status_code == 499


async def test_a_cancel_of_a_running_job_is_a_request_that_comes_true(open_gate: Lodger) -> None:
    submitted = await submit(open_gate, "hang")
    watch = open_gate.house.gateway.store.watch(submitted["request_id"])
    while (await open_gate.http.get(submitted["status_url"])).json()["status"] != "IN_PROGRESS":
        await watch.wait(1)
    watch.close()
    answer = await open_gate.http.put(submitted["cancel_url"])
    assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    assert (await open_gate.ended(submitted["request_id"]))["state"] == "cancelled"


@pytest.mark.parametrize(
    ("prompt", "code", "error_type"), [("refuse", 422, "content_policy_violation"), ("fail", 500, "runner_server_error")]
)
async def test_a_failed_job_is_completed_with_an_error(open_gate: Lodger, prompt: str, code: int, error_type: str) -> None:
    submitted = await submit(open_gate, prompt)
    await open_gate.ended(submitted["request_id"])
    status = (await open_gate.http.get(submitted["status_url"])).json()
    assert status["status"] == "COMPLETED"
    assert status["error"]
    result = await open_gate.http.get(submitted["response_url"])
    assert result.status_code == code
    assert error_type in result.text
    if code == 422:
        assert result.json()["detail"][0]["loc"] == ["body", "prompt"]


@pytest.mark.parametrize("header", ["", "Key nonsense", "Bearer rg_live_nonsense"])
async def test_without_a_good_key_nothing_is_told(waiting: Lodger, header: str) -> None:
    job = (await submit(waiting))["request_id"]
    for call in (
        waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers={"Authorization": header}),
        waiting.http.get(f"{ENDPOINT}/requests/{job}/status", headers={"Authorization": header}),
        waiting.http.get(f"{ENDPOINT}/requests/{job}", headers={"Authorization": header}),
        waiting.http.put(f"{ENDPOINT}/requests/{job}/cancel", headers={"Authorization": header}),
        waiting.http.get(f"{ENDPOINT}/requests/{job}/status/stream", headers={"Authorization": header}),
    ):
        answer = await call
        assert answer.status_code == 401
        assert isinstance(answer.json()["detail"], str)


async def test_a_stranger_s_job_is_not_found(waiting: Lodger) -> None:
    job = (await submit(waiting))["request_id"]
    stranger = await waiting.key(account="mallory")
    for tail in ("/status", "", "/status/stream"):
        answer = await waiting.http.get(f"{ENDPOINT}/requests/{job}{tail}", headers=stranger)
        assert (answer.status_code, answer.json()) == (404, {"status": "NOT_FOUND"})
    assert (await waiting.http.put(f"{ENDPOINT}/requests/{job}/cancel", headers=stranger)).status_code == 404
    assert (await waiting.http.get(f"/other/app/requests/{job}")).status_code == 404


async def test_every_bad_field_is_named_at_once_and_none_is_echoed(waiting: Lodger) -> None:
    answer = await waiting.http.post(ENDPOINT, json={"prompt": "secret words" * 20, "duration": "never"})
    assert answer.status_code == 422
    assert sorted(entry["loc"][-1] for entry in answer.json()["detail"]) == ["duration", "prompt"]
    assert "secret words" not in answer.text


HOSTILE = [
    b"{",
    b"[]",
    b'"x"',
    b'{"prompt": NaN}',
    b'{"prompt": "\\ud800"}',
    b'{"prompt": "a\\u0000b"}',
    b'{"prompt": "go", "duration": 1e999}',
    b'{"prompt": "go", "duration": ' + b"9" * 5000 + b"}",
    b'{"prompt":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"prompt": "go", "more": ' + b"[" * 40 + b"]" * 40 + b"}",
    b"\xff\xfe{}",
    b"",
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
async def test_a_hostile_body_is_a_422_and_nothing_more(waiting: Lodger, body: bytes) -> None:
    answer = await waiting.http.post(ENDPOINT, content=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"][0]["loc"][0] == "body"


async def test_the_content_type_does_not_matter(waiting: Lodger) -> None:
    answer = await waiting.http.post(
        ENDPOINT, content=json.dumps({"prompt": "go"}), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 200


async def test_an_unknown_field_is_taken_and_named(waiting: Lodger) -> None:
    answer = await waiting.http.post(ENDPOINT, json={"prompt": "go", "sharpness": 3})
    assert [each["field"] for each in answer.json()["reelgate"]["dropped"]] == ["sharpness"]


@pytest.mark.parametrize(
    ("path", "method", "code"), [("/no/such/model", "POST", 404), ("/scripted", "POST", 404), (ENDPOINT, "DELETE", 405)]
)
async def test_what_is_not_there_is_said_in_json(waiting: Lodger, path: str, method: str, code: int) -> None:
    answer = await waiting.http.request(method, path)
    assert answer.status_code == code
    assert isinstance(answer.json()["detail"], str)


async def test_an_idempotency_key_makes_one_job(waiting: Lodger) -> None:
    first = await waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers={"Idempotency-Key": "one"})
    again = await waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers={"Idempotency-Key": "one"})
    other = await waiting.http.post(ENDPOINT, json={"prompt": "stop"}, headers={"Idempotency-Key": "one"})
    assert again.json() == first.json()
    assert again.headers["x-reelgate-replayed"] == "true"
    assert "x-reelgate-replayed" not in first.headers
    assert other.status_code == 422


async def test_money_that_does_not_suffice_is_a_402_in_words(waiting: Lodger) -> None:
    poor = await waiting.key(account="poor")
    answer = await waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers=poor)
    assert answer.status_code == 402
    assert "$0.35 short" in answer.json()["detail"]


async def test_a_test_key_pays_nothing(waiting: Lodger) -> None:
    answer = await waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers=await waiting.key("test"))
    assert answer.json()["reelgate"]["cost"] == "0.000000"


async def test_an_admin_key_submits_nothing(waiting: Lodger) -> None:
    assert (await waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers=await waiting.key("admin"))).status_code == 403


async def test_a_queue_longer_than_the_caller_wants_is_429(waiting: Lodger) -> None:
    await submit(waiting)
    answer = await waiting.http.post(f"{ENDPOINT}?fal_max_queue_length=0", json={"prompt": "go"})
    assert answer.status_code == 429


async def test_a_queue_length_of_thousands_of_digits_is_none_that_could_be_reached(waiting: Lodger) -> None:
    await submit(waiting)
    assert (await waiting.http.post(f"{ENDPOINT}?fal_max_queue_length={'9' * 4500}", json={"prompt": "go"})).status_code == 200


@pytest.mark.parametrize(("seconds", "code"), [("30.0", 200), ("0.1", 200), ("0.01", 422), ("soon", 422), ("nan", 422), ("1e9", 422)])
async def test_a_start_timeout_is_read_within_its_range(waiting: Lodger, seconds: str, code: int) -> None:
    answer = await waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers={"X-Fal-Request-Timeout": seconds})
    assert answer.status_code == code


async def test_a_job_that_did_not_start_in_time_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_lodging(tmp_path, monkeypatch) as lodger:
        await submit(lodger, "hang")
        late = await submit(lodger, "go", **{"X-Fal-Request-Timeout": "0.1"})
        await lodger.ended(late["request_id"])
        result = await lodger.http.get(late["response_url"])
        assert result.status_code == 504
        assert result.headers["x-fal-request-timeout-type"] == "user"


async def test_a_stream_shows_the_way_to_the_end_and_closes(open_gate: Lodger) -> None:
    submitted = await submit(open_gate)
    frames: list[dict[str, Any]] = []
    async with open_gate.http.stream("GET", submitted["status_url"] + "/stream?logs=1") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                assert line.isascii()
                frames.append(json.loads(line[6:]))
    assert frames[-1]["status"] == "COMPLETED"
    assert [line["message"] for frame in frames for line in frame["logs"]] == ["half way"]


async def test_a_stream_that_broke_off_goes_on_where_it_was(open_gate: Lodger) -> None:
    submitted = await submit(open_gate)
    await open_gate.ended(submitted["request_id"])
    whole = (await open_gate.http.get(f"{submitted['status_url']}/stream?logs=1")).text
    [number] = [line.removeprefix("id: ") for line in whole.splitlines() if line.startswith("id: ")]
    assert "half way" in whole
    rest = await open_gate.http.get(f"{submitted['status_url']}/stream?logs=1", headers={"Last-Event-ID": number})
    assert "half way" not in rest.text
    assert '"COMPLETED"' in rest.text


async def test_what_nobody_could_use_is_named_by_status_and_result(open_gate: Lodger) -> None:
    submitted = await submit(open_gate, "leave out")
    assert submitted["reelgate"]["dropped"] == []
    await open_gate.ended(submitted["request_id"])
    said = [{"field": "prompt", "reason": "the script leaves it out"}]
    assert (await open_gate.http.get(submitted["status_url"])).json()["reelgate"] == {"dropped": said}
    assert (await open_gate.http.get(submitted["response_url"])).json()["reelgate"]["dropped"] == said


async def test_every_answer_has_the_id_that_clients_quote(waiting: Lodger) -> None:
    http, none = waiting.http, {"Authorization": ""}
    job = (await submit(waiting))["request_id"]
    poor, admin = await waiting.key(account="poor"), await waiting.key("admin")
    at = f"{ENDPOINT}/requests/{job}"
    answers = {
        "submitted": await http.post(ENDPOINT, json={"prompt": "go"}),
        "no key": await http.post(ENDPOINT, json={"prompt": "go"}, headers=none),
        "no money": await http.post(ENDPOINT, json={"prompt": "go"}, headers=poor),
        "forbidden": await http.post(ENDPOINT, json={"prompt": "go"}, headers=admin),
        "no such app": await http.post("/no/such/app", json={}),
        "not here": await http.get("/no/such/app"),
        "by POST": await http.get(ENDPOINT),
        "too large": await http.post(ENDPOINT, headers={"Content-Length": "99999999"}, content=b"{}"),
        "invalid": await http.post(ENDPOINT, json={}),
        "limited": await http.post(f"{ENDPOINT}?fal_max_queue_length=0", json={"prompt": "go"}),
    }
    of_job = {
        "status": await http.get(f"{at}/status"),
        "status, no key": await http.get(f"{at}/status", headers=none),
        "status, not yours": await http.get(f"{at}/status", headers=poor),
        "stream, no key": await http.get(f"{at}/status/stream", headers=none),
        "stream, not yours": await http.get(f"{at}/status/stream", headers=poor),
        "status by DELETE": await http.delete(f"{at}/status"),
        "pending": await http.get(at),
        "taken back": await http.put(f"{at}/cancel"),
        "too late": await http.put(f"{at}/cancel"),
        "cancelled": await http.get(at),
        "stream": await http.get(f"{at}/status/stream"),
    }
    codes = {name: answer.status_code for name, answer in (answers | of_job).items()}
    assert set(codes.values()) >= {200, 202, 400, 401, 402, 403, 404, 405, 413, 422, 429, 499}
    assert {name: len(UUID(answer.headers["x-fal-request-id"]).hex) for name, answer in answers.items()} == dict.fromkeys(answers, 32)
    assert {name: answer.headers["x-fal-request-id"] for name, answer in of_job.items()} == dict.fromkeys(of_job, job)


async def test_a_bug_of_ours_and_an_unready_gateway_have_an_id_too(waiting: Lodger, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object) -> None:
        raise Unready

    async def broken(*_: object) -> None:
        message = "a secret detail"
        raise RuntimeError(message)

    job = (await submit(waiting))["request_id"]
    for trouble, code in ((full, 503), (broken, 500)):
        monkeypatch.setattr(waiting.house.gateway.store, "glance", trouble)
        for tail in ("/status", "/status/stream"):
            answer = await waiting.http.get(f"{ENDPOINT}/requests/{job}{tail}")
            assert (answer.status_code, answer.headers["x-fal-request-id"]) == (code, job)
            assert "secret" not in answer.text
            assert answer.headers.get("retry-after") == ("2" if code == 503 else None)


async def test_one_stream_too_many_is_told_to_come_back(waiting: Lodger) -> None:
    submitted = await submit(waiting)
    places = [waiting.house.gateway.streams.open("owner") for _ in range(200)]
    refused = await waiting.http.get(submitted["status_url"] + "/stream")
    assert (refused.status_code, refused.json()["error_type"]) == (429, "too_many_requests")
    assert (refused.headers["retry-after"], refused.headers["x-fal-request-id"]) == ("5", submitted["request_id"])
    with places[0]:
        pass
    await waiting.http.put(submitted["cancel_url"])
    for _ in range(3):  # each gives its place back
        assert (await waiting.http.get(submitted["status_url"] + "/stream")).status_code == 200


@pytest.mark.parametrize("host", ["a b", "evil/path", "a" * 256])
async def test_a_host_that_is_none_is_refused_rather_than_kept_in_links(waiting: Lodger, host: str) -> None:
    answer = await waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers={"Host": host})
    assert (answer.status_code, answer.json()["error_type"]) == (400, "bad_request")
    front = await waiting.http.get("/", headers={"Host": host})
    assert (front.status_code, "Host" in front.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    "path", ["/fal-ai/x%0a", "/%0a", "/a/b/requests/x%0a/status", "/a%0d%0aX:1/requests/x", "/kling/v1/%0a", "/v1/jobs%0a"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_path_with_a_line_s_end_is_not_found_in_json(waiting: Lodger, method: str, path: str) -> None:
    answer = await waiting.http.request(method, path)
    assert answer.status_code in ({404} if method == "GET" else {404, 405})
    assert isinstance(answer.json(), dict)


async def test_links_follow_the_address_by_which_the_job_was_made(waiting: Lodger) -> None:
    answer = await waiting.http.post(ENDPOINT, json={"prompt": "go"}, headers={"Host": "video.example.com"})
    status = await waiting.http.get(answer.json()["status_url"].replace("http://video.example.com", BASE))
    assert status.json()["response_url"].startswith("http://video.example.com/scripted/text/requests/")


async def test_the_quick_way_reads_every_path_as_the_table_does(waiting: Lodger) -> None:
    routes = FACE.routes(waiting.house.gateway)
    [quick] = [route for route in routes if isinstance(route, Quick)]
    table = [route for route in routes if isinstance(route, Route) and route.path.startswith("/{")]
    taken = 0
    for words in itertools.chain.from_iterable(itertools.product(["", "a", "requests", "status", "cancel"], repeat=n) for n in range(1, 6)):
        for method in ("GET", "POST", "PUT", "HEAD"):
            scope = {"type": "http", "method": method, "path": f"/{'/'.join(words)}"}
            found = _first_match([quick], scope)
            assert found in (None, _first_match(table, scope)), scope
            taken += found is not None
    assert taken


def _first_match(routes: Sequence[BaseRoute], scope: dict[str, Any]) -> tuple[Any, dict[str, str]] | None:
    for route in routes:
        match, found = route.matches(scope)
        if match is Match.FULL:
            return found["endpoint"], found["path_params"]
    return None
