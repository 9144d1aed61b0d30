"""Behind a proxy that ends TLS, under a path prefix: every address in every answer works as it is given. And pages of other origins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson
import pytest

from tests.acceptance._film import watch
from tests.acceptance._gateway import Answer, Gateway, running
from tests.acceptance._proxy import Proxy, proxy

SMALL = {"prompt": "x", "duration": "1", "resolution": "480p"}
KLING = "/kling/v1/videos/text2video"
ORIGIN = "https://app.example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Whoever knows the proxy alone."""

    proxy: Proxy
    key: str

    def call(self, method: str, where: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """One exchange with a path under the prefix, or an address as it was given."""
        url = where if "://" in where else f"{self.proxy.url}{where}"
        with closing(HTTPSConnection(urlsplit(url).netloc, timeout=60, context=self.proxy.context)) as connection:
            sent = None if body is None else orjson.dumps(body)
            query = f"?{urlsplit(url).query}" if urlsplit(url).query else ""
            connection.request(method, urlsplit(url).path + query, sent, {"Authorization": f"Key {self.key}", **(headers or {})})
            answer = connection.getresponse()
            return Answer(status=answer.status, headers={name.lower(): value for name, value in answer.getheaders()}, body=answer.read())

    def addresses(self, answer: Answer) -> list[str]:
        """Every address in an answer that leads to this machine."""
        found = {each.decode() for each in re.findall(rb"https?://[^\"'\s<>\\]+", answer.body)}
        return sorted(each for each in found if urlsplit(each).hostname in {"localhost", "127.0.0.1"})


@pytest.fixture(scope="module", params=["it says so in headers", "the operator has set the address"])
def outside(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A caller before the proxy: once with a proxy that is believed, once with one that tells nothing."""
    tells = request.param.startswith("it says")
    with proxy(tells=tells) as made:
        known = {"REELGATE_TRUSTED_PROXIES": "127.0.0.0/8"} if tells else {"REELGATE_PUBLIC_URL": made.url}
        with running(tmp_path_factory.mktemp("behind") / "data", environment=known) as gateway:
            made.gateway = gateway.url
            yield Outside(proxy=made, key=gateway.key)


def test_fals_addresses_lead_to_the_video(outside: Outside) -> None:
    submitted = outside.call("POST", "/demo/text-to-video", SMALL).json
    for name in ("status_url", "response_url", "cancel_url"):
        assert submitted[name].startswith(f"{outside.proxy.url}/demo/text-to-video/requests/{submitted['request_id']}")
    stream = outside.call("GET", f"{submitted['status_url']}/stream")
    frames = [orjson.loads(line[6:]) for line in stream.body.splitlines() if line.startswith(b"data: ")]
    assert frames[-1]["status"] == "COMPLETED"
    assert {frame["response_url"] for frame in frames} == {submitted["response_url"]}
    status = outside.call("GET", submitted["status_url"])
    assert (status.status, status.json["status_url"]) == (200, submitted["status_url"])
    result = outside.call("GET", submitted["response_url"])
    assert result.json["video"]["url"].startswith(f"{outside.proxy.url}/files/")
    assert watch(outside.call("GET", result.json["video"]["url"]).body).codec == "h264"
    assert outside.call("PUT", submitted["cancel_url"]).json == {"status": "ALREADY_COMPLETED"}


def test_klings_addresses_lead_to_the_video(outside: Outside) -> None:
    task = outside.call("POST", KLING, {"model_name": "kling-v1", "mode": "std", "prompt": "x"}).json
    outside.call("GET", f"/v1/jobs/{task['task_id']}/events", headers={"Accept": "text/event-stream"})
    ended = outside.call("GET", f"{KLING}/{task['task_id']}").json
    [video] = ended["data"]["task_result"]["videos"]
    assert video["url"].startswith(f"{outside.proxy.url}/files/")
    assert outside.call("HEAD", video["url"]).status == 200


def test_our_own_routes_give_addresses_that_answer(outside: Outside) -> None:
    job = outside.call("POST", "/demo/text-to-video", SMALL).json["request_id"]
    outside.call("GET", f"/v1/jobs/{job}/events", headers={"Accept": "text/event-stream"})
    for path in (f"/v1/jobs/{job}", "/v1/jobs", "/"):
        for address in outside.addresses(outside.call("GET", path)):
            assert address.startswith(outside.proxy.url)
            assert outside.call("GET", address).status == 200, address
    document = outside.call("GET", "/v1/models/demo/text-to-video/openapi.json")
    assert document.json["servers"] == [{"url": outside.proxy.url}]


def test_the_page_for_people_leads_nowhere_else(outside: Outside) -> None:
    page = outside.call("GET", "/", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    links = [urljoin(f"{outside.proxy.url}/", link) for link in re.findall(r'(?:href|src)="([^"#]+)"', page.body.decode())]
    answers = {link: outside.call("GET", link).status for link in links if urlsplit(link).netloc == urlsplit(outside.proxy.url).netloc}
    assert answers
    assert set(answers.values()) == {200}, answers
    assert [address for address in outside.addresses(page) if not address.startswith(outside.proxy.url)] == []


def test_a_picture_may_be_one_of_our_own_files(outside: Outside) -> None:
    data_uri = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    submitted = outside.call("POST", "/demo/image-to-video", {"prompt": "[[fail]]", "image_url": data_uri})
    assert submitted.status == 200
    unknown = {"prompt": "x", "image_url": f"{outside.proxy.url}/files/{'0' * 32}/input.png"}
    refused = outside.call("POST", "/demo/image-to-video", unknown)
    assert (refused.status, refused.faults) == (422, [["body", "image_url"]])


def test_headers_of_a_proxy_that_nobody_named_are_not_believed(gateway: Gateway) -> None:
    lies = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example.com", "X-Forwarded-Prefix": "/evil"}
    answer = gateway.call("POST", "/demo/text-to-video", {"prompt": "[[fail]]"}, headers=lies)
    assert answer.json["status_url"].startswith(f"{gateway.url}/demo/")


# -- pages of other origins -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/demo/text-to-video", "/fal-ai/veo3/requests/x/status", KLING, f"/files/{'0' * 32}/output.mp4", "/v1/jobs"]
)
def test_a_page_of_another_origin_may_ask_whether_it_may_ask(gateway: Gateway, path: str) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    answer = gateway.call("OPTIONS", path, key=None, headers=asked)
    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert {"GET", "POST", "PUT"} <= set(re.split(r",\s*", answer.headers["access-control-allow-methods"]))
    assert {"authorization", "content-type"} <= set(re.split(r",\s*", answer.headers["access-control-allow-headers"].lower()))


def test_a_page_of_another_origin_sees_fals_headers(gateway: Gateway) -> None:
    answer = gateway.call("POST", "/demo/text-to-video", {"prompt": "[[fail]]"}, headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = set(re.split(r",\s*", answer.headers["access-control-expose-headers"].lower()))
    assert {"x-fal-request-id", "x-fal-error-type", "x-fal-billable-units"} <= exposed
    refused = gateway.call("POST", "/demo/text-to-video", {}, key=None, headers={"Origin": ORIGIN})
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, "*")


def test_an_operator_may_name_the_origins(tmp_path: Path) -> None:
    with running(tmp_path / "data", environment={"REELGATE_CORS_ORIGINS": ORIGIN}) as gateway:
        asked = {"Access-Control-Request-Method": "POST"}
        ours = gateway.call("OPTIONS", "/demo/fails", key=None, headers={**asked, "Origin": ORIGIN})
        assert ours.headers["access-control-allow-origin"] == ORIGIN
        other = gateway.call("OPTIONS", "/demo/fails", key=None, headers={**asked, "Origin": "https://evil.example.com"})
        assert "access-control-allow-origin" not in other.headers
