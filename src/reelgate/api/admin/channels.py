"""Channels: the operator's accounts at providers. A secret goes in and never comes out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelgate.api._reply import own_route, reply
from reelgate.api._schema import listed
from reelgate.api.admin.body import Body, admin, bodies, read
from reelgate.contracts.channel import Channel
from reelgate.contracts.dispatch import ChannelHealth
from reelgate.contracts.endpoint import Endpoint
from reelgate.domain.errors import Conflict, UpstreamError
from reelgate.gateway.bounds import REASON_MAX
from reelgate.gateway.face import Gateway
from reelgate.gateway.manual import Operation, Schema, record, words
from reelgate.gateway.trial import Trial
from reelgate.wire.own import write_job

_Texts = dict[str, str]
_MAY_BE_NONE = frozenset({"per_second", "window_s"})


class _Change(Body):
    address: str | None = Field(None, description="Where it is reached; the provider's usual address if not said.", max_length=2048)
    models: _Texts | None = Field(
        None, description='Ids of models, or beginnings with a * at the end, with the vendor\'s name for each, "" for the usual one.'
    )
    priority: int | None = Field(None, description="Smaller is asked first.")
    weight: int | None = Field(None, description="Its share among channels of one priority.")
    concurrency: int | None = Field(None, description="Jobs that it may have at once; more wait, or go to another channel.")
    per_second: float | None = Field(None, description="Submits a second; null for no bound.", strict=False)
    submit_timeout_s: float | None = Field(
        None, description="How long a submit may take. After that it is in doubt and is looked up, never sent again blindly.", strict=False
    )
    poll_timeout_s: float | None = Field(None, description="How long any other call may take: questions, cancels, checks.", strict=False)
    job_limit_s: float | None = Field(None, description="After so long a job is given up, as unknown.", strict=False)
    patience_s: float | None = Field(
        None, description="While it is full, a job waits for it that can expect to start within so long; others go on.", strict=False
    )
    window_s: float | None = Field(
        None,
        description="For how long after a submit in doubt its job may still turn up; null for as long as the provider says.",
        strict=False,
    )
    on_cancel: Literal["finish", "release"] | None = Field(
        None,
        description="What becomes of a running job that is cancelled where the vendor cannot stop it: `finish` has its video made and "
        "charged, `release` gives the caller's money back and the cost is yours.",
    )
    store_outputs: bool | None = Field(
        None, description="Whether videos are copied here before a job is done; if not, the vendor's addresses are passed on."
    )
    options: _Texts | None = Field(None, description="The provider's own options.")
    secrets: _Texts | None = Field(None, description="What shows whose calls are, by its names. Kept sealed, never shown.")
    reason: str = Field("", description="Why, for the audit log.", max_length=REASON_MAX)


class _New(_Change):
    id: str = Field(description="Its id: a-z, 0-9, '.', '_' and '-'.", max_length=63)
    provider: str = Field(description="The provider.", max_length=100)


class _Note(Body):
    note: str = Field("", description="Why, for people and for the audit log.", max_length=REASON_MAX)


class _Run(Body):
    endpoint: str = Field(description="The model that is tried.", max_length=200)
    cost: str = Field(description="What it costs, as it was told: whoever sends it agrees to it.", max_length=40)


class ChannelsDesk:
    """`/admin/v1/channels` and `/admin/v1/providers`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        one = "/admin/v1/channels/{id}"
        return [
            Route("/admin/v1/providers", own_route(self.providers), methods=["GET"]),
            Route("/admin/v1/channels", own_route(self.all), methods=["GET"]),
            Route("/admin/v1/channels", own_route(self.add), methods=["POST"]),
            Route(one, own_route(self.show), methods=["GET"]),
            Route(one, own_route(self.change), methods=["PATCH"]),
            Route(one, own_route(self.remove), methods=["DELETE"]),
            Route(f"{one}/pause", own_route(self.pause), methods=["POST"]),
            Route(f"{one}/resume", own_route(self.resume), methods=["POST"]),
            Route(f"{one}/check", own_route(self.check), methods=["POST"]),
            Route(f"{one}/trial", own_route(self.trial), methods=["GET"]),
            Route(f"{one}/trial", own_route(self.run), methods=["POST"]),
            Route(f"{one}/costs", own_route(self.costs), methods=["GET"]),
            Route(f"{one}/costs", own_route(self.confirm), methods=["POST"]),
        ]

    async def providers(self, request: Request) -> Response:
        await admin(self._gateway, request)
        told = [
            {
                "name": name,
                "title": each.title,
                "address": each.address,
                "secrets": list(each.secrets),
                "options": {option: choice.said for option, choice in each.options.items()},
                "models": sum(each.offer(endpoint, {}) is not None for endpoint in self._gateway.catalog),
            }
            for name, each in sorted(self._gateway.channels.providers.items())
        ]
        return reply(200, {"object": "list", "data": told})

    async def all(self, request: Request) -> Response:
        await admin(self._gateway, request)
        return reply(200, {"object": "list", "data": [await self._write(each) for each in await self._gateway.channels.all()]})

    async def show(self, request: Request) -> Response:
        await admin(self._gateway, request)
        return reply(200, await self._write(await self._gateway.channels.find(request.path_params["id"])))

    async def add(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _New)
        provider = self._gateway.channels.providers.get(asked.provider)
        usual = provider.address if provider is not None else ""
        plain = Channel(id=asked.id, provider=asked.provider, address=usual, created_at=self._gateway.clock.now())
        channel = await self._gateway.channels.add(_changed(plain, asked), asked.secrets or {}, actor=actor, reason=asked.reason)
        return reply(201, await self._write(channel))

    async def change(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _Change)
        former = await self._gateway.channels.find(request.path_params["id"])
        channel = await self._gateway.channels.change(_changed(former, asked), asked.secrets, actor=actor, reason=asked.reason)
        return reply(200, await self._write(channel))

    async def remove(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        await self._gateway.channels.remove(request.path_params["id"], actor=actor, reason=request.query_params.get("reason", ""))
        return reply(200, {"id": request.path_params["id"], "removed": True})

    async def pause(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        asked = await read(request, _Note, empty=True)
        return reply(200, await self._write(await self._gateway.channels.pause(request.path_params["id"], asked.note, actor=actor)))

    async def resume(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        return reply(200, await self._write(await self._gateway.channels.resume(request.path_params["id"], actor=actor)))

    async def check(self, request: Request) -> Response:
        await admin(self._gateway, request, write=True)
        channel_id = request.path_params["id"]
        await self._gateway.channels.find(channel_id)
        try:
            said, good = await self._gateway.dispatch.check_channel(channel_id), True
        except UpstreamError as error:
            said, good = f"{error.message.rstrip('.')}: {error.said or error.code}", False
        return reply(200, {"id": channel_id, "good": good, "said": said, "cost": "0.000000"})

    async def trial(self, request: Request) -> Response:
        await admin(self._gateway, request)
        found = await self._gateway.trials.find(request.path_params["id"], request.query_params.get("endpoint", ""))
        return reply(200, _write_trial(found))

    async def run(self, request: Request) -> Response:
        gateway = self._gateway
        principal = await gateway.keyring.admin(request.scope, write=True)
        asked = await read(request, _Run)
        trial = await gateway.trials.find(request.path_params["id"], asked.endpoint)
        if trial.cost.amount.decimal != asked.cost:
            raise Conflict(f"it costs {trial.cost.amount.decimal} now: say that you agree to it")
        base = gateway.doorplate.base(request.scope)
        submitted = await gateway.trials.run(principal, request.path_params["id"], trial, base)
        return reply(201, {**_write_trial(trial), "job": write_job(submitted.job)})

    async def costs(self, request: Request) -> Response:
        await admin(self._gateway, request)
        channel = await self._gateway.channels.find(request.path_params["id"])
        return reply(200, {"object": "list", "data": [self._write_cost(channel, each) for each in self._served_by(channel)]})

    async def confirm(self, request: Request) -> Response:
        actor = await admin(self._gateway, request, write=True)
        channel = await self._gateway.channels.find(request.path_params["id"])
        rows = await self._gateway.tariff.confirm_costs(channel.id, self._served_by(channel), actor=actor)
        return reply(
            200, {"object": "list", "confirmed": len(rows), "data": [self._write_cost(channel, e) for e in self._served_by(channel)]}
        )

    def _served_by(self, channel: Channel) -> list[Endpoint]:
        gateway = self._gateway
        return [
            each for each in gateway.catalog if any(offer.channel.id == channel.id for offer in gateway.channels.roster.configured(each))
        ]

    def _write_cost(self, channel: Channel, endpoint: Endpoint) -> dict[str, Any]:
        priced = self._gateway.prices.cost(channel.id, endpoint.id)
        price = endpoint.price if priced is None else priced.price
        return {"endpoint": endpoint.id, "price": None if price is None else price.describe(), "confirmed": priced is not None}

    async def _write(self, channel: Channel) -> dict[str, Any]:
        gateway = self._gateway
        offered = self._served_by(channel)
        without = [each.id for each in offered if gateway.prices.cost(channel.id, each.id) is None]
        return {
            **{each.name: getattr(channel, each.name) for each in fields(Channel)},
            "models": dict(channel.models),
            "options": dict(channel.options),
            "state": channel.state.value,
            "created_at": channel.created_at.isoformat(timespec="milliseconds"),
            "secrets": await gateway.channels.secret_names(channel.id),
            "offers": [each.id for each in offered],
            "without_cost": without,
            "health": _write_health(gateway.dispatch.health().get(channel.id)),
        }


def _write_trial(trial: Trial) -> dict[str, Any]:
    return {
        "endpoint": trial.endpoint.id,
        "input": trial.body,
        "cost": trial.cost.amount.decimal,
        "words": trial.cost.words,
    }


def _changed(channel: Channel, asked: _Change) -> Channel:
    """The channel with what was sent in its place. What is not named stays; null takes a bound away, and says nothing elsewhere."""
    sent: Mapping[str, Any] = asked.model_dump(exclude_unset=True, exclude={"id", "provider", "secrets", "reason"})
    return replace(channel, **{name: value for name, value in sent.items() if value is not None or name in _MAY_BE_NONE})


def _write_health(health: ChannelHealth | None) -> dict[str, Any]:
    if health is None:
        return {"running": 0, "reason": "", "since": None, "next_at": None}
    aside = bool(health.reason)
    return {
        "running": health.running,
        "reason": health.reason,
        "since": health.since.isoformat(timespec="milliseconds") if aside else None,
        "next_at": health.next_at.isoformat(timespec="milliseconds") if aside and health.next_at is not None else None,
    }


_LIST: Schema = {"type": "array", "items": {"type": "string"}}
_MAP: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
SCHEMAS: dict[str, Schema] = {
    "Provider": record(
        "A vendor that channels can be set up at.",
        name="string",
        title="string",
        address="string",
        secrets=_LIST,
        options=_MAP,
        models=words("How many models it offers.", type="integer"),
    ),
    "Channel": record(
        "An account of the operator's at a provider. `secrets` names those that it has; `offers` are the models that it serves, and "
        "`without_cost` those of them whose cost nobody has confirmed. `health` is how it does in this process.",
        id="string",
        provider="string",
        address="string",
        models=_MAP,
        priority="integer",
        weight="integer",
        concurrency="integer",
        per_second={"type": ["number", "null"]},
        submit_timeout_s="number",
        poll_timeout_s="number",
        job_limit_s="number",
        window_s={"type": ["number", "null"]},
        patience_s="number",
        on_cancel="string",
        store_outputs="boolean",
        options=_MAP,
        state="string",
        note="string",
        created_at="string",
        secrets=_LIST,
        offers=_LIST,
        without_cost=_LIST,
        health=record("How it does.", running="integer", reason="string", since="string?", next_at="string?"),
    ),
    "RemovedChannel": record("It is gone.", id="string", removed="boolean"),
    "CheckedChannel": record(
        "What its key was found good for. The question cost nothing.", id="string", good="boolean", said="string", cost="string"
    ),
    "Trial": record(
        "A real video through one channel, and what it costs.", endpoint="string", input="object", cost="string", words="string"
    ),
    "TrialRun": record(
        "It is bought, and followed as any other job.", endpoint="string", input="object", cost="string", words="string", job="object"
    ),
    "ChannelCost": record(
        "What a model costs the house at a channel; the vendor's list price until somebody confirms it or says another.",
        endpoint="string",
        price="string?",
        confirmed="boolean",
    ),
    **listed("ChannelCosts", "ChannelCost"),
    **listed("Providers", "Provider"),
    **listed("Channels", "Channel"),
    **bodies(NewChannel=_New, ChannelChange=_Change, ChannelNote=_Note, TrialOf=_Run),
}
_REFUSALS = (400, 404, 409, 413, 422)
_ONE = "/admin/v1/channels/{id}"
OPERATIONS = (
    Operation("GET /admin/v1/providers", "Every vendor that channels can be set up at.", {200: "Providers"}),
    Operation("GET /admin/v1/channels", "Every channel.", {200: "Channels"}),
    Operation("POST /admin/v1/channels", "A new channel; it is given work at once.", {201: "Channel"}, _REFUSALS, body="NewChannel"),
    Operation(f"GET {_ONE}", "One channel.", {200: "Channel"}, (404,)),
    Operation(f"PATCH {_ONE}", "Changes what is said.", {200: "Channel"}, _REFUSALS, body="ChannelChange"),
    Operation(
        f"DELETE {_ONE}",
        "Forgets a channel and its secrets; pause it first and wait for its jobs.",
        {200: "RemovedChannel"},
        (404, 422),
        query={"reason": words("For the audit log.")},
    ),
    Operation(f"POST {_ONE}/pause", "Gives it no more work.", {200: "Channel"}, _REFUSALS, body="ChannelNote"),
    Operation(f"POST {_ONE}/resume", "Gives it work again.", {200: "Channel"}, (404,)),
    Operation(f"GET {_ONE}/trial", "The cheapest real video that it could make, and what that costs.", {200: "Trial"}, (404,)),
    Operation(f"POST {_ONE}/trial", "Buys that video, through this channel only.", {201: "TrialRun"}, (*_REFUSALS, 402), body="TrialOf"),
    Operation(f"GET {_ONE}/costs", "What its models cost the house.", {200: "ChannelCosts"}, (404,)),
    Operation(f"POST {_ONE}/costs", "Confirms the vendor's list price where nothing was said.", {200: "ChannelCosts"}, (404,)),
    Operation(
        f"POST {_ONE}/check", "Asks it something that costs nothing, to see whether its key is good.", {200: "CheckedChannel"}, (404,)
    ),
)
