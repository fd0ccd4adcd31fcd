"""One connection to Telegram: every request of an export goes through `Client.send`.

Telethon's `_call` is not used here: it sleeps in silence, repeats six times and remembers floods by
constructor. We await `sender.send(outermost)` ourselves, so that waits are told, counted and obeyed in
one place (flood.py), and so that a page can leave the socket as bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

import telethon
from telethon import functions
from telethon.crypto import rsa
from telethon.network import ConnectionTcpFull, MTProtoSender
from telethon.tl.alltlobjects import LAYER

import tobs
from tobs.core.ports import Clock
from tobs.errors import NetworkError, UsageError
from tobs.telegram import faults
from tobs.telegram.flood import FloodGate
from tobs.telegram.session import StoredSession

LIBRARY = f"telethon {telethon.__version__}"
"""What knows the constructors of the layer that answers are stored in."""

RETRIES = 3
"""How often a passing fault of the server is asked again before the chat fails."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect: `address` empty means Telegram's own data centres.

    `public_key` is the RSA key (PEM) of another server, without which nobody can pretend to be it.
    """

    address: str = ""
    public_key: str = ""

    @property
    def endpoint(self) -> tuple[str, int]:
        """Host and port of a server that is not Telegram's own. Raises UsageError when malformed."""
        host, _, port = self.address.rpartition(":")
        if not host or not port.isdecimal():
            raise UsageError(f"TOBS_SERVER must be host:port, not {self.address!r}.")
        return host.strip("[]"), int(port)

    def trust_key(self) -> None:
        """Let key exchanges accept this server's key. Raises UsageError when it is no RSA key."""
        try:
            rsa.add_key(self.public_key, old=False)
        except (ValueError, IndexError, TypeError) as error:
            raise UsageError("TOBS_SERVER_KEY is not an RSA public key in PEM form.") from error


@dataclass(frozen=True, slots=True)
class Identity:
    """The application that talks, as Telegram lists it under Settings → Devices: honest names."""

    api_id: int
    api_hash: str
    device: str = "tobs (chat export)"

    def as_options(self) -> dict[str, Any]:
        """Return Telethon's keyword arguments for it."""
        return {
            "device_model": self.device,
            "system_version": "command line",
            "app_version": tobs.__version__,
        }


class RawWithoutUpdates(functions.InvokeWithoutUpdatesRequest):  # type: ignore[misc]  # Telethon has no types
    """invokeWithoutUpdates whose answer stays bytes: only the outermost request's reader is asked."""

    @staticmethod
    def read_result(reader: Any) -> bytes:
        """Return everything that is left: the answer, and perhaps padding behind it."""
        return bytes(reader.read())


class Client:
    """An account's connection, opened and closed by `async with`."""

    def __init__(
        self,
        session: StoredSession,
        identity: Identity,
        gate: FloodGate,
        clock: Clock,
        *,
        timeout_seconds: float,
    ) -> None:
        self._session = session
        self._identity = identity
        self._gate = gate
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self.counts: Counter[str] = Counter()
        self.layer: int = LAYER
        self._sender = MTProtoSender(
            session.auth_key, loggers=_Loggers(), retries=3, connect_timeout=10, updates_queue=_Sink()
        )

    async def __aenter__(self) -> Self:
        connection = ConnectionTcpFull(
            self._session.server_address, self._session.port, self._session.dc_id, loggers=_Loggers()
        )
        try:
            await self._sender.connect(connection)
        except (OSError, TimeoutError) as error:
            raise NetworkError(
                f"Cannot reach {self._session.server_address}:{self._session.port}.",
                hint="Check the network (and TOBS_SERVER, if it is set).",
            ) from error
        try:
            await self._introduce()
        except BaseException:
            await self._sender.disconnect()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._sender.disconnect()

    async def send(self, request: Any, what: str) -> Any:
        """Return the decoded answer. `what` names in errors what was asked for.

        Raises GaveUpWaiting, NetworkError, SessionRevoked, NoAccess or ServerError; what is an answer to the
        caller's own question (`faults.ANSWERS`) comes as Telethon raised it.
        """
        return await self._ask(functions.InvokeWithoutUpdatesRequest(request), _method_name(request), what)

    async def send_raw(self, request: Any, what: str) -> bytes:
        """Return the answer's TL bytes, perhaps with padding behind. Raises as `send` does."""
        raw: bytes = await self._ask(RawWithoutUpdates(request), _method_name(request), what)
        return raw

    async def _introduce(self) -> None:
        init = functions.InitConnectionRequest(
            api_id=self._identity.api_id,
            lang_code="en",
            system_lang_code="en",
            lang_pack="",
            query=functions.help.GetConfigRequest(),
            **self._identity.as_options(),
        )
        outermost = functions.InvokeWithLayerRequest(LAYER, functions.InvokeWithoutUpdatesRequest(init))
        await self._ask(outermost, "help.getConfig", "the configuration")

    async def _ask(self, outermost: Any, method: str, what: str) -> Any:
        faults_left = RETRIES
        while True:
            await self._gate.pass_through(method)
            try:
                answer = await self._exchange(outermost)
            except faults.TOLD_WAITS as error:
                self._gate.note_wait(method, error.seconds)
            except faults.PASSING as error:
                faults_left -= 1
                if not faults_left:
                    raise faults.translate(error, what) from error
                await self._clock.sleep(RETRIES - faults_left)
            except faults.ANSWERS:
                raise
            except Exception as error:
                # Whatever Telethon raises, and bytes that it cannot read, end here as one of our errors.
                raise faults.translate(error, what) from error
            else:
                self.counts[method] += 1
                return answer

    async def _exchange(self, outermost: Any) -> Any:
        async with asyncio.timeout(self._timeout_seconds):
            return await self._sender.send(outermost)


class _Sink:
    """Takes the place of Telethon's update queue, which nobody would empty."""

    def put_nowait(self, _update: object) -> None:
        pass


class _Loggers(dict[str, logging.Logger]):
    def __missing__(self, name: str) -> logging.Logger:
        return logging.getLogger(name)


def _method_name(request: Any) -> str:
    """Return Telegram's name of a method: GetHistoryRequest of functions.messages is messages.getHistory."""
    space = type(request).__module__.rpartition(".")[2]
    name = type(request).__name__.removesuffix("Request")
    name = name[0].lower() + name[1:]
    return name if space == "functions" else f"{space}.{name}"
