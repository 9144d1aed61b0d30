"""The admin's routes under what nobody means: requests made from their own document, with an admin key that opens them.

Whatever is sent, the answer is as described, the books agree afterwards, and the audit log is whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests  # noqa: TID251 -- spells out what schemathesis has made; nothing goes out
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from urllib3 import HTTPResponse

from reelgate.gateway.entrance import App
from tests.house import BASE, document, open_lodging
from tests.stranger import Answer, ask

_OF_THE_CLIENT = {"connection", "accept-encoding", "user-agent", "x-schemathesis-testcaseid"}
_TOLD_BY_NO_ANSWER = ("Traceback", "site-packages", "pydantic", "starlette", "sqlite")


def _document() -> dict[str, object]:
    whole = document()
    return {**whole, "paths": {path: said for path, said in whole["paths"].items() if path.startswith("/admin/v1")}}


OPERATIONS = {each.label: each for each in (found.ok() for found in schemathesis.openapi.from_dict(_document()).get_all_operations())}
load_all_checks()
_CONFORMS = CHECKS.get_by_names(["status_code_conformance", "content_type_conformance", "response_schema_conformance"])


@dataclass(frozen=True)
class Office:
    """A gateway, an admin's key, and things by the ids that paths ask for."""

    runner: asyncio.Runner
    door: App
    admin: str
    ids: tuple[str, ...]

    def ask(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes = b"") -> Answer:
        return self.runner.run(ask(self.door, method, path, headers, body))

    def get(self, path: str) -> Answer:
        return self.ask("GET", path, [("authorization", self.admin)])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as monkeypatch, asyncio.Runner() as runner:
        lodging = open_lodging(folder, monkeypatch, working=False, database="sqlite", preview_price="list")
        lodger = runner.run(lodging.__aenter__())
        admin = f"Key {(lodger.folder.secret('admin-key') or b'').decode()}"

        async def furnish() -> tuple[str, ...]:
            job = (await lodger.http.post("/scripted/text", json={"prompt": "go"})).json()["request_id"]
            await lodger.house.gateway.accounts.create("ada", actor="gateway")
            key, _ = await lodger.house.gateway.keys.create("ada", "for a test", "live", actor="gateway")
            await lodger.house.gateway.tariff.create_book("retail", "", actor="gateway")
            return ("owner", "ada", "retail", key.id, job)

        yield Office(runner, lodger.house.door, admin, runner.run(furnish()))
        runner.run(lodging.__aexit__(None, None, None))


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_an_admin_s_route_answers_as_described_and_the_books_agree(label: str, office: Office, large: bool) -> None:
    operation = OPERATIONS[label]
    wrong = bool(operation.body or operation.query or operation.headers or operation.path_parameters)

    @settings(
        deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), max_examples=100 if large else 4
    )
    @given(data=st.data())
    def play(data: st.DataObject) -> None:
        modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if wrong else [GenerationMode.POSITIVE]
        case = data.draw(operation.as_strategy(data.draw(st.sampled_from(modes))))
        case.headers["Authorization"] = office.admin
        for name, drawn in dict(case.path_parameters).items():
            case.path_parameters[name] = data.draw(st.sampled_from([*office.ids, drawn]))
        if isinstance(case.body, dict) and "reason" in case.body and data.draw(st.booleans()):
            case.body = {**case.body, "reason": "because"}
        request = _spelled(case)
        headers = [(name, _latin(value)) for name, value in request.headers.items() if name.lower() not in _OF_THE_CLIENT]
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        answer = office.ask(case.method, request.path_url, headers, body)
        assert 0 < answer.status < 500
        text = answer.body.decode("latin-1")
        assert [word for word in (*_TOLD_BY_NO_ANSWER, office.admin.removeprefix("Key ")) if word in text] == []
        case.validate_response(_as_received(answer, request), checks=_CONFORMS)

    play()
    assert office.get("/admin/v1/state").json["breaches"] == []
    assert office.get("/admin/v1/audit/verify").json["sound"]


def test_an_answer_that_is_not_described_is_found(office: Office) -> None:
    """The negative control."""
    operation = OPERATIONS["GET /admin/v1/audit/verify"]
    case = operation.Case()
    good = office.get("/admin/v1/audit/verify")
    case.validate_response(_as_received(good, _spelled(case)), checks=_CONFORMS)
    for status, headers, body in ((418, good.headers, good.body), (200, good.headers, b'{"sound": "yes"}'), (200, (), good.body)):
        with pytest.raises(FailureGroup):
            case.validate_response(_as_received(Answer(status, headers, body), _spelled(case)), checks=_CONFORMS)


def _spelled(case: schemathesis.Case) -> requests.PreparedRequest:
    said = case.as_transport_kwargs(base_url=BASE)
    kept = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
    return requests.Request(**{name: said[name] for name in kept if name in said}).prepare()


def _latin(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _as_received(answer: Answer, request: requests.PreparedRequest) -> requests.Response:
    from datetime import timedelta

    response = requests.Response()
    response.status_code, response._content, response.request = answer.status, answer.body, request  # noqa: SLF001 -- its only way
    response.headers.update(answer.headers)
    response.elapsed, response.url = timedelta(milliseconds=1), request.url or ""
    response.raw = HTTPResponse(body=b"", status=answer.status, headers=dict(answer.headers))
    return response
