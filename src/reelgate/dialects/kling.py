"""Kling's API as its client speaks it, in both generations, and as other gateways speak it.

Sources: the vendor's reference of both generations, its pages on callbacks and errors, and answers that others recorded; read 2026-11.
Written from documents; no live account has answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import jwt
import orjson

from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import Credential, HttpCall, HttpReply, Listed, Loss, Option, Order, Powers, Signers, Talk, Ticket, Verdict
from reelgate.dialects._kling_reply import NOT_FOUND, id_of, is_good, number_of, read_verdict, refusal, task_of
from reelgate.dialects._reply import good_key, path_part
from reelgate.dialects._translation import losses
from reelgate.domain.errors import Garbled, Misconfigured, Rejected, Uncertain, Unserved, UpstreamError
from reelgate.domain.media import Foreign, VideoInput
from reelgate.wire import kling, kling2026
from reelgate.wire.fal import Speaker
from reelgate.wire.signature import StandardSecrets

_OLD, _NEW = "legacy", "2026"
_TOKEN_LIFE = timedelta(seconds=1800)
_EARLY = timedelta(seconds=5)
_RENEWED_BEFORE = timedelta(seconds=60)
_NO_SUCH = "reelgate-asks-for-nothing"
_MASTERS = ("-master",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kling:
    """A vendor that speaks Kling. `proven`: it can be asked by our own id and refuses a second task of one id, as the vendor says of
    itself; a gateway is believed that only where the operator declares it."""

    name: str
    title: str
    address: str = ""
    proven: bool = False
    prefix: str = ""
    secrets: tuple[str, ...] = ("api_key",)
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])

    def unfit(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> str:
        pair = bool(secrets.get("access_key") and secrets.get("secret_key")) and not secrets.get("api_key")
        if not pair or self._generation(options) == _OLD:
            return ""
        return "a pair of keys opens the first generation only: set the option generation to legacy, or give an api_key"

    def powers(self, options: Mapping[str, str]) -> Powers:
        finds = self._finds(options)
        return Powers(
            dedupe="refused" if finds else "",
            finds=finds,
            calls_back=self.proven,
            poll_s=(3.0, 30.0),
            window_s=120.0 if finds else 1800.0,
        )

    def offer(self, endpoint: Endpoint, options: Mapping[str, str]) -> str | None:
        if endpoint.ended is not None:
            return None
        generation = self._generation(options)
        old = endpoint.names.get("kling", ()) if generation != _NEW else ()
        new = endpoint.names.get("kling2026", ()) if generation != _OLD else ()
        if old:
            kind, model, mode = old[0]
            return "/".join((kind, model, "" if model.endswith(_MASTERS) else mode))
        return f"{_NEW}/{'/'.join(new[0])}" if new else None

    def loses(self, endpoint: Endpoint, wanted: VideoInput, options: Mapping[str, str]) -> Sequence[Loss]:
        name = self.offer(endpoint, options) or ""
        if name.startswith(f"{_NEW}/"):
            new = endpoint.inputs["kling2026"]
            return losses(
                lambda asked: kling2026.write_input(cast("Speaker", new), asked), lambda body: kling2026.read_input(new, body)[0], wanted
            )
        old = endpoint.inputs["kling"]
        return losses(lambda asked: kling.write_input(cast("Speaker", old), asked), lambda body: kling.read_input(old, body)[0], wanted)

    def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
        yield from ()
        if secrets.get("api_key"):
            return Credential(headers={"Authorization": f"Bearer {secrets['api_key']}"})
        access, secret = secrets.get("access_key", ""), secrets.get("secret_key", "")
        if not access or not secret:
            raise Misconfigured(said=f"no {' or '.join(each for each in self.secrets if each != 'webhook_secret')}")
        claims = {"iss": access, "exp": int((now + _TOKEN_LIFE).timestamp()), "nbf": int((now - _EARLY).timestamp())}
        token = jwt.encode(claims, secret, algorithm="HS256", headers={"typ": "JWT"})
        return Credential(headers={"Authorization": f"Bearer {token}"}, until=now + _TOKEN_LIFE - _RENEWED_BEFORE)

    def submit(self, order: Order) -> Talk[Ticket]:
        path, body = self._task(order)
        reply = yield HttpCall("POST", path, json=body, buys=True)
        record = _record(reply)
        if record is not None and is_good(reply, record):
            return {"id": id_of(task_of(record)), "path": self._asked_at(order.model)}
        if record is not None and number_of(record) == NOT_FOUND and self._finds(order.options):
            # The number for a value that is not allowed is also the one for an id that was used before: then this is that task.
            try:
                found = yield from self.find(order)
            except UpstreamError as error:
                raise Uncertain(said=f"{NOT_FOUND}, then {error.said or error.code}") from error  # it may be bought, by the time before
            if found is not None:
                return found
            if order.again:
                raise Uncertain(said=f"{NOT_FOUND}, and no such task")  # an index may lag behind the refusal
            raise Rejected("the model refused this input", said=str(NOT_FOUND))
        raise refusal(reply)

    def poll(self, ticket: Ticket) -> Talk[Verdict]:
        path = ticket.get("path") or self._asked_at(ticket.get("model", ""))
        reply = yield _ask(path, path_part(ticket["id"]), "task_ids")
        record = _record(reply)
        if record is None or not is_good(reply, record):
            error = refusal(reply)
            raise Garbled(said=error.said) if isinstance(error, Rejected | Unserved) else error  # not there yet, or not readable: ask again
        return read_verdict(record)

    def cancel(self, ticket: Ticket) -> Talk[bool]:
        yield from ()  # neither generation has a word for it
        return False

    def find(self, order: Order) -> Talk[Ticket | None]:
        path = self._asked_at(order.model)
        reply = yield _ask(path, order.token, "external_task_ids")
        record = _record(reply)
        if record is None:
            raise refusal(reply)
        if is_good(reply, record):
            if "data" in record and record["data"] in ([], None) and "task_id" not in record:
                return None
            return {"id": id_of(task_of(record)), "path": path}
        if number_of(record) == NOT_FOUND:
            return None
        raise refusal(reply)

    def recent(self, order: Order, since: datetime) -> Talk[Sequence[Listed]]:
        yield from ()  # a list tells less than asking by our id
        return ()

    def heard(self, body: bytes) -> Ticket | None:
        try:
            told = orjson.loads(body)
            return {"id": id_of(task_of(told))} if isinstance(told, dict) else None  # pyright: ignore[reportUnknownArgumentType]
        except (orjson.JSONDecodeError, Garbled):
            return None

    def signers(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> Talk[Signers | None]:
        yield from ()
        if not secrets.get("webhook_secret"):
            return None  # signing is a choice that is made in the vendor's console
        try:
            return StandardSecrets((secrets["webhook_secret"],))
        except ValueError as error:
            raise Misconfigured(said=str(error)) from None

    def check(self) -> Talk[str]:
        reply = yield HttpCall("GET", f"{self.prefix}/v1/videos/text2video/{_NO_SUCH}")
        record = _record(reply)
        if record is None:
            raise refusal(reply)
        if is_good(reply, record) or number_of(record) == NOT_FOUND or reply.status in {400, 404}:
            return good_key(reply, "a task that does not exist was asked for")
        raise refusal(reply)

    # -- bodies and paths --------------------------------------------------------------------------------------------
    def _task(self, order: Order) -> tuple[str, dict[str, Any]]:
        kind, model, mode = _name(order.model)
        if order.model.startswith(f"{_NEW}/"):
            body = kling2026.write_input(cast("Speaker", order.endpoint.inputs["kling2026"]), order.input)
            options = {"external_task_id": order.token} | ({"callback_url": order.callback} if order.callback else {})
            if kind != "motion-control":
                body["settings"] = {"multi_shot": False, **body.get("settings", {}), "resolution": mode}
            return f"{self.prefix}/{kind}/{model}", _bare({**body, "options": options}, order.input)
        body = kling.write_input(cast("Speaker", order.endpoint.inputs["kling"]), order.input)
        named = ({"model_name": model} if model else {}) | ({"mode": mode} if mode and kind != "lip-sync" else {})
        told = {"external_task_id": order.token} | ({"callback_url": order.callback} if order.callback else {})
        return f"{self.prefix}/v1/videos/{kind}", _bare({**named, **body, **told}, order.input)

    def _asked_at(self, model: str) -> str:
        """Where a task of this model is asked for."""
        return f"{self.prefix}/tasks" if model.startswith(f"{_NEW}/") else f"{self.prefix}/v1/videos/{_name(model)[0]}"

    def _generation(self, options: Mapping[str, str]) -> str:
        return options.get("generation", "auto" if self.proven else _OLD)

    def _finds(self, options: Mapping[str, str]) -> bool:
        return self.proven or options.get("finds", "no") == "yes"


def _name(model: str) -> tuple[str, str, str]:
    """Kind or capability, the model's name, and the mode or resolution; a kind may have a slash in it."""
    words = model.removeprefix(f"{_NEW}/").rsplit("/", 2)
    if len(words) != 3:  # noqa: PLR2004 -- the three that `offer` joined
        raise Misconfigured(said="a model is KIND/NAME/MODE")
    return words[0], words[1], words[2]


def _ask(path: str, task: str, which: str) -> HttpCall:
    return HttpCall("GET", path, query={which: task}) if path.endswith("/tasks") else HttpCall("GET", f"{path}/{task}")


def _record(reply: HttpReply) -> Mapping[str, Any] | None:
    try:
        return reply.record
    except Garbled:
        return None


def _bare(body: Mapping[str, Any], wanted: VideoInput) -> dict[str, Any]:
    """The same with every picture and sound that goes in the body as base64 alone: Kling takes no data URI."""
    inside = (medium.url for medium in wanted.media() if isinstance(medium, Foreign) and medium.url.startswith("data:"))
    pictures = {url for url in inside if not url.startswith("data:video/")}
    return cast("dict[str, Any]", _cut(body, pictures)) if pictures else dict(body)


def _cut(value: Any, pictures: set[str]) -> Any:
    if isinstance(value, str):
        return value.partition(",")[2] if value in pictures else value
    if isinstance(value, list | tuple):
        return [_cut(each, pictures) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _cut(each, pictures) for name, each in cast("dict[str, Any]", value).items()}
    return value
