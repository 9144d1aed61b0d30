"""Every provider that is found plays its talks, and keeps the promises of the contract whatever it is answered.

A talk is data in a file under the provider's name: what is asked for, each call with its reply, and how it ends. The `source` says
whether it was recorded or written from documents, where and when.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reelgate.contracts.endpoint import Catalog, Endpoint
from reelgate.contracts.provider import Done, Failed, HttpCall, HttpReply, Inline, Listed, Order, Pending, Provider, Talk
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Rejected, UpstreamError
from reelgate.domain.media import BlobRef, Foreign, VideoInput, load_input
from reelgate.wire import kling, kling2026
from reelgate.wire.signature import FalKeys, StandardSecrets
from tests.clock import BEGINNING
from tests.conformance.test_catalog import ENDPOINTS, READ, bodies, lawful

FIXTURES = Path(__file__).parent.parent / "fixtures" / "providers"
PROVIDERS: dict[str, Provider] = load_leaves("reelgate.providers", "PROVIDER", Provider)
CATALOG = Catalog(ENDPOINTS)
TOKEN = "5f0e7c1a9b3d4e6f8a2b4c6d8e0f1a3b"
CANARY = "canary-of-the-vendor"
_SOURCES = {"documents", "recorded"}
_WIRE = {"fal": "fal", "fal_gateway": "fal", "reelgate": "fal", "kling": "kling", "kling_gateway": "kling"}
_ODD = (
    HttpReply(status=200),
    HttpReply(status=200, body=b"<html>hello</html>"),
    HttpReply(status=200, body=b"[" * 100_000),
    HttpReply(status=200, body=b"null"),
    HttpReply(status=200, body=b"[]"),
    HttpReply(status=200, body=b'"text"'),
    HttpReply(status=200, body=b"{}"),
    HttpReply(status=200, body=b'{"data": [1, null, "a", {}], "status": 7, "request_id": [], "code": {}}'),
    HttpReply(status=200, body=b'{"code": 0, "data": {"task_id": {"a": 1}, "task_status": [], "task_result": 5}}'),
    HttpReply(status=200, body=b'{"code": 0, "data": {"task_id": "1", "task_status": "succeed", "task_result": {"videos": [7]}}}'),
    HttpReply(status=200, body=b'{"code": 0, "data": {"task_id": "1", "task_status": "failed", "final_unit_deduction": "1e999999"}}'),
    HttpReply(status=200, body=b'{"status": "COMPLETED", "logs": [[], 5], "video": {"url": 7}, "seed": "x"}'),
    HttpReply(status=200, body=b'{"status": "IN_PROGRESS", "logs": [{"message": 5}]}'),
    HttpReply(status=422, body=b'{"detail": [{"loc": 5, "type": {}}]}'),
    HttpReply(status=422, body=b'{"detail": [{"loc": ["body", {"a": 1}, 3], "type": "x y"}]}'),
    HttpReply(status=429, headers={"retry-after": "soon"}),
    HttpReply(status=429, headers={"retry-after": "nan"}),
    HttpReply(status=429, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "nonsense"}),
    HttpReply(status=302, headers={"location": "https://elsewhere.example"}),
    HttpReply(status=500, body=b"\xff\xfe"),
)


@dataclass(frozen=True)
class Told:
    """One talk of a provider's file."""

    provider: str
    file: Mapping[str, Any]
    talk: Mapping[str, Any]

    def order(self) -> Order:
        """What the provider is handed."""
        endpoint = CATALOG.find(self.file["endpoint"])
        assert endpoint is not None
        options = self.talk.get("options", {})
        model = self.talk.get("model") or PROVIDERS[self.provider].offer(endpoint, options)
        assert model, "this talk has to name the model"
        given_ = {
            "input": load_input(self.talk.get("input") or self.file["input"]),
            "callback": self.talk.get("callback", ""),
            "options": options,
            "again": self.talk.get("again", False),
        }
        return Order(endpoint=endpoint, model=model, token=TOKEN, now=BEGINNING, **given_)

    def begin(self) -> Talk[Any]:
        """Its generator."""
        provider = PROVIDERS[self.provider]
        talks: dict[str, Callable[[], Talk[Any]]] = {
            "submit": lambda: provider.submit(self.order()),
            "find": lambda: provider.find(self.order()),
            "recent": lambda: provider.recent(self.order(), BEGINNING - timedelta(minutes=5)),
            "poll": lambda: provider.poll(self.talk["ticket"]),
            "cancel": lambda: provider.cancel(self.talk["ticket"]),
            "signers": lambda: provider.signers({"api_key": "k"}, self.talk.get("options", {})),
            "check": provider.check,
        }
        return talks[self.talk["verb"]]()


def _read() -> Iterator[Told]:
    for name in sorted(PROVIDERS):
        for path in sorted((FIXTURES / name).glob("*.json")):
            file = json.loads(path.read_text("utf-8"))
            for talk in file["talks"]:
                yield Told(name, file, talk)


TALKS = list(_read())
_IDS = [f"{each.provider}: {each.talk['verb']}: {each.talk['name']}" for each in TALKS]


def replied(told: Mapping[str, Any]) -> HttpReply:
    """A reply of a file."""
    body = told["text"].encode() if "text" in told else json.dumps(told["json"]).encode()
    return HttpReply(status=told["status"], body=body, headers=told.get("headers") or {})


def play(told: Told) -> tuple[Any, list[HttpCall]]:
    """What a talk comes to when it is answered as its file says, and the calls that it made."""
    talk, calls = told.begin(), list[HttpCall]()
    answers = iter(told.talk["exchange"])
    try:
        call = next(talk)
        while True:
            calls.append(call)
            call = talk.send(replied(next(answers)["reply"]))
    except StopIteration as end:
        return end.value, calls
    except UpstreamError as error:
        return error, calls


# -- the talks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", TALKS, ids=_IDS)
def test_a_talk_goes_as_its_file_says(told: Told) -> None:
    ended, calls = play(told)
    assert [_asked(call) for call in calls] == [
        _expected(each["call"], call) for each, call in zip(told.talk["exchange"], calls, strict=True)
    ]
    assert _ending(ended, told.talk["ends"]) == told.talk["ends"]


@pytest.mark.parametrize("told", TALKS, ids=_IDS)
def test_nothing_of_a_vendor_s_text_is_passed_on(told: Told) -> None:
    ended, _ = play(told)
    assert CANARY not in repr(ended)
    assert CANARY not in repr(getattr(ended, "__dict__", ""))


@pytest.mark.parametrize("told", [each for each in TALKS if each.talk["verb"] == "submit"])
def test_a_submit_buys_once_and_says_so_before(told: Told) -> None:
    _, calls = play(told)
    assert [call.buys for call in calls].count(True) == 1
    assert calls[0].buys, "there is nothing to be done before"


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_a_web_server_that_is_no_vendor_is_not_taken_for_a_good_key(name: str, status: int) -> None:
    for page in (b"<!doctype html><title>Welcome</title>", b'"ok"', b""):
        talk = PROVIDERS[name].check()
        next(talk)
        with pytest.raises(UpstreamError):
            talk.send(HttpReply(status=status, headers={"content-type": "text/html"}, body=page))


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_options_say_what_there_is_to_choose(name: str) -> None:
    provider = PROVIDERS[name]
    for each, option in provider.options.items():
        assert option.said.endswith("."), each
        assert bool(option.values) != bool(option.form and option.told), f"{each} has values, or a form that is told of"
        assert not any(option.takes(value) for value in ("Not a value!", "a\nb")), each
        assert all(option.takes(value) and not option.takes(value.upper() + " ") for value in option.values), each
    for told in (each.talk.get("options", {}) for each in TALKS if each.provider == name):
        assert all(provider.options[each].takes(value) for each, value in told.items()), told


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_what_a_provider_promises_stands_in_its_file(name: str) -> None:
    mine = [each for each in TALKS if each.provider == name]
    assert mine, f"tests/fixtures/providers/{name} has no talks"
    assert {each.file["source"]["kind"] for each in mine} <= _SOURCES
    assert all(each.file["source"]["where"] and each.file["source"]["date"] for each in mine)
    ends = {(each.talk["verb"], next(iter(each.talk["ends"]))) for each in mine}
    expected = {("submit", "ticket"), ("submit", "raises"), ("poll", "pending"), ("poll", "done"), ("poll", "failed"), ("poll", "raises")}
    expected |= {("check", "good"), ("check", "raises")}
    powers = [PROVIDERS[name].powers(each.talk.get("options", {})) for each in mine]
    expected |= {("find", "ticket")} if any(each.finds for each in powers) else set()
    assert ("find", "ticket") not in ends or {("find", "value"), ("find", "raises")} & ends
    expected |= {("recent", "listed")} if any(each.lists for each in powers) else set()
    signed = any(each.calls_back for each in powers) and not name.startswith("kling")  # whose secret is the operator's to say
    expected |= {("signers", "signs"), ("signers", "raises")} if signed else set()
    expected |= {("cancel", "value")} if any(each.cancels != "no" for each in powers) else set()
    assert expected <= ends
    raised = {each.talk["ends"].get("raises") for each in mine if each.talk["verb"] == "submit"}
    assert {"Rejected", "Throttled", "Misconfigured", "Garbled"} <= raised


@pytest.mark.parametrize("told", TALKS, ids=_IDS)
def test_whatever_it_is_answered_a_talk_raises_what_the_contract_says(told: Told) -> None:
    for place, odd in product(range(len(told.talk["exchange"])), _ODD):  # one test for all: thousands of their own cost more than they say
        talk = told.begin()
        try:
            next(talk)
            for each in told.talk["exchange"][:place]:
                talk.send(replied(each["reply"]))
            for _ in range(3):
                talk.send(odd)
        except (StopIteration, UpstreamError):
            continue
        except Exception as error:
            error.add_note(f"from call {place} on, the answer was {odd!r:.200}")
            raise


# -- words ---------------------------------------------------------------------------------------------------------------

OFFERED = [
    pytest.param(name, endpoint, id=f"{name}:{endpoint.id}")
    for name, provider in sorted(PROVIDERS.items())
    for endpoint in ENDPOINTS
    if name in _WIRE and provider.offer(endpoint, {}) is not None
]


@pytest.mark.parametrize(("name", "endpoint"), OFFERED)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_what_came_by_a_provider_s_own_wire_loses_nothing(name: str, endpoint: Endpoint, data: st.DataObject) -> None:
    provider = PROVIDERS[name]
    wanted = _drawn(endpoint, _wire_of(provider, endpoint), data)
    if any(isinstance(each, Foreign) and each.url.startswith("video:") for each in wanted.media()):
        return  # a video of the caller's own, which the vendor knows under no id
    assert list(provider.loses(endpoint, wanted, {})) == []


@pytest.mark.parametrize(("name", "endpoint"), [each for each in OFFERED if str(each.values[0]).startswith("kling")])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_sent_to_kling_means_the_same_at_our_own_counter(name: str, endpoint: Endpoint, data: st.DataObject) -> None:
    provider = PROVIDERS[name]
    model = provider.offer(endpoint, {})
    assert model is not None
    wire = _wire_of(provider, endpoint)
    wanted = _drawn(endpoint, wire, data)
    assume(not any(isinstance(each, Foreign) and each.url.startswith("data:") for each in wanted.media()))
    order = Order(endpoint=endpoint, model=model, input=wanted, token=TOKEN, now=BEGINNING)
    call = next(provider.submit(order))
    sent = json.loads(json.dumps(call.json))
    path = str(call.path).removeprefix("/kling").removeprefix("/v1/videos").strip("/")
    if wire == "kling2026":
        said = kling2026.read_name(*path.split("/", 1), sent)
        assert kling2026.read_external_id(sent) == TOKEN
    else:
        said = kling.read_name(path, sent)
        assert kling.read_external_id(sent) == TOKEN
    assert CATALOG.named(wire, *said) is endpoint
    assert READ[wire](endpoint.inputs[wire], sent)[0] == wanted


def test_a_picture_goes_to_kling_as_base64_alone_and_a_prompt_as_it_is() -> None:
    picture = "data:image/png;base64," + "iVBORw0KGgo" * 20
    endpoint = CATALOG.find("fal-ai/kling-video/v2.5-turbo/pro/image-to-video")
    assert endpoint is not None
    wanted = VideoInput(prompt="data:image/png;base64,AAAA", resolution="1080p", first_frame=Foreign(picture, "image"))
    order = Order(endpoint=endpoint, model="image2video/kling-v2-5-turbo/pro", input=wanted, token=TOKEN, now=BEGINNING)
    call = next(PROVIDERS["kling"].submit(order))
    assert call.json["image"] == picture.partition(",")[2]
    assert call.json["prompt"] == wanted.prompt
    assert kling.read_input(endpoint.inputs["kling"], call.json)[0].first_frame is not None


def test_what_cannot_be_said_is_told_and_what_only_tunes_is_told_apart() -> None:
    endpoint = CATALOG.find("fal-ai/kling-video/v2.5-turbo/pro/text-to-video")
    assert endpoint is not None
    wanted = VideoInput(prompt="a boat", aspect_ratio="16:9", resolution="1080p", seed=4, last_frame=BlobRef("0" * 32, "image_tail"))
    for name in ("fal", "kling"):
        lost = {each.part: each.content for each in PROVIDERS[name].loses(endpoint, wanted, {})}
        assert lost == {"seed": False, "last_frame": True}


def _drawn(endpoint: Endpoint, wire: str, data: st.DataObject) -> VideoInput:
    model: Any = endpoint.inputs[wire]
    return READ[wire](model, lawful(model, wire, data.draw(bodies(model))))[0]


def _wire_of(provider: Provider, endpoint: Endpoint) -> str:
    return "kling2026" if (provider.offer(endpoint, {}) or "").startswith("2026/") else _WIRE[provider.name]


# -- the suite finds what it looks for -----------------------------------------------------------------------------------


def test_a_provider_that_buys_twice_is_found_out() -> None:
    class Greedy:
        def submit(self, order: Order) -> Talk[Any]:
            yield HttpCall("POST", "/make", json={}, buys=True)
            yield HttpCall("POST", "/make", json={}, buys=True)
            return {"id": "1"}

    before = PROVIDERS["fal"]
    told = next(each for each in TALKS if each.provider == "fal" and each.talk["name"] == "taken")
    twice = Told("fal", told.file, {**told.talk, "exchange": told.talk["exchange"] * 2})
    PROVIDERS["fal"] = cast("Any", _Spoilt(before, submit=Greedy().submit))
    try:
        with pytest.raises(AssertionError):
            test_a_submit_buys_once_and_says_so_before(twice)
    finally:
        PROVIDERS["fal"] = before


def test_a_provider_that_repeats_a_vendor_s_text_is_found_out() -> None:
    class Gossip:
        def submit(self, order: Order) -> Talk[Any]:
            reply = yield HttpCall("POST", "/make", json={}, buys=True)
            raise Rejected(str(reply.record["detail"]))

    before = PROVIDERS["fal"]
    told = next(each for each in TALKS if each.provider == "fal" and each.talk["name"] == "a refusal in words")
    PROVIDERS["fal"] = cast("Any", _Spoilt(before, submit=Gossip().submit))
    try:
        with pytest.raises(AssertionError):
            test_nothing_of_a_vendor_s_text_is_passed_on(told)
    finally:
        PROVIDERS["fal"] = before


class _Spoilt:
    """A provider with one verb changed."""

    def __init__(self, inner: Provider, **verbs: Any) -> None:
        self._inner, self._verbs = inner, verbs

    def __getattr__(self, name: str) -> Any:
        return self._verbs.get(name) or getattr(self._inner, name)


# -- talks as data -------------------------------------------------------------------------------------------------------


def _asked(call: HttpCall) -> dict[str, Any]:
    return {"method": call.method, "path": call.path, "json": call.json, "buys": call.buys, "query": call.query, "headers": call.headers}


def _expected(told: Mapping[str, Any], call: HttpCall) -> dict[str, Any]:
    """What a file says of a call; what it leaves out may be anything, but for what buys and what is sent."""
    said = json.loads(json.dumps(told).replace("<token>", TOKEN))
    asked = _asked(call)
    return {"method": said["method"], "path": said["path"], "json": said.get("json"), "buys": said.get("buys", False)} | {
        "query": said.get("query", asked["query"]),
        "headers": said.get("headers", {}),
    }


def _place(source: Foreign | HttpCall | Inline) -> tuple[str, Any]:
    """Where a video is, in the words of a file: its address, a path at the channel, or how many bytes came with the answer."""
    match source:
        case Inline(content):
            return "inline", len(content)
        case HttpCall():
            return "url", source.path
        case Foreign():
            return "url", source.url


def _ending(ended: Any, like: Mapping[str, Any]) -> dict[str, Any]:  # noqa: PLR0911 -- one for each kind of end
    """How a talk ended, as far as its file says."""
    told: dict[str, Any]
    match ended:
        case UpstreamError():
            told = {"raises": type(ended).__name__, "said": ended.said, "retry_after_s": getattr(ended, "retry_after_s", None)}
            fault = ended.fault if isinstance(ended, Rejected) else None
            told |= {"path": list(fault.path), "kind": fault.kind} if fault is not None else {}
            return {name: told.get(name) for name in like}
        case Pending():
            told = {"queued": ended.queued, "fraction": ended.fraction, "line": ended.line}
        case Done():
            name, place = _place(ended.source)
            told = {name: place, "seed": ended.seed, "cost": ended.cost.decimal if ended.cost is not None else None}
        case Failed():
            told = {"code": ended.failure.code, "kind": ended.failure.fault.kind if ended.failure.fault is not None else None}
        case FalKeys() | StandardSecrets():
            return {"signs": type(ended).__name__}
        case str():
            return {"good": "costs nothing" in ended}
        case dict():
            return {"ticket": ended}
        case list() | tuple() if ended and isinstance(ended[0], Listed):
            return {"listed": [{"id": each.ticket["id"], "matches": each.matches} for each in ended]}
        case _:
            return {"value": ended}
    name = type(ended).__name__.lower()
    return {name: {each: told[each] for each in like.get(name, {})}}
