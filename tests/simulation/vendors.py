"""Vendors that live in virtual time, each with its own protocol's promises, and a network between that breaks in every way it can."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from reelgate.contracts.channel import Channel
from reelgate.contracts.provider import HttpCall, HttpReply
from reelgate.dispatch.backends import CallFailed

VIDEO = "https://cdn.vendor.example/video.mp4"


@dataclass(slots=True)
class Bought:
    """One job that a vendor has taken: under which of our tokens, until when it works on it, and how that ends."""

    id: str
    token: str
    since_s: float
    until_s: float
    outcome: str  # "done" or "failed"
    cancelled: bool = False

    @property
    def made(self) -> bool:
        """Whether a video comes of it."""
        return self.outcome == "done" and not self.cancelled

    def state(self, now_s: float) -> str:
        """Where it stands."""
        if self.cancelled:
            return "cancelled"
        return self.outcome if now_s >= self.until_s else "running" if now_s >= self.since_s + 1 else "queued"


class Vendor:
    """What all vendors have: a counter of what was bought, and jobs that take their time."""

    def __init__(self, chance: random.Random, now_s: Callable[[], float]) -> None:
        self._chance, self.now_s = chance, now_s
        self.bought: dict[str, Bought] = {}
        self.refusing = ""  # "", "busy" or "broke": what it answers to every submit
        self.callbacks: list[tuple[float, str, bytes]] = []  # when, under which token, what

    def serve(self, call: HttpCall) -> HttpReply:
        """Answer one call."""
        raise NotImplementedError

    @staticmethod
    def dislikes(call: HttpCall) -> bool:
        """Some inputs pass nowhere."""
        return str(call.json.get("prompt", "")).endswith("7")

    def take(self, token: str) -> Bought:
        """Somebody has bought a job."""
        now_s = self.now_s()
        outcome = "failed" if self._chance.random() < 0.1 else "done"
        job = Bought(f"{len(self.bought) + 1:08d}", token, now_s, now_s + self._chance.uniform(5, 600), outcome)
        self.bought[job.id] = job
        return job


class FalVendor(Vendor):
    """Speaks fal's queue. Knows nothing of tokens but from the address that it is to call; `replays` makes a Reelgate of it."""

    def __init__(self, chance: random.Random, now_s: Callable[[], float], *, replays: bool = False) -> None:
        super().__init__(chance, now_s)
        self._replays = replays

    def serve(self, call: HttpCall) -> HttpReply:
        path = urlsplit(str(call.path)).path
        if "/requests/" not in path:
            return self._submit(call)
        job_id, _, verb = path.partition("/requests/")[2].partition("/")
        job = self.bought.get(job_id)
        if job is None:
            return _json(404, {"status": "NOT_FOUND"})
        state = job.state(self.now_s())
        if call.method == "PUT":
            return self._cancel(job, state)
        return self._status(job, state) if verb == "status" else self._result(state)

    def _cancel(self, job: Bought, state: str) -> HttpReply:
        if state == "queued":
            job.cancelled = True
            return _json(200, {"status": "OK"})
        return _json(202, {"status": "CANCELLATION_REQUESTED"}) if state == "running" else _json(400, {"status": "ALREADY_COMPLETED"})

    def _status(self, job: Bought, state: str) -> HttpReply:
        word = {"queued": "IN_QUEUE", "running": "IN_PROGRESS"}.get(state, "COMPLETED")
        return _json(202 if word != "COMPLETED" else 200, {"status": word, "request_id": job.id, "queue_position": 0, "logs": []})

    def _result(self, state: str) -> HttpReply:
        status, body = {
            "done": (200, {"video": {"url": VIDEO, "content_type": "video/mp4"}, "seed": 7}),
            "failed": (500, {"detail": "it broke", "error_type": "runner_server_error"}),
            "cancelled": (499, {"detail": "cancelled", "error_type": "client_cancelled"}),
        }.get(state, (400, {"detail": "Request is still in progress"}))
        return _json(status, body)

    def _submit(self, call: HttpCall) -> HttpReply:
        if self.refusing == "busy":
            return _json(429, {"detail": "busy"}, **{"retry-after": "3"})
        if self.refusing == "broke":
            return _json(403, {"detail": "User is locked. Reason: Exhausted balance."})
        if self.dislikes(call):
            return _json(422, {"detail": [{"loc": ["body", "prompt"], "msg": "no", "type": "content_policy_violation"}]})
        query = {**dict(parse_qs(urlsplit(str(call.path)).query)), **{name: [value] for name, value in call.query.items()}}
        hook = query.get("fal_webhook", [""])[0]
        key = next((value for name, value in call.headers.items() if name.lower() == "idempotency-key"), "")
        token = key or hook.rpartition("/")[2]
        job = next((each for each in self.bought.values() if self._replays and each.token == key), None)
        if job is None:
            job = self.take(token)
            if hook:
                body = orjson.dumps({"request_id": job.id, "gateway_request_id": job.id, "status": "OK"})
                self.callbacks.append((job.until_s, token, body))
        return _json(200, {"status": "IN_QUEUE", "request_id": job.id, "queue_position": 0})


class KlingVendor(Vendor):
    """Speaks Kling's own API: asked by our id it answers, and a second task of one id it refuses."""

    def serve(self, call: HttpCall) -> HttpReply:
        path = urlsplit(str(call.path)).path
        if call.method == "POST":
            return self._create(call)
        asked = path.rpartition("/")[2]
        job = self.bought.get(asked) or next((each for each in self.bought.values() if each.token == asked), None)
        if job is None:
            return _json(400, {"code": 1201, "message": "not found", "request_id": "r"})
        return _json(200, {"code": 0, "message": "SUCCEED", "request_id": "r", "data": self._task(job)})

    def _create(self, call: HttpCall) -> HttpReply:
        if self.refusing == "busy":
            return _json(429, {"code": 1303, "message": "parallel task over resource pack limit", "request_id": "r"})
        if self.refusing == "broke":
            return _json(429, {"code": 1102, "message": "pack used up", "request_id": "r"})
        if self.dislikes(call):
            return _json(400, {"code": 1301, "message": "content safety", "request_id": "r"})
        token = call.json["external_task_id"]
        if any(each.token == token for each in self.bought.values()):
            return _json(400, {"code": 1201, "message": "duplicate external task id", "request_id": "r"})
        job = self.take(token)
        self.callbacks.append((job.until_s, token, orjson.dumps({"task_id": job.id, "task_status": "succeed"})))
        return _json(200, {"code": 0, "message": "SUCCEED", "request_id": "r", "data": self._task(job)})

    def _task(self, job: Bought) -> dict[str, Any]:
        word = {"queued": "submitted", "running": "processing", "done": "succeed"}.get(job.state(self.now_s()), "failed")
        videos = {"videos": [{"id": job.id, "url": VIDEO, "duration": "5.1"}]} if word == "succeed" else {}
        return {
            "task_id": job.id,
            "task_status": word,
            "task_status_msg": "5000: it broke" if word == "failed" else "",
            "task_info": {"external_task_id": job.token},
            "task_result": videos,
            "created_at": 0,
            "updated_at": 0,
        }


# What may happen to a call on its way: how often, out of a thousand.
FAULTS: Mapping[str, int] = {
    "refused": 20,
    "cut before it arrived": 10,
    "cut before the reply": 20,
    "black hole": 8,
    "too slow": 8,
    "500 before": 10,
    "502 after": 10,
    "garbage after": 8,
    "busy": 10,
}


@dataclass(slots=True)
class Network:
    """Between us and the vendors, by the id of a channel. `down_until_s` cuts one off; `faulty` False makes all well."""

    chance: random.Random
    vendors: Mapping[str, Vendor]
    faulty: bool = True
    down_until_s: dict[str, float] = field(default_factory=dict[str, float])
    calls: int = 0

    async def exchange(self, channel: Channel, call: HttpCall, headers: Mapping[str, str], *, timeout_s: float) -> HttpReply:
        """A `Backend`."""
        assert headers.get("Authorization"), "every call of a channel shows its key"
        self.calls += 1
        vendor = self.vendors[channel.id]
        await asyncio.sleep(self.chance.uniform(0.01, 0.5))
        if vendor.now_s() < self.down_until_s.get(channel.id, 0.0):
            raise CallFailed("refused", sent=False)
        fault = self._fault()
        if fault in _ARRIVES:
            reply = vendor.serve(call)
            await asyncio.sleep(timeout_s if fault == "too slow" else self.chance.uniform(0.01, 2))
            return _after(fault, reply)
        if fault == "black hole":
            await asyncio.sleep(timeout_s)
        return _before(fault)

    def _fault(self) -> str:
        if not self.faulty:
            return ""
        drawn = self.chance.randrange(1000)
        for name, share in FAULTS.items():
            if drawn < share:
                return name
            drawn -= share
        return ""


_ARRIVES = frozenset({"", "cut before the reply", "too slow", "502 after", "garbage after"})


def _after(fault: str, reply: HttpReply) -> HttpReply:
    """What comes back of a call that has arrived."""
    match fault:
        case "cut before the reply":
            raise CallFailed("reset", sent=True)
        case "too slow":
            raise CallFailed("too slow", sent=True)
        case "502 after":
            return HttpReply(status=502, body=b"<html>Bad Gateway</html>")
        case "garbage after":
            return HttpReply(status=200, body=b"<html>hello</html>")
        case _:
            return reply


def _before(fault: str) -> HttpReply:
    """What comes back of one that has not."""
    if fault == "refused":
        raise CallFailed("refused", sent=False)
    if fault in {"cut before it arrived", "black hole"}:
        raise CallFailed(fault, sent=True)
    if fault == "busy":
        return _json(429, {"detail": "slow down", "code": 1302, "message": "too fast"})
    return _json(500, {"detail": "oops"})


def _json(status: int, body: Any, **headers: str) -> HttpReply:
    return HttpReply(status=status, body=orjson.dumps(body), headers={"content-type": "application/json", **headers})
