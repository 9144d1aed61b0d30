"""The composition root: the only place that knows every part, and even it knows leaves by their contracts only."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import orjson
import structlog
from starlette.routing import BaseRoute, Match, Route, Router

from reelgate.contracts.blobs import BlobsDriver
from reelgate.contracts.endpoint import Catalog, Endpoint
from reelgate.contracts.engine import Engine
from reelgate.contracts.provider import Provider
from reelgate.contracts.store import Store, StoreDriver
from reelgate.discovery import load_leaves
from reelgate.dispatch.attempt import Workshop
from reelgate.dispatch.backends import HttpBackend
from reelgate.dispatch.crew import Crew
from reelgate.dispatch.darkroom import Darkroom
from reelgate.dispatch.enclosures import Enclosures
from reelgate.dispatch.fleet import Fleet
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.health import Health
from reelgate.dispatch.outbox import Outbox
from reelgate.dispatch.outputs import Outputs
from reelgate.dispatch.pictures import Pictures
from reelgate.dispatch.talks import Talks
from reelgate.dispatch.witness import witness
from reelgate.dispatch.worker import Worker
from reelgate.dispatch.yard import Yard
from reelgate.domain.address import Reach
from reelgate.domain.clock import Clock, SystemClock
from reelgate.domain.keyform import read_master_key
from reelgate.domain.money import Money
from reelgate.folder import DataFolder
from reelgate.gateway.accounts import OWNER, Accounts
from reelgate.gateway.channels import Channels
from reelgate.gateway.declared import declare
from reelgate.gateway.door import Doorplate, Receive, Scope, Send
from reelgate.gateway.entrance import Entrance
from reelgate.gateway.face import Correspondent, Face, Gateway, Unguarded
from reelgate.gateway.follow import Follow
from reelgate.gateway.gates import Gates
from reelgate.gateway.inspector import Inspector
from reelgate.gateway.keyring import Keyring
from reelgate.gateway.keys import Keys
from reelgate.gateway.parking import Parking
from reelgate.gateway.passing import Passing
from reelgate.gateway.permit import Permits
from reelgate.gateway.prices import PriceList
from reelgate.gateway.quoting import Quoting
from reelgate.gateway.repeat import Repeats
from reelgate.gateway.reports import Reports
from reelgate.gateway.serving import ServingRule
from reelgate.gateway.signing import signing_key
from reelgate.gateway.submit import Submit
from reelgate.gateway.tariff import Tariff
from reelgate.gateway.trial import Trials
from reelgate.gateway.upload import Uploads
from reelgate.gateway.vault import Vault
from reelgate.settings import Settings
from reelgate.wire.passing import passed

_log = structlog.get_logger(__name__)
_REPEATS = "repeats.json"


@dataclass(frozen=True, slots=True)
class House:
    """An assembled gateway: the application to serve and the one for a port that no key guards, the worker that runs its jobs, the outbox
    that tells of them."""

    gateway: Gateway
    door: Entrance
    side_door: Router
    worker: Worker
    outbox: Outbox

    async def work(self, *, alone: bool) -> None:
        """Run jobs, send webhooks and check the books until cancelled. `alone`: no other process works on this store."""
        async with asyncio.TaskGroup() as duties:
            duties.create_task(self.outbox.run())
            duties.create_task(self.gateway.keyring.keep_uses())
            duties.create_task(self.gateway.inspector.run())
            await self.worker.run(alone=alone)


@asynccontextmanager
async def open_house(settings: Settings, folder: DataFolder, clock: Clock | None = None) -> AsyncGenerator[House]:
    """Assemble a gateway on an opened data folder; everything is closed again at the end, the store last."""
    clock = clock or SystemClock()
    driver = load_leaves("reelgate.storage", "STORE", StoreDriver)[settings.database]
    catalog = load_catalog()
    store = witness(await driver.open(folder.path, ""), lambda endpoint: catalog.find(endpoint) is not None, clock)
    try:
        repeats = Repeats(clock)
        await _recall(repeats, store, folder)
        shop = await _open_shop(store, folder, settings, clock)
        office = _open_office(shop, catalog, folder)
        backend = HttpBackend(_guard(settings, clock))
        try:
            fleet = Fleet(_open_yard(shop, office, backend), office.catalog)
            worker = Worker(shop, name=f"{os.getpid()}", fleet=fleet)
            gateway = await _open_gateway(shop, office, worker, repeats, folder)
            scribes = {face.name: face.scribe(gateway) for face in load_faces() if isinstance(face, Correspondent)}
            outbox = Outbox(store, _guard(settings, clock), scribes, clock)  # a guard of its own: a receiver's names delay no picture
            try:
                yield House(gateway, open_door(gateway), open_side_door(gateway), worker, outbox)
            finally:
                await gateway.keyring.flush()
        finally:
            await backend.close()
            _remember(repeats, folder)
    finally:
        await store.close()


async def _open_shop(store: Store, folder: DataFolder, settings: Settings, clock: Clock) -> Workshop:
    blobs = await load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)["local"].open(folder.blobs, "")
    crew = Crew(
        slots=settings.render_slots or os.cpu_count() or 1,
        memory_bytes=settings.render_memory_bytes,
        limit_s=settings.render_limit_s,
    )
    guard = _guard(settings, clock)
    return Workshop(
        store=store,
        blobs=blobs,
        engines={engine.name: engine for engine in load_leaves("reelgate.engines", "ENGINE", Engine).values()},
        crew=crew,
        darkroom=Darkroom(blobs, folder.scratch, memory_bytes=settings.render_memory_bytes),
        pictures=Pictures(guard, blobs, limit_bytes=settings.max_picture, deadline_s=settings.picture_timeout_s),
        scratch=folder.scratch,
        settings=settings,
        clock=clock,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Office:
    """What those who answer callers and those who work on jobs both ask."""

    vault: Vault
    keys: Keys
    catalog: Catalog
    prices: PriceList
    channels: Channels


def _open_office(shop: Workshop, catalog: Catalog, folder: DataFolder) -> _Office:
    vault = Vault(_master_key(shop.settings, folder))
    keys = Keys(shop.store, folder.pepper(), shop.clock, vault)
    providers = load_leaves("reelgate.providers", "PROVIDER", Provider)
    channels = Channels(shop.store, vault, providers, catalog, shop.clock, sells=keys.sells)
    return _Office(vault=vault, keys=keys, catalog=catalog, prices=PriceList(shop.store, catalog, shop.clock), channels=channels)


def _open_yard(shop: Workshop, office: _Office, backend: HttpBackend) -> Yard:
    settings, clock, chance = shop.settings, shop.clock, random.SystemRandom()
    guard = _guard(settings, clock)
    talks = Talks(backend, office.channels, clock)
    return Yard(
        store=shop.store,
        blobs=shop.blobs,
        outputs=Outputs(guard, backend, talks, shop.scratch),
        enclosures=Enclosures(guard, shop.blobs, limit_bytes=settings.max_picture, deadline_s=settings.picture_timeout_s),
        talks=talks,
        rolls=office.channels,
        costs=office.prices,
        health=Health(clock, chance),
        providers=office.channels.providers,
        find=lambda endpoint_id: office.catalog.find(endpoint_id) or passed(endpoint_id),
        callback=lambda token: f"{settings.public_url}/v1/upstream/{token}" if settings.public_url else "",
        settings=settings,
        clock=clock,
        chance=chance,
    )


async def _open_gateway(shop: Workshop, office: _Office, worker: Worker, repeats: Repeats, folder: DataFolder) -> Gateway:
    store, blobs, settings, clock, pepper = shop.store, shop.blobs, shop.settings, shop.clock, folder.pepper()
    vault, keys, catalog, prices, doorplate = office.vault, office.keys, office.catalog, office.prices, Doorplate(settings)
    accounts = Accounts(store, clock, vault)
    await _found(accounts, keys, folder, settings)
    gates, inspector = Gates(clock), Inspector(store, blobs, clock)
    await declare(office.channels, settings.channels, os.environ, clock)
    rule = ServingRule(settings, shop.engines, office.channels, prices)
    await rule.refresh()
    keyring = Keyring(store, pepper, clock, vault=vault, doorplate=doorplate)
    submit = Submit(
        store=store,
        blobs=blobs,
        dispatch=worker,
        rule=rule,
        gates=gates,
        inspector=inspector,
        parking=Parking(store, blobs, settings),
        repeats=repeats,
        secret=pepper,
        settings=settings,
        clock=clock,
    )
    permits = Permits(pepper, clock)
    return Gateway(
        settings=settings,
        clock=clock,
        catalog=catalog,
        keyring=keyring,
        accounts=accounts,
        keys=keys,
        channels=office.channels,
        passing=Passing(catalog, prices, office.channels),
        prices=prices,
        tariff=Tariff(store, catalog, prices, clock),
        reports=Reports(store, prices, clock),
        inspector=inspector,
        rule=rule,
        quoting=Quoting(store, prices, rule, worker, clock),
        submit=submit,
        trials=Trials(catalog, office.channels, prices, submit),
        follow=Follow(store, worker, clock),
        uploads=Uploads(store=store, blobs=blobs, keyring=keyring, gates=gates, permits=permits, settings=settings, clock=clock),
        store=store,
        blobs=blobs,
        dispatch=worker,
        doorplate=doorplate,
        engines=shop.engines,
        signing_key=await signing_key(store, vault, clock),
    )


def load_catalog() -> Catalog:
    """Every endpoint of every model family that is installed."""
    families = load_leaves("reelgate.catalog", "ENDPOINTS", tuple[Endpoint, ...])
    return Catalog(endpoint for family in families.values() for endpoint in family)


def load_faces() -> list[Face]:
    """Every face, in the order of the route table."""
    faces = [*load_leaves("reelgate.api", "FACE", Face).values(), *load_leaves("reelgate.web", "FACE", Face).values()]
    return sorted(faces, key=lambda face: (face.rank, face.name))


def open_door(gateway: Gateway) -> Entrance:
    """One application over all faces.

    Paths that begin with a fixed word of some face go through the whole table; all others, the submits and statuses that are
    asked thousands of times a second, straight to the routes whose paths are anybody's words.
    """
    fixed: list[Route] = []
    free: list[BaseRoute] = []
    for route in (route for face in load_faces() for route in face.routes(gateway)):
        if isinstance(route, Route) and not route.path.startswith("/{"):
            fixed.append(route)
        else:
            free.append(route)
    words = frozenset(route.path.split("/")[1] for route in fixed)
    whole, quick = Router([*fixed, *free], redirect_slashes=False), Router(free, redirect_slashes=False)

    async def by_first_word(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].split("/", 2)[1] in words:
            await whole(scope, receive, send)
            return
        for route in free:  # as the router does, without its detours
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                await route.handle(scope, receive, send)
                return
        await quick(scope, receive, send)

    return Entrance(by_first_word, gateway.settings)


def open_side_door(gateway: Gateway) -> Router:
    """What is served on a port that no key guards."""
    routes = [route for face in load_faces() if isinstance(face, Unguarded) for route in face.unguarded(gateway)]
    return Router(routes, redirect_slashes=False)


def _guard(settings: Settings, clock: Clock) -> Guard:
    return Guard(Reach(opened=settings.allow_private), clock=clock)


def _master_key(settings: Settings, folder: DataFolder) -> bytes:
    given = settings.master_key
    return folder.master_key() if given is None else read_master_key(given.get_secret_value())


async def _recall(repeats: Repeats, store: Store, folder: DataFolder) -> None:
    """What the process before left at its stop; if it left nothing it died, and its last callers may not have been answered."""
    left = folder.secret(_REPEATS)
    folder.forget(_REPEATS)
    if left is not None:
        repeats.load(orjson.loads(left))
    elif found := await repeats.recover(store):
        _log.info("answers_may_be_lost", jobs=found)


def _remember(repeats: Repeats, folder: DataFolder) -> None:
    try:
        folder.keep(_REPEATS, orjson.dumps(repeats.dump()))
    except OSError as error:  # the next start then takes this one for a death, which is the safe side
        _log.warning("answers_not_remembered", why=error.strerror)


async def _found(accounts: Accounts, keys: Keys, folder: DataFolder, settings: Settings) -> None:
    """The owner's account, and the two keys that lie in the folder for whoever may read it."""
    await accounts.found_owner(Money.dollars(str(settings.demo_credit)))
    for file, mode, name in (("key", "live", "first key"), ("admin-key", "admin", "first admin key")):
        kept = folder.secret(file)
        if kept is None or not await keys.works(kept.decode()):
            _, secret = await keys.create(OWNER, name, mode, actor="gateway")
            folder.keep(file, secret.text.encode())
