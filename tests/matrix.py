"""What every route has to answer to six callers, about the things of an account: one row a route, one verdict a class of routes.

The routes are those of the application's own table. Whoever adds one writes its row here; without it the build fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, TypeAlias

from starlette.routing import BaseRoute, Route

from reelgate.gateway.face import Face, Gateway

Caller: TypeAlias = Literal["nobody", "stranger", "revoked", "reader", "tester", "admin"]
CALLERS: tuple[Caller, ...] = ("nobody", "stranger", "revoked", "reader", "tester", "admin")
"""Nobody shows no key, the stranger another account's; the others show keys of the account: one that was revoked, one that may only
read, one of the mode test, and an admin key."""

Word: TypeAlias = Literal["401", "403", "unknown", "empty", "theirs", "shows", "refused", "same", "any", "admits", "not asked"]
"""What is expected:

"401", "403"   that status
"unknown"      what is said of a thing that never was, byte for byte, with nothing of the account's in it
"empty"        an answer with nothing of the account's in it
"theirs"       the thing itself: something else than what is said of one that never was
"shows"        something of the account's
"refused"      no success, and nothing of the account's
"same"         what everybody else hears, with nothing of the account's
"admits"       neither 401 nor 403
"any"          whoever has the unguessable name has the thing
"not asked"    it would change the account's things by right
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What each caller hears of a class of routes."""

    nobody: Word = "401"
    stranger: Word = "unknown"
    revoked: Word = "401"
    reader: Word = "theirs"
    tester: Word = "unknown"
    admin: Word = "403"


OPEN = Verdict(**dict.fromkeys(CALLERS, "same"))  # no key is asked for
NAMED = Verdict(**dict.fromkeys(CALLERS, "any"))  # the name is the right
SIGNED = Verdict(**dict.fromkeys(CALLERS, "401"))  # the permit in the address is the right, and here is none
THING = Verdict()  # shows a job, or something of one
ELSEWHERE = Verdict(reader="unknown")  # the same under the path of another kind, where it is not
CHANGE = Verdict(reader="403")  # changes a job, or something of one
PART = Verdict(reader="403", tester="not asked")  # goes on with an upload, which belongs to the account
LIST = Verdict(stranger="empty", reader="shows", tester="empty")  # shows jobs, or what tells of them
OTHERS = Verdict(stranger="empty", reader="empty", tester="empty")  # a list of another kind, which has nothing
MONEY = Verdict(stranger="empty", reader="shows", tester="403")  # names live jobs, and what they cost
SELF = Verdict(stranger="empty", reader="shows", tester="shows")  # shows who asks
ASK = Verdict(stranger="empty", reader="admits", tester="empty")  # computes, and keeps nothing
MAKE = Verdict(stranger="empty", reader="403", tester="empty")  # makes something new
ADMIN = Verdict(stranger="403", reader="403", tester="403", admin="admits")
NOTHING = Verdict(**dict.fromkeys(CALLERS, "refused"))  # is not served

_KINDS = (
    "text2video",
    "image2video",
    "multi-image2video",
    "video-extend",
    "lip-sync",
    "effects",
    "omni-video",
    "motion-control",
    "avatar/image2video",
)
_NOT_SERVED = ("identify-face", "advanced-lip-sync", "image-recognize", "multi-elements")
_MOUNTS = ("/kling/v1", "/v1", "/proxy/kling/v1")
_NEW_MOUNTS = ("", "/proxy/kling")
_CAPABILITIES = ("text-to-video", "image-to-video", "omni-video", "motion-control")
_JOB = "/{app:path}/requests/{job_id}"
_SIGNED = "/storage/upload/{upload_id}/{name}"
_PARTS = "/files/{name}/{file_name}/multipart/{upload_id}"

ROWS: Mapping[str, Verdict] = {
    "GET /": OPEN,
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /metrics": ADMIN,
    "GET /.well-known/jwks.json": OPEN,
    "GET /v1/openapi.json": OPEN,
    "GET /v1/models": OPEN,
    "GET /v1/models/{id:path}": OPEN,
    "GET /v1/models/{id:path}/openapi.json": OPEN,
    "GET /admin/v1/openapi.json": OPEN,
    "GET /files/{name}/{file_name}": NAMED,
    "POST /v1/upstream/{token}": OPEN,
    # -- jobs ---------------------------------------------------------------------------------------------------------
    "GET /v1/jobs": LIST,
    "GET /v1/events": LIST,
    "GET /v1/deliveries": LIST,
    "GET /v1/jobs/{job_id}": THING,
    "GET /v1/jobs/{job_id}/events": THING,
    "GET /v1/jobs/{job_id}/deliveries": THING,
    "POST /v1/jobs/{job_id}/cancel": CHANGE,
    "POST /v1/deliveries/{id}/replay": CHANGE,
    # -- money --------------------------------------------------------------------------------------------------------
    "GET /v1/account": SELF,
    "GET /v1/usage": MONEY,
    "GET /v1/statement": MONEY,
    "POST /v1/quote": ASK,
    # -- fal ----------------------------------------------------------------------------------------------------------
    "POST /run/{app:path}": MAKE,
    "POST /{app:path}": MAKE,
    "ANY /{app:path}": NOTHING,
    "GET /v1/models/requests/by-endpoint": LIST,
    f"GET {_JOB}/status": THING,
    f"GET {_JOB}/status/stream": THING,
    f"GET {_JOB}/response": THING,
    f"GET {_JOB}": THING,
    f"PUT {_JOB}/cancel": CHANGE,
    f"POST {_JOB}/cancel": CHANGE,
    "ANY Quick": NOTHING,  # a short cut to two of these paths, which are asked by way of it
    "ANY /fal/proxy": NOTHING,  # without a target; with one it is asked for every route of fal's below
    # -- uploads ------------------------------------------------------------------------------------------------------
    "POST /storage/auth/token": MAKE,
    "POST /storage/upload/initiate": MAKE,
    "POST /storage/upload/initiate-multipart": MAKE,
    "POST /files/upload": MAKE,
    "POST /files/upload/multipart": MAKE,
    f"PUT {_SIGNED}": SIGNED,
    f"PUT {_SIGNED}/{{number}}": SIGNED,
    f"POST {_SIGNED}/complete": SIGNED,
    f"PUT {_PARTS}/{{number}}": PART,
    f"POST {_PARTS}/complete": PART,
    # -- Kling --------------------------------------------------------------------------------------------------------
    **{f"POST {mount}/videos/{kind}": MAKE for mount, kind in product(_MOUNTS, _KINDS)},
    **{f"GET {mount}/videos/{kind}": OTHERS for mount, kind in product(_MOUNTS, _KINDS)},
    **{f"GET {mount}/videos/text2video": LIST for mount in _MOUNTS},
    **{f"GET {mount}/videos/{kind}/{{task_id:path}}": ELSEWHERE for mount, kind in product(_MOUNTS, _KINDS)},
    **{f"GET {mount}/videos/text2video/{{task_id:path}}": THING for mount in _MOUNTS},
    **{f"POST {mount}/{capability}/{{model}}": MAKE for mount, capability in product(_NEW_MOUNTS, _CAPABILITIES)},
    **{f"GET {mount}/tasks": LIST for mount in _NEW_MOUNTS},
    **{f"POST {mount}/tasks": LIST for mount in _NEW_MOUNTS},
    # -- what is not there ----------------------------------------------------------------------------------------------
    **{f"ANY /v1/videos/{word}{rest}": NOTHING for word, rest in product((*_KINDS, *_NOT_SERVED), ("", "/{path:path}"))},
    **{
        f"ANY {path}{rest}": NOTHING
        for path, rest in product(
            ("/kling/v1", "/proxy/kling", "/tasks", "/v1", "/admin", *(f"/{each}" for each in _CAPABILITIES)), ("", "/{path:path}")
        )
    },
}

QUERIES: Mapping[str, str] = {
    "GET /v1/events": "after=0",
    "GET /v1/models/requests/by-endpoint": "endpoint_id=scripted/text",
    **{f"GET {mount}/tasks": "task_ids={job_id}" for mount in _NEW_MOUNTS},
}
"""What a route needs to be asked for, so that it shows anything at all."""


def verdict_of(name: str) -> Verdict | None:
    """A route's row. All of /admin/v1 has one, the strictest: what is written there is right by itself."""
    return ROWS.get(name) or (ADMIN if name.partition(" ")[2].startswith("/admin/v1/") else None)


def named(faces: Sequence[Face], gateway: Gateway) -> Iterator[str]:
    """Every method and path of the application's route table."""
    for face in faces:
        for route in face.routes(gateway):
            yield from _names(route)


def _names(route: BaseRoute) -> Iterator[str]:
    if not isinstance(route, Route):
        yield f"ANY {type(route).__name__}"
        return
    methods: Any = route.methods or getattr(route.endpoint, "_methods", ())
    if not methods or len(methods) > 4:  # whatever the method
        yield f"ANY {route.path}"
    else:
        yield from (f"{method} {route.path}" for method in sorted(methods) if method != "HEAD")
