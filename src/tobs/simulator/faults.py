"""What goes wrong while a world is served, by script: the same seed and the same requests meet the same faults.

    script = FaultScript([Flood(30, methods=("messages.getHistory",), at=(3,)), Drop(chance=0.01)], latency_ms=80)
    async with Simulator(world, faults=script): ...

One script belongs to one simulator, since it counts.
"""

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, ClassVar, TypeAlias

from tobs.simulator.bends import STRAIGHT, Bend
from tobs.simulator.depot import name_location
from tobs.simulator.dispatch import Call, RpcError
from tobs.simulator.limits import LIMITED, PAGES, Limiter, RateLimit

DIFFERENCES = ("updates.getDifference", "updates.getChannelDifference")
_Draw: TypeAlias = float  # from 0 to 1, 1 excluded


@dataclass(slots=True)
class Plan:
    """What is to happen to one request.

    `stalls` leaves it without an answer on this connection, `freezes` every later one as well; `drops` cuts the
    connection before the answer is computed, `drops_after` when it should be sent, `cuts` in the middle of it. The file
    that is asked for lives in the data centre `moves_to` from now on, or its reference expires. `fingerprint` is the
    same whenever the same request comes.
    """

    fingerprint: bytes
    delay_seconds: float = 0.0
    error: RpcError | None = None
    stalls: bool = False
    freezes: bool = False
    drops: bool = False
    drops_after: bool = False
    cuts: bool = False
    expires_reference: bool = False
    moves_to: int = 0
    revokes: bool = False
    ends_takeout: bool = False
    bend: Bend = STRAIGHT

    @property
    def is_late(self) -> bool:
        """Whether the answer goes out later than it is known, or not at all."""
        return self.delay_seconds > 0 or self.drops_after or self.cuts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(ABC):
    """Which requests are struck; subclasses say by what.

    `methods` are names with wildcards (none: a default of each fault, mostly everything that needs a login). Among
    those requests it strikes `every` k-th, the ones `at` given counts from 1, and others by `chance`; if none of the
    three is given, all. `times` bounds how often (0: not), `takeout` asks for requests under it or outside, `files` and
    `offsets` for those that want certain files (by id) or certain places in files.
    """

    default_methods: ClassVar[tuple[str, ...]] = ()

    methods: tuple[str, ...] = ()
    every: int = 0
    at: tuple[int, ...] = ()
    chance: float = 0.0
    times: int = 0
    takeout: bool | None = None
    files: AbstractSet[int] = frozenset()
    offsets: AbstractSet[int] = frozenset()

    def concerns(self, call: Call) -> bool:
        """Say whether the request is one of those that are counted."""
        if self.takeout is not None and self.takeout != (call.context.takeout_id is not None):
            return False
        if self.files and file_asked(call.request) not in self.files:
            return False
        if self.offsets and getattr(call.request, "offset", None) not in self.offsets:
            return False
        methods = self.methods or self.default_methods
        if not methods:
            return call.service is not None and call.service.needs_login
        return any(fnmatchcase(call.method, pattern) for pattern in methods)

    def strikes(self, count: int, draw: _Draw) -> bool:
        """Say whether the request with that count is struck."""
        if not (self.every or self.at or self.chance):
            return True
        return count in self.at or bool(self.every and count % self.every == 0) or draw < self.chance

    @abstractmethod
    def mark(self, plan: Plan) -> None:
        """Write into the plan of a struck request what happens to it."""


@dataclass(frozen=True, slots=True)
class Refusal(Fault):
    """An error instead of an answer: `Refusal(500, "INTERNAL")`, `Refusal(-503, "Timeout")`."""

    code: int = 500
    message: str = "INTERNAL"

    def mark(self, plan: Plan) -> None:
        """Refuse, unless another fault already did."""
        plan.error = plan.error or RpcError(self.code, self.message)


@dataclass(frozen=True, slots=True)
class Flood(Fault):
    """A wait that is told: 420 FLOOD_WAIT_n, or FLOOD_PREMIUM_WAIT_n. Asking again before it is over goes unpunished."""

    seconds: int = 3
    is_premium: bool = False

    def mark(self, plan: Plan) -> None:
        """Refuse, unless another fault already did."""
        name = "FLOOD_PREMIUM_WAIT" if self.is_premium else "FLOOD_WAIT"
        plan.error = plan.error or RpcError(420, f"{name}_{self.seconds}")


@dataclass(frozen=True, slots=True)
class Delay(Fault):
    """An answer that comes later than the others, by milliseconds of real time."""

    milliseconds: float = 100.0

    def mark(self, plan: Plan) -> None:
        """Add to the delay."""
        plan.delay_seconds += self.milliseconds / 1000


@dataclass(frozen=True, slots=True)
class Drop(Fault):
    """A connection that is cut when a request comes in, or, `is_late`, when its answer should go out.

    With `is_halfway` the first half of the answer still gets through.
    """

    is_late: bool = False
    is_halfway: bool = False

    def mark(self, plan: Plan) -> None:
        """Cut the connection."""
        plan.cuts = plan.cuts or self.is_halfway
        plan.drops_after = plan.drops_after or self.is_late
        plan.drops = plan.drops or not (self.is_late or self.is_halfway)


@dataclass(frozen=True, slots=True)
class Stall(Fault):
    """A request that is never answered on its connection, however often it is sent; on another one it is.

    With `is_whole` nothing is answered any more on that connection, not even a ping.
    """

    is_whole: bool = False

    def mark(self, plan: Plan) -> None:
        """Fall silent."""
        plan.stalls = True
        plan.freezes = plan.freezes or self.is_whole


@dataclass(frozen=True, slots=True)
class Revocation(Fault):
    """The account's sessions end: this request and all later ones get 401 SESSION_REVOKED."""

    def mark(self, plan: Plan) -> None:
        """End the login."""
        plan.revokes = True


@dataclass(frozen=True, slots=True)
class TakeoutEnd(Fault):
    """The takeout of the account is revoked: this request and all later ones in it get TAKEOUT_INVALID."""

    def mark(self, plan: Plan) -> None:
        """End the takeout."""
        plan.ends_takeout = True


@dataclass(frozen=True, slots=True)
class BentPage(Fault):
    """A page that is not what the documentation promises, as `bend` says. Nothing is ever left out of the middle."""

    default_methods: ClassVar[tuple[str, ...]] = PAGES
    bend: Bend = STRAIGHT

    def mark(self, plan: Plan) -> None:
        """Bend the page; with several faults on one page the last one wins."""
        plan.bend = self.bend


@dataclass(frozen=True, slots=True)
class TooLong(Fault):
    """A difference that the server does not give, although it could."""

    default_methods: ClassVar[tuple[str, ...]] = DIFFERENCES

    def mark(self, plan: Plan) -> None:
        """Refuse the difference."""
        plan.bend = replace(plan.bend, is_too_long=True)


@dataclass(frozen=True, slots=True)
class StrangeTypes(Fault):
    """Constructors that no client knows: of messages by id, of their medium or action (`parts`), of peers by marked id.

    The sets are read with each answer, so a test that changes them gives the client another layer.
    """

    default_methods: ClassVar[tuple[str, ...]] = LIMITED
    messages: AbstractSet[int] = frozenset()
    parts: AbstractSet[int] = frozenset()
    peers: AbstractSet[int] = frozenset()

    def mark(self, plan: Plan) -> None:
        """Make them strange."""
        plan.bend = replace(
            plan.bend,
            strange_messages=self.messages,
            strange_parts=self.parts,
            strange_peers=self.peers,
        )


def file_asked(request: Any) -> int:
    """Return the id of the file that a request wants, 0 when it wants none."""
    return name_location(getattr(request, "location", None))[0]


class FaultScript:
    """All that shall go wrong. `struck` counts by the name of the fault how often each did.

    `latency_ms` delays every answer by that much and up to `jitter_ms` more, of real time and one by one, so that
    answers may overtake. `bytes_per_second` is what the line of each connection takes (0: anything): its answers go out
    one after another. `rate` limits messages per account.
    """

    def __init__(
        self,
        faults: Iterable[Fault] = (),
        *,
        seed: int = 1,
        latency_ms: float = 0.0,
        jitter_ms: float = 0.0,
        bytes_per_second: float = 0.0,
        rate: RateLimit | None = None,
    ) -> None:
        self.struck: Counter[str] = Counter()
        self.bytes_per_second = bytes_per_second
        self._faults = tuple(faults)
        self._seed = seed
        self._latency_ms = latency_ms
        self._jitter_ms = jitter_ms
        self._limiter = Limiter(rate) if rate else None
        self._concerned = [0] * len(self._faults)
        self._strikes = [0] * len(self._faults)
        self._attempts: Counter[bytes] = Counter()

    def plan(self, call: Call, now: float) -> Plan:
        """Return what happens to a request that has just come in; `now` is UTC seconds."""
        plan = Plan(_digest(bytes(call.request) if call.request is not None else b""))
        self._attempts[plan.fingerprint] += 1
        plan.delay_seconds = (self._latency_ms + self._jitter_ms * self._draw(plan.fingerprint, -1)) / 1000
        self._limit(call, plan, now)
        if plan.error is None:
            self._strike(call, plan)
        return plan

    def note_served(self, call: Call, now: float) -> None:
        """Charge the messages of an answer to their account."""
        context = call.context
        if self._limiter and context.served and context.user_id is not None:
            takeout = context.takeout_id is not None
            self._limiter.take(context.user_id, context.served, now, takeout=takeout)

    def _limit(self, call: Call, plan: Plan, now: float) -> None:
        user_id = call.context.user_id
        if self._limiter is None or user_id is None or call.method not in LIMITED:
            return
        seconds = self._limiter.wait_seconds(user_id, now, takeout=call.context.takeout_id is not None)
        if seconds:
            self.struck["RateLimit"] += 1
            plan.error = RpcError(420, f"FLOOD_WAIT_{seconds}")

    def _strike(self, call: Call, plan: Plan) -> None:
        for index, fault in enumerate(self._faults):
            if not fault.concerns(call):
                continue
            self._concerned[index] += 1
            is_spent = fault.times and self._strikes[index] >= fault.times
            draw = self._draw(plan.fingerprint, index)
            if not is_spent and fault.strikes(self._concerned[index], draw):
                self._strikes[index] += 1
                self.struck[type(fault).__name__] += 1
                fault.mark(plan)

    def _draw(self, fingerprint: bytes, index: int) -> _Draw:
        """Return a number that is another one for each attempt of a request, but never depends on other requests."""
        attempt = self._attempts[fingerprint]
        digest = _digest(f"{self._seed}/{index}/{attempt}/".encode() + fingerprint)
        return int.from_bytes(digest) / 2**64


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=8).digest()
