"""One connection to Telegram: every request of an export goes through `Client.send`.

Telethon's `_call` is not used here: it sleeps in silence, repeats six times and remembers floods by
constructor. We await `sender.send(outermost)` ourselves, so that waits are told, counted and obeyed in
one place (flood.py), and so that a page can leave the socket as bytes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, Self

import telethon
from telethon import functions
from telethon.crypto import rsa
from telethon.network import ConnectionTcpFull, MTProtoSender
from telethon.tl.alltlobjects import LAYER

import tobs
from tobs.core.ports.services import Clock
from tobs.errors import NetworkError, UsageError
from tobs.telegram import faults
from tobs.telegram.flood import FloodGate
from tobs.telegram.session import StoredSession

LIBRARY = f"telethon {telethon.__version__}"
"""What knows the constructors of the layer that answers are stored in."""

RETRIES = 5
"""How often one request is repeated after a fault of the server or of the connection."""

RECONNECT_PAUSES = (0, 1, 2, 4, 8)
"""Seconds to wait before each try to connect."""

CONNECT_SECONDS = 10

log = logging.getLogger("tobs.telegram")


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


@dataclass(slots=True)
class RawAnswer:
    """An answer as bytes, perhaps with padding behind, and how it came (see core.ports.source.RawPage)."""

    raw: bytes
    sent_at: float
    latency_seconds: float
    told_waits: int
    is_takeout: bool = False


OUTSIDE = 0
"""No takeout, where the number of one is expected."""


class Route(Protocol):
    """Says which takeout requests go through (takeout.py)."""

    @property
    def patience_seconds(self) -> float:
        """How long a request may wait for Telegram until it asks again which way it goes."""
        ...

    async def find_way(self) -> int:
        """Return the id of the open takeout, or OUTSIDE."""
        ...

    async def lose(self, takeout_id: int) -> None:
        """Be told that Telegram does not take this takeout any more."""
        ...


@dataclass(frozen=True, slots=True)
class _Question:
    """A request before its wrappers.

    `takeout` is None for the way that all requests of the run go. `split` is the range of ids, a
    MessageRange, that it is limited to under takeout. `is_patient`: told waits are sat out, not raised; `is_optional`: only
    short ones are.
    """

    request: Any
    what: str
    takeout: int | None = None
    split: Any = None
    is_raw: bool = False
    is_patient: bool = True
    is_optional: bool = False

    @property
    def method(self) -> str:
        """Telegram's name of the method."""
        return _method_name(self.request)

    def wrap(self, takeout_id: int) -> Any:
        """Return what is sent.

        A takeout is said around a range, and without a takeout there are none
        (https://core.telegram.org/api/takeout). Nothing may stand around RawWithoutUpdates: only the
        outermost request is asked how its answer is read, those inside just stand in the bytes.
        """
        request = self.request
        if takeout_id:
            if self.split is not None:
                request = functions.InvokeWithMessagesRangeRequest(self.split, request)
            request = functions.InvokeWithTakeoutRequest(takeout_id, request)
        return (RawWithoutUpdates if self.is_raw else functions.InvokeWithoutUpdatesRequest)(request)


class Client:
    """An account's connection, opened and closed by `async with`.

    A connection that breaks or stalls is made anew, once for all requests that were under way on it;
    each of them is then sent again, a bounded number of times.
    """

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
        self._sender: Any = None
        self._connecting = asyncio.Lock()
        self._is_gone = False
        self.route: Route | None = None
        self.counts: Counter[str] = Counter()
        self.layer: int = LAYER

    async def __aenter__(self) -> Self:
        try:
            await self._connect()
        except BaseException:
            if self._sender:  # connected just when it was told to end
                await _close(self._sender)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await _close(self._sender)

    async def send(
        self, request: Any, what: str, *, takeout: int | None = None, is_patient: bool = True
    ) -> Any:
        """Return the decoded answer. `what` names in errors what was asked for.

        The request goes through the takeout that is open, or through the one named (OUTSIDE: none).
        Raises GaveUpWaiting, NetworkError, SessionRevoked, NoAccess, ServerError or Stopped; what is an answer to the
        caller's own question (`faults.ANSWERS`) comes as Telethon raised it. So do told waits when the
        caller is not patient, and the end of a takeout that it named.
        """
        return (await self._ask(_Question(request, what, takeout, is_patient=is_patient))).raw

    async def send_raw(
        self,
        request: Any,
        what: str,
        *,
        takeout: int | None = None,
        split: Any = None,
        is_optional: bool = False,
    ) -> RawAnswer:
        """Return the answer's TL bytes; `split` is a range of ids that counts under takeout only.

        Raises as `send` does, and Skipped where an optional call would wait long.
        """
        return await self._ask(_Question(request, what, takeout, split, is_raw=True, is_optional=is_optional))

    async def _ask(self, question: _Question) -> RawAnswer:
        """Return the answer: bytes of a raw question, else what they say."""
        attempts = waits = 0
        method, what = question.method, question.what
        while True:
            takeout_id = await self._find_way(question)
            gated = (method, bool(takeout_id))
            sender, sent_at = self._sender, self._clock.monotonic()
            try:
                answer = await self._exchange(sender, question.wrap(takeout_id))
            except faults.TOLD_WAITS as error:
                waits += 1
                if not question.is_patient:
                    self._gate.remember_wait(gated, error.seconds)
                    raise
                self._gate.note_wait(gated, error.seconds, is_optional=question.is_optional)
            except faults.TAKEOUT_OVER as error:
                await self._leave_takeout(question, takeout_id, error)
            except (*faults.PASSING, *faults.LOST) as error:
                attempts += 1
                if attempts > RETRIES:
                    raise faults.translate(error, what) from error
                await self._recover(error, sender, attempts)
            except faults.ANSWERS:
                raise
            except Exception as error:
                # Whatever else Telethon raises, and bytes that it cannot read, end here as one of our errors.
                raise faults.translate(error, what) from error
            else:
                self.counts[method] += 1
                latency = self._clock.monotonic() - sent_at
                log.debug("%s for %s took %.0f ms", method, what, 1000 * latency)
                return RawAnswer(answer, sent_at, latency, waits, bool(takeout_id))

    async def _find_way(self, question: _Question) -> int:
        """Wait until the request may be sent; return the takeout that it goes through, or OUTSIDE."""
        self._gate.check_stop()
        while True:
            route = self.route if question.takeout is None else None
            way = (await route.find_way() if route else question.takeout) or OUTSIDE
            if not question.is_patient:
                return way
            gated = (question.method, bool(way))
            patience = route.patience_seconds if route else float("inf")
            await self._gate.pass_through(gated, at_most=patience, is_optional=question.is_optional)
            # Meanwhile a takeout may have been begun, or have ended: then other limits hold.
            if self._gate.find_wait(gated) is None and (not route or way == await route.find_way()):
                return way

    async def _leave_takeout(self, question: _Question, takeout_id: int, error: Exception) -> None:
        """Let the question be asked again another way, if there can be one."""
        if question.takeout is not None:
            raise error
        if not takeout_id or self.route is None:
            raise faults.translate(error, question.what) from error
        await self.route.lose(takeout_id)

    async def _exchange(self, sender: Any, outermost: Any) -> Any:
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

    async def _recover(self, error: Exception, sender: Any, attempt: int) -> None:
        """Wait a little after a passing fault; make the connection anew when that is what broke."""
        if isinstance(error, faults.PASSING):
            await self._gate.pause(attempt)
            return
        async with self._connecting:
            self._gate.check_stop()
            if self._is_gone:
                # Whoever came first has tried long enough for all who wait.
                raise self._gone()
            if self._sender is sender:
                log.info("connecting again: %s", error)
                await _close(sender)
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
        self._sender = sender
        return True

    def _gone(self) -> NetworkError:
        return NetworkError(
            f"Cannot reach {self._session.server_address}:{self._session.port}.",
            hint="Check the network (and TOBS_SERVER, if it is set). Everything fetched so far is kept.",
        )

    def _connection(self) -> Any:
        return ConnectionTcpFull(
            self._session.server_address, self._session.port, self._session.dc_id, loggers=_Loggers()
        )

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
        try:
            await self._exchange(sender, outermost)
        except (*faults.LOST, *faults.PASSING, *faults.TOLD_WAITS) as error:
            raise ConnectionError(f"the server did not take the connection: {error}") from error
        except Exception as error:
            raise faults.translate(error, "the configuration") from error
        self.counts["help.getConfig"] += 1


async def _close(sender: Any) -> None:
    """Close a connection and look at why it ended, so that nobody complains that nobody looked."""
    await sender.disconnect()
    with suppress(*faults.LOST, *faults.ENDED):
        await sender.disconnected


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
