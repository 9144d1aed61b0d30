from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reelgate.cli import follow as module
from reelgate.cli.client import Client
from reelgate.cli.follow import bring, check_place, cost_words, follow, place, size_words, summary, take_back
from reelgate.cli.progress import Silent
from reelgate.cli.trouble import Code, Trouble
from tests.unit.cli.conftest import Served


def submitted(client: Client, prompt: str) -> str:
    return client.ask("POST", "/scripted/text", {"prompt": prompt})["request_id"]


def test_a_job_is_followed_to_its_end_and_its_video_brought(gateway: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client = gateway.client()
    job = follow(client, submitted(client, "go"), Silent())
    assert job["state"] == "done"
    bring(client, job, tmp_path / "clip.mp4", as_json=False)
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'clip.mp4'}\n"
    assert err.startswith(f"done {tmp_path / 'clip.mp4'}  ")
    assert "$0.35" in err
    assert (tmp_path / "clip.mp4").read_bytes().startswith(b"not a video")


def test_what_did_nothing_and_what_was_done_otherwise_is_told_first(
    gateway: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = gateway.client()
    job = follow(client, submitted(client, "go"), Silent())
    told = {"dropped": [{"field": "cfg_scale", "reason": "not read"}], "video": {**job["video"], "remarks": ["not drawn: camel\x1b[31m"]}}
    bring(client, {**job, **told}, tmp_path / "clip.mp4", as_json=False)
    first, second, last, *_ = capsys.readouterr().err.splitlines()
    assert first == "note cfg_scale did nothing: not read"
    assert second.startswith("note not drawn: camel")
    assert "\x1b" not in second
    assert last.startswith("done ")


def test_json_is_the_job_with_the_path(gateway: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    client = gateway.client()
    job = follow(client, submitted(client, "go"), Silent())
    bring(client, job, tmp_path, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert Path(told["path"]).parent == tmp_path
    assert told["id"] == job["id"]


@pytest.mark.parametrize(
    ("prompt", "code", "words"), [("fail", Code.FAILED, "as the script says"), ("refuse", Code.WRONG, "prompt: as the script")]
)
def test_a_failure_says_why_and_that_it_cost_nothing(gateway: Served, prompt: str, code: Code, words: str) -> None:
    client = gateway.client()
    job = follow(client, submitted(client, prompt), Silent())
    with pytest.raises(Trouble, match=words) as trouble:
        bring(client, job, None, as_json=False)
    assert trouble.value.code is code
    assert trouble.value.message.endswith("nothing was charged")
    assert trouble.value.tips[0].endswith(f"logs {job['id']}")


def test_an_interrupt_takes_the_job_back(gateway: Served) -> None:
    client = gateway.client()
    trouble = take_back(client, submitted(client, "wait 60"))
    assert trouble.code is Code.INTERRUPTED
    assert trouble.message == "cancelled; nothing was charged"


def test_an_interrupt_that_comes_too_late_says_what_it_cost(gateway: Served) -> None:
    client = gateway.client()
    job = follow(client, submitted(client, "go"), Silent())
    assert take_back(client, job["id"]).message == "it was done already; charged: $0.35 (5 s × $0.07)"


def test_a_gateway_that_went_away_is_waited_for_then_named(gateway: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    client = gateway.client()
    job_id = submitted(client, "wait 60")
    lost = Client(module.Client(client.located, "").located, gateway.key)
    monkeypatch.setattr(module, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(lost, "_base", lost._base._replace(netloc="127.0.0.1:1"))  # noqa: SLF001 -- the wire is cut
    with pytest.raises(Trouble, match="the job goes on when it is back") as trouble:
        follow(lost, job_id, Silent())
    assert trouble.value.code is Code.UNREACHED
    assert trouble.value.tips[0].endswith(f"get {job_id}")
    take_back(client, job_id)


def test_a_video_goes_to_a_file_a_folder_or_here(tmp_path: Path) -> None:
    job_id = "01a1fe41-5e4f-775a-81f3-8b0b58b7662b"
    assert place(None, job_id) == Path("reelgate-58b7662b.mp4")
    assert place(tmp_path, job_id) == tmp_path / "reelgate-58b7662b.mp4"
    assert place(tmp_path / "clip.mp4", job_id) == tmp_path / "clip.mp4"


def test_a_place_that_is_not_there_is_refused_before_anything_is_asked_for(tmp_path: Path) -> None:
    check_place(None)
    check_place(tmp_path / "clip.mp4")
    with pytest.raises(Trouble, match="there is no folder"):
        check_place(tmp_path / "none" / "clip.mp4")


@pytest.mark.parametrize(
    ("amount", "words", "told"),
    [
        ("0.000000", "free", "free"),
        ("0.350000", "5 s × $0.07", "$0.35 (5 s × $0.07)"),
        ("14.000000", "", "$14"),
        ("0.042500", "", "$0.0425"),
    ],
)
def test_a_cost_is_told_with_its_arithmetic(amount: str, words: str, told: str) -> None:
    assert cost_words({"cost": {"amount": amount, "words": words}}) == told


@pytest.mark.parametrize(("size", "told"), [(10, "1 kB"), (840_123, "840 kB"), (1_700_000, "1.7 MB")])
def test_a_size_is_told_as_people_say_it(size: int, told: str) -> None:
    assert size_words(size) == told


def test_the_facts_of_a_video_stand_on_one_line() -> None:
    video = {"seconds": 5.0, "width": 1280, "height": 720, "sound": True}
    job: dict[str, Any] = {"id": "ID", "video": video, "render_s": 6.04, "engine": "preview", "cost": {"amount": "0", "words": ""}}
    assert summary(job, 840_000) == "840 kB · 5 s at 1280×720, with sound · free · took 6.0 s · preview · ID"
