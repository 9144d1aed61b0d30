"""The document of a whole gateway, from manuals."""

from __future__ import annotations

import pytest

from reelgate.app import load_catalog
from reelgate.gateway.document import draw
from reelgate.gateway.manual import Manual, Operation, array, record, words

BASE = "https://gateway.example"
MANUAL = Manual(
    refusals=dict.fromkeys((401, 403, 404, 429, 503), "Refusal"),
    words={"id": "The id of a thing."},
    schemas={"Thing": record("A thing.", id="string", size="integer?"), "Things": array("Thing"), "Refusal": record("No.", why="string")},
    operations=(
        Operation("GET /things/{id}", "One thing.", {200: "Thing image/png"}, (404,), query={"size": words("How large.")}),
        Operation("POST /things", "A new thing.", {201: "Thing", "default": ""}, body="Thing", open=True),
    ),
)


def test_an_operation_tells_its_answers_its_refusals_and_its_parameters() -> None:
    told = draw({"things": MANUAL}, (), load_catalog(), BASE)["paths"]["/things/{id}"]["get"]
    assert (told["tags"], told["summary"], told["operationId"]) == (["things"], "One thing.", "get_things_id")
    assert list(told["responses"]) == ["200", "401", "403", "404", "429", "503"]
    assert list(told["responses"]["200"]["content"]) == ["application/json", "image/png"]
    assert told["responses"]["404"] == {
        "description": "Not Found",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
    }
    by_name = {each["name"]: each for each in told["parameters"]}
    assert (by_name["id"]["in"], by_name["id"]["required"], by_name["id"]["schema"]["description"]) == ("path", True, "The id of a thing.")
    assert by_name["size"] == {"name": "size", "in": "query", "schema": {"type": "string", "description": "How large."}}
    assert "security" not in told


def test_an_open_operation_asks_for_no_key_and_has_its_own_answers_only() -> None:
    told = draw({"things": MANUAL}, (), load_catalog(), BASE)["paths"]["/things"]["post"]
    assert (told["security"], list(told["responses"])) == ([], ["201", "default"])
    assert told["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Thing"}
    assert "content" not in told["responses"]["default"]


def test_a_route_that_no_manual_tells_of_is_there_all_the_same() -> None:
    told = draw({}, [("postcard", "GET", "/post-office/{id}")], load_catalog(), BASE)["paths"]["/post-office/{id}"]["get"]
    assert (told["tags"], list(told["responses"])) == (["postcard"], ["default"])
    assert told["parameters"][0]["name"] == "id"


def test_two_of_one_name_or_one_call_stop_it() -> None:
    other = Manual(operations=(), schemas={"Thing": record("Another thing.")})
    with pytest.raises(ValueError, match="two schemas of the name Thing"):
        draw({"things": MANUAL, "others": other}, (), load_catalog(), BASE)
    with pytest.raises(ValueError, match="POST /things is described twice"):
        draw({"things": MANUAL}, [("others", "POST", "/things")], load_catalog(), BASE)
    assert draw({"things": MANUAL, "others": Manual(operations=(), schemas={"Thing": MANUAL.schemas["Thing"]})}, (), load_catalog(), BASE)
