"""Who a caller is, over a real store: by key, by signed token, from which address, and for how long that is believed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from structlog.testing import capture_logs

from reelgate.contracts.account import Key, Limits
from reelgate.contracts.price import PriceBook
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.domain.errors import Forbidden, Limited, Unauthenticated, Unready
from reelgate.domain.money import Money
from reelgate.gateway import keyring as module
from reelgate.gateway.accounts import OWNER, Accounts
from reelgate.gateway.bounds import Bounds
from reelgate.gateway.door import Doorplate
from reelgate.gateway.keyring import Keyring, Principal
from reelgate.gateway.keys import Keys
from reelgate.gateway.pair import NO_KEY, Pair, mac_of_pair
from reelgate.gateway.secret import Secret
from reelgate.gateway.vault import CannotUnseal, Vault
from reelgate.settings import read_settings
from tests.clock import FakeClock
from tests.story import deed

PEPPER = b"a pepper for tests"
VAULT = Vault(bytes(32))
HERE = "203.0.113.7"


class Counting:
    """A store that counts what it is asked by whom a key is looked up, and that can be told to take no writes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.looked_up = 0
        self.touched: list[Mapping[str, datetime]] = []
        self.unready = False
        self.meanwhile = asyncio.Event()
        self.meanwhile.set()

    async def key_by_mac(self, mac: bytes) -> Key | None:
        self.looked_up += 1
        await self.meanwhile.wait()
        return await self._store.key_by_mac(mac)

    async def touch_keys(self, used: Mapping[str, datetime]) -> None:
        if self.unready:
            raise Unready
        self.touched.append(used)
        await self._store.touch_keys(used)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@dataclass(frozen=True)
class Desk:
    """A keyring, and whoever makes keys."""

    keyring: Keyring
    keys: Keys
    accounts: Accounts
    store: Store
    counting: Counting
    clock: FakeClock

    async def made(self, mode: str = "live", account: str = OWNER, **bounds: Any) -> tuple[Key, bytes]:
        """A new key, and a header that shows it."""
        key, secret = await self.keys.create(account, "laptop", mode, actor="gateway", bounds=Bounds(**bounds))
        return key, f"Key {secret.text}".encode()

    async def pair(self, mode: str = "live", account: str = OWNER, **bounds: Any) -> Pair:
        return (await self.keys.create_pair(account, "studio", mode, actor="gateway", bounds=Bounds(**bounds)))[1]

    async def revoke(self, key_id: str) -> None:
        await self.keys.revoke(key_id, actor="gateway")

    async def caller(self, header: bytes | None, client: str = HERE, *, write: bool = False) -> Principal:
        return await self.keyring.caller(asking(header, client), write=write)

    async def refused(self, header: bytes | None, client: str = HERE) -> str:
        """How this is refused: why and in which words."""
        with pytest.raises((Unauthenticated, Limited)) as told:
            await self.caller(header, client)
        return f"{getattr(told.value, 'why', 'limited')}: {told.value.message}"


REFUSED = f"invalid: {NO_KEY}"
SHUT_OUT = "limited: too many keys from this address were wrong"


def asking(header: bytes | None, client: str = HERE) -> dict[str, Any]:
    headers = [(b"host", b"gateway.test"), *([] if header is None else [(b"authorization", header)])]
    return {"type": "http", "client": (client, 50_000), "headers": headers}


def signed(pair: Pair, clock: FakeClock, **claims: Any) -> bytes:
    """A header with a token as Kling's clients sign it now."""
    now_s = int(clock.now().timestamp())
    told = {"iss": pair.access_key, "exp": now_s + 1800, "nbf": now_s - 5, **claims}
    return f"Bearer {jwt.encode(told, pair.secret_key, algorithm='HS256')}".encode()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await load_leaves("reelgate.storage", "STORE", StoreDriver)["memory"].open(tmp_path, "")
    yield opened
    await opened.close()


@pytest.fixture
async def desk(store: Store, clock: FakeClock) -> Desk:
    counting: Any = Counting(store)
    accounts, keys = Accounts(store, clock, VAULT), Keys(store, PEPPER, clock, VAULT)
    await accounts.found_owner(Money.dollars("10"))
    return Desk(Keyring(counting, PEPPER, clock, vault=VAULT, doorplate=plate()), keys, accounts, store, counting, clock)


def plate(trusted: str = "") -> Doorplate:
    return Doorplate(read_settings({"trusted_proxies": trusted}))


# -- keys ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["Key ", "Bearer ", "key ", "BEARER  ", ""])
async def test_a_key_opens_under_both_schemes_in_any_case_and_bare(desk: Desk, scheme: str) -> None:
    key, header = await desk.made()
    principal = await desk.caller(scheme.encode() + header.removeprefix(b"Key "))
    assert (principal.account, principal.key_id, principal.mode, principal.test) == (OWNER, key.id, "live", False)


async def test_a_caller_is_told_with_all_that_bounds_it(desk: Desk) -> None:
    of_account, of_key = Limits(per_second=9, models=("demo/*",)), Limits(concurrency=2, daily_spend=Money(5))
    await desk.store.add_book(PriceBook(id="gold", note="", created_at=desk.clock.now()), deed())
    await desk.accounts.create("alice", actor="gateway", currency="CNY", time_zone="Asia/Shanghai", limits=of_account)
    await desk.accounts.change("alice", actor="gateway", book="gold")
    bounds = {"scopes": frozenset({"read"}), "limits": of_key, "networks": ("203.0.113.0/24",), "spend_limit": Money(7)}
    first, _ = await desk.made("test", "alice", **bounds)
    _, secret = await desk.keys.rotate(first.id, actor="gateway")
    assert isinstance(secret, Secret)
    principal = await desk.caller(f"Key {secret.text}".encode())
    assert (principal.spend_limit, principal.line) == (Money(7), first.id)
    assert (principal.account, principal.test, principal.writes) == ("alice", True, False)
    assert (principal.key_limits, principal.account_limits) == (of_key, of_account)
    assert (principal.book, principal.currency, principal.time_zone) == ("gold", "CNY", "Asia/Shanghai")
    assert [str(each) for each in principal.networks] == ["203.0.113.0/24"]


def test_who_is_told_nothing_else_is_bound_by_nothing() -> None:
    principal = Principal("ada", "key_1", "live")
    assert (principal.writes, principal.key_limits, principal.account_limits, principal.networks) == (True, Limits(), Limits(), ())


@pytest.mark.parametrize(
    ("of_key", "of_account", "endpoint", "may"),
    [
        ((), (), "demo/text-to-video", True),
        (("demo/text-to-video",), (), "demo/text-to-video", True),
        (("demo/text-to-video",), (), "demo/text-to-video/fast", False),
        (("demo/*",), (), "demo/text-to-video", True),
        (("demo/*",), (), "demos/x", False),
        (("*",), ("fal-ai/*",), "fal-ai/x", True),
        (("*",), ("fal-ai/*",), "demo/x", False),
        (("demo/*",), ("fal-ai/*", "demo/x"), "demo/x", True),
        (("fal-ai/*",), ("demo/x",), "demo/x", False),
    ],
)
def test_a_model_is_allowed_by_the_key_and_by_the_account(
    of_key: tuple[str, ...], of_account: tuple[str, ...], endpoint: str, may: bool
) -> None:
    principal = Principal("ada", "key_1", "live", key_limits=Limits(models=of_key), account_limits=Limits(models=of_account))
    assert principal.may_use(endpoint) is may


NO_KEYS = [
    b"Key wrong",
    b"Basic abc",
    b"Key",
    b"Key rg_live_x",
    b"\xff\xfe",
    b"Bearer \xc3\xa9",
    b"wrong",
    b"Bearer a.b.c",
    b"a.b.c",
    b"Key ..",
    b"Basic a.b.c",
    b"Key " + b"x" * 100_000,
]


@pytest.mark.parametrize("header", NO_KEYS, ids=range(len(NO_KEYS)))
async def test_what_is_no_key_is_refused_alike(desk: Desk, header: bytes) -> None:
    assert await desk.refused(header) == REFUSED


@pytest.mark.parametrize("header", [b"Basic abc", b"Key rg_live_x", b"Bearer a.b.c", b"Key ..", b"Basic a.b.c"])
async def test_what_cannot_be_a_key_is_refused_without_the_store(desk: Desk, header: bytes) -> None:
    assert await desk.refused(header) == REFUSED
    assert desk.counting.looked_up == 0


async def test_a_key_opens_under_no_other_scheme(desk: Desk) -> None:
    _, header = await desk.made()
    assert await desk.refused(header.replace(b"Key", b"Basic")) == REFUSED


@pytest.mark.parametrize("header", [None, b"", b"  "])
async def test_no_header_at_all_is_told_apart(desk: Desk, header: bytes | None) -> None:
    for _ in range(30):  # and is no guess, however often
        assert (await desk.refused(header)).startswith("missing: Authentication is required: send")


async def test_revoked_expired_foreign_and_unknown_keys_are_refused_alike(desk: Desk) -> None:
    revoked, shown_revoked = await desk.made()
    await desk.revoke(revoked.id)
    _, shown_expired = await desk.made(expires_at=desk.clock.now() + timedelta(seconds=5))
    _, shown_elsewhere = await desk.made(networks=("10.0.0.0/8",))
    desk.clock.tick(seconds=5)
    for header in (shown_revoked, shown_expired, shown_elsewhere, b"Key " + b"x" * 30):
        assert await desk.refused(header) == REFUSED


async def test_ways_to_write_a_key_take_little_memory(desk: Desk) -> None:
    _, header = await desk.made()
    for spaces in range(1, 3_000):
        assert (await desk.caller(header.replace(b" ", b" " * spaces))).account == OWNER
    kept = sum(len(shown) for _, shown in desk.keyring._known)  # noqa: SLF001 -- no behaviour tells it
    assert 0 < kept < 520 * 520


async def test_the_longest_key_is_remembered_and_a_longer_header_is_not(desk: Desk) -> None:
    text = "k" * 512
    await desk.keys.take_over(OWNER, "old", "live", text, actor="gateway")
    for header, asked in ((f"Bearer {text}", 1), (f"Bearer  {text}", 2)):
        desk.counting.looked_up = 0
        for _ in range(2):
            assert (await desk.caller(header.encode())).account == OWNER
        assert desk.counting.looked_up == asked


async def test_who_was_found_out_is_believed_for_a_second_at_the_same_address(desk: Desk) -> None:
    key, header = await desk.made()
    for _ in range(5):
        await desk.caller(header)
    assert desk.counting.looked_up == 1
    await desk.caller(header, "198.51.100.1")
    assert desk.counting.looked_up == 2
    await desk.revoke(key.id)
    desk.clock.tick(seconds=0.999)
    await desk.caller(header)
    desk.clock.tick(seconds=0.001)
    assert await desk.refused(header) == REFUSED


async def test_many_callers_are_remembered_within_bounds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CACHED", 3)
    _, header = await desk.made()
    for number in range(10):
        assert (await desk.caller(header, f"10.0.0.{number}")).account == OWNER
        assert len(desk.keyring._known) <= 3  # noqa: SLF001 -- no behaviour tells it


async def test_a_key_ends_at_its_instant_and_is_not_believed_longer(desk: Desk) -> None:
    _, header = await desk.made(expires_at=desk.clock.now() + timedelta(seconds=10))
    pair = await desk.pair(expires_at=desk.clock.now() + timedelta(seconds=10))
    for shown in (header, signed(pair, desk.clock)):
        await desk.caller(shown)
    desk.clock.tick(seconds=9.5)
    for shown in (header, signed(pair, desk.clock)):
        await desk.caller(shown)
    desk.clock.tick(seconds=0.5)
    for shown in (header, signed(pair, desk.clock)):
        assert await desk.refused(shown) == REFUSED


async def test_what_bounds_an_account_counts_within_a_second(desk: Desk) -> None:
    _, header = await desk.made()
    assert (await desk.caller(header)).account_limits == Limits()
    await desk.accounts.change(OWNER, actor="gateway", limits=Limits(per_second=1))
    desk.clock.tick(seconds=1)
    assert (await desk.caller(header)).account_limits == Limits(per_second=1)


@pytest.mark.parametrize(
    ("client", "inside"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("2001:db8::1", True),
        ("11.1.2.3", False),
        ("2001:db9::1", False),
        ("", False),
        ("a socket", False),
    ],
)
async def test_a_key_with_networks_is_good_inside_them_only(desk: Desk, client: str, inside: bool) -> None:
    networks = ("10.0.0.0/8", "2001:db8::/32")
    _, header = await desk.made(networks=networks)
    pair = await desk.pair(networks=networks)
    for shown in (header, signed(pair, desk.clock)):
        await desk.caller(shown, "10.9.9.9")  # somebody inside was found out a moment ago
        if inside:
            assert (await desk.caller(shown, client)).account == OWNER
        else:
            assert await desk.refused(shown, client) == REFUSED


async def test_behind_a_proxy_the_caller_s_own_address_counts(desk: Desk) -> None:
    _, header = await desk.made(networks=("203.0.113.0/24",))
    behind = Keyring(desk.store, PEPPER, desk.clock, vault=VAULT, doorplate=plate("10.0.0.0/8"))
    for keyring, peer, told, good in (
        (behind, "10.0.0.1", b"203.0.113.7", True),
        (behind, "10.0.0.1", b"198.51.100.1", False),
        (behind, "10.0.0.1", b"203.0.113.7, 198.51.100.1", False),
        (behind, "198.51.100.1", b"203.0.113.7", False),
        (desk.keyring, "10.0.0.1", b"203.0.113.7", False),
    ):
        scope = asking(header, peer)
        scope["headers"].append((b"x-forwarded-for", told))
        if good:
            assert (await keyring.caller(scope)).account == OWNER
        else:
            with pytest.raises(Unauthenticated, match=NO_KEY):
                await keyring.caller(scope)


# -- what a key is for -------------------------------------------------------------------------------------------------------


async def test_a_key_that_may_only_read_changes_nothing(desk: Desk) -> None:
    _, header = await desk.made(scopes=frozenset({"read"}))
    pair = await desk.pair(scopes=frozenset({"read"}))
    for shown in (header, signed(pair, desk.clock)):
        assert not (await desk.keyring.caller(asking(shown))).writes
        with pytest.raises(Forbidden, match="may only read"):
            await desk.caller(shown, write=True)
    _, header = await desk.made()
    assert (await desk.caller(header, write=True)).writes


async def test_admin_keys_and_callers_keys_do_not_mix(desk: Desk) -> None:
    _, admin = await desk.made("admin")
    _, live = await desk.made("live")
    for _ in range(2):  # looked up, and remembered
        assert (await desk.keyring.admin(asking(admin), write=True)).mode == "admin"
        with pytest.raises(Forbidden, match="takes an admin key"):
            await desk.keyring.admin(asking(live))
        with pytest.raises(Forbidden, match="on /admin/v1 only"):
            await desk.caller(admin)


async def test_an_admin_key_that_may_only_read_changes_nothing(desk: Desk) -> None:
    _, header = await desk.made("admin", scopes=frozenset({"read"}))
    assert (await desk.keyring.admin(asking(header))).mode == "admin"
    with pytest.raises(Forbidden, match="may only read"):
        await desk.keyring.admin(asking(header), write=True)


async def test_a_test_key_says_so(desk: Desk) -> None:
    assert (await desk.caller((await desk.made("test"))[1])).test


# -- signed tokens ---------------------------------------------------------------------------------------------------------


async def test_the_signer_of_a_token_is_the_account_of_its_pair(desk: Desk) -> None:
    await desk.accounts.create("alice", actor="gateway")
    pair, clock = await desk.pair("test", "alice"), desk.clock
    for header in (signed(pair, clock), signed(pair, clock, exp=int(clock.now().timestamp()) + 60), signed(pair, clock)[len(b"Bearer ") :]):
        principal = await desk.caller(header)
        assert (principal.account, principal.key_id, principal.test) == ("alice", pair.access_key, True)
    assert desk.counting.looked_up == 1


async def test_neither_half_of_a_pair_is_a_key(desk: Desk) -> None:
    pair = await desk.pair()
    ids = (pair.access_key, f"pair:{pair.access_key}", f"pair:\0{pair.access_key}")
    for number, text in enumerate((*ids, pair.secret_key, f"{pair.access_key}:{pair.secret_key}")):
        for header in (text, f"Key {text}", f"Bearer {text}"):
            assert await desk.refused(header.encode(), f"10.0.0.{number}") == REFUSED
        assert not await desk.keys.works(text)


async def test_an_unknown_signer_and_a_wrong_signature_are_refused_alike(desk: Desk) -> None:
    pair, other = await desk.pair(), await desk.pair()
    stranger = Pair(access_key="ak_" + "0" * 32, secret_key=pair.secret_key)
    forged = Pair(access_key=pair.access_key, secret_key=other.secret_key)
    for signer in (stranger, forged):
        for claims in ({}, {"exp": 1}, {"nbf": int(desk.clock.now().timestamp()) + 600}):
            assert await desk.refused(signed(signer, desk.clock, **claims)) == REFUSED


async def test_a_token_is_early_then_good_then_expired(desk: Desk) -> None:
    pair, now_s = await desk.pair(), int(desk.clock.now().timestamp())
    header = signed(pair, desk.clock, nbf=now_s + 60, exp=now_s + 120)
    assert (await desk.refused(header)).startswith("early: ")
    desk.clock.tick(seconds=149.9)
    assert (await desk.caller(header)).account == OWNER
    desk.clock.tick(seconds=0.1)  # what is remembered for a second does not make it last longer
    assert (await desk.refused(header)).startswith("expired: ")


async def test_tokens_of_a_revoked_pair_are_refused_within_a_second(desk: Desk) -> None:
    pair = await desk.pair()
    await desk.caller(signed(pair, desk.clock))
    await desk.revoke(pair.access_key)
    desk.clock.tick(seconds=1)
    assert await desk.refused(signed(pair, desk.clock)) == REFUSED
    assert desk.keyring._signers == {}  # noqa: SLF001 -- no behaviour tells that its secret key is gone


async def test_a_token_opens_no_admin_route(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        await desk.keyring.admin(asking(signed(await desk.pair(), desk.clock)))


async def test_a_secret_key_that_was_put_into_another_pairs_row_opens_nothing(desk: Desk, store: Store, clock: FakeClock) -> None:
    await desk.accounts.create("alice", actor="gateway")
    stolen, pair = await desk.keys.create_pair(OWNER, "studio", "live", actor="gateway")
    other = replace(stolen, id="ak_" + "0" * 32, account="alice", mac=mac_of_pair("ak_" + "0" * 32, PEPPER))
    await store.add_key(other, deed())
    with pytest.raises(CannotUnseal):
        await desk.caller(signed(Pair(access_key=other.id, secret_key=pair.secret_key), clock))
    under_another_key = Keyring(store, PEPPER, clock, vault=Vault(b"\1" * 32), doorplate=plate())
    with pytest.raises(CannotUnseal):
        await under_another_key.caller(asking(signed(pair, clock)))


async def test_many_pairs_are_remembered_within_bounds(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CACHED", 2)
    pairs = [await desk.pair() for _ in range(5)]
    for pair in pairs * 2:
        assert (await desk.caller(signed(pair, desk.clock))).key_id == pair.access_key
        assert len(desk.keyring._signers) <= 2  # noqa: SLF001 -- no behaviour tells it


# -- bad keys --------------------------------------------------------------------------------------------------------------


async def guess(desk: Desk, times: int = 20, client: str = HERE) -> None:
    for number in range(times):
        assert await desk.refused(f"Key a guess of 24 letters {number:04}".replace(" l", "l").encode(), client) == REFUSED


async def test_after_twenty_bad_keys_the_store_is_not_asked_any_more(desk: Desk) -> None:
    _, header = await desk.made()
    await guess(desk)
    asked = desk.counting.looked_up
    for shown in (b"Key another-guess", header, b"Key rg_live_x", signed(await desk.pair(), desk.clock), b"Bearer a.b.c"):
        assert await desk.refused(shown) == SHUT_OUT
    assert desk.counting.looked_up == asked
    assert (await desk.caller(header, "198.51.100.1")).account == OWNER
    desk.clock.tick(minutes=1)
    assert (await desk.caller(header)).account == OWNER


async def test_whoever_was_good_at_that_address_still_passes(desk: Desk) -> None:
    _, header = await desk.made()
    pair = await desk.pair()
    for shown in (header, signed(pair, desk.clock)):
        await desk.caller(shown)
    desk.clock.tick(minutes=59)
    await guess(desk)
    for shown in (header, signed(pair, desk.clock)):
        assert (await desk.caller(shown)).account == OWNER
        desk.clock.tick(seconds=1)
        assert (await desk.caller(shown)).account == OWNER


async def test_a_key_that_is_hot_elsewhere_is_no_way_in(desk: Desk) -> None:
    _, header = await desk.made()
    await guess(desk)
    assert (await desk.caller(header, "198.51.100.1")).account == OWNER
    assert await desk.refused(header) == SHUT_OUT


async def test_a_revoked_key_is_a_bad_one_like_others(desk: Desk) -> None:
    key, header = await desk.made()
    await desk.caller(header)
    await desk.revoke(key.id)
    desk.clock.tick(seconds=1)
    for _ in range(20):
        assert await desk.refused(header) == REFUSED
    asked = desk.counting.looked_up
    assert await desk.refused(header) == SHUT_OUT
    assert desk.counting.looked_up == asked


async def test_tokens_that_are_early_or_expired_are_no_guesses(desk: Desk) -> None:
    pair = await desk.pair()
    for _ in range(30):
        assert (await desk.refused(signed(pair, desk.clock, exp=1))).startswith("expired: ")
    assert (await desk.caller(signed(pair, desk.clock))).account == OWNER


async def test_who_asks_for_many_at_once_learns_of_no_more_than_twenty(desk: Desk) -> None:
    _, header = await desk.made()
    desk.counting.meanwhile.clear()
    answers: list[str] = []

    async def ask_for(shown: bytes) -> None:
        try:
            answers.append((await desk.caller(shown)).account)
        except (Unauthenticated, Limited) as refused:
            answers.append(refused.code)

    async with asyncio.TaskGroup() as tasks:
        for number in range(100):
            tasks.create_task(ask_for(b"Key a-guess-of-24-letters-%04d" % number))
        tasks.create_task(ask_for(header))
        for _ in range(5):
            await asyncio.sleep(0)
        assert desk.counting.looked_up == 101, "all are under way"
        desk.counting.meanwhile.set()
    assert sorted(answers) == ["limited"] * 81 + ["unauthenticated"] * 20


# -- behind a permit ---------------------------------------------------------------------------------------------------------


async def test_whoever_showed_a_key_before_is_known_by_its_id(desk: Desk) -> None:
    key, _ = await desk.made(networks=("203.0.113.0/24",))
    assert (await desk.keyring.holder(asking(None), OWNER, key.id, write=True)).key_id == key.id
    await desk.keyring.flush()
    assert desk.counting.touched == [{key.id: desk.clock.now()}]
    for scope, account, id in (
        (asking(None, "10.0.0.1"), OWNER, key.id),
        (asking(None), "alice", key.id),
        (asking(None), OWNER, "key_0"),
    ):
        with pytest.raises(Unauthenticated, match=NO_KEY):
            await desk.keyring.holder(scope, account, id)
    await desk.revoke(key.id)
    with pytest.raises(Unauthenticated, match=NO_KEY):
        await desk.keyring.holder(asking(None), OWNER, key.id)


async def test_a_holder_whose_key_may_only_read_changes_nothing(desk: Desk) -> None:
    key, _ = await desk.made(scopes=frozenset({"read"}))
    assert (await desk.keyring.holder(asking(None), OWNER, key.id)).account == OWNER
    with pytest.raises(Forbidden, match="may only read"):
        await desk.keyring.holder(asking(None), OWNER, key.id, write=True)


# -- last use ----------------------------------------------------------------------------------------------------------------


async def test_last_uses_are_kept_to_the_minute_and_written_now_and_then(desk: Desk) -> None:
    key, header = await desk.made()
    pair, idle = await desk.pair(), (await desk.made())[0]
    desk.clock.tick(seconds=42.5)
    await desk.caller(header)
    await desk.caller(signed(pair, desk.clock))
    assert (await desk.store.key(key.id) or key).last_used_at is None
    await desk.keyring.flush()
    minute = desk.clock.now().replace(second=0, microsecond=0)
    assert desk.counting.touched == [{key.id: minute, pair.access_key: minute}]
    assert [(await desk.store.key(each) or key).last_used_at for each in (key.id, pair.access_key, idle.id)] == [minute, minute, None]
    await desk.keyring.flush()
    assert len(desk.counting.touched) == 1, "nothing was used since"
    desk.clock.tick(minutes=5)
    await desk.caller(header)
    await desk.keyring.flush()
    assert (await desk.store.key(key.id) or key).last_used_at == minute + timedelta(minutes=5)


async def test_last_uses_are_written_again_and_again(desk: Desk) -> None:
    key, header = await desk.made()
    async with asyncio.timeout(15), asyncio.TaskGroup() as tasks:
        duty = tasks.create_task(desk.keyring.keep_uses(every_s=0))
        for count in (1, 2):
            desk.clock.tick(minutes=1)
            await desk.caller(header)
            while len(desk.counting.touched) < count:  # noqa: ASYNC110 -- the store has no event for it
                await asyncio.sleep(0)
        duty.cancel()
    assert (await desk.store.key(key.id) or key).last_used_at == desk.clock.now()


async def test_last_uses_that_the_store_did_not_take_are_written_the_next_time(desk: Desk) -> None:
    key, header = await desk.made()
    other, shown = await desk.made()
    await desk.caller(header)
    await desk.caller(shown)
    desk.counting.unready = True
    with capture_logs() as logs:
        await desk.keyring.flush()
    assert [(line["event"], line["keys"], line["why"]) for line in logs] == [("last_uses_not_kept", 2, Unready().message)]
    first = desk.clock.now()
    desk.clock.tick(minutes=1)
    await desk.caller(header)
    desk.counting.unready = False
    await desk.keyring.flush()
    assert desk.counting.touched == [{key.id: desk.clock.now(), other.id: first}]


async def test_a_key_that_was_refused_was_not_used(desk: Desk) -> None:
    revoked, header = await desk.made()
    pair = await desk.pair()
    await desk.revoke(revoked.id)
    await desk.refused(header)
    await desk.refused(signed(Pair(access_key=pair.access_key, secret_key="forged" * 8), desk.clock))
    await desk.keyring.flush()
    assert desk.counting.touched == []


# -- secrets stay secret -----------------------------------------------------------------------------------------------------


async def test_nothing_that_is_shown_is_repeated(desk: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    canary = "canary-of-a-key-0123456789"
    await desk.keys.take_over(OWNER, "old", "live", canary, actor="gateway")
    pair = await desk.pair()
    principal = await desk.caller(f"Key {canary}".encode())
    await desk.caller(signed(pair, desk.clock))
    desk.counting.unready = True
    await desk.keyring.flush()
    told = [repr(principal), repr(desk.keyring), repr(desk.keyring._signers)]  # noqa: SLF001 -- where a secret is kept
    told += [await desk.refused(f"Key {canary}x".encode()), await desk.refused(f"Key {canary}.{pair.secret_key}.x".encode())]
    told += [caplog.text, *capsys.readouterr()]
    assert "last_uses_not_kept" in "".join(told)
    for secret in (canary, pair.secret_key, PEPPER.decode()):
        assert secret not in "".join(told)
