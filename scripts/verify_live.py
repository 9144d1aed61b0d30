"""Tries dialects against live upstreams, with your keys and your money, and writes down what was seen.

    make verify-live              names the most that it can cost, asks, tries, and writes docs/verified/PROVIDER-DATE.json
    python scripts/verify_live.py --yes --only fal --to FOLDER

A provider is tried if its keys are in the environment: FAL_KEY; KLING_KEY, or KLING_ACCESS_KEY and KLING_SECRET_KEY with
KLING_OPTIONS=generation=legacy; REPLICATE_API_TOKEN;
GOOGLE_API_KEY or GOOGLE_SERVICE_ACCOUNT (the JSON file in base64). An address other than the usual one stands in FAL_ADDRESS and so on.
Those that have no usual one need theirs: OPENAI_ADDRESS, with or without OPENAI_API_KEY; FAL_GATEWAY_ADDRESS with FAL_GATEWAY_KEY, and so
for KLING_GATEWAY and VEO_GATEWAY; REELGATE_UPSTREAM_ADDRESS with REELGATE_UPSTREAM_KEY. OPENAI_MODELS and so on say what is offered there,
as ID=NAME, with commas between them; OPENAI_OPTIONS the channel's options, as NAME=VALUE. With REELGATE_PUBLIC_URL, an address under which
the upstream reaches this machine at REELGATE_PORT, callbacks are looked for too.

Each is tried by the cheapest job that its channel can make: a video whole, one that is cancelled once the upstream has it, and one whose
picture is none. A record has no key, no address, no id and no prompt in it; it says whether the vendor itself was asked.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from reelgate import __version__
from reelgate.cli.client import Client, Refusal
from reelgate.cli.locate import locate
from reelgate.cli.trouble import Trouble
from reelgate.contracts.provider import Provider
from reelgate.discovery import load_leaves

ROOT = Path(__file__).resolve().parent.parent
VERIFIED = ROOT / "docs" / "verified"
KEYS: Mapping[str, Mapping[str, str]] = {
    "fal": {"api_key": "FAL_KEY"},
    "kling": {"api_key": "KLING_KEY", "access_key": "KLING_ACCESS_KEY", "secret_key": "KLING_SECRET_KEY"},
    "replicate": {"api_key": "REPLICATE_API_TOKEN"},
    "veo": {"api_key": "GOOGLE_API_KEY", "service_account": "GOOGLE_SERVICE_ACCOUNT"},
    "openai": {"api_key": "OPENAI_API_KEY"},
    "reelgate": {"api_key": "REELGATE_UPSTREAM_KEY"},
    "fal_gateway": {"api_key": "FAL_GATEWAY_KEY"},
    "kling_gateway": {"api_key": "KLING_GATEWAY_KEY"},
    "veo_gateway": {"api_key": "VEO_GATEWAY_KEY"},
}
VENDORS: Mapping[str, str] = {
    "fal": "fal.run",
    "kling": "klingai.com",
    "openai": "openai.com",
    "replicate": "replicate.com",
    "veo": "googleapis.com",
}
"""The domains of the vendors themselves; whatever answers elsewhere is somebody who speaks as they do."""
_KEYLESS = frozenset({"openai"})  # a GPU server of one's own may ask for no key
_PROVIDERS = load_leaves("reelgate.providers", "PROVIDER", Provider)
_OVER = frozenset({"done", "failed", "cancelled", "unknown"})
_JOB_WITHIN_S = 1800.0
_UP_WITHIN_S = 30.0
_NO_PICTURE = "https://example.com/"
_TRIES = 3  # jobs that may cost


def main(arguments: list[str]) -> int:
    """Try what there are keys for."""
    told = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    told.add_argument("--yes", action="store_true", help="do not ask whether the cost is fine")
    told.add_argument("--only", default="", help="this provider only")
    told.add_argument("--to", type=Path, default=VERIFIED, help="where records go")
    asked = told.parse_args(arguments)
    names = [name for name in KEYS if asked.only in {"", name} and can_be_tried(name, os.environ)]
    if not names:
        print("no keys, or no address: set FAL_KEY, KLING_KEY, REPLICATE_API_TOKEN, GOOGLE_API_KEY or OPENAI_ADDRESS", file=sys.stderr)
        return 2
    with _gateway() as (admin, caller):
        trials = {name: _trial(admin, name) for name in names}
        most = sum(Decimal(trial["cost"]) * _TRIES for trial in trials.values())
        for name, trial in trials.items():
            print(f"{name}: {_TRIES} jobs of {trial['endpoint']} at ${trial['cost']} ({trial['words']})", file=sys.stderr)
        if not asked.yes and not _agrees(f"this can cost at most ${most}; go on?"):
            print("nothing was bought", file=sys.stderr)
            return 2
        records = [record_of(name, trial, Verification(admin, caller, name, trial).run()) for name, trial in trials.items()]
    asked.to.mkdir(parents=True, exist_ok=True)
    for record in records:
        path = asked.to / f"{record['provider']}-{record['date']}.json"
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(path)
    return 0 if all(step["good"] is not False for record in records for step in record["steps"].values()) else 1


class Verification:
    """The steps of one provider. Each tells whether it went as it should (None: it could not be tried) and what was seen."""

    def __init__(self, admin: Client, caller: Client, name: str, trial: Mapping[str, Any]) -> None:
        self._admin, self._caller, self._name, self._trial = admin, caller, name, trial

    def run(self) -> dict[str, dict[str, Any]]:
        """Every step, in order; none that costs where the key is not good."""
        checked = _guarded(self._check)
        steps = {"submit": self._submit, "callback": self._callback, "cancel": self._cancel, "error": self._error}
        if not checked["good"]:
            return {"check": checked, **{name: {"good": None, "why": "the key is not good"} for name in steps}}
        return {"check": checked, **{name: _guarded(step) for name, step in steps.items()}}

    def _check(self) -> dict[str, Any]:
        told = self._admin.ask("POST", f"/admin/v1/channels/{self._name}/check")
        return {"good": told["good"]}

    def _submit(self) -> dict[str, Any]:
        job = self._ended(self._bought())
        video: dict[str, Any] = job["video"] or {}
        seen = {each: video.get(each) for each in ("width", "height", "fps", "seconds", "sound", "size_bytes", "content_type")}
        return {"good": job["state"] == "done" and bool(video), "state": job["state"], **seen, "took_s": job["render_s"]}

    def _callback(self) -> dict[str, Any]:
        if not os.environ.get("REELGATE_PUBLIC_URL"):
            return {"good": None, "why": "no REELGATE_PUBLIC_URL"}
        heard = _figure(self._admin, "reelgate_callbacks_heard_total")
        return {"good": heard > 0, "heard": heard}

    def _cancel(self) -> dict[str, Any]:
        cancels = _PROVIDERS[self._name].powers(_pairs(self._name, "OPTIONS", os.environ)).cancels
        if cancels == "no":
            return {"good": None, "why": "it cannot stop a job"}
        job = self._bought()
        if not self._taken(job):
            return {"good": None, "why": "it was over before it could be cancelled"}
        self._caller.ask("POST", f"/v1/jobs/{quote(job['id'])}/cancel")
        state = self._ended(job)["state"]
        if state == "done" and cancels == "queued":
            return {"good": None, "why": "it ran already", "state": state}
        return {"good": state == "cancelled", "state": state}

    def _taken(self, job: Mapping[str, Any]) -> bool:
        """Wait until the upstream has the job: before that a cancel never leaves this gateway. False if it is over by then."""
        until_s = time.monotonic() + _JOB_WITHIN_S
        while time.monotonic() < until_s:
            found = self._admin.get(f"/admin/v1/jobs/{quote(job['id'])}")
            if found["state"] in _OVER:
                return False
            if any(each["upstream_id"] for each in found["attempts"]):
                return True
            _pause(0.05)
        raise TimeoutError

    def _error(self) -> dict[str, Any]:
        endpoint = f"{self._trial['endpoint'].rpartition('/')[0]}/image-to-video"
        body = {**self._trial["input"], "image_url": _NO_PICTURE, "start_image_url": _NO_PICTURE}
        answer = self._caller.exchange("POST", f"/{endpoint}", body)
        if answer.status != 200:  # noqa: PLR2004 -- a submit that was taken
            return {"good": None, "why": f"there is no {endpoint}"}
        ended = self._ended({"id": answer.body["request_id"]})
        failure: dict[str, Any] = ended["failure"] or {}
        return {"good": ended["state"] == "failed", "state": ended["state"], "code": failure.get("code"), "kind": failure.get("kind")}

    def _bought(self) -> dict[str, Any]:
        told = {"endpoint": self._trial["endpoint"], "cost": self._trial["cost"]}
        return self._admin.ask("POST", f"/admin/v1/channels/{self._name}/trial", told)["job"]

    def _ended(self, job: Mapping[str, Any]) -> dict[str, Any]:
        until_s = time.monotonic() + _JOB_WITHIN_S
        while time.monotonic() < until_s:
            found = self._caller.get(f"/v1/jobs/{quote(job['id'])}")
            if found["state"] in _OVER:
                return found
            _pause(1.0)
        raise TimeoutError


def _guarded(step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A step that breaks is a result, told without the words of strangers."""
    try:
        return step()
    except (Trouble, TimeoutError, KeyError) as error:
        code = error.answer.status if isinstance(error, Refusal) else type(error).__name__
        return {"good": False, "why": f"{code}"}


def _trial(admin: Client, name: str) -> dict[str, Any]:
    """Set its channel up, and find what would be bought there."""
    told = {word.lower(): _pairs(name, word, os.environ) for word in ("MODELS", "OPTIONS")}
    channel = {"id": name, "provider": name, "address": address_of(name, os.environ), "secrets": _secrets(name, os.environ), **told}
    admin.ask("POST", "/admin/v1/channels", {**channel, "reason": "a trial of the dialect"})
    return {**admin.get(f"/admin/v1/channels/{name}/trial"), "vendor": is_vendor(name, channel["address"])}


def record_of(name: str, trial: Mapping[str, Any], steps: Mapping[str, Any]) -> dict[str, Any]:
    """What is written down. `vendor` says whether it was the vendor itself that answered, and not another who speaks as it does."""
    date, told = datetime.now(UTC).date().isoformat(), {each: trial[each] for each in ("vendor", "endpoint", "cost")}
    return {"provider": name, "date": date, "version": __version__, **told, "steps": steps}


def can_be_tried(name: str, environment: Mapping[str, str]) -> bool:
    """Whether there are keys for a provider, or none are needed, and an address where it has no usual one."""
    return bool(address_of(name, environment)) and (name in _KEYLESS or bool(_secrets(name, environment)))


def address_of(name: str, environment: Mapping[str, str]) -> str:
    """Where a provider is tried; "" if nobody has said it."""
    said = environment.get(f"{name.upper()}_ADDRESS") or environment.get(f"{name.upper()}_UPSTREAM_ADDRESS")
    return said or _PROVIDERS[name].address


def is_vendor(name: str, address: str) -> bool:
    """Whether the vendor itself is at an address."""
    domain, host = VENDORS.get(name), urlsplit(address).hostname or ""
    return domain is not None and f".{host}".endswith(f".{domain}")


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)


def _secrets(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    return {secret: environment[variable] for secret, variable in KEYS[name].items() if environment.get(variable)}


def _pairs(name: str, word: str, environment: Mapping[str, str]) -> dict[str, str]:
    """FAL_MODELS or FAL_OPTIONS: NAME=VALUE words with commas between them."""
    said = [each.strip().partition("=") for each in environment.get(f"{name.upper()}_{word}", "").split(",")]
    return {key: value for key, _, value in said if key}


def _figure(admin: Client, name: str) -> float:
    lines = (line.rsplit(" ", 1) for line in admin.text("/metrics").splitlines() if line.startswith(name))
    return sum(float(value) for _, value in lines)


def _agrees(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


@contextmanager
def _gateway() -> Generator[tuple[Client, Client]]:
    """A gateway of its own on an empty folder, with clients for its owner and a caller."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        kept = {name: value for name, value in os.environ.items() if name not in {"REELGATE_URL", "REELGATE_KEY", "REELGATE_ADMIN_KEY"}}
        surroundings = {**kept, "REELGATE_STATE": str(Path(folder) / "state"), "REELGATE_DATA": str(data)}
        port = os.environ.get("REELGATE_PORT", "0")
        command = [str(Path(sys.executable).parent / "reelgate"), "up", "--data", str(data), "--port", port]
        with (Path(folder) / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, env=surroundings) as process:
            try:
                os.environ.update(surroundings)
                for name in ("REELGATE_URL", "REELGATE_KEY", "REELGATE_ADMIN_KEY"):
                    os.environ.pop(name, None)
                yield _clients(process, data)
            finally:
                process.terminate()


def _clients(process: subprocess.Popen[bytes], data: Path) -> tuple[Client, Client]:
    until_s = time.monotonic() + _UP_WITHIN_S
    while time.monotonic() < until_s and process.poll() is None:
        try:
            located = locate()
        except Trouble:
            _pause(0.1)
            continue
        return Client(located, (data / "admin-key").read_text().strip()), Client(located, (data / "key").read_text().strip())
    message = "the gateway did not start"
    raise SystemExit(message)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
