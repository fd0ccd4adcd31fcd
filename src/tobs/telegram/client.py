"""The way of a request: every one of an export goes through `Client.send`.

Telethon's `_call` is not used here: it sleeps in silence, repeats six times and remembers floods by
constructor. We await `sender.send(outermost)` ourselves, so that waits are told, counted and obeyed in
one place (flood.py), and so that a page can leave the socket as bytes.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import Any, Protocol, Self

import telethon
from telethon import functions
from telethon.tl.alltlobjects import LAYER

from tobs.core.ports.meter import NO_METER, Meter
from tobs.core.ports.services import Clock
from tobs.telegram import faults
from tobs.telegram.connection import Connection, Identity
from tobs.telegram.flood import FloodGate, Gated
from tobs.telegram.session import StoredSession

LIBRARY = f"telethon {telethon.__version__}"
"""What knows the constructors of the layer that answers are stored in."""

log = logging.getLogger("tobs.telegram")


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
    """Asks one data centre as one account, opened and closed by `async with`.

    Each request that a broken or stalled connection took with it is sent again, a bounded number of times. `place`
    names a data centre whose waits are its own.
    """

    def __init__(
        self,
        session: StoredSession,
        identity: Identity,
        gate: FloodGate,
        clock: Clock,
        *,
        timeout_seconds: float,
        place: str = "",
        meter: Meter = NO_METER,
    ) -> None:
        self.connection = Connection(session, identity, gate, timeout_seconds=timeout_seconds, meter=meter)
        self._meter = meter
        self._gate = gate
        self._clock = clock
        self._place = place
        self.route: Route | None = None
        self._counts: Counter[str] = Counter()
        self.layer: int = LAYER

    @property
    def counts(self) -> Counter[str]:
        """How often each method was answered."""
        return self._counts + Counter({"help.getConfig": self.connection.greetings})

    async def __aenter__(self) -> Self:
        await self.connection.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connection.__aexit__()

    async def send(
        self,
        request: Any,
        what: str,
        *,
        takeout: int | None = None,
        is_patient: bool = True,
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
        failures, waits = faults.Failures(), 0
        method, what = question.method, question.what
        while True:
            takeout_id = await self._find_way(question)
            gated = self._gated(method, takeout_id)
            sender, sent_at = self.connection.sender, self._clock.monotonic()
            try:
                answer = await self.connection.exchange(sender, question.wrap(takeout_id))
            except faults.TOLD_WAITS as error:
                waits += 1
                if not question.is_patient:
                    self._gate.remember_wait(gated, error.seconds)
                    raise
                self._gate.note_wait(gated, error.seconds, is_optional=question.is_optional)
                self._meter.record_retry(gated[0])
            except faults.TAKEOUT_OVER as error:
                await self._leave_takeout(question, takeout_id, error)
            except (*faults.PASSING, *faults.LOST) as error:
                if not failures.note(error, self._counts.total()):
                    raise faults.translate(error, what) from error
                log.info("%s failed and is asked again: %s", method, error)
                await self._recover(error, sender, failures.count)
                self._meter.record_retry(gated[0])
            except faults.ANSWERS:
                raise
            except Exception as error:
                # Whatever else Telethon raises, and bytes that it cannot read, end here as one of our errors.
                raise faults.translate(error, what) from error
            else:
                self._counts[method] += 1
                latency = self._clock.monotonic() - sent_at
                self._meter.record_request(gated[0], latency, len(answer) if question.is_raw else 0)
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
            gated = self._gated(question.method, way)
            patience = route.patience_seconds if route else float("inf")
            await self._gate.pass_through(gated, at_most=patience, is_optional=question.is_optional)
            # Meanwhile a takeout may have been begun, or have ended: then other limits hold.
            if self._gate.find_wait(gated) is None and (not route or way == await route.find_way()):
                return way

    async def _recover(self, error: Exception, sender: Any, attempt: int) -> None:
        """Wait a little after a passing fault; have the connection made anew when that is what broke."""
        if isinstance(error, faults.PASSING):
            await self._gate.pause(attempt)
        else:
            await self.connection.renew(sender, error)

    def _gated(self, method: str, takeout_id: int) -> Gated:
        return f"{method} ({self._place})" if self._place else method, bool(takeout_id)

    async def _leave_takeout(self, question: _Question, takeout_id: int, error: Exception) -> None:
        """Let the question be asked again another way, if there can be one."""
        if question.takeout is not None:
            raise error
        if not takeout_id or self.route is None:
            raise faults.translate(error, question.what) from error
        await self.route.lose(takeout_id)


def _method_name(request: Any) -> str:
    """Return Telegram's name of a method: GetHistoryRequest of functions.messages is messages.getHistory."""
    space = type(request).__module__.rpartition(".")[2]
    name = type(request).__name__.removesuffix("Request")
    name = name[0].lower() + name[1:]
    return name if space == "functions" else f"{space}.{name}"
