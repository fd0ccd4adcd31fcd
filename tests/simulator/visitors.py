"""Unmodified clients that are logged in to a world, and the requests that tests ask most."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.tl import functions

from simulator.protocol_world import connected, logged_in
from tobs.simulator.crypto import PUBLIC_KEY_PEM
from tobs.simulator.server import Simulator
from tobs.simulator.world import World


@asynccontextmanager
async def visiting(world: World, **options: Any) -> AsyncIterator[tuple[TelegramClient, Simulator]]:
    """Return a client of the world's first account, and its simulator, made with these options."""
    rsa.add_key(PUBLIC_KEY_PEM, old=False)
    async with Simulator(world, **options) as simulator, connected(simulator) as client:
        client.flood_sleep_threshold = 0
        await logged_in(client, next(iter(world.accounts.values())))
        yield client, simulator


def history(peer: Any, **window: Any) -> Any:
    """Return the request for a page."""
    fields = {"offset_id": 0, "offset_date": None, "add_offset": 0, "limit": 100, "max_id": 0, "min_id": 0}
    return functions.messages.GetHistoryRequest(peer, **{**fields, "hash": 0, **window})


def ids_of(answer: Any) -> list[int]:
    """Return the ids of the messages in an answer."""
    return [message.id for message in answer.messages]
