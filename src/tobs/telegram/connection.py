"""One connection to a data centre: opened, made anew when it breaks, and asked."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from telethon import functions
from telethon.crypto import AuthKey, rsa
from telethon.network import MTProtoSender
from telethon.tl.alltlobjects import LAYER

import tobs
from tobs.core.ports.meter import NO_METER, Meter
from tobs.errors import NetworkError, UsageError
from tobs.telegram import faults
from tobs.telegram.flood import FloodGate
from tobs.telegram.limits import BoundedPackets, bound_answers
from tobs.telegram.proxy import ProxiedLine, Proxy
from tobs.telegram.session import CentreKey, StoredSession

RECONNECT_PAUSES = (0, 1, 2, 4, 8)
"""Seconds to wait before each try to connect."""

CONNECT_SECONDS = 10

_AROUND_BYTES = 12
"""Length, number and checksum around each packet (https://core.telegram.org/mtproto/mtproto-transports#full)."""

log = logging.getLogger("tobs.telegram")

bound_answers()


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
    """The application that talks, as Telegram lists it under Settings → Devices: honest names; `proxy` is the only way it goes."""

    api_id: int
    api_hash: str
    device: str = "tobs (chat export)"
    proxy: Proxy | None = None

    def as_options(self) -> dict[str, Any]:
        """Return Telethon's keyword arguments for it."""
        return {
            "device_model": self.device,
            "system_version": "command line",
            "app_version": tobs.__version__,
        }


class Connection:
    """A session's connection to its data centre, opened and closed by `async with`.

    One that breaks or stalls is made anew, once for all requests that were under way on it. `config` is what the
    server said of itself when it was opened, `greetings` how often that was. A session without a key gets one.
    """

    def __init__(
        self,
        session: StoredSession,
        identity: Identity,
        gate: FloodGate,
        *,
        timeout_seconds: float,
        meter: Meter = NO_METER,
    ) -> None:
        self._meter = meter
        self._session = session
        self._identity = identity
        self._gate = gate
        self._timeout_seconds = timeout_seconds
        self._connecting = asyncio.Lock()
        self._is_gone = False
        self.sender: Any = None
        self.config: Any = None
        self.greetings = 0

    async def __aenter__(self) -> Self:
        try:
            await self._connect()
        except BaseException:
            if self.sender:  # connected just when it was told to end
                await _close(self.sender)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await _close(self.sender)

    async def exchange(self, sender: Any, outermost: Any) -> Any:
        """Send on one connection. Raises ConnectionError or TimeoutError when it breaks or stalls."""
        answered, gone = sender.send(outermost), sender.disconnected
        gone.add_done_callback(lambda each: each.cancelled() or each.exception())  # looked at
        try:
            # What still stands in the queue of a connection that ends is never answered.
            done, _ = await asyncio.wait(
                {answered, gone}, timeout=self._timeout_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            gone.cancel()
            # Nobody will look at an answer that comes later.
            if not answered.done():
                answered.cancel()
        if not done:
            raise TimeoutError(f"no answer within {self._timeout_seconds:.0f} s")
        if answered not in done or answered.cancelled():
            raise ConnectionError("the connection was closed meanwhile")
        return answered.result()

    async def renew(self, broken: Any, error: Exception) -> None:
        """Make the connection anew when `broken` is still the one. Raises as opening it does."""
        async with self._connecting:
            self._gate.check_stop()
            if self._is_gone:
                # Whoever came first has tried long enough for all who wait.
                raise self._gone()
            if self.sender is broken:
                log.info("connecting again: %s", error)
                await _close(broken)
                await self._connect()

    async def _connect(self) -> None:
        """Open a connection and introduce ourselves. Raises NetworkError, SessionRevoked or Stopped."""
        for pause in RECONNECT_PAUSES:
            await self._gate.pause(pause)
            if await self._gate.until_stopped(self._try_connect):
                return
        self._is_gone = True
        raise self._gone()

    async def _try_connect(self) -> bool:
        """Try it once; tell whether that went well."""
        sender = MTProtoSender(
            self._session.auth_key,
            loggers=_Loggers(),
            retries=0,
            delay=0,
            auto_reconnect=False,
            connect_timeout=CONNECT_SECONDS,
            auth_key_callback=self._keep_key,
            updates_queue=_Sink(),
        )
        try:
            await sender.connect(self._connection())
            await self._introduce(sender)
        except faults.LOST as error:
            log.info("cannot connect: %s", error)
            await _close(sender)
            return False
        except BaseException:
            await _close(sender)
            raise
        self.sender = sender
        return True

    def _gone(self) -> NetworkError:
        return say_unreachable(
            f"{self._session.server_address}:{self._session.port}",
            self._identity.proxy,
            "Check the network (and TOBS_SERVER, if it is set). Everything fetched so far is kept.",
        )

    def _connection(self) -> Any:
        session = self._session
        proxy = self._identity.proxy
        line = _CountedLine(
            session.server_address,
            session.port,
            session.dc_id,
            loggers=_Loggers(),
            proxy=proxy.as_option() if proxy else None,
        )
        line.meter = self._meter
        return line

    async def _introduce(self, sender: Any) -> None:
        init = functions.InitConnectionRequest(
            api_id=self._identity.api_id,
            lang_code="en",
            system_lang_code="en",
            lang_pack="",
            query=functions.help.GetConfigRequest(),
            **self._identity.as_options(),
        )
        outermost = functions.InvokeWithLayerRequest(LAYER, functions.InvokeWithoutUpdatesRequest(init))
        asked_at = time.monotonic()
        try:
            self.config = await self.exchange(sender, outermost)
        except (*faults.LOST, *faults.PASSING, *faults.TOLD_WAITS) as error:
            raise ConnectionError(f"the server did not take the connection: {error}") from error
        except Exception as error:
            raise faults.translate(error, "the configuration") from error
        self.greetings += 1
        self._meter.record_request("help.getConfig", time.monotonic() - asked_at)

    @property
    def place(self) -> CentreKey:
        """The data centre that it leads to, with the key that is used there."""
        session = self._session
        return CentreKey(session.dc_id, session.server_address, session.port, session.auth_key.key)

    async def _keep_key(self, key: AuthKey) -> None:
        self._session.auth_key = key


def say_unreachable(place: str, proxy: Proxy | None, hint: str) -> NetworkError:
    """Return the error of a server that does not answer, perhaps because of the proxy that leads there."""
    if proxy:
        hint = f"Check the proxy, or unset TOBS_PROXY. {hint}"
    return NetworkError(
        f"Cannot reach {place}{f' through the proxy {proxy}' if proxy else ''}.",
        hint=hint,
    )


async def _close(sender: Any) -> None:
    """Close a connection and look at why it ended, so that nobody complains that nobody looked."""
    await sender.disconnect()
    with suppress(*faults.LOST, *faults.ENDED):
        await sender.disconnected


class _CountedPackets(BoundedPackets):
    """Tells the meter of the line how long each packet is, as it goes over the socket."""

    def __init__(self, line: _CountedLine) -> None:
        super().__init__(line)
        self._meter = line.meter

    def encode_packet(self, data: bytes) -> bytes:
        packet: bytes = super().encode_packet(data)
        self._meter.record_traffic(len(packet), 0)
        return packet

    async def read_packet(self, reader: asyncio.StreamReader) -> bytes:
        body: bytes = await super().read_packet(reader)
        self._meter.record_traffic(0, len(body) + _AROUND_BYTES)
        return body


class _CountedLine(ProxiedLine):
    """A TCP connection of which every byte counts."""

    packet_codec = _CountedPackets
    meter: Meter = NO_METER


class _Sink:
    """Takes the place of Telethon's update queue, which nobody would empty."""

    def put_nowait(self, _update: object) -> None:
        pass


class _Loggers(dict[str, logging.Logger]):
    def __missing__(self, name: str) -> logging.Logger:
        return logging.getLogger(name)
