"""One account's connection as app makes it, with a clock and a cache that the test holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from e2e.stage import API_HASH, Stage
from tobs._util.clock import SystemClock
from tobs.cache.store import Cache
from tobs.core.ports.services import Clock, Emit
from tobs.simulator.corpus.people import OWNER
from tobs.telegram.addresses import AddressBook
from tobs.telegram.client import Client
from tobs.telegram.connection import Identity, Server
from tobs.telegram.directory import Directory
from tobs.telegram.flood import FloodGate
from tobs.telegram.history import TelegramSource
from tobs.telegram.session import AccountFolder
from tobs.telegram.takeout import Takeout, TakeoutChoice


@asynccontextmanager
async def open_client(
    stage: Stage,
    *,
    clock: Clock | None = None,
    emit: Emit | None = None,
    max_wait_seconds: float = 3600,
    stop: asyncio.Event | None = None,
) -> AsyncIterator[Client]:
    """Connect the account that is logged in."""
    clock = clock or SystemClock()
    Server(stage.simulator.address, stage.simulator.public_key_pem).trust_key()
    gate = FloodGate(clock, emit or stage.events.append, max_wait_seconds=max_wait_seconds, stop=stop)
    client = Client(
        AccountFolder(stage.account_folder).open_session(),
        Identity(1, API_HASH),
        gate,
        clock,
        timeout_seconds=60,
    )
    async with client:
        yield client


@asynccontextmanager
async def open_directory(
    stage: Stage, *, clock: Clock | None = None, cache: Cache | None = None
) -> AsyncIterator[tuple[Directory, Cache]]:
    """Connect, with a cache of addresses that is empty unless one is given."""
    cache = cache or make_cache(stage, clock or SystemClock())
    async with open_client(stage, clock=clock) as client:
        yield Directory(client, make_book(cache), OWNER), cache


@asynccontextmanager
async def open_source(
    stage: Stage,
    *,
    clock: Clock | None = None,
    emit: Emit | None = None,
    cache: Cache | None = None,
) -> AsyncIterator[TelegramSource]:
    """Connect, as a source of pages."""
    clock = clock or SystemClock()
    cache = cache or make_cache(stage, clock)
    async with open_client(stage, clock=clock, emit=emit) as client:
        state = AccountFolder(stage.account_folder).load_state()
        emit = emit or stage.events.append
        gate = FloodGate(clock, emit, max_wait_seconds=0)  # for beginning a takeout only, which is not chosen
        takeout = Takeout(client, gate, state, clock, emit, TakeoutChoice())
        yield TelegramSource(client, Directory(client, make_book(cache), OWNER), takeout, clock, OWNER)


def make_cache(stage: Stage, clock: Clock) -> Cache:
    """Return an empty cache of addresses."""
    return Cache(stage.folder / "peers.bin", clock=clock, max_entries=1000, ttl_seconds=3600)


def make_book(cache: Cache) -> AddressBook:
    """Return an address book that has all in one cache."""
    return AddressBook(cache, cache)
