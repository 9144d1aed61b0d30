from __future__ import annotations

import socket
from pathlib import Path

import pytest

from reelgate.cli.client import Answer, Client, Refusal, Unreached, admin, caller, record, records, words_of
from reelgate.cli.locate import Located
from reelgate.cli.trouble import Code, Trouble
from tests.unit.cli.conftest import Served


def nowhere() -> Located:
    """An address that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Located(url=f"http://127.0.0.1:{free.getsockname()[1]}", how="by the test", data=None)


def made(gateway: Served) -> str:
    client = gateway.client()
    job_id = client.ask("POST", "/scripted/text", {"prompt": "go"})["request_id"]
    assert [each["state"] for each in client.events(f"/v1/jobs/{job_id}/events") if each["state"]][-1] == "done"
    return client.get(f"/v1/jobs/{job_id}")["video"]["url"]


def test_an_answer_is_its_json(gateway: Served) -> None:
    assert gateway.client().get("/healthz") == {"status": "alive"}


def test_a_text_is_handed_on_as_it_is(gateway: Served) -> None:
    client = gateway.client()
    assert client.text("/v1/usage?format=csv").startswith("jobs,charged_usd,")
    with pytest.raises(Refusal) as refusal:
        client.text("/v1/usage?format=xlsx")
    assert refusal.value.message == "format: json or csv"


def test_headers_go_along(gateway: Served) -> None:
    client = Client(gateway.client().located, (gateway.data / "admin-key").read_text().strip())
    asked = {"amount": "0.01", "reason": "twice"}
    posted = [client.ask("POST", "/admin/v1/accounts/owner/credit", asked, headers={"Idempotency-Key": "twice"}) for _ in range(2)]
    assert posted[0] == posted[1]


def test_one_connection_serves_many_and_is_made_anew_after_it_was_closed(gateway: Served) -> None:
    client = gateway.client()
    for _ in range(3):
        assert client.get("/healthz")
    client.close()
    assert client.get("/healthz")


@pytest.mark.parametrize(
    ("key", "path", "code"),
    [("", "/v1/jobs", Code.REFUSED), ("rg_live_wrong", "/v1/jobs", Code.REFUSED), (None, "/v1/jobs/none", Code.WRONG)],
)
def test_a_refusal_has_words_an_exit_code_and_a_way_on(gateway: Served, key: str | None, path: str, code: Code) -> None:
    client = Client(gateway.client().located, gateway.key if key is None else key)
    with pytest.raises(Refusal) as refusal:
        client.get(path)
    assert refusal.value.code is code
    assert refusal.value.message
    assert refusal.value.tips


def test_nobody_there_says_so_and_how_the_address_was_found() -> None:
    located = nowhere()
    with pytest.raises(Unreached, match="connection refused") as trouble:
        Client(located, "").get("/healthz")
    assert trouble.value.code is Code.UNREACHED
    assert f"{located.url} (by the test)" in trouble.value.message


def test_a_file_is_fetched_whole_without_a_key(gateway: Served, tmp_path: Path) -> None:
    to = tmp_path / "clip.mp4"
    assert gateway.client().fetch(made(gateway), to) == to.stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_file_that_is_not_there_leaves_nothing_behind(gateway: Served, tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        gateway.client().fetch(f"{gateway.url}/files/{'0' * 32}/output.mp4", tmp_path / "clip.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(gateway: Served, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="cannot be written") as trouble:
        gateway.client().fetch(made(gateway), tmp_path / "none" / "clip.mp4")
    assert trouble.value.code is Code.WRONG


def test_an_answer_that_breaks_off_is_no_file(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/clip.mp4"
        client = Client(nowhere(), "")
        import threading

        def answer() -> None:
            connection, _ = server.accept()
            connection.recv(1 << 16)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(Unreached):
            client.fetch(address, tmp_path / "clip.mp4")
        thread.join()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"code": "x", "message": "no", "faults": [{"field": "name", "message": "too long"}]}}, "name: too long"),
        ({"error": {"code": "x", "message": "no such job"}}, "no such job"),
        ({"detail": "no balance"}, "no balance"),
        ({"detail": [{"loc": ["body", "prompt"], "msg": "Field required"}]}, "prompt: Field required"),
        (None, "the gateway answered 418"),
        ([], "the gateway answered 418"),
    ],
)
def test_the_words_of_an_error_are_found_in_every_shape(body: object, words: str) -> None:
    assert words_of(Answer(status=418, body=body)) == words


def test_what_is_no_object_reads_as_an_empty_one() -> None:
    assert record([1]) == {}
    assert records({"a": 1}) == []
    assert records([{"a": 1}, 2]) == [{"a": 1}, {}]


def test_the_located_gateway_is_spoken_to_with_its_own_keys(gateway: Served) -> None:
    assert admin().get("/admin/v1/state")["rule"]
    assert caller(None).get("/v1/jobs")["object"] == "list"
    with pytest.raises(Refusal):
        caller("rg_live_wrong").get("/v1/jobs")
