"""One job as its operator sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reelgate.domain.job import AttemptState, Serving
from tests.house import Lodger
from tests.story import ANY, BROKEN, make_job


async def test_every_attempt_is_told_with_where_why_and_how_it_ended(gate: Lodger) -> None:
    gateway = gate.house.gateway
    store, now = gateway.store, gateway.clock.now().replace(microsecond=0)
    (key,) = [each for each in await store.keys("owner") if each.mode == "live"]
    job = replace(make_job(account="owner", serving=Serving.PAID, created_at=now, updated_at=now), key_id=key.id)
    await store.accept(job)
    (lease,) = await store.lease("w", now=now, until=now + timedelta(minutes=1), want=ANY, per_account=9)
    await store.open_attempt(lease, "t1", now, channel="acme", model="a1", choice="acme: priority 0")
    await store.close_attempt(lease, "t1", AttemptState.FAILED, "unavailable: http 503", now)
    await store.open_attempt(lease, "t3", now, channel="acme", model="a1", choice="acme: priority 0")
    await store.close_attempt(lease, "t3", AttemptState.FAILED, "unavailable: http 503", now + timedelta(seconds=3))
    await store.open_attempt(lease, "t2", now, channel="beta", model="b1", choice="beta: priority 1")
    await store.sent(lease, "t2", now)
    await store.note_ticket(lease, "t2", {"id": "up-7"}, now)
    await store.fail(lease, BROKEN, render_s=1, at=now, said="1301")
    told = (await gate.http.get(f"/admin/v1/jobs/{job.id}")).raise_for_status().json()
    assert (told["account"], told["channel"], told["state"]) == ("owner", "beta", "failed")
    assert [(each["channel"], each["state"], each["note"], each["upstream_id"]) for each in told["attempts"]] == [
        ("acme", "failed", "unavailable: http 503", None),
        ("beta", "failed", "render_failed: 1301", "up-7"),
    ]
    assert told["attempts"][1]["sent_at"]
    assert told["attempts"][1]["accepted_at"] == told["attempts"][1]["closed_at"] == now.isoformat(timespec="milliseconds")
    again_at = (now + timedelta(seconds=3)).isoformat(timespec="milliseconds")
    assert [(each["tries"], each["again_at"]) for each in told["attempts"]] == [(2, again_at), (1, None)]
    assert told["attempts"][0]["choice"] == "acme: priority 0"
    assert [each["state"] for each in told["events"]] == ["queued", "running", "failed"]
    assert "boat" not in repr(told), "a prompt is the caller's own"


async def test_a_job_that_is_not_there_and_a_caller_s_key(gate: Lodger) -> None:
    assert (await gate.http.get("/admin/v1/jobs/none")).status_code == 404
    assert (await gate.http.get("/admin/v1/jobs/019b796d-d600-7000-8000-060000000000")).status_code == 404
    assert (await gate.http.get("/admin/v1/jobs/none", headers=await gate.key())).status_code in {401, 403}
