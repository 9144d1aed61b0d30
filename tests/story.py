"""Accounts, jobs and files for stories about stores. Instants are whole milliseconds, as stores keep them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from reelgate.contracts.account import Account, Key
from reelgate.contracts.audit import Deed
from reelgate.contracts.file import BlobRow, Part, Upload
from reelgate.contracts.outbox import Delivery, DeliveryTry
from reelgate.contracts.store import Accepted, IdempotencyKey, Store
from reelgate.domain.clock import in_ms
from reelgate.domain.identity import new_id
from reelgate.domain.job import Failure, Job, Lease, Notify, Serving, Terms
from reelgate.domain.media import BlobRef, Dropped, Shot, Video, VideoInput
from reelgate.domain.money import Money
from reelgate.domain.pricing import Quote
from tests.clock import BEGINNING

PRICE = Money(350_000)
BROKEN = Failure(code="render_failed", message="The engine failed at it.")
HOOK = "https://receiver.example.com/hook"
EVERY_CHANGE = Terms(notify=Notify.CHANGES)
FORGET = Terms(forget_input=True)
ANY = {Serving.PREVIEW: 1000, Serving.PAID: 1000}

_number = count(1)


def later(seconds: float) -> datetime:
    """So long after the beginning of the story."""
    return BEGINNING + timedelta(seconds=seconds)


def make_job(account: str = "ada", *, age: float = 0, price: Money = PRICE, **facts: Any) -> Job:
    """A new job, created `age` seconds after the beginning; ids made later sort later."""
    at = later(age)
    values: dict[str, Any] = {
        "id": new_id(in_ms(at), next(_number) << 40),
        "account": account,
        "key_id": f"key-{account}",
        "endpoint": "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
        "face": "fal",
        "base": "http://127.0.0.1:8000",
        "input": VideoInput(prompt="a boat at dawn", seconds=5),
        "quote": Quote(price, "5 s × $0.07"),
        "serving": Serving.PREVIEW,
        "engine": "preview",
        "created_at": at,
        "updated_at": at,
    }
    return Job(**{**values, **facts})


def make_rich_job(account: str = "ada") -> Job:
    """A job with every field that a submit may set."""
    return make_job(
        account,
        input=VideoInput(
            prompt="a fox — 雪 😀",
            negative_prompt="blur",
            seconds=10,
            cfg_scale=0.5,
            seed=7,
            sound=True,
            first_frame=BlobRef("0" * 32, "image_url"),
            references=(BlobRef("1" * 32),),
            shots=(Shot(prompt="one", seconds=5), Shot(prompt="two", seconds=5)),
            extras={"kling": {"camera_control": {"type": "simple", "config": {"zoom": 1}}}},
        ),
        serving=Serving.PAID,
        engine="acme",
        test=True,
        dropped=(Dropped(field="mask", reason="the preview engine has no masks"),),
        external_id="mine-1",
        callback=HOOK,
        terms=Terms(notify=Notify.CHANGES, keep_s=3600.5, retries=False, strict=True),
        fingerprint=bytes(range(32)),
        names={"kling": {"task": "mine-1"}},
        start_by=later(600),
        position=3,
    )


def deed(action: str = "a.deed", subject: str = "ada", *, reason: str = "a top-up", at: float = 0, **detail: Any) -> Deed:
    """Something that an admin does, so many seconds after the beginning."""
    return Deed(actor="key-admin", action=action, subject=subject, at=later(at), reason=reason, detail=detail)


def make_account(name: str = "ada", **facts: Any) -> Account:
    return Account(id=name, name=name.title(), created_at=later(0), **facts)


def make_key(account: str = "ada", name: str = "first", **facts: Any) -> Key:
    """A key; the one of no name is that under which the account's jobs come."""
    values: dict[str, Any] = {
        "id": f"key-{account}-{name}" if name else f"key-{account}",
        "account": account,
        "name": name,
        "mode": "live",
        "mac": f"mac of {account} {name}".encode(),
        "prefix": "rg_live_",
        "last4": "wxyz",
        "created_at": later(0),
    }
    return Key(**{**values, **facts})


def make_blob(job: Job, name: str = "", *, expires_at: datetime | None = None, account: str = "") -> BlobRow:
    """The row of a video that was made for a job."""
    return BlobRow(
        name=name or job.id.replace("-", ""),
        account=account or job.account,
        job_id=job.id,
        file_name="video.mp4",
        content_type="video/mp4",
        size_bytes=1_000,
        sha256="ab" * 32,
        created_at=later(0),
        expires_at=expires_at,
    )


def make_video(blob: BlobRow) -> Video:
    return Video(
        source=BlobRef(blob.name), width=1280, height=720, fps=24, frames=120, sound=False, seed=7, remarks=("4k was rendered as 1080p",)
    )


def make_upload(account: str = "ada", name: str = "a" * 32, **facts: Any) -> Upload:
    """A file that will come in parts, within an hour."""
    values: dict[str, Any] = {
        "id": f"upload of {name}",
        "account": account,
        "name": name,
        "file_name": "boat.png",
        "content_type": "image/png",
        "keep_s": None,
        "created_at": later(0),
        "expires_at": later(3600),
    }
    return Upload(**{**values, **facts})


def make_part(upload: Upload, number: int, blob: str) -> Part:
    return Part(upload_id=upload.id, number=number, blob=blob, size_bytes=500, etag=f"etag of {blob}")


def upload_row(upload: Upload) -> BlobRow:
    """The row of a file that has come."""
    return BlobRow(
        name=upload.name,
        account=upload.account,
        job_id=None,
        file_name=upload.file_name,
        content_type=upload.content_type,
        size_bytes=1_000,
        sha256="cd" * 32,
        created_at=later(60),
        expires_at=None,
    )


def make_try(number: int = 1, at: float = 0, *, status: int | None = 200, note: str = "") -> DeliveryTry:
    return DeliveryTry(number=number, at=later(at), status=status, note=note, took_s=0.1 + 0.2)


def same_request(key: str, body: bytes = b"one", *, until: datetime | None = None) -> IdempotencyKey:
    return IdempotencyKey(key=key, fingerprint=body, expires_at=until or later(72 * 3600))


async def with_accounts(store: Store, dollars: Mapping[str, str] | None = None) -> Store:
    """The store with these accounts, a key of each, and what they paid in."""
    for name, amount in (dollars or {"ada": "100", "bob": "100"}).items():
        await store.add_account(make_account(name), deed("account.create", name))
        await store.add_key(make_key(name, ""), deed("key.create", f"key-{name}"))
        await store.credit(name, Money.dollars(amount), deed("account.credit", name))
    return store


async def accepted(store: Store, job: Job) -> Job:
    """Submit a job that nothing speaks against."""
    outcome = await store.accept(job)
    assert isinstance(outcome, Accepted), outcome
    return outcome.job


async def take(
    store: Store, at: float = 0, *, worker: str = "w1", lease_s: float = 30, most: int = 1000, per_account: int = 1000
) -> list[Lease]:
    """Lease what there is, so many seconds after the beginning."""
    want = dict.fromkeys(ANY, most)
    return await store.lease(worker, now=later(at), until=later(at + lease_s), want=want, per_account=per_account)


async def started(store: Store, account: str = "ada", at: float = 0) -> Lease:
    """A job that is accepted and taken up at once; nothing else may wait."""
    job = await accepted(store, make_job(account, age=at))
    (lease,) = await take(store, at)
    assert lease.job.id == job.id
    return lease


async def finish(store: Store, lease: Lease, at: float = 1) -> BlobRow:
    """The lease's job is done."""
    blob = make_blob(lease.job)
    await store.complete(lease, make_video(blob), blob, render_s=2.5, at=later(at))
    return blob


async def collect(store: Store, at: float = 0, *, taken_s: float = 60, most: int = 1000) -> list[Delivery]:
    """Take the deliveries that are due so many seconds after the beginning, as a sender would."""
    return await store.due(now=later(at), until=later(at + taken_s), limit=most, per_account=most)
