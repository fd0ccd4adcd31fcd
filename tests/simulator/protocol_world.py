"""A world of two people without a chat, and unmodified Telethon clients for it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from telethon import TelegramClient
from telethon.crypto import rsa
from telethon.errors import SessionPasswordNeededError
from telethon.network import ConnectionTcpFull
from telethon.sessions import StringSession
from telethon.tl import types

from tobs.simulator.centres import Centres
from tobs.simulator.crypto import PUBLIC_KEY_PEM
from tobs.simulator.depot import Depot
from tobs.simulator.dispatch import SERVICES, Context, serves
from tobs.simulator.model import Account, World
from tobs.simulator.process import AccountCard, SimulatorProcess
from tobs.simulator.server import Simulator

ALICE = Account(1001, "+15550001001", "11111", None, types.User(1001, first_name="Alice", access_hash=1))
BORIS = Account(
    1002, "+15550001002", "22222", "пароль 🔑", types.User(1002, first_name="Boris", access_hash=2)
)
NOW = 1_770_000_000


def two_people() -> World:
    """Alice has no password, Boris has one."""
    rsa.add_key(PUBLIC_KEY_PEM, old=False)
    return World(1, NOW, [ALICE, BORIS], [ALICE.user, BORIS.user], [])


def bare_context(world: World) -> Context:
    """The context of a request that nobody sent."""
    return Context(world, Depot(world, lambda: NOW), Centres("127.0.0.1", 443))


@asynccontextmanager
async def connected(
    server: Simulator | SimulatorProcess, session: str = "", transport: type = ConnectionTcpFull
) -> AsyncIterator[TelegramClient]:
    """A connected client; `session` is a saved one."""
    stored = StringSession(session)
    host, port = server.address.split(":")
    stored.set_dc(2, host, int(port))
    client = TelegramClient(
        stored,
        1,
        "hash",
        connection=transport,
        request_retries=1,
        connection_retries=1,
        receive_updates=False,
    )
    TelegramClient._config = None  # Telethon keeps the addresses of the first server it met for all clients
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


async def logged_in(client: TelegramClient, account: Account | AccountCard = ALICE) -> None:
    """Log the client in by code, and by password if the account has one."""
    sent = await client.send_code_request(account.phone)
    try:
        await client.sign_in(account.phone, account.code, phone_code_hash=sent.phone_code_hash)
    except SessionPasswordNeededError:
        await client.sign_in(password=account.password)


@contextmanager
def serving(
    request_class: Any, service: Callable[[Context, Any], Any], *, login: bool = False
) -> Iterator[None]:
    """A service more while the block runs, for a request that the simulator has none for."""
    identifier = request_class.CONSTRUCTOR_ID
    assert identifier not in SERVICES
    serves(request_class, login=login)(service)
    try:
        yield
    finally:
        del SERVICES[identifier]
