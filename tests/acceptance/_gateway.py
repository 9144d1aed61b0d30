"""A gateway as its users start it, `reelgate up` in a process of its own, and the little HTTP that the tests speak with it."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PROGRAM = Path(sys.executable).with_name("reelgate")
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
LEAVES_AROUND = (FIXTURES / "engines", FIXTURES / "plugins")
"""Engines, endpoints and stores of another package: a gateway finds them with `loading(...)` in its environment."""

_ADDRESS = re.compile(r"^  Address +(https?://\S+)$")
_PATIENCE_S = 60.0
_LEAVES_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def faults(self) -> list[list[str | int]]:
        """Where fal's 422 says that something is wrong."""
        return [each["loc"] for each in self.json["detail"]]


@dataclass(slots=True, kw_only=True)
class Gateway:
    """A gateway that answers. `authority` is the file that clients of its https have to trust."""

    process: subprocess.Popen[str]
    url: str
    data: Path
    log: Path
    authority: Path | None = None
    banner: str = ""
    _trusting: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Host and port."""
        return urlsplit(self.url).netloc

    @property
    def key(self) -> str:
        """The first key of the owner's account."""
        return (self.data / "key").read_text().strip()

    @property
    def admin_key(self) -> str:
        """The first admin key."""
        return (self.data / "admin-key").read_text().strip()

    @property
    def pid(self) -> int:
        """The process."""
        return self.process.pid

    def call(
        self,
        method: str,
        where: str,
        body: bytes | Mapping[str, Any] | Iterator[bytes] | None = None,
        *,
        key: str | None = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One exchange. `where` is a path or a whole address; a mapping goes as JSON; `key` None sends none, "" the first one."""
        content: Any = json.dumps(body).encode() if isinstance(body, Mapping) else body
        given = dict(headers or {})
        if key is not None:
            given.setdefault("Authorization", f"Key {key or self.key}")
        with self.connected(where) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has read all
                connection.request(method, _target(where), content, given)
            return _read(connection)

    @contextmanager
    def connected(self, where: str = "") -> Iterator[http.client.HTTPConnection]:
        """A connection to the gateway, or to the host of a whole address."""
        address = urlsplit(where if "://" in where else self.url)
        if address.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(address.netloc, timeout=_PATIENCE_S, context=self._trust())
        else:
            connection = http.client.HTTPConnection(address.netloc, timeout=_PATIENCE_S)
        try:
            yield connection
        finally:
            connection.close()

    def submit(self, endpoint: str, input: Mapping[str, Any], *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Submit in fal's way; the answer of a submit that was taken."""
        answer = self.call("POST", f"/{endpoint}", input, headers=headers)
        assert answer.status == 200, answer.body
        return answer.json

    def story(self, job_id: str) -> list[dict[str, Any]]:
        """Every event of a job from its beginning; returns when the job has ended."""
        with self.connected() as connection:
            headers = {"Authorization": f"Key {self.key}", "Accept": "text/event-stream"}
            connection.request("GET", f"/v1/jobs/{job_id}/events", headers=headers)
            stream = connection.getresponse()
            assert stream.status == 200
            return [json.loads(line[6:]) for line in stream if line.startswith(b"data: ")]

    def job(self, job_id: str) -> dict[str, Any]:
        """A job in our own words."""
        answer = self.call("GET", f"/v1/jobs/{job_id}")
        assert answer.status == 200, answer.body
        return answer.json

    def end_of(self, job_id: str) -> dict[str, Any]:
        """The same, once it has ended."""
        self.story(job_id)
        return self.job(job_id)

    def result(self, submitted: Mapping[str, Any]) -> Answer:
        """What fal's result answers once the job has ended."""
        self.story(submitted["request_id"])
        return self.call("GET", submitted["response_url"])

    def new_key(self, account: str) -> str:
        """A key of an account of its own, which has no money."""
        assert self.call("POST", "/admin/v1/accounts", {"name": account}, key=self.admin_key).status == 201
        made = self.call("POST", "/admin/v1/keys", {"account": account, "name": account, "mode": "live"}, key=self.admin_key)
        assert made.status == 201, made.body
        return made.json["secret"]

    def state(self) -> dict[str, Any]:
        """What its owner sees: how many jobs stand where, and what is wrong with the books."""
        return self.call("GET", "/admin/v1/state", key=self.admin_key).json

    def purse(self) -> tuple[str, str]:
        """What the owner's account has, and what of it is held."""
        [account] = [each for each in self.call("GET", "/admin/v1/accounts", key=self.admin_key).json["data"] if each["id"] == "owner"]
        return account["available"], account["held"]

    def stop(self) -> int:
        """Ask it to leave, as a system does; its exit status. A gateway that does not leave in time is a failure."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(_LEAVES_WITHIN_S)
        finally:
            self.kill()

    def kill(self) -> None:
        """The end without warning."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(_PATIENCE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _trust(self) -> ssl.SSLContext:
        if self._trusting is None:
            self._trusting = ssl.create_default_context(cafile=self.authority)
        return self._trusting


def launch(data: Path, *arguments: str, environment: Mapping[str, str] | None = None, log: Path | None = None) -> subprocess.Popen[str]:
    """Start `reelgate up` on a data folder and do not wait for it. Its log is added to `log`, by default beside the folder."""
    data.parent.mkdir(parents=True, exist_ok=True)
    with (log or log_of(data)).open("ab") as lines:
        return subprocess.Popen(
            [str(PROGRAM), "up", "--port", "0", "--data", str(data), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=lines,
            text=True,
            env=surroundings(data, environment),
        )


def start(data: Path, *arguments: str, environment: Mapping[str, str] | None = None, log: Path | None = None) -> Gateway:
    """Start a gateway and wait until it says where it answers."""
    process = launch(data, *arguments, environment=environment, log=log)
    try:
        return announced(process, data, log=log)
    except BaseException:
        process.kill()
        process.communicate()
        raise


def announced(process: subprocess.Popen[str], data: Path, *, log: Path | None = None) -> Gateway:
    """The gateway of a process that was launched, once it has printed its address and all that goes with it."""
    assert process.stdout is not None
    lines: list[str] = []
    url = ""
    for line in process.stdout:
        lines.append(line)
        found = _ADDRESS.match(line.rstrip("\n"))
        url = found[1] if found else url
        if line.startswith("  Ctrl+C"):
            break
    assert url, f"the gateway did not start: {(log or log_of(data)).read_text()}"
    authority = data / "tls" / "ca.pem" if url.startswith("https") else None
    return Gateway(process=process, url=url, data=data, log=log or log_of(data), authority=authority, banner="".join(lines))


@contextmanager
def running(data: Path, *arguments: str, environment: Mapping[str, str] | None = None, log: Path | None = None) -> Iterator[Gateway]:
    """A gateway for the length of a block."""
    gateway = start(data, *arguments, environment=environment, log=log)
    try:
        yield gateway
    finally:
        gateway.kill()


def log_of(data: Path) -> Path:
    """Where the log of a folder's gateway is kept."""
    return data.with_name(f"{data.name}.log")


def surroundings(data: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a newcomer: nothing of the tests' own settings, and a state directory that is nobody else's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REELGATE_", "FAL_", "PYTHON", "SSL_", "COV"))}
    return {**kept, "REELGATE_STATE": str(data.with_name(f"{data.name}.state")), **(more or {})}


def loading(*folders: Path) -> dict[str, str]:
    """The setting by which a gateway and its workers find leaves that lie in these folders."""
    return {"PYTHONPATH": os.pathsep.join(map(str, folders or LEAVES_AROUND))}


def environment_of(gateway: Gateway) -> dict[str, str]:
    """What `--tls` tells its users to set, for the programs that a test starts: whom to trust, and where fal's queue is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REELGATE_", "FAL_", "PYTHON"))}
    trusted = {} if gateway.authority is None else dict.fromkeys(_WHOM_TO_TRUST, str(gateway.authority))
    return {**kept, **trusted, "FAL_KEY": gateway.key, "FAL_QUEUE_RUN_HOST": gateway.host, "FAL_RUN_HOST": f"{gateway.host}/run"}


def spoken(command: Sequence[str], gateway: Gateway, *, more: Mapping[str, str] | None = None) -> str:
    """What a client's program prints, run in the environment that the gateway asks for."""
    done = subprocess.run(
        command,
        env={**environment_of(gateway), **(more or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_S * 2,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _target(where: str) -> str:
    address = urlsplit(where)
    return (address.path or "/") + (f"?{address.query}" if address.query else "")


def _read(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    return Answer(status=response.status, headers={name.lower(): value for name, value in response.getheaders()}, body=response.read())


_WHOM_TO_TRUST = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
