"""Google's Veo as its clients speak it: on Vertex with a project or a key, and the Gemini form that gateways serve.

Sources: the vendor's reference of the model on Vertex, its Python client 2.34 and 3.4, AIP-4111 on self-signed tokens; read 2026-11.
Written from documents; no live account has answered. There is no key by which a second submit would be the first one again, no list
and no cancel; with a bucket, each attempt has a folder of its own there, by which its video is found.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from urllib.parse import quote

import jwt
import orjson

from reelgate.contracts.endpoint import Endpoint
from reelgate.contracts.provider import Credential, HttpCall, Listed, Loss, Option, Order, Powers, Signers, Talk, Ticket, Verdict
from reelgate.dialects._reply import asked_again, good_key, inner
from reelgate.dialects._translation import losses
from reelgate.dialects._veo_reply import STORAGE, operation_of, read_verdict, refusal
from reelgate.domain.errors import Fault, InvalidInput, Misconfigured, Unavailable
from reelgate.domain.media import Foreign, Media, VideoInput

_MODELS: Mapping[str, str] = {
    "fal-ai/veo3": "veo-3.0-generate-001",
    "fal-ai/veo3/fast": "veo-3.0-fast-generate-001",
    "fal-ai/veo3.1": "veo-3.1-generate-001",
    "fal-ai/veo3.1/fast": "veo-3.1-fast-generate-001",
    "fal-ai/veo3.1/lite": "veo-3.1-lite-generate-001",
}
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_TOKEN_LIFE = timedelta(seconds=3600)
_RENEWED_BEFORE = timedelta(seconds=120)
_PROBE = "veo-3.1-generate-001"
_PLAIN_BYTES, _VIDEO_BYTES = 1 << 20, 64 << 20
_SAFE_IN_PATH = "-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Veo:
    """A vendor that serves Veo. "vertex": the vendor's cloud, where sound is a choice. "gemini": the API whose videos always have sound."""

    name: str
    title: str
    form: Literal["vertex", "gemini"]
    address: str = ""
    secrets: tuple[str, ...] = ("api_key",)
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])

    def unfit(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> str:
        return ""

    def powers(self, options: Mapping[str, str]) -> Powers:
        found = bool(options.get("bucket"))
        return Powers(finds=found, media="data", poll_s=(10.0, 30.0), window_s=3600.0 if found else 1800.0)

    def offer(self, endpoint: Endpoint, options: Mapping[str, str]) -> str | None:
        if endpoint.ended is not None or endpoint.kind not in _KINDS:
            return None
        return next((name for start, name in _MODELS.items() if endpoint.id == start or _is_variant(endpoint.id, start)), None)

    def loses(self, endpoint: Endpoint, wanted: VideoInput, options: Mapping[str, str]) -> Sequence[Loss]:
        return losses(self._write, self._read, wanted)

    def credential(self, secrets: Mapping[str, str], now: datetime) -> Talk[Credential]:
        yield from ()
        if secrets.get("api_key"):
            return Credential(headers={"x-goog-api-key": secrets["api_key"]})
        if not secrets.get("service_account"):
            raise Misconfigured(said=f"no {' or '.join(self.secrets)}")
        account = _service_account(secrets["service_account"])
        claims = {"iss": account["client_email"], "sub": account["client_email"], "scope": _SCOPE, "iat": now, "exp": now + _TOKEN_LIFE}
        try:
            token = jwt.encode(claims, account["private_key"], algorithm="RS256", headers={"kid": account.get("private_key_id", "")})
        except (ValueError, TypeError, jwt.PyJWTError):
            raise Misconfigured(said="the private key of the service account cannot be read") from None
        return Credential(headers={"Authorization": f"Bearer {token}"}, until=now + _TOKEN_LIFE - _RENEWED_BEFORE)

    def submit(self, order: Order) -> Talk[Ticket]:
        body = self._write(order.input)
        if order.options.get("bucket"):
            body["parameters"]["storageUri"] = f"gs://{_bucket(order.options)}/{order.token}/"
        path = self._model(order)
        reply = yield HttpCall("POST", f"{path}:predictLongRunning", json=body, buys=True)
        if reply.status != 200:  # noqa: PLR2004 -- the one status of an operation
            raise refusal(reply)
        name = operation_of(reply.record)
        ticket = {"id": name.rsplit("/", 1)[-1], "name": name, "path": path}
        return ticket | ({"bucket": "yes"} if order.options.get("bucket") else {})

    def poll(self, ticket: Ticket) -> Talk[Verdict]:
        if "object" in ticket:  # it was found in the bucket: there it is
            return read_verdict({"done": True, "response": {"videos": [{"gcsUri": ticket["object"]}]}})
        name = operation_of(ticket)
        if self.form == "gemini":
            reply = yield HttpCall("GET", f"/v1beta/{name}")
        else:
            asked = {"operationName": name}
            limit_bytes = _PLAIN_BYTES if "bucket" in ticket else _VIDEO_BYTES  # without a bucket the video comes within the answer
            reply = yield HttpCall("POST", f"{ticket['path']}:fetchPredictOperation", json=asked, reply_bytes=limit_bytes)
        if reply.status != 200:  # noqa: PLR2004 -- the one status of an operation
            raise asked_again(reply, refusal(reply))
        record = reply.record
        operation_of(record)  # whatever has no name is no operation
        return read_verdict(record, buckets=self.form == "vertex")

    def cancel(self, ticket: Ticket) -> Talk[bool]:
        yield from ()  # nobody documents one for these operations
        return False

    def find(self, order: Order) -> Talk[Ticket | None]:
        bucket, _, folder = _bucket(order.options).partition("/")
        prefix = f"{folder}/{order.token}/" if folder else f"{order.token}/"
        reply = yield HttpCall("GET", f"/storage/v1/b/{bucket}/o", query={"prefix": prefix}, origin=STORAGE)
        if reply.status != 200:  # noqa: PLR2004 -- the one status of a list
            raise refusal(reply)
        for item in cast("list[Any]", reply.record.get("items") or []):
            name = inner(cast("dict[str, Any]", item), "name") if isinstance(item, dict) else None
            if isinstance(name, str) and name.startswith(prefix) and name.endswith(".mp4"):
                return {"id": order.token, "object": f"gs://{bucket}/{name}"}
        raise Unavailable(said="no video in its folder yet")  # it appears when it is done: none does not mean that none will come

    def recent(self, order: Order, since: datetime) -> Talk[Sequence[Listed]]:
        yield from ()  # operations are not listed
        return ()

    def heard(self, body: bytes) -> Ticket | None:
        return None

    def signers(self, secrets: Mapping[str, str], options: Mapping[str, str]) -> Talk[Signers | None]:
        yield from ()  # it does not call an address of a job's own
        return None

    def check(self) -> Talk[str]:
        start = "/v1beta/models" if self.form == "gemini" else "/v1/publishers/google/models"
        reply = yield HttpCall("GET", f"{start}/{_PROBE}")
        if reply.status in {200, 404}:
            return good_key(reply, "a model was asked about")
        raise refusal(reply)

    # -- bodies and paths --------------------------------------------------------------------------------------------
    def _model(self, order: Order) -> str:
        """Where a model lives. With a project it is the project's; a key alone has one of its own."""
        name = quote(order.model, safe=_SAFE_IN_PATH)
        if self.form == "gemini":
            return f"/v1beta/models/{name}"
        project, location = order.options.get("project", ""), order.options.get("location", "us-central1")
        if not project:
            return f"/v1/publishers/google/models/{name}"
        place = f"/v1/projects/{quote(project, safe=_SAFE_IN_PATH)}/locations/{quote(location, safe=_SAFE_IN_PATH)}"
        return f"{place}/publishers/google/models/{name}"

    def _write(self, wanted: VideoInput) -> dict[str, Any]:
        instance: dict[str, Any] = {"prompt": wanted.prompt}
        if wanted.first_frame is not None:
            instance["image"] = _written(wanted.first_frame)
        if wanted.last_frame is not None:
            instance["lastFrame"] = _written(wanted.last_frame)
        if wanted.source_video is not None:
            instance["video"] = _written(wanted.source_video)
        if wanted.references:
            instance["referenceImages"] = [{"image": _written(each), "referenceType": "asset"} for each in wanted.references]
        parameters: dict[str, Any] = {"sampleCount": 1, "durationSeconds": wanted.seconds, "resolution": wanted.resolution}
        parameters |= {} if wanted.aspect_ratio == "auto" else {"aspectRatio": wanted.aspect_ratio}
        parameters |= {"negativePrompt": wanted.negative_prompt} if wanted.negative_prompt else {}
        parameters |= {} if wanted.seed is None else {"seed": wanted.seed}
        parameters |= {"generateAudio": wanted.sound} if self.form == "vertex" else {}
        return {"instances": [instance], "parameters": parameters}

    def _read(self, body: Mapping[str, Any]) -> VideoInput:
        instance, told = body["instances"][0], body["parameters"]
        if told.get("aspectRatio", "16:9") not in {"16:9", "9:16"}:
            raise InvalidInput([Fault(path=("aspect_ratio",), message="it makes wide and tall videos")])
        if told["resolution"] not in {"720p", "1080p", "4k"}:
            raise InvalidInput([Fault(path=("resolution",), message="it makes 720p, 1080p and 4k")])
        return VideoInput(
            prompt=instance["prompt"],
            negative_prompt=told.get("negativePrompt", ""),
            seconds=told["durationSeconds"],
            aspect_ratio=told.get("aspectRatio", "auto"),
            resolution=told["resolution"],
            sound=told.get("generateAudio", True),
            seed=told.get("seed"),
            first_frame=_read_medium(instance.get("image")),
            last_frame=_read_medium(instance.get("lastFrame")),
            source_video=_read_medium(instance.get("video")),
            references=tuple(Foreign(_address(each["image"])) for each in instance.get("referenceImages", ())),
        )


_KINDS = frozenset({"text-to-video", "image-to-video", "first-last-frame-to-video", "reference-to-video", "extend-video"})
_VARIANTS = frozenset({"image-to-video", "first-last-frame-to-video", "reference-to-video", "extend-video"})


def _is_variant(endpoint_id: str, start: str) -> bool:
    return endpoint_id.startswith(f"{start}/") and endpoint_id.removeprefix(f"{start}/") in _VARIANTS


def _bucket(options: Mapping[str, str]) -> str:
    """Bucket and folder, without slashes around them."""
    return options["bucket"].removeprefix("gs://").strip("/")


def _written(medium: Media) -> dict[str, str]:
    """A picture or a video, whose bytes have to be in the body; only places in Google's own storage are taken by address."""
    url = medium.url if isinstance(medium, Foreign) else ""
    head, comma, content = url.partition(",")
    if url.startswith("data:") and comma:
        return {"bytesBase64Encoded": content, "mimeType": head.removeprefix("data:").removesuffix(";base64")}
    return {"gcsUri": url}


def _read_medium(told: Mapping[str, str] | None) -> Media | None:
    return None if told is None else Foreign(_address(told))


def _address(told: Mapping[str, str]) -> str:
    return told["gcsUri"] if "gcsUri" in told else f"data:{told['mimeType']};base64,{told['bytesBase64Encoded']}"


def _service_account(secret: str) -> Mapping[str, str]:
    """The JSON file of a service account, which is kept in base64: secrets are texts without spaces."""
    try:
        told = orjson.loads(base64.b64decode(secret, validate=True))
    except (binascii.Error, orjson.JSONDecodeError):
        raise Misconfigured(said="service_account is not the base64 of a JSON file") from None
    names = ("client_email", "private_key")
    if not isinstance(told, dict) or not all(isinstance(cast("dict[str, Any]", told).get(name), str) for name in names):
        raise Misconfigured(said=f"service_account has no {' or no '.join(names)}")
    return cast("dict[str, str]", told)
