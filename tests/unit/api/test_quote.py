"""What a request would cost is answered before anything is spent, kept or fetched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx  # noqa: TID251 -- an answer of an application in this process
import pytest

from reelgate.contracts.account import Limits
from reelgate.domain.money import Money
from reelgate.gateway.bounds import Bounds
from tests.house import Lodger, open_lodging


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lodger]:
    async with open_lodging(tmp_path, monkeypatch, working=False, preview_price="list") as lodger:
        yield lodger


async def ask(shop: Lodger, headers: dict[str, str] | None = None, /, **body: Any) -> httpx.Response:
    return await shop.http.post("/v1/quote", json={"endpoint": "scripted/text", "input": {"prompt": "go"}, **body}, headers=headers)


async def test_a_quote_has_the_price_with_its_arithmetic_its_book_and_the_wait(shop: Lodger) -> None:
    told = (await ask(shop)).json()
    assert (told["amount"], told["words"], told["book"], told["since"]) == ("0.350000", "5 s × $0.07", "list", None)
    assert (told["serving"], told["engine"], told["dropped"], told["refusal"]) == ("preview", "scripted", [], None)
    assert told["wait"] == {"ahead": 0, "starts_in_s": 0.0, "takes_s": None}
    assert told["balance"] == {"available": "1000.000000", "missing": "0.000000"}


async def test_nothing_is_spent_and_nothing_kept(shop: Lodger) -> None:
    before = await shop.house.gateway.store.balance("owner")
    await ask(shop, endpoint="scripted/picture", input={"prompt": "go", "image_url": "data:image/png;base64,AAAA"})
    assert await shop.house.gateway.store.balance("owner") == before
    assert (await shop.http.get("/v1/jobs")).json()["data"] == []
    assert list(shop.folder.blobs.glob("*/*")) == []


async def test_a_quote_is_what_a_submit_then_costs(shop: Lodger) -> None:
    for seconds in (1, 7, 10):
        quoted = (await ask(shop, input={"prompt": "go", "duration": seconds})).json()
        made = (await shop.http.post("/scripted/text", json={"prompt": "go", "duration": seconds})).json()["request_id"]
        cost = (await shop.http.get(f"/v1/jobs/{made}")).json()["cost"]
        assert (cost["amount"], cost["words"]) == (quoted["amount"], quoted["words"])


async def test_other_protocols_are_quoted_in_their_own_words(shop: Lodger) -> None:
    body = {"prompt": "go", "settings": {"duration": 3}}
    assert (await ask(shop, wire="kling2026", input=body)).json()["amount"] == "0.210000"
    refused = await ask(shop, wire="morse")
    assert (refused.status_code, refused.json()["error"]["message"]) == (422, "wire: One of fal, kling, kling2026")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"input": {"duration": 99}}, 422, "prompt"),
        ({"input": []}, 422, "input: An object"),
        ({"endpoint": ""}, 422, "endpoint: The id of a model"),
        ({"endpoint": 7}, 422, "endpoint: The id of a model"),
        ({"endpoint": "scripted/none"}, 404, "no such application"),
        ({"more": 1}, 422, "more: There is no such field"),
    ],
)
async def test_what_cannot_be_made_is_refused_as_a_submit_would_be(shop: Lodger, body: dict[str, Any], status: int, words: str) -> None:
    refused = await ask(shop, **body)
    assert refused.status_code == status, refused.text
    assert words in refused.json()["error"]["message"]


async def test_a_balance_that_is_too_small_is_told_with_what_is_missing(shop: Lodger) -> None:
    poor = await shop.key(account="poor")
    told = (await ask(shop, poor)).json()
    assert told["balance"] == {"available": "0.000000", "missing": "0.350000"}
    assert told["refusal"] == "this request costs $0.35 (5 s × $0.07); the balance is $0.00, $0.35 short"
    submitted = await shop.http.post("/scripted/text", json={"prompt": "go"}, headers=poor)
    assert (submitted.status_code, submitted.json()["detail"]) == (402, told["refusal"])


async def test_a_limit_that_would_be_passed_is_told_as_a_submit_would(shop: Lodger) -> None:
    gateway = shop.house.gateway
    for bounds, words in (
        (Bounds(spend_limit=Money.dollars("0.20")), "of the $0.20 that this key may spend in all, $0.00 are spent or held, $0.15 too much"),
        (Bounds(limits=Limits(daily_spend=Money.dollars("0.30"))), "of the $0.30 that this key may spend today"),
    ):
        _, secret = await gateway.keys.create("owner", "bounded", "live", actor="gateway", bounds=bounds)
        headers = {"Authorization": f"Key {secret.text}"}
        told = (await ask(shop, headers)).json()
        assert words in told["refusal"]
        submitted = await shop.http.post("/scripted/text", json={"prompt": "go"}, headers=headers)
        assert (submitted.status_code, submitted.json()["detail"]) == (402, told["refusal"])


async def test_a_test_key_is_quoted_nothing(shop: Lodger) -> None:
    told = (await ask(shop, await shop.key("test"))).json()
    assert (told["amount"], told["words"], told["book"]) == ("0.000000", "free", None)


async def test_a_model_that_the_key_may_not_use_is_refused(shop: Lodger) -> None:
    bounds = Bounds(limits=Limits(models=("demo/*",)))
    _, secret = await shop.house.gateway.keys.create("owner", "narrow", "live", actor="gateway", bounds=bounds)
    refused = await ask(shop, {"Authorization": f"Key {secret.text}"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (403, "this key may not use scripted/text")


async def test_the_amount_is_shown_in_the_account_s_currency(shop: Lodger) -> None:
    gateway = shop.house.gateway
    await gateway.tariff.set_rate("CNY", "7.12", actor="gateway")
    await gateway.accounts.change("owner", actor="gateway", currency="CNY")
    _, secret = await gateway.keys.create("owner", "new", "live", actor="gateway")
    shown = (await ask(shop, {"Authorization": f"Key {secret.text}"})).json()["shown"]
    assert (shown["currency"], shown["amount"], shown["per_dollar"]) == ("CNY", "2.492", "7.12")
