"""The simulator: a Telegram server on loopback for unmodified clients.

Inside `async with Simulator(world) as simulator`, a Telethon client needs `session.set_dc(2, simulator.host,
simulator.port)` before it connects and once `telethon.crypto.rsa.add_key(simulator.public_key_pem, old=False)`.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from tobs.core.ports.services import Clock
from tobs.simulator import services
from tobs.simulator.centres import DC_IDS, HOME_DC, Centres
from tobs.simulator.changes import Changes
from tobs.simulator.connection import serve_connection
from tobs.simulator.crypto import PUBLIC_KEY_PEM
from tobs.simulator.depot import LIFETIME_SECONDS, Depot, Downloads
from tobs.simulator.faults import FaultScript
from tobs.simulator.model import World
from tobs.simulator.qr import LoginTokens
from tobs.simulator.references import References
from tobs.simulator.session import Backend
from tobs.simulator.takeout import Takeouts

assert services.__all__  # importing the package has registered every service


class Simulator:
    """Serves a world while its `async with` block runs.

    `clock` is the world's time as services see it (default: the computer's). `on_answer(method, total_answers)` is
    called right before an answer is written. Answers of more than `gzip_over` bytes are compressed; by default none
    is (Telegram compresses them), since that takes twice the time of encrypting and sending a page of messages.
    File references hold for `reference_seconds` of the clock. `faults` says what goes wrong, `changes` how the world moves between two answers; both count, so each belongs to
    one simulator.
    """

    def __init__(
        self,
        world: World,
        *,
        clock: Clock | None = None,
        on_answer: Callable[[str, int], None] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        gzip_over: int | None = None,
        faults: FaultScript | None = None,
        changes: Changes | None = None,
        reference_seconds: float = LIFETIME_SECONDS,
    ) -> None:
        self.world = world
        self.host = host
        self.port = port
        now = clock.now if clock is not None else time.time
        if clock is not None:
            world.clock = now
        depot = Depot(world, now, reference_seconds)
        centres = Centres(host, port)
        self._backend = Backend(
            world, depot, centres, now, gzip_over, on_answer, faults=faults, changes=changes
        )
        self._connections: dict[asyncio.Task[None], None] = {}
        self._stack = AsyncExitStack()
        self._is_open = False

    @property
    def address(self) -> str:
        """Where it listens, as host:port."""
        return f"{self.host}:{self.port}"

    @property
    def addresses(self) -> dict[int, str]:
        """Where each of its data centres listens, as host:port."""
        return {dc: f"{host}:{port}" for dc, (host, port) in self._backend.centres.addresses.items()}

    @property
    def tokens(self) -> LoginTokens:
        """The login codes that can be scanned."""
        return self._backend.tokens

    @property
    def public_key_pem(self) -> str:
        """The RSA key that a client has to trust, in the form that Telethon's `add_key` takes."""
        return PUBLIC_KEY_PEM

    @property
    def counts(self) -> Counter[str]:
        """Answers given so far, errors included, by the method inside all wrappers."""
        return self._backend.counts

    @property
    def total_answers(self) -> int:
        """How many answers that is."""
        return self._backend.total

    @property
    def faults(self) -> FaultScript | None:
        """The script of what goes wrong, which counts what it did."""
        return self._backend.faults

    @property
    def takeouts(self) -> Takeouts:
        """The takeouts of all accounts: delay, allow and revoke them here."""
        return self._backend.takeouts

    @property
    def downloads(self) -> Downloads:
        """What was asked of which file, and how much of it was given."""
        return self._backend.depot.downloads

    @property
    def references(self) -> References:
        """The file references that hold: let them expire here."""
        return self._backend.depot.references

    def revoke(self, user_id: int) -> None:
        """End every login of the account: its next requests get 401 SESSION_REVOKED."""
        self._backend.revoke(user_id)

    def renew_salts(self) -> None:
        """Change the salt of every key, as Telegram does each hour; clients learn it from a bad_server_salt."""
        for key in self._backend.keys.values():
            key.renew_salt()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            group = await stack.enter_async_context(asyncio.TaskGroup())
            self._is_open = True
            stack.callback(self._hang_up)
            for dc_id in DC_IDS:
                port = self.port if dc_id == HOME_DC else 0
                server = await asyncio.start_server(self._accept_into(group, dc_id), self.host, port)
                stack.callback(server.close)
                self._backend.centres.addresses[dc_id] = server.sockets[0].getsockname()[:2]
            self.host, self.port = self._backend.centres.addresses[HOME_DC]
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The block's error is not shown to the stack: the task group in it would wrap it into an ExceptionGroup.
        await self._stack.aclose()

    def _accept_into(
        self, group: asyncio.TaskGroup, dc_id: int
    ) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if not self._is_open:  # it knocked while the server was closing
                writer.transport.abort()
                return
            task = group.create_task(serve_connection(self._backend, dc_id, reader, writer))
            self._connections[task] = None
            task.add_done_callback(self._connections.pop)

        return accept

    def _hang_up(self) -> None:
        self._is_open = False
        for task in self._connections:
            task.cancel()
