"""One document of the whole gateway: what it says is served, and what is served it says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

from reelgate.app import load_faces
from reelgate.gateway.face import Face
from reelgate.gateway.manual import Described
from tests.house import BASE, Lodger, open_lodging
from tests.stranger import ask


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        yield lodger


async def document(gate: Lodger) -> dict[str, Any]:
    return (await gate.http.get("/v1/openapi.json", headers={"authorization": ""})).raise_for_status().json()


def operations(told: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in told["paths"].items():
        yield from ((method.upper(), path, operation) for method, operation in methods.items())


async def test_it_says_what_it_is_and_links_the_documents_of_endpoints(gate: Lodger) -> None:
    told = await document(gate)
    assert (told["openapi"], told["servers"]) == ("3.1.0", [{"url": BASE}])
    link = told["x-reelgate-endpoints"]["fal-ai/kling-video/v2.5-turbo/pro/text-to-video"]
    assert (await gate.http.get(link)).json()["info"]["title"]
    assert await document(gate) == told


async def test_every_route_of_every_face_is_in_it_and_nothing_else_is(gate: Lodger) -> None:
    faces = load_faces()
    assert [face.name for face in faces if not isinstance(face, Described)] == []
    assert astray(await document(gate), (route for face in faces for route in face.routes(gate.house.gateway))) == []


async def test_a_route_without_an_entry_and_an_entry_without_a_route_are_found(gate: Lodger) -> None:
    async def nothing(_: Request) -> PlainTextResponse:
        return PlainTextResponse("")

    told = await document(gate)
    routes = [route for face in load_faces() for route in face.routes(gate.house.gateway)]
    planted = Route("/planted/{id:path}", nothing, methods=["GET", "DELETE"])
    assert astray(told, [*routes, planted]) == ["DELETE /planted/{id} is not described", "GET /planted/{id} is not described"]
    assert astray(told, [each for each in routes if getattr(each, "path", "") != "/healthz"]) == ["GET /healthz is not served"]


async def test_every_operation_asks_for_a_key_unless_it_says_that_it_is_open(gate: Lodger) -> None:
    for method, path, operation in operations(await document(gate)):
        answer = await ask(gate.house.door, method, path.replace("{", "").replace("}", ""), (), b"{}")
        assert (answer.status == 401) == ("security" not in operation) or "permit" in str(operation), (method, path, answer)
        assert answer.status != 405, (method, path)


async def test_every_name_in_a_path_and_every_reference_is_explained(gate: Lodger) -> None:
    told = await document(gate)
    for method, path, operation in operations(told):
        assert operation["summary"].endswith("."), (method, path)
        for parameter in operation.get("parameters", ()):
            assert parameter["schema"]["description"], (method, path, parameter["name"])
    ids = [operation["operationId"] for _, _, operation in operations(told)]
    assert len(set(ids)) == len(ids)
    schemas = {f"#/components/schemas/{name}" for name in told["components"]["schemas"]}
    assert references(told) == schemas


def astray(told: Mapping[str, Any], routes: Iterable[BaseRoute]) -> list[str]:
    """What is served and not described, and what is described and not served."""
    described = {(method, path) for method, path, _ in operations(told)}
    served: dict[str, set[str]] = {}
    for route in routes:
        if isinstance(route, Route) and route.include_in_schema:
            served.setdefault(route.path_format, set()).update((route.methods or {"ANY"}) - {"HEAD", "OPTIONS"})
    paths = {path for _, path in described}
    unsaid = [f"{method} {path}" for path, methods in served.items() for method in methods if not _said(method, path, described, paths)]
    unserved = [f"{method} {path}" for method, path in described if not served.get(path, set()) & {method, "ANY"} and method != "HEAD"]
    return sorted([*(f"{each} is not described" for each in unsaid), *(f"{each} is not served" for each in unserved)])


def _said(method: str, path: str, described: set[tuple[str, str]], paths: set[str]) -> bool:
    return path in paths if method == "ANY" else (method, path) in described


def references(told: Any) -> set[str]:
    """Everything that is referred to."""
    if isinstance(told, dict):
        here = {told["$ref"]} if isinstance(told.get("$ref"), str) else set[str]()
        return here.union(*(references(each) for each in told.values()))
    return set[str]().union(*(references(each) for each in told)) if isinstance(told, list) else set()


class Unsaid:
    """A face without a manual."""

    name = "unsaid"
    rank = 10

    def routes(self, gateway: Any) -> Sequence[BaseRoute]:
        return []


def test_a_face_need_not_have_a_manual() -> None:
    face: Face = Unsaid()
    assert not isinstance(face, Described)
