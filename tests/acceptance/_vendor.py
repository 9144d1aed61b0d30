"""A vendor on the loopback that says what must not be repeated: its own texts, addresses and echoes of what it was sent."""

from __future__ import annotations

import base64
import http.client
import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reelgate.wire.signature import jwks, sign_fal, sign_standard
from tests.unit.dispatch.clips import clip

WORDS = {
    "refusal": "canary-vendor-refusal",
    "failure": "canary-vendor-failure",
    "garbage": "canary-vendor-garbage",
    "header": "canary-vendor-header",
    "trouble": "canary-vendor-trouble",
    "unready": "canary-vendor-unready",
    "log": "canary-vendor-log",
    "status": "canary-vendor-status",
    "signature": "canary-output-signature",
}


_ENDS = ("refuse", "fail", "trouble", "garbage", "unready", "mute", "talk", "lost", "twice", "first", "forged")
_KEY, _OTHER_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
WEBHOOK_SECRET, _OTHER_SECRET = (f"whsec_{base64.b64encode(bytes([number]) * 32).decode()}" for number in (1, 2))


class Vendor(ThreadingHTTPServer):
    """Speaks fal's queue under any prefix, Kling's under `/kling/v1`, OpenAI's videos under `/videos`, Replicate's predictions under
    `/predictions` and Veo under `/v1/publishers`.

    What a job comes to is said by the last word of its prompt; one that is to "talk" is at work when it is first asked for, and says more
    of that than anybody should hear. It signs its callbacks as each of them does, with a key set and a secret of its own.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.video = clip(seconds=5)
        self.ends: dict[str, str] = {}
        self.sold: dict[str, dict[str, Any]] = {}
        self._by_token: dict[str, str] = {}
        self.asked: list[str] = []
        self.talked: list[str] = []
        self.heard: dict[str, list[int]] = {}  # what its callbacks were answered, by job

    def replay(self, token: str | None) -> str:
        """The job that was sold under this token before."""
        return self._by_token.get(token or "", "")

    def talks(self, job: str) -> bool:
        """Whether this job has something to say now: once."""
        if self.ends.get(job) != "talk" or job in self.talked:
            return False
        self.talked.append(job)
        return True

    def sell(self, job: str, token: str | None, raw: bytes, path: str) -> None:
        """From here on somebody has to pay."""
        told = self.sold[job] = json.loads(raw) if raw.startswith(b"{") else {}
        if path.endswith("/predictions"):
            told["model"] = "/".join(path.split("/")[-3:-1])
        for each in (token, told.get("external_task_id")):
            if each:
                self._by_token[each] = job

    def sold_of(self, prompt: str) -> int:
        """How often what has this prompt was sold."""
        return sum(prompt in json.dumps(each) for each in self.sold.values())

    def heard_of(self, prompt: str) -> list[int]:
        """What callbacks of what has this prompt were answered."""
        return [status for job, body in self.sold.items() if prompt in json.dumps(body) for status in self.heard.get(job, [])]

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def selling() -> Generator[Vendor]:
    """A vendor for the length of a block."""
    with Vendor() as vendor:
        thread = threading.Thread(target=vendor.serve_forever, daemon=True)
        thread.start()
        try:
            yield vendor
        finally:
            vendor.shutdown()
            thread.join()


class _Counter(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Vendor  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.endswith("/secret"):
            self._json(200, {"key": WEBHOOK_SECRET})
            return
        if path.endswith("/predictions"):
            self._json(200, {"results": [self._prediction(job) for job in self.server.sold], "next": None})
            return
        if path.endswith("/videos"):
            listed = [{**body, "id": job, "created_at": int(time.time())} for job, body in self.server.sold.items()]
            self._json(200, {"object": "list", "data": listed})
            return
        if path == "/.well-known/jwks.json":
            self._json(200, jwks([_KEY.public_key()]))
            return
        if path.endswith(".mp4"):
            self._send(200, self.server.video, "video/mp4")
            return
        job = path.removesuffix("/status").removesuffix("/content").rpartition("/")[2]
        if path.endswith("/content"):
            self._send(200, self.server.video, "video/mp4")
        elif "/videos/" in path and "/kling/" not in path:
            self._openai(job)
        elif "/kling/" in path:
            self._kling(self.server.replay(job) or job)
        elif "/predictions/" in path:
            self._json(200, self._prediction(job))
        else:
            self._fal(job, status=path.endswith("/status"))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append(f"{self.path} {self.headers.get('Authorization')} {self.headers.get('x-goog-api-key')}")
        echo = raw.decode("latin-1")
        word = next((each for each in _ENDS if f" {each} end" in echo), "go")
        token = self.headers.get("Idempotency-Key")
        job = self.server.replay(token) or f"job-{len(self.server.ends)}"
        again = job in self.server.ends
        self.server.ends[job] = word
        if not again and word not in {"refuse", "trouble", "garbage", "mute"}:
            self.server.sell(job, token, raw, urlsplit(self.path).path)
        match "go" if again else word:
            case "refuse":
                fault = {"loc": ["body", "prompt"], "msg": f"{WORDS['refusal']} {echo}", "type": "content_policy_violation"}
                self._json(
                    422, {"detail": [fault], "code": 1301, "message": f"{WORDS['refusal']} {echo}", "error": {"code": "moderation_blocked"}}
                )
            case "trouble":
                self._json(500, {"detail": f"{WORDS['trouble']} {echo} {self.headers.get('Authorization')}"})
            case "garbage":
                self._send(200, f"<html>{WORDS['garbage']} {echo} {self.headers.get('Authorization')}</html>".encode(), "text/html")
            case "mute" | "lost":
                self.close_connection = True
            case "first":
                self._call_back(job)
                self.close_connection = True
            case "twice":
                self._taken(job)
                self._call_back(job)
                self._call_back(job)
            case "forged":
                self._taken(job)
                self._call_back(job, _OTHER_KEY, _OTHER_SECRET)
            case _:
                self._taken(job)

    def do_DELETE(self) -> None:
        self._json(404, {})

    def do_PUT(self) -> None:
        self._json(404, {})

    def _taken(self, job: str) -> None:
        told = {
            "request_id": job,
            "status": "IN_QUEUE",
            "id": job,
            "object": "video",
            "code": 0,
            "data": {"task_id": job, "task_status": "submitted"},
        }
        self._json(200, {**told, "name": f"models/m/operations/{job}"})

    def _fal(self, job: str, *, status: bool) -> None:
        if self.server.ends.get(job) == "unready":
            self._json(503, {"detail": WORDS["unready"]})
        elif status and self.server.talks(job):
            logs = [{"message": f"Uploading to https://{WORDS['log']}.example/v.mp4 for account acct-42", "level": "INFO"}]
            self._json(202, {"status": "IN_PROGRESS", "logs": logs})
        elif status:
            self._json(200, {"status": "COMPLETED"})
        elif self.server.ends.get(job) == "fail":
            self._json(
                500, {"detail": WORDS["failure"], "error_type": "runner_server_error"}, **{"x-fal-error-type": "runner_server_error"}
            )
        else:
            self._json(200, {"video": {"url": self._output()}})

    def _kling(self, job: str) -> None:
        state = "failed" if self.server.ends.get(job) == "fail" else WORDS["status"] if self.server.talks(job) else "succeed"
        task = {
            "task_id": job,
            "task_status": state,
            "task_status_msg": WORDS["failure"],
            "task_result": {"videos": [{"url": self._output()}]},
        }
        self._json(200, {"code": 0, "message": WORDS["failure"], "data": task})

    def _openai(self, job: str) -> None:
        state = "failed" if self.server.ends.get(job) == "fail" else WORDS["status"] if self.server.talks(job) else "completed"
        self._json(200, {"id": job, "status": state, "error": {"code": "server_error", "message": WORDS["failure"]}})

    def _prediction(self, job: str) -> dict[str, Any]:
        sold = self.server.sold[job]
        told = {"id": job, "status": "succeeded", "output": self._output(), "created_at": datetime.now(UTC).isoformat(), "source": "api"}
        return {**told, "model": sold.get("model"), "input": sold.get("input")}

    def _call_back(self, job: str, key: Ed25519PrivateKey = _KEY, secret: str = WEBHOOK_SECRET) -> None:
        sold, now_s = self.server.sold[job], int(time.time())
        asked = parse_qs(urlsplit(self.path).query).get("fal_webhook")
        url = asked[0] if asked else sold.get("webhook") or sold["callback_url"]
        body = json.dumps({"request_id": job, "status": "OK"} if asked else {"id": job, "task_id": job, "status": "succeeded"}).encode()
        if asked:
            signed = sign_fal(key, request_id=job, user_id="somebody", timestamp=now_s, body=body)
        else:
            signed = sign_standard([secret], id=job, timestamp=now_s, body=body)
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.netloc, timeout=5)
        connection.request("POST", address.path, body, {"Content-Type": "application/json", **dict(signed)})
        answer = connection.getresponse()
        answer.read()
        self.server.heard.setdefault(job, []).append(answer.status)
        connection.close()

    def _output(self) -> str:
        return f"{self.server.url}/outputs/v.mp4?signature={WORDS['signature']}"

    def _json(self, status: int, body: Any, **headers: str) -> None:
        self._send(status, json.dumps(body).encode(), "application/json", **headers)

    def _send(self, status: int, body: bytes, content_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), "X-Note": WORDS["header"], **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing on stderr."""
