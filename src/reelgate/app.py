"""The composition root: the only place that knows every part, and even it knows leaves by their contracts only."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.routing import BaseRoute, Match, Route, Router

from reelgate.contracts.blobs import BlobsDriver
from reelgate.contracts.endpoint import Catalog, Endpoint
from reelgate.contracts.engine import Engine
from reelgate.contracts.store import StoreDriver
from reelgate.discovery import load_leaves
from reelgate.dispatch.attempt import Workshop
from reelgate.dispatch.crew import Crew
from reelgate.dispatch.guard import Guard
from reelgate.dispatch.pictures import Pictures
from reelgate.dispatch.worker import Worker
from reelgate.domain.address import Reach
from reelgate.domain.clock import Clock, SystemClock
from reelgate.domain.money import Money
from reelgate.folder import DataFolder
from reelgate.gateway.accounts import OWNER, Accounts, Keyring
from reelgate.gateway.door import Doorplate, Receive, Scope, Send
from reelgate.gateway.entrance import Entrance
from reelgate.gateway.face import ANYBODYS_WORDS, Face, Gateway
from reelgate.gateway.follow import Follow
from reelgate.gateway.parking import Parking
from reelgate.gateway.serving import ServingRule
from reelgate.gateway.submit import Submit
from reelgate.settings import Settings


@dataclass(frozen=True, slots=True)
class House:
    """An assembled gateway: the application to serve, and the worker that runs its jobs."""

    gateway: Gateway
    door: Entrance
    worker: Worker


@asynccontextmanager
async def open_house(settings: Settings, folder: DataFolder, clock: Clock | None = None) -> AsyncGenerator[House]:
    """Assemble a gateway on an opened data folder; everything is closed again at the end, the store last."""
    clock = clock or SystemClock()
    driver = load_leaves("reelgate.storage", "STORE", StoreDriver)[settings.database]
    store = await driver.open(folder.path, "")
    try:
        blobs = await load_leaves("reelgate.blobs", "BLOBS", BlobsDriver)["local"].open(folder.blobs, "")
        engines = {engine.name: engine for engine in load_leaves("reelgate.engines", "ENGINE", Engine).values()}
        crew = Crew(
            slots=settings.render_slots or os.cpu_count() or 1,
            memory_bytes=settings.render_memory_bytes,
            limit_s=settings.render_limit_s,
        )
        guard = Guard(Reach(opened=settings.allow_private), clock=clock)
        shop = Workshop(
            store=store,
            blobs=blobs,
            engines=engines,
            crew=crew,
            pictures=Pictures(guard, blobs, limit_bytes=settings.max_picture, deadline_s=settings.picture_timeout_s),
            scratch=folder.scratch,
            settings=settings,
            clock=clock,
        )
        worker = Worker(shop, name=f"{os.getpid()}")
        rule = ServingRule(settings, engines, channels=lambda: 0)
        accounts = Accounts(store, folder.pepper(), clock)
        await _found(accounts, folder, settings)
        gateway = Gateway(
            settings=settings,
            clock=clock,
            catalog=load_catalog(),
            keyring=Keyring(store, folder.pepper(), clock),
            accounts=accounts,
            rule=rule,
            submit=Submit(
                store=store,
                blobs=blobs,
                dispatch=worker,
                rule=rule,
                parking=Parking(store, blobs, settings),
                settings=settings,
                clock=clock,
            ),
            follow=Follow(store, worker, clock),
            store=store,
            blobs=blobs,
            dispatch=worker,
            doorplate=Doorplate(settings),
            engines=engines,
        )
        yield House(gateway, open_door(gateway), worker)
    finally:
        await store.close()


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
    asked thousands of times a second, straight to the faces whose paths are anybody's words.
    """
    fixed: list[BaseRoute] = []
    free: list[BaseRoute] = []
    for face in load_faces():
        (free if face.rank >= ANYBODYS_WORDS else fixed).extend(face.routes(gateway))
    words = frozenset(route.path.split("/")[1] for route in fixed if isinstance(route, Route))
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


async def _found(accounts: Accounts, folder: DataFolder, settings: Settings) -> None:
    """The owner's account, and the two keys that lie in the folder for whoever may read it."""
    await accounts.found_owner(Money.dollars(str(settings.demo_credit)))
    for file, mode, name in (("key", "live", "first key"), ("admin-key", "admin", "first admin key")):
        kept = folder.secret(file)
        if kept is None or not await accounts.works(kept.decode()):
            _, secret = await accounts.create_key(OWNER, name, mode)
            folder.keep(file, secret.text.encode())
