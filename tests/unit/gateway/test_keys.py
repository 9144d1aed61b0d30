"""Keys over a real store: made, taken over, paired, changed, rotated, revoked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reelgate.contracts.account import Key, Limits
from reelgate.contracts.audit import Deed
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Conflict, Fault, GatewayError, InvalidInput, NotFound
from reelgate.domain.money import Money
from reelgate.gateway.accounts import OWNER, Accounts
from reelgate.gateway.bounds import Bounds
from reelgate.gateway.keys import Keys
from reelgate.gateway.pair import Pair, new_pair
from reelgate.gateway.secret import Secret, mac_of, new_secret
from reelgate.gateway.vault import Vault
from tests.clock import FakeClock

PEPPER = b"a pepper for tests"
VAULT = Vault(bytes(32))
OLD = "a-key-that-customers-have-1"
BOUNDS = Bounds(
    scopes=frozenset({"read"}), limits=Limits(per_second=5, models=("demo/*",)), spend_limit=Money.dollars("3"), networks=("10.0.0.0/8",)
)


@dataclass(frozen=True)
class Desk:
    keys: Keys
    store: Store
    clock: FakeClock

    async def kept(self, key_id: str) -> Key:
        """The key as the store has it."""
        key = await self.store.key(key_id)
        assert key is not None
        return key

    async def deeds(self, action: str) -> list[Deed]:
        """What the audit log says of this, oldest first."""
        return [line.deed for line in reversed(await self.store.audit()) if line.deed.action == action]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    yield opened
    await opened.close()


@pytest.fixture
async def desk(store: Store, clock: FakeClock) -> Desk:
    accounts = Accounts(store, clock, VAULT)
    await accounts.found_owner(Money.dollars("10"))
    await accounts.create("alice", actor="gateway")
    return Desk(Keys(store, PEPPER, clock, VAULT), store, clock)


def told(deed: Deed) -> tuple[str, str, str, str]:
    return deed.actor, deed.action, deed.subject, deed.reason


# -- new ones --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["live", "test", "admin"])
async def test_a_new_key_is_kept_without_its_secret(desk: Desk, mode: str) -> None:
    key, secret = await desk.keys.create("alice", "laptop", mode, actor="key_root", reason="for Alice")
    assert await desk.kept(key.id) == key
    assert re.fullmatch("key_[0-9a-f]{16}", key.id)
    assert secret.text.startswith(f"rg_{mode}_")
    assert secret.text not in repr(key)
    assert (key.account, key.name, key.mode, key.created_by, key.created_at) == ("alice", "laptop", mode, "key_root", desk.clock.now())
    assert (key.mac, key.prefix, key.last4) == (mac_of(secret.text, PEPPER), secret.prefix, secret.last4)
    assert (key.sealed, key.origin, key.line, key.expires_at) == (None, "", key.id, None)
    assert await desk.keys.works(secret.text)
    (deed,) = await desk.deeds("key.create")
    assert told(deed) == ("key_root", "key.create", key.id, "for Alice")
    assert deed.detail == {"account": "alice", "mode": mode, "form": "made", "name": "laptop", "scopes": ["read", "write"]}


async def test_who_asks_with_a_live_key_is_sold_videos(desk: Desk) -> None:
    sold: dict[str, bool] = {}
    for mode in ("live", "test", "admin"):
        _, secret = await desk.keys.create("alice", "laptop", mode, actor="gateway")
        sold[mode] = await desk.keys.sells(secret.text)
    for mode in ("live", "test"):
        _, pair = await desk.keys.create_pair("alice", "studio", mode, actor="gateway")
        sold[f"pair, {mode}"] = await desk.keys.sells(pair.access_key)
    assert sold == {"live": True, "test": False, "admin": False, "pair, live": True, "pair, test": False}
    assert not await desk.keys.sells("a vendor's key")


async def test_a_key_has_the_bounds_that_it_was_given(desk: Desk) -> None:
    key, _ = await desk.keys.create("alice", "laptop", "live", actor="gateway", bounds=BOUNDS)
    _, pair = await desk.keys.create_pair("alice", "studio", "live", actor="gateway", bounds=BOUNDS)
    old = await desk.keys.take_over("alice", "old", "live", OLD, actor="gateway", bounds=BOUNDS)
    for id in (key.id, pair.access_key, old.id):
        assert Bounds.of(await desk.kept(id)) == BOUNDS
    for deed in await desk.deeds("key.create"):
        assert {name: deed.detail[name] for name in ("scopes", "per_second", "models", "spend_limit", "networks")} == {
            "scopes": ["read"],
            "per_second": 5,
            "models": ["demo/*"],
            "spend_limit": "3.000000",
            "networks": ["10.0.0.0/8"],
        }


CANNOT_BE: list[tuple[dict[str, Any], type[GatewayError]]] = [
    ({"account": "nobody"}, NotFound),
    ({"name": " "}, InvalidInput),
    ({"mode": "root"}, InvalidInput),
    ({"bounds": Bounds(networks=("x",))}, InvalidInput),
    ({"reason": "two\nlines"}, InvalidInput),
]


@pytest.mark.parametrize(("facts", "error"), CANNOT_BE)
async def test_a_key_that_cannot_be_is_refused_and_nothing_is_kept(desk: Desk, facts: dict[str, Any], error: type[GatewayError]) -> None:
    given = {"account": "alice", "name": "x", "mode": "live", "actor": "gateway", **facts}
    for make in (desk.keys.create, desk.keys.create_pair, lambda **more: desk.keys.take_over(text=OLD, **more)):
        with pytest.raises(error):
            await make(**given)
    assert (await desk.store.keys(), await desk.deeds("key.create")) == ([], [])


async def test_a_mode_that_is_none_is_named_with_those_there_are(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused:
        await desk.keys.create("alice", "x", "root", actor="gateway")
    assert list(refused.value.faults) == [Fault(path=("mode",), message="one of live, test, admin", kind="one_of")]


async def test_the_secret_key_of_a_pair_is_kept_sealed_only(desk: Desk) -> None:
    key, pair = await desk.keys.create_pair(OWNER, "studio", "test", actor="key_root")
    kept = await desk.kept(key.id)
    assert kept.created_by == "key_root"
    assert kept.sealed is not None
    assert pair.secret_key not in repr(kept)
    assert pair.secret_key.encode() not in kept.sealed
    assert (kept.id, kept.prefix, kept.last4) == (pair.access_key, pair.access_key[:12], pair.access_key[-4:])
    assert [deed.detail["form"] for deed in await desk.deeds("key.create")] == ["pair"]


async def test_no_pair_is_an_admin_s(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="live, test") as refused:
        await desk.keys.create_pair(OWNER, "x", "admin", actor="gateway")
    assert [(fault.path, fault.kind) for fault in refused.value.faults] == [(("mode",), "one_of")]


# -- a customer's own --------------------------------------------------------------------------------------------------------


async def test_a_key_that_customers_have_goes_on_unchanged(desk: Desk) -> None:
    key = await desk.keys.take_over("alice", "old", "test", OLD, actor="key_root", reason="moved")
    assert await desk.keys.works(OLD)
    assert (key.mode, key.prefix, key.last4) == ("test", OLD[:4], OLD[-4:])
    (deed,) = await desk.deeds("key.create")
    assert told(deed) == ("key_root", "key.create", key.id, "moved")
    assert deed.detail["form"] == "taken over"


async def test_a_key_of_another_gateway_goes_on_too(desk: Desk) -> None:
    for mode in ("live", "test", "admin"):
        secret = new_secret(mode)
        key = await desk.keys.take_over("alice", "old", mode, secret.text, actor="gateway")
        assert (key.prefix, key.last4) == (secret.prefix, secret.last4)
        assert await desk.keys.works(secret.text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x" * 23, "24 to 512"),
        ("x" * 513, "24 to 512"),
        ("x" * 12 + " " + "x" * 12, "24 to 512"),
        ("rg_live_" + "x" * 30, "begins with rg_"),
        (new_secret("test").text, "mode test"),
        ("aaaaaaaaaa.bbbbbbbbbb.cccccccccc", "signed token"),
        ("permit.aaaaaaaaaaaaaaaaaaaaaaaaa", "token for uploads"),
        (new_pair().access_key, "access key"),
    ],
    ids=range(8),
)
async def test_what_cannot_be_taken_over_is_refused_in_words_that_do_not_repeat_it(desk: Desk, text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why) as refused:
        await desk.keys.take_over("alice", "old", "live", text, actor="gateway")
    assert text not in refused.value.message
    assert [fault.path for fault in refused.value.faults] == [("secret",)]
    assert await desk.store.keys() == []


async def test_one_secret_is_one_key_s_and_it_is_not_told_whose(desk: Desk) -> None:
    await desk.keys.take_over("alice", "old", "live", OLD, actor="gateway")
    for account in ("alice", OWNER):
        with pytest.raises(Conflict, match="in use") as refused:
            await desk.keys.take_over(account, "new", "live", OLD, actor="gateway")
        assert "alice" not in refused.value.message
        assert OLD not in refused.value.message
    _, made = await desk.keys.create(OWNER, "made", "live", actor="gateway")
    with pytest.raises(Conflict):
        await desk.keys.take_over("alice", "new", "live", made.text, actor="gateway")
    assert len(await desk.deeds("key.create")) == 2


async def test_a_revoked_secret_is_not_taken_over_anew(desk: Desk) -> None:
    key = await desk.keys.take_over("alice", "old", "live", OLD, actor="gateway")
    await desk.keys.revoke(key.id, actor="gateway")
    with pytest.raises(Conflict):
        await desk.keys.take_over("alice", "old", "live", OLD, actor="gateway")


# -- changes ---------------------------------------------------------------------------------------------------------------


async def test_a_key_is_given_another_name_and_other_bounds(desk: Desk) -> None:
    key, secret = await desk.keys.create("alice", "laptop", "live", actor="gateway", bounds=replace(BOUNDS, spend_limit=None))
    wanted = replace(BOUNDS, networks=(), expires_at=desk.clock.now() + timedelta(days=1))
    changed = await desk.keys.change(key.id, actor="key_root", reason="moved out", name="desktop", bounds=wanted)
    assert await desk.kept(key.id) == changed == replace(key, name="desktop", **{name: getattr(wanted, name) for name in wanted.__slots__})
    (deed,) = await desk.deeds("key.change")
    assert told(deed) == ("key_root", "key.change", key.id, "moved out")
    assert deed.detail == {
        "name": ["laptop", "desktop"],
        "spend_limit": [None, "3.000000"],
        "expires_at": [None, "2026-01-02T12:00:00.000+00:00"],
        "networks": [["10.0.0.0/8"], None],
    }
    assert await desk.keys.works(secret.text)


async def test_what_changes_nothing_is_not_told(desk: Desk) -> None:
    until = desk.clock.now() + timedelta(seconds=10)
    key, _ = await desk.keys.create("alice", "laptop", "live", actor="gateway", bounds=replace(BOUNDS, expires_at=until))
    desk.clock.tick(seconds=9)
    for given in ({}, {"name": "laptop"}, {"bounds": Bounds.of(key)}):
        assert await desk.keys.change(key.id, actor="gateway", **given) == key
    assert await desk.deeds("key.change") == []


async def test_a_key_that_has_ended_stays_so(desk: Desk) -> None:
    until = desk.clock.now() + timedelta(seconds=10)
    expired, _ = await desk.keys.create("alice", "a", "live", actor="gateway", bounds=Bounds(expires_at=until))
    revoked, _ = await desk.keys.create("alice", "b", "live", actor="gateway")
    await desk.keys.revoke(revoked.id, actor="gateway")
    desk.clock.tick(seconds=10)
    for key in (expired, revoked):
        with pytest.raises(Conflict, match="revoked or has expired"):
            await desk.keys.change(key.id, actor="gateway", bounds=Bounds())
        with pytest.raises(Conflict, match="revoked or has expired"):
            await desk.keys.rotate(key.id, actor="gateway")
    assert await desk.deeds("key.change") == await desk.deeds("key.rotate") == []


@pytest.mark.parametrize("given", [{"name": ""}, {"bounds": Bounds(networks=("x",))}, {"reason": "x" * 501}])
async def test_a_change_that_cannot_be_is_refused(desk: Desk, given: dict[str, Any]) -> None:
    key, _ = await desk.keys.create("alice", "laptop", "live", actor="gateway")
    with pytest.raises(InvalidInput):
        await desk.keys.change(key.id, actor="gateway", **given)
    assert await desk.kept(key.id) == key


async def test_nothing_is_done_to_a_key_that_is_not_there(desk: Desk) -> None:
    for verb in (desk.keys.change, desk.keys.rotate, desk.keys.revoke):
        with pytest.raises(NotFound, match="no such key"):
            await verb("key_0", actor="gateway")


# -- rotation --------------------------------------------------------------------------------------------------------------


async def test_a_rotated_key_has_all_of_the_former_one_which_ends_after_the_overlap(desk: Desk) -> None:
    former, old_secret = await desk.keys.create("alice", "laptop", "live", actor="gateway", bounds=BOUNDS)
    desk.clock.tick(hours=1)
    key, secret = await desk.keys.rotate(former.id, timedelta(hours=2), actor="key_root", reason="yearly")
    assert isinstance(secret, Secret)
    same = {
        name: getattr(former, name) for name in ("account", "name", "mode", "scopes", "limits", "spend_limit", "expires_at", "networks")
    }
    assert {name: getattr(key, name) for name in same} == same
    assert (key.line, key.origin, key.created_by, key.created_at) == (former.id, former.id, "key_root", desk.clock.now())
    assert await desk.kept(key.id) == key
    until = desk.clock.now() + timedelta(hours=2)
    assert (await desk.kept(former.id)).expires_at == until
    (deed,) = await desk.deeds("key.rotate")
    assert told(deed) == ("key_root", "key.rotate", former.id, "yearly")
    assert deed.detail == {"new": key.id, "former_until": until.isoformat(timespec="milliseconds")}
    desk.clock.tick(hours=1.999)
    assert await desk.keys.works(old_secret.text)
    desk.clock.tick(hours=0.001)
    assert not await desk.keys.works(old_secret.text)
    assert await desk.keys.works(secret.text)


async def test_a_line_of_keys_has_one_beginning(desk: Desk) -> None:
    first, _ = await desk.keys.create("alice", "laptop", "live", actor="gateway")
    second, _ = await desk.keys.rotate(first.id, actor="gateway")
    third, _ = await desk.keys.rotate(second.id, actor="gateway")
    assert (second.line, third.line) == (first.id, first.id)
    assert (await desk.kept(first.id)).expires_at == desk.clock.now() + timedelta(days=1)


async def test_a_pair_is_followed_by_a_pair(desk: Desk) -> None:
    former, old = await desk.keys.create_pair("alice", "studio", "test", actor="gateway")
    key, pair = await desk.keys.rotate(former.id, actor="gateway")
    assert isinstance(pair, Pair)
    assert (key.id, key.mode, key.line) == (pair.access_key, "test", former.id)
    assert key.sealed is not None
    assert VAULT.open(key.sealed, f"pair:{pair.access_key}").decode() == pair.secret_key != old.secret_key


async def test_a_key_that_was_taken_over_is_followed_by_one_of_ours(desk: Desk) -> None:
    former = await desk.keys.take_over("alice", "old", "test", OLD, actor="gateway")
    key, secret = await desk.keys.rotate(former.id, actor="gateway")
    assert isinstance(secret, Secret)
    assert secret.text.startswith("rg_test_")
    assert key.prefix == secret.prefix


async def test_without_an_overlap_the_former_one_ends_at_once(desk: Desk) -> None:
    former, secret = await desk.keys.create("alice", "laptop", "live", actor="gateway")
    await desk.keys.rotate(former.id, timedelta(), actor="gateway")
    assert not await desk.keys.works(secret.text)


async def test_no_overlap_is_longer_than_a_week(desk: Desk) -> None:
    former, _ = await desk.keys.create("alice", "laptop", "live", actor="gateway")
    for overlap in (timedelta(days=7, seconds=1), timedelta(seconds=-1)):
        with pytest.raises(InvalidInput, match="0 to 7 days") as refused:
            await desk.keys.rotate(former.id, overlap, actor="gateway")
        assert [fault.path for fault in refused.value.faults] == [("overlap",)]
    await desk.keys.rotate(former.id, timedelta(days=7), actor="gateway")
    assert (await desk.kept(former.id)).expires_at == desk.clock.now() + timedelta(days=7)


async def test_a_new_key_was_never_used(desk: Desk) -> None:
    former, _ = await desk.keys.create("alice", "laptop", "live", actor="gateway")
    await desk.store.touch_keys({former.id: desk.clock.now()})
    key, _ = await desk.keys.rotate(former.id, actor="gateway")
    assert ((await desk.kept(former.id)).last_used_at, (await desk.kept(key.id)).last_used_at) == (desk.clock.now(), None)


class Late:
    """A store whose keys are looked up a moment too early."""

    def __init__(self, store: Store, key: Key) -> None:
        self._store, self._key = store, key

    async def key(self, _key_id: str) -> Key:
        return self._key

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def test_a_key_that_ends_between_a_look_and_a_deed_has_ended(desk: Desk) -> None:
    key, _ = await desk.keys.create("alice", "laptop", "live", actor="gateway")
    gone: Any = Late(desk.store, replace(key, id="key_0"))
    with pytest.raises(NotFound, match="no such key"):
        await Keys(gone, PEPPER, desk.clock, VAULT).change("key_0", actor="gateway", name="other")
    await desk.keys.revoke(key.id, actor="gateway")
    ended: Any = Late(desk.store, key)
    with pytest.raises(Conflict, match="revoked or has expired"):
        await Keys(ended, PEPPER, desk.clock, VAULT).rotate(key.id, actor="gateway")
    assert len(await desk.store.keys()) == 1


async def test_a_reason_may_be_left_out(desk: Desk) -> None:
    key, _ = await desk.keys.create("alice", "laptop", "live", actor="gateway")
    await desk.keys.create_pair("alice", "studio", "live", actor="gateway")
    await desk.keys.take_over("alice", "old", "live", OLD, actor="gateway")
    await desk.keys.change(key.id, actor="gateway", name="desktop")
    await desk.keys.rotate(key.id, actor="gateway")
    await desk.keys.revoke(key.id, actor="gateway")
    deeds = [line.deed for line in await desk.store.audit() if line.deed.action.startswith("key.")]
    assert [deed.reason for deed in deeds] == [""] * 6


async def test_a_former_key_that_was_to_end_sooner_does(desk: Desk) -> None:
    until = desk.clock.now() + timedelta(hours=1)
    former, _ = await desk.keys.create("alice", "laptop", "live", actor="gateway", bounds=Bounds(expires_at=until))
    key, _ = await desk.keys.rotate(former.id, actor="gateway")
    assert (await desk.kept(former.id)).expires_at == until == key.expires_at


# -- the end ---------------------------------------------------------------------------------------------------------------


async def test_a_revoked_key_works_no_more_and_the_log_tells_why(desk: Desk) -> None:
    key, secret = await desk.keys.create("alice", "laptop", "live", actor="gateway")
    await desk.keys.revoke(key.id, actor="key_root", reason="lost")
    assert not await desk.keys.works(secret.text)
    assert (await desk.kept(key.id)).revoked_at == desk.clock.now()
    (deed,) = await desk.deeds("key.revoke")
    assert told(deed) == ("key_root", "key.revoke", key.id, "lost")


async def test_no_text_works_that_is_no_key(desk: Desk) -> None:
    pair = (await desk.keys.create_pair(OWNER, "studio", "live", actor="gateway"))[1]
    for text in ("", "nothing", pair.access_key, pair.secret_key):
        assert not await desk.keys.works(text)


# -- secrets stay secret -----------------------------------------------------------------------------------------------------


async def test_no_secret_is_told_by_logs_reprs_errors_or_the_audit_log(
    desk: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    key, secret = await desk.keys.create("alice", "laptop", "live", actor="gateway")
    pair_key, pair = await desk.keys.create_pair("alice", "studio", "live", actor="gateway")
    old = await desk.keys.take_over("alice", "old", "live", OLD, actor="gateway")
    new, other = await desk.keys.rotate(key.id, actor="gateway")
    assert isinstance(other, Secret)
    with pytest.raises(Conflict) as refused:
        await desk.keys.take_over("alice", "old", "live", OLD, actor="gateway")
    told = [repr(each) for each in (key, secret, pair_key, pair, old, new, other, desk.keys, refused.value)]
    told += [repr(line.deed) for line in await desk.store.audit()]
    told += [caplog.text, *capsys.readouterr()]
    assert "key.rotate" in "".join(told)
    for canary in (secret.text, pair.secret_key, OLD, other.text, PEPPER.decode()):
        assert canary not in "".join(told)
