"""A small HTTP client for commands: one connection, JSON in and out, and failures in words with an exit code."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

from reelgate.cli.locate import Located, admin_key, caller_key, locate
from reelgate.cli.program import command
from reelgate.cli.trouble import Code, Trouble

_TIMEOUT_S = 60.0
_PIECE = 1 << 18
_CODE_OF_STATUS = {401: Code.REFUSED, 402: Code.REFUSED, 403: Code.REFUSED, 429: Code.REFUSED, 502: Code.UNREACHED, 503: Code.UNREACHED}
_FIRST_ERROR, _FIRST_FAILURE = 400, 500
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the status, and the JSON if it was any."""

    status: int
    body: Any


class Refusal(Trouble):
    """The gateway answered that it will not; `answer` is what it said."""

    def __init__(self, answer: Answer, *tips: str) -> None:
        self.answer = answer
        code = _CODE_OF_STATUS.get(answer.status, Code.FAILED if answer.status >= _FIRST_FAILURE else Code.WRONG)
        super().__init__(words_of(answer), code, *(tips or _tips(answer)))


class Unreached(Trouble):
    """Nothing answers there, or it broke off."""

    def __init__(self, located: Located, error: Exception) -> None:
        message = f"cannot reach the gateway at {located.url} ({located.how}): {_reason(error)}"
        super().__init__(message, Code.UNREACHED, command("doctor"), command("up"))


class Client:
    """Speaks to one gateway with one key."""

    def __init__(self, located: Located, key: str, *, found_by: tuple[str, ...] = ()) -> None:
        """`found_by` are commands that list what can be asked for: they lead on from what is not there."""
        self.located, self._found_by = located, found_by
        self._headers = {"Authorization": f"Key {key}"} if key else {}
        self._base = urlsplit(located.url)
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Any:
        """The JSON of a path; `Refusal` for any error."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON of an answer; `Refusal` for any error, `Unreached` if there is none."""
        answer = self.exchange(method, path, body, headers=headers)
        if answer.status >= _FIRST_ERROR:
            raise self._refusal(answer)
        return answer.body

    def text(self, path: str) -> str:
        """The text of a path as it is, a CSV; `Refusal` for any error."""
        status, raw = self._sent("GET", path, None, {})
        if status >= _FIRST_ERROR:
            raise self._refusal(Answer(status=status, body=_json(raw)))
        return raw.decode()

    def exchange(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Answer:
        """One exchange, whatever its status."""
        status, raw = self._sent(method, path, body, headers or {})
        return Answer(status=status, body=_json(raw))

    def events(self, path: str) -> Iterator[Any]:
        """The data of an event stream, until it ends. Comments between them come as None, so that a caller can look up."""
        connection = _connect(self._base, self.located.authority)
        try:
            headers = {**self._headers, "Accept": "text/event-stream"}
            connection.request("GET", self._base.path + path, headers=headers)
            response = connection.getresponse()
            if response.status >= _FIRST_ERROR:
                raise Refusal(Answer(status=response.status, body=_json(response.read())))
            for line in response:
                if line.startswith(b"data:"):
                    yield json.loads(line[5:])
        except (OSError, http.client.HTTPException) as error:
            raise Unreached(self.located, error) from None
        finally:
            connection.close()

    def fetch(self, url: str, to: Path, told: Callable[[int], None] | None = None) -> int:
        """Write the file behind an address, which needs no key, and return its size in bytes. It appears whole or not at all."""
        address = urlsplit(url)
        part = to.with_name(f".{to.name}.part")
        connection = _connect(address, self.located.authority)
        try:
            connection.request("GET", address.path + (f"?{address.query}" if address.query else ""))
            response = connection.getresponse()
            if response.status >= _FIRST_ERROR:
                raise Refusal(Answer(status=response.status, body=_json(response.read())))
            size = _copy(response, part)
        except (OSError, http.client.HTTPException) as error:
            part.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.filename:
                raise Trouble(f"{to} cannot be written: {error.strerror}", Code.WRONG) from None
            raise Unreached(self.located, error) from None
        finally:
            connection.close()
        part.replace(to)
        return size

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    def _refusal(self, answer: Answer) -> Refusal:
        return Refusal(answer, *(self._found_by if answer.status == _NOT_FOUND else ()))

    def _sent(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """The status and the bytes of an answer. Only a GET is sent again when a kept connection turns out to be closed."""
        kept = self._connection is not None
        try:
            return self._send(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not (kept and method == "GET"):
                raise Unreached(self.located, error) from None
        try:
            return self._send(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unreached(self.located, error) from None

    def _send(self, method: str, path: str, body: Any, more: Mapping[str, str]) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = _connect(self._base, self.located.authority)
        raw = None if body is None else json.dumps(body).encode()
        headers = {**self._headers, **more, **({} if raw is None else {"Content-Type": "application/json"})}
        self._connection.request(method, self._base.path + path, raw, headers)
        response = self._connection.getresponse()
        return response.status, response.read()


def words_of(answer: Answer) -> str:
    """What an error says, in whichever of the gateway's shapes it came."""
    error = record(record(answer.body).get("error"))
    if error:
        faults = [f"{each['field']}: {each['message']}" for each in error.get("faults") or () if each.get("field")]
        return "; ".join(faults) or str(error.get("message") or error.get("code"))
    detail = record(answer.body).get("detail")
    if isinstance(detail, str):
        return detail
    listed = records(detail)
    return "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in listed) or f"the gateway answered {answer.status}"


def record(value: Any) -> dict[str, Any]:
    """A JSON object, or an empty one if it was something else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def records(value: Any) -> list[dict[str, Any]]:
    """A JSON list of objects, or an empty one if it was something else."""
    return [record(each) for each in cast("list[Any]", value)] if isinstance(value, list) else []


def _tips(answer: Answer) -> tuple[str, ...]:
    match answer.status:
        case 401 | 403:
            return (command("keys", "create", "mine"), "export REELGATE_KEY=rg_live_…")
        case 402:
            return (command("accounts", "list"),)
        case 404:
            return (command("models"), command("jobs"))
        case 400 | 409 | 422:
            return ()  # what was sent is wrong, and the sentence says how
        case _:
            return (command("doctor"),)


def _connect(address: SplitResult, authority: Path | None) -> http.client.HTTPConnection:
    host = address.hostname or ""
    if address.scheme != "https":
        return http.client.HTTPConnection(host, address.port, timeout=_TIMEOUT_S)
    trusted = ssl.create_default_context()
    if authority is not None:
        trusted.load_verify_locations(authority)
    return http.client.HTTPSConnection(host, address.port, timeout=_TIMEOUT_S, context=trusted)


def _copy(response: http.client.HTTPResponse, to: Path) -> int:
    size = 0
    with to.open("wb") as file:
        while piece := response.read(_PIECE):
            size += file.write(piece)
    announced = response.getheader("content-length")
    if announced and size != int(announced):
        raise http.client.IncompleteRead(b"", int(announced) - size)
    return size


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "TLS failed"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the connection broke off"


def admin() -> Client:
    """A client of the located gateway with the owner's key."""
    located = locate()
    lists = (command("accounts", "list"), command("keys", "list"), command("prices", "list"))
    return Client(located, admin_key(located), found_by=lists)


def caller(key: str | None) -> Client:
    """A client of the located gateway with a caller's key."""
    located = locate()
    return Client(located, caller_key(located, key))
