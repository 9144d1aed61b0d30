"""What can be called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.house import BASE, Lodger, open_lodging


@pytest.fixture
async def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, working=False) as lodger:
        yield lodger


async def test_every_endpoint_is_listed_with_its_price_and_its_sources(gate: Lodger) -> None:
    models = (await gate.http.get("/v1/models", headers={"Authorization": ""})).json()
    assert models["object"] == "list"
    assert {each["id"] for each in models["data"]} == {endpoint.id for endpoint in gate.house.gateway.catalog}
    [text] = [each for each in models["data"] if each["id"] == "scripted/text"]
    assert text["price"] == {"words": "$0.07 a second", "book": "list", "since": None, "source": "a test", "as_of": "2026-11-01"}
    assert text["names"] == {"kling": ["text2video/scripted-text/std"], "kling2026": ["text-to-video/scripted-text/720p"]}


async def test_one_endpoint_and_its_document(gate: Lodger) -> None:
    assert (await gate.http.get("/v1/models/scripted/text")).json()["id"] == "scripted/text"
    document = (await gate.http.get("/v1/models/scripted/picture/openapi.json")).json()
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": BASE}]
    assert set(document["paths"]) == {
        "/scripted/picture",
        "/scripted/picture/requests/{request_id}",
        "/scripted/picture/requests/{request_id}/status",
        "/scripted/picture/requests/{request_id}/cancel",
    }
    assert set(document["components"]["schemas"]["Input"]["required"]) == {"prompt", "image_url"}


async def test_an_unknown_model_is_not_found(gate: Lodger) -> None:
    for path in ("/v1/models/no/such", "/v1/models/no/such/openapi.json"):
        answer = await gate.http.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_every_document_of_the_catalog_names_schemas_that_exist(gate: Lodger) -> None:
    for endpoint in gate.house.gateway.catalog:
        text = (await gate.http.get(f"/v1/models/{endpoint.id}/openapi.json")).text
        names = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
        for name in names:
            assert f'"{name}":' in text, (endpoint.id, name)


async def test_prices_are_those_of_the_caller_s_book_and_of_the_list_to_strangers(gate: Lodger) -> None:
    gateway = gate.house.gateway
    await gateway.tariff.create_book("retail", "", actor="gateway")
    await gateway.tariff.set("scripted/text", "second", "0.09", [], actor="gateway", book="retail")
    await gateway.accounts.create("shop", actor="gateway")
    await gateway.accounts.change("shop", actor="gateway", book="retail")
    customer = await gate.key(account="shop")

    async def shown(headers: dict[str, str]) -> tuple[str, str]:
        price = (await gate.http.get("/v1/models/scripted/text", headers=headers)).json()["price"]
        return price["words"], price["book"]

    assert await shown(customer) == ("$0.09 a second", "retail")
    for stranger in ({"Authorization": ""}, {"Authorization": "Key nobody"}, {}):
        assert await shown(stranger) == ("$0.07 a second", "list")
