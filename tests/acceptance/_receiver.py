"""A receiver of webhooks on loopback, which verifies them as the vendors tell their customers to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_WITHIN_S = 60.0
_FRESH_S = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What came, to which path with its query, in what order; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass(slots=True, kw_only=True)
class Receiver:
    """Takes letters. `answers` are the statuses for the first ones at a path, in this order; all others are answered 200."""

    url: str = ""
    answers: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    _came: dict[str, list[Letter]] = field(default_factory=lambda: defaultdict[str, list[Letter]](list))
    _news: threading.Condition = field(default_factory=threading.Condition)

    def letters(self, path: str, count: int = 1) -> list[Letter]:
        """Everything that came to a path, once there are so many."""
        with self._news:
            assert self._news.wait_for(lambda: len(self._came[path]) >= count, _WITHIN_S), f"{len(self._came[path])} letters came to {path}"
            return list(self._came[path])

    def take(self, letter: Letter) -> int:
        """Keep a letter; with what to answer it."""
        path = letter.path.partition("?")[0]
        with self._news:
            self._came[path].append(letter)
            self._news.notify_all()
            return self.answers[path].pop(0) if self.answers.get(path) else 200


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver on a free port."""
    made = Receiver()

    class Visit(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(made.take(Letter(path=self.path, headers=headers, body=body)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Visit)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def is_fals(letter: Letter, key_set: Mapping[str, Any], now_s: float) -> bool:
    """As fal documents it: Ed25519 by any key of the set, over four lines, the last of which is the digest of the raw body."""
    request_id, user_id, at, signature = (
        letter.headers[f"x-fal-webhook-{name}"] for name in ("request-id", "user-id", "timestamp", "signature")
    )
    if abs(now_s - int(at)) > _FRESH_S:
        return False
    signed = "\n".join([request_id, user_id, at, hashlib.sha256(letter.body).hexdigest()]).encode()
    for key in key_set["keys"]:
        try:
            Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"])).verify(bytes.fromhex(signature), signed)
        except InvalidSignature:
            continue
        return True
    return False


def is_standard(letter: Letter, secret: str, now_s: float) -> bool:
    """As Standard Webhooks say, which Kling follows: HMAC by what stands behind `whsec_`; one of several signatures is enough."""
    if abs(now_s - int(letter.headers["webhook-timestamp"])) > _FRESH_S:
        return False
    signed = f"{letter.headers['webhook-id']}.{letter.headers['webhook-timestamp']}.".encode() + letter.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    own = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return any(hmac.compare_digest(own, each) for each in letter.headers["webhook-signature"].split(" "))
