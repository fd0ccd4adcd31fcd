"""The way to Telegram: settings in, an account's connection out, closed in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tobs.app.caches import INPUT_PEERS, NAMES, open_account_caches
from tobs.app.identity import find_account, keep_as_wished, read_identity, read_server
from tobs.cache.registry import CacheRegistry
from tobs.core.events import Said
from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Clock, Emit
from tobs.settings import Settings
from tobs.telegram.addresses import AddressBook
from tobs.telegram.centres import DataCentres
from tobs.telegram.client import Client
from tobs.telegram.directory import Directory
from tobs.telegram.files import TelegramFiles
from tobs.telegram.flood import FloodGate
from tobs.telegram.history import TelegramSource
from tobs.telegram.session import AccountFolder
from tobs.telegram.takeout import Takeout, TakeoutChoice


@dataclass(slots=True)
class Connection:
    """An account at its server."""

    client: Client
    directory: Directory
    source: TelegramSource
    takeout: Takeout
    files: TelegramFiles
    centres: DataCentres
    caches: CacheRegistry


@asynccontextmanager
async def connect_account(
    settings: Settings,
    clock: Clock,
    emit: Emit,
    account: AccountFolder | None = None,
    *,
    choice: TakeoutChoice | None = None,
    stop: asyncio.Event | None = None,
    meter: Meter = NO_METER,
) -> AsyncIterator[Connection]:
    """Connect the account that is logged in, under its lock; what its caches have to say is told.

    Without a `choice` there is no takeout. Once `stop` is set nothing more is asked: only answers to what was sent
    come, and everything else raises Stopped.

    Raises LoginNeeded, SettingError, Busy, NetworkError, SessionRevoked or Stopped.
    """
    account = account or find_account(settings)
    server = read_server(settings)
    if server.address:
        server.trust_key()
    with account.locked(), open_account_caches(settings, account, clock, emit) as caches:
        for warning in account.tighten():
            emit(Said("warning", warning))
        keep_as_wished(account, settings)
        state = account.load_state()
        gate = FloodGate(
            clock,
            emit,
            max_wait_seconds=settings.max_flood_wait,
            known=state.waits,
            keep=state.keep_waits,
            stop=stop,
            meter=meter,
        )
        identity = read_identity(settings)
        client = Client(
            account.open_session(),
            identity,
            gate,
            clock,
            timeout_seconds=settings.request_timeout,
            meter=meter,
        )
        async with (
            client,
            DataCentres(
                client,
                account.load_keys(),
                identity,
                gate,
                clock,
                timeout_seconds=settings.request_timeout,
                meter=meter,
            ) as centres,
        ):
            directory = Directory(client, AddressBook(caches[INPUT_PEERS], caches[NAMES]), account.user_id)
            takeout = Takeout(client, gate, state, clock, emit, choice or TakeoutChoice())
            source = TelegramSource(client, directory, takeout, clock, account.user_id)
            files = TelegramFiles(client, source, centres)
            yield Connection(client, directory, source, takeout, files, centres, caches)
