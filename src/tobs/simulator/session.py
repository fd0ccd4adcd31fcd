"""What the server remembers: authorisation keys, the sessions on them, and what all connections share.

Sources: core.telegram.org/mtproto/description (message ids, sequence numbers, salts) and
core.telegram.org/mtproto/service_messages.
"""

import secrets
import struct
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tobs.simulator.centres import Centres
from tobs.simulator.changes import Changes
from tobs.simulator.crypto import MessageCipher
from tobs.simulator.depot import Depot
from tobs.simulator.dispatch import Authorization, Call, Context, RpcError
from tobs.simulator.faults import FaultScript, Plan, file_asked
from tobs.simulator.model import World
from tobs.simulator.qr import LoginTokens
from tobs.simulator.takeout import Takeouts

_CONTAINER = 0x73F1F8DC
_OLD_SECONDS = 300  # a client's message id may be this far behind the clock
_NEW_SECONDS = 30  # … and this far ahead of it
_REMEMBERED_IDS = 1024


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a client: its id, sequence number and TL bytes."""

    message_id: int
    seqno: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to a client.

    `is_content` asks for an acknowledgement, `is_reply` says that a message of the client caused it, `method` is set
    on the answer of a request.
    """

    body: bytes
    is_content: bool = False
    is_reply: bool = True
    method: str | None = None


class Session:
    """One session id of a client: numbers the server's messages and remembers the client's."""

    def __init__(self, session_id: int) -> None:
        self.session_id = session_id
        self.is_announced = False  # whether new_session_created has been sent
        self.received: deque[int] = deque(maxlen=_REMEMBERED_IDS)
        self._last_id = 0
        self._content_count = 0

    def pack(self, messages: list[Outgoing]) -> bytes:
        """The messages with ids and sequence numbers, in a container when there are several."""
        packed = [self._numbered(message) for message in messages]
        if len(packed) == 1:
            return packed[0]
        container = struct.pack("<Ii", _CONTAINER, len(packed)) + b"".join(packed)
        return self._numbered(Outgoing(container, is_reply=False))

    def _numbered(self, message: Outgoing) -> bytes:
        seqno = self._content_count * 2
        if message.is_content:
            seqno += 1
            self._content_count += 1
        return struct.pack("<qii", self._next_id(message), seqno, len(message.body)) + message.body

    def _next_id(self, message: Outgoing) -> int:
        """Time in 2^-32 seconds, growing; 1 modulo 4 for a reply and 3 for everything else."""
        self._last_id = max(int(time.time() * 2**32) & ~3, self._last_id + 4)
        return self._last_id | (1 if message.is_reply else 3)


class AuthKey:
    """An authorisation key of one data centre with its salt (signed 64 bits), its login and its sessions by id."""

    def __init__(self, dc_id: int, secret: bytes, salt: int) -> None:
        self.dc_id = dc_id
        self.cipher = MessageCipher(secret)
        self.salt = salt
        self.authorization = Authorization()
        self.sessions: dict[int, Session] = {}

    def session(self, session_id: int) -> Session:
        """The session with this id, begun when there is none."""
        if session_id not in self.sessions:
            self.sessions[session_id] = Session(session_id)
        return self.sessions[session_id]

    def renew_salt(self) -> None:
        """Take another salt; messages with the old one are refused until the client has learned it."""
        self.salt = secrets.randbits(63)


def id_objection(message_id: int) -> int | None:
    """The error code of bad_msg_notification that a client's message id deserves, or None if it is good.

    16: too far in the past, 17: too far in the future, 18: not divisible by 4.
    """
    if message_id & 3:
        return 18
    age_seconds = time.time() - (message_id >> 32)
    if age_seconds > _OLD_SECONDS:
        return 16
    return 17 if age_seconds < -_NEW_SECONDS else None


@dataclass(slots=True)
class Backend:
    """What all connections of a simulator share.

    The protocol (message ids, salts) lives by the computer's clock, since an unmodified client compares with its own;
    `now` is the world's time, which services see. `gzip_over` is the size in bytes from which answers are
    compressed (None: never). `keys` are by data centre and key id.
    """

    world: World
    depot: Depot
    centres: Centres
    now: Callable[[], float] = time.time
    gzip_over: int | None = None
    on_answer: Callable[[str, int], None] | None = None
    keys: dict[tuple[int, bytes], AuthKey] = field(default_factory=dict)
    faults: FaultScript | None = None
    changes: Changes | None = None
    takeouts: Takeouts = field(default_factory=Takeouts)
    tokens: LoginTokens = field(default_factory=LoginTokens)
    counts: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def keep_key(self, dc_id: int, secret: bytes, salt: int) -> bool:
        """Remember a new authorisation key of a data centre; False when its id is taken."""
        key = AuthKey(dc_id, secret, salt)
        return self.keys.setdefault((dc_id, key.cipher.key_id), key) is key

    def context(self, key: AuthKey) -> Context:
        """What a service may know about a request on this key."""
        return Context(
            self.world,
            self.depot,
            self.centres,
            key.authorization,
            key.dc_id,
            self.now,
            self.takeouts,
            self.tokens,
        )

    def prepare(self, call: Call) -> Plan | None:
        """Let the world change before an answer, and return what shall go wrong with it (None: nothing can)."""
        if self.changes is not None:
            self.changes.step(self.world, call.method)
        if call.method == "upload.getFile":
            self.depot.note_asked(call.request)
        if self.faults is None:
            return None
        plan = self.faults.plan(call, self.now())
        call.context.bend = plan.bend
        call.error = call.error or plan.error
        user_id = call.context.user_id
        if plan.revokes and user_id is not None:
            self.revoke(user_id)
            call.error = RpcError(401, "SESSION_REVOKED")
        if plan.ends_takeout and user_id is not None:
            self.takeouts.end(user_id)
        if plan.expires_reference:
            self.depot.references.expire(file_asked(call.request))
        if plan.moves_to:
            self.depot.move(file_asked(call.request), plan.moves_to)
        return plan

    def note_answer(self, call: Call) -> None:
        """Charge an answer to the limit of its account."""
        if self.faults is not None:
            self.faults.note_served(call, self.now())

    def revoke(self, user_id: int) -> None:
        """End every login of the account: its next requests get 401 SESSION_REVOKED."""
        for key in self.keys.values():
            if key.authorization.user_id == user_id:
                key.authorization.log_out("SESSION_REVOKED")

    def count_answers(self, messages: Iterable[Outgoing]) -> None:
        """Note and report the answers among messages that are about to be written."""
        for message in messages:
            if message.method is not None:
                self.counts[message.method] += 1
                self.total += 1
                if self.on_answer is not None:
                    self.on_answer(message.method, self.total)


def batches(messages: list[Outgoing], limit_bytes: int) -> list[list[Outgoing]]:
    """Cut messages, in order, into groups of at most limit_bytes; a larger message travels alone."""
    groups: list[list[Outgoing]] = []
    room_bytes = -1
    for message in messages:
        room_bytes -= len(message.body)
        if room_bytes < 0:
            groups.append([])
            room_bytes = limit_bytes - len(message.body)
        groups[-1].append(message)
    return groups
