"""Forty canaries through every path: keys, secrets, prompts, addresses and strangers' texts are in no log, error, figure or answer."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.acceptance._gateway import PROGRAM, Gateway, announced, launch, surroundings
from tests.acceptance._vendor import WORDS, Vendor, selling

SECRETS = {
    name: f"canary-secret-{name}"
    for name in ("fal", "fal-old", "kling-gateway", "kling-access", "kling-secret", "openai", "veo", "reelgate", "wrong-secret")
}
ADDRESSES = {name: f"canary-address-{name}" for name in ("fal", "kling", "openai", "veo")}
ENDS = ("go", "fail", "refuse", "trouble", "garbage", "mute", "unready", "talk")
PROMPTS = {f"{wire}-{end}": f"canary-prompt-{wire}-{end}" for wire in ("fal", "kling") for end in ENDS} | {
    name: f"canary-prompt-{name}" for name in ("openai", "invalid", "cancelled", "quoted", "negative", "unknown", "talk")
}
TOKENS = {name: f"canary-token-{name}" for name in ("image", "webhook", "idempotency", "key", "master")}
_TEXT = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
_PICTURE = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video"
_KLING_ONLY = "fal-ai/kling-video/v2.1/master/text-to-video"
_OPENAI_ONLY = "fal-ai/veo3.1/fast"
_WEBHOOK_SECRET = base64.b64encode(b"canary-secret-webhook-000000").decode()


@dataclass
class Tour:
    """A gateway that was sent everywhere, with all that it said on the way."""

    gateway: Gateway
    vendor: Vendor
    said: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """One exchange, remembered."""
        answer = self.gateway.call(method, path, body, **more)
        self.said[f"{method} {path} #{len(self.said)}"] = repr(dict(answer.headers)).encode() + answer.body
        return answer

    def admin(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The same as an admin, whose own settings are shown to him: not remembered."""
        return self.gateway.call(method, path, body, key=self.gateway.admin_key)

    def type(self, *words: str) -> None:
        """A command of the operator's, remembered."""
        done = subprocess.run([str(PROGRAM), *words], env=surroundings(self.gateway.data), capture_output=True, timeout=60, check=False)
        self.said[f"reelgate {' '.join(words)}"] = done.stdout + done.stderr

    def log(self) -> bytes:
        """All that was logged."""
        return self.gateway.log.read_bytes()


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """Every path once, with a death in the middle."""
    data = tmp_path_factory.mktemp("canaries") / "data"
    environment = {
        "REELGATE_ALLOW_PRIVATE": "127.0.0.0/8",
        "REELGATE_LOG_LEVEL": "debug",
        "REELGATE_PUBLIC_URL": "http://127.0.0.1:9",
        "REELGATE_KLING_WEBHOOK_SECRET": f"whsec_{_WEBHOOK_SECRET}",
    }
    with selling() as vendor:
        gateway = announced(launch(data, environment=environment), data)
        found = Tour(gateway, vendor)
        try:
            _set_up(found)
            jobs = _submit_everything(found)
            gateway.kill()
            found.gateway = gateway = announced(launch(data, environment=environment), data)
            _look_everywhere(found, jobs)
            yield found
        finally:
            gateway.kill()


def _set_up(tour: Tour) -> None:
    url = tour.vendor.url
    channels: list[dict[str, Any]] = [
        {"id": "fal", "provider": "fal_gateway", "address": f"{url}/{ADDRESSES['fal']}", "secrets": {"api_key": SECRETS["fal-old"]}},
        {
            "id": "kling",
            "provider": "kling_gateway",
            "address": f"{url}/{ADDRESSES['kling']}",
            "secrets": {"api_key": SECRETS["kling-gateway"]},
        },
        {
            "id": "pair",
            "provider": "kling",
            "address": f"{url}/pair",
            "options": {"generation": "legacy"},
            "secrets": {"access_key": SECRETS["kling-access"], "secret_key": SECRETS["kling-secret"]},
        },
        {"id": "openai", "provider": "openai", "address": f"{url}/{ADDRESSES['openai']}", "secrets": {"api_key": SECRETS["openai"]}},
        {"id": "veo", "provider": "veo", "address": f"{url}/{ADDRESSES['veo']}", "secrets": {"api_key": SECRETS["veo"]}},
        {"id": "other", "provider": "reelgate", "address": "http://127.0.0.1:9", "secrets": {"api_key": SECRETS["reelgate"]}},
    ]
    models = {
        "fal": {_TEXT: "", _PICTURE: "", "acme/*": ""},
        "kling": {_KLING_ONLY: ""},
        "openai": {_OPENAI_ONLY: "wan"},
        "pair": {_TEXT: ""},
        "veo": {"fal-ai/veo3": ""},
        "other": {"fal-ai/veo3/fast": ""},
    }
    for channel in channels:
        body = {
            **channel,
            "models": models[channel["id"]],
            "window_s": 10,
            "submit_timeout_s": 2,
            "priority": 9 if channel["id"] == "pair" else 0,
        }
        assert tour.admin("POST", "/admin/v1/channels", body).status == 201, channel["id"]
    assert tour.admin("PATCH", "/admin/v1/channels/fal", {"secrets": {"api_key": SECRETS["fal"]}}).status == 200
    wrong = {**channels[0], "id": "broken", "secrets": {"api_key": f"{SECRETS['wrong-secret']} with a space"}}
    tour.said["a channel that is refused"] = tour.admin("POST", "/admin/v1/channels", wrong).body
    tour.type("prices", "set", "acme/*", "0.10", "--per", "video")


def _submit_everything(tour: Tour) -> list[str]:
    jobs: list[str] = []
    negative = {"negative_prompt": PROMPTS["negative"]}
    for end in ENDS:
        headers = {"Idempotency-Key": f"{TOKENS['idempotency']}-{end}"}
        body = {"prompt": f"{PROMPTS[f'fal-{end}']} {end} end", **negative}
        hook = f"fal_webhook=http%3A%2F%2F127.0.0.1%3A9%2Fhook%3Ftoken%3D{TOKENS['webhook']}"
        jobs.append(tour.ask("POST", f"/{_TEXT}?{hook}", body, headers=headers).json["request_id"])
        body = {"prompt": f"{PROMPTS[f'kling-{end}']} {end} end"}
        jobs.append(tour.ask("POST", f"/{_KLING_ONLY}", body).json["request_id"])
    picture = {"prompt": f"{PROMPTS['fal-go']} refuse end", "image_url": f"{tour.vendor.url}/a.png?token={TOKENS['image']}"}
    jobs.append(tour.ask("POST", f"/{_PICTURE}", picture).json["request_id"])
    jobs.append(tour.ask("POST", f"/{_OPENAI_ONLY}", {"prompt": f"{PROMPTS['openai']} go end", "generate_audio": False}).json["request_id"])
    jobs.append(tour.ask("POST", "/fal-ai/veo3", {"prompt": f"{PROMPTS['openai']} trouble end"}).json["request_id"])
    jobs.append(tour.ask("POST", f"/{_OPENAI_ONLY}", {"prompt": f"{PROMPTS['talk']} talk end", "generate_audio": False}).json["request_id"])
    cancelled = tour.ask("POST", f"/{_TEXT}", {"prompt": f"{PROMPTS['cancelled']} unready end"}).json["request_id"]
    tour.ask("PUT", f"/fal-ai/kling-video/requests/{cancelled}/cancel")
    tour.ask("POST", f"/{_TEXT}", {"prompt": PROMPTS["invalid"], "duration": PROMPTS["invalid"], "aspect_ratio": PROMPTS["invalid"]})
    tour.ask("POST", "/acme/films", {"prompt": PROMPTS["unknown"]})
    tour.ask("POST", "/v1/quote", {"endpoint": _TEXT, "input": {"prompt": PROMPTS["quoted"]}})
    tour.ask("POST", "/kling/v1/videos/text2video", {"model_name": "kling-v2-1-master", "prompt": f"{PROMPTS['kling-go']} go end"})
    tour.ask("POST", "/kling/v1/videos/text2video", {"model_name": PROMPTS["invalid"], "prompt": PROMPTS["invalid"]})
    tour.ask("POST", f"/{_TEXT}", {"prompt": "x"}, key=f"rg_live_{TOKENS['key']}")
    tour.ask("GET", f"/v1/jobs?key={TOKENS['key']}", key=TOKENS["key"])
    return jobs


def _look_everywhere(tour: Tour, jobs: list[str]) -> None:
    talking = [*jobs[2 * ENDS.index("talk") :][:2], jobs[-1]]
    for job in (*jobs[:4], *talking):
        tour.gateway.story(job)
    for job in jobs:
        tour.ask("GET", f"/v1/jobs/{job}")
        tour.ask("GET", f"/v1/jobs/{job}/events")
        tour.ask("GET", f"/fal-ai/kling-video/requests/{job}/status?logs=1")
        tour.ask("GET", f"/fal-ai/kling-video/requests/{job}")
        tour.said[f"admin {job}"] = tour.admin("GET", f"/admin/v1/jobs/{job}").body
    for path in ("/v1/jobs", "/v1/deliveries", "/v1/usage", "/v1/account", "/readyz", "/"):
        tour.ask("GET", path)
    for path in ("/metrics", "/admin/v1/state", "/admin/v1/keys"):
        tour.said[path] = tour.admin("GET", path).body
    for channel in ("fal", "kling", "pair", "openai", "veo", "other"):
        tour.said[f"check {channel}"] = tour.admin("POST", f"/admin/v1/channels/{channel}/check").body
    for words in (
        ("jobs",),
        ("logs", jobs[0]),
        ("logs", jobs[4]),
        ("logs", talking[0]),
        ("get", jobs[4]),
        ("doctor",),
        ("keys", "list"),
        ("channels", "list"),
    ):
        tour.type(*words)


EVERYWHERE = {*SECRETS.values(), *PROMPTS.values(), *TOKENS.values(), *WORDS.values(), *ADDRESSES.values(), _WEBHOOK_SECRET}


def found_in(texts: Mapping[str, bytes], canaries: set[str]) -> list[str]:
    """Where canaries sing: the place and the canary."""
    return [f"{place}: {each}" for place, text in texts.items() for each in sorted(canaries) if each.encode() in text]


def test_no_canary_sings_in_a_log_an_answer_or_a_figure(tour: Tour) -> None:
    assert len(EVERYWHERE) >= 40
    assert found_in({**tour.said, "log": tour.log()}, EVERYWHERE) == []


def test_the_tour_went_everywhere(tour: Tour) -> None:
    asked = "\n".join(tour.vendor.asked)
    assert all(SECRETS[name] in asked for name in ("fal", "kling-gateway", "openai", "veo")), "a secret that was never used proves nothing"
    assert all(f"/{each}" in asked for each in ADDRESSES.values())
    log = tour.log().decode()
    for event in ("submitting", "refused", "in_doubt", "accepted", "took_over"):
        assert f'"event":"{event}"' in log, event
    states = {json.loads(text)["state"] for place, text in tour.said.items() if place.startswith("admin ")}
    assert {"done", "failed"} <= states
    assert "acme/*" in tour.said["reelgate prices set acme/* 0.10 --per video"].decode()
    assert "/acme/films" in asked
    assert len(tour.vendor.talked) == 3, "fal's log, and a status of Kling's and of OpenAI's that nobody knows"


def test_secrets_lie_nowhere_but_under_their_seal(tour: Tour) -> None:
    files = {str(path): path.read_bytes() for path in tour.gateway.data.rglob("*") if path.is_file()}
    assert any(name.endswith("store.sqlite") for name in files)
    assert found_in(files, {*SECRETS.values(), _WEBHOOK_SECRET, TOKENS["key"]}) == []


def test_an_admin_sees_his_addresses_and_never_a_secret(tour: Tour) -> None:
    texts = {path: tour.admin("GET", path).body for path in ("/admin/v1/channels", "/admin/v1/channels/fal", "/admin/v1/audit?limit=200")}
    assert ADDRESSES["fal"].encode() in texts["/admin/v1/channels/fal"]
    assert found_in(texts, set(SECRETS.values())) == []


def test_a_canary_that_sings_is_heard() -> None:
    assert found_in({"log": b'{"why": "canary-secret-fal"}'}, EVERYWHERE) == ["log: canary-secret-fal"]
