"""One session of a client on one connection: decrypted messages in, encrypted answers out.

Answers that are ready when a packet is done leave together, small ones in one container. Requests whose service is a
coroutine run beside the reading, so that slow answers do not hold up fast ones.
"""

import asyncio
import struct
import zlib
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator import protocol
from tobs.simulator.dispatch import Call, answer, read_call
from tobs.simulator.faults import Plan
from tobs.simulator.raw import encode_bytes
from tobs.simulator.session import AuthKey, Backend, Message, Outgoing, Session, batches, id_objection
from tobs.simulator.wire import Wire

_CONTAINER = struct.pack("<I", 0x73F1F8DC)
_GZIP = struct.pack("<I", 0x3072CFA1)
_RPC_RESULT = 0xF35C6D01
_BAD_SALT = 48
_CONTAINER_BYTES = 32 << 10  # a longer answer travels alone, as a page of messages does at Telegram
_UNPACKED_LIMIT = 16 << 20  # bytes that a compressed request may grow to


class Link:
    """Takes the messages of one session and answers them.

    `running` holds the tasks of requests that are not answered yet, by message id.
    """

    def __init__(
        self, backend: Backend, key: AuthKey, session: Session, wire: Wire, tasks: asyncio.TaskGroup
    ) -> None:
        self.backend = backend
        self.key = key
        self.session = session
        self.running: dict[int, asyncio.Task[None]] = {}
        self._wire = wire
        self._tasks = tasks
        self._outbox: list[Outgoing] = []
        self._hang_up: asyncio.TimerHandle | None = None
        self._stalled: set[bytes] = set()  # fingerprints of the requests that get no answer here
        self._is_frozen = False
        self._busy_until = 0.0  # by the loop's time, when the line has a bandwidth
        key.authorization.listeners.append(self._tell)

    async def take(self, salt: int, message: Message) -> None:
        """Answer a packet's message; malformed bytes raise struct.error, zlib.error or ValueError."""
        refusal = self._refusal(salt, message)
        if refusal is not None:
            self.emit(refusal)
        else:
            self._announce(message)
            for inner in unpack(message):
                self.session.received.append(inner.message_id)
                await self._handle(inner)
        self.flush()

    def emit(self, reply: Any) -> None:
        """Queue a service message for the next flush."""
        self._outbox.append(Outgoing(bytes(reply)))

    def reply(self, message_id: int, body: bytes, method: str | None = None) -> None:
        """Queue the rpc_result of a request for the next flush."""
        threshold = self.backend.gzip_over
        if threshold is not None and len(body) > threshold and not body.startswith(_GZIP):
            body = _GZIP + encode_bytes(zlib.compress(body, level=1, wbits=31))
        result = struct.pack("<Iq", _RPC_RESULT, message_id) + body
        self._outbox.append(Outgoing(result, is_content=True, method=method))

    def flush(self) -> None:
        """Write everything queued."""
        messages, self._outbox = self._outbox, []
        if self._is_frozen:
            return
        head = struct.pack("<qq", self.key.salt, self.session.session_id)
        for group in batches(messages, _CONTAINER_BYTES):
            self.backend.count_answers(group)
            self._wire.send(self.key.cipher.seal(head, self.session.pack(group)))

    def _cut(self) -> None:
        """Write half of what is queued and hang up."""
        messages, self._outbox = self._outbox, []
        head = struct.pack("<qq", self.key.salt, self.session.session_id)
        self._wire.cut(self.key.cipher.seal(head, self.session.pack(messages)))

    def hang_up_after(self, seconds: float) -> None:
        """Drop the connection then, unless this is asked again before (ping_delay_disconnect)."""
        self._stop_timer()
        self._hang_up = asyncio.get_running_loop().call_later(seconds, self._wire.close)

    def close(self) -> None:
        """End everything that still runs for this session."""
        self._stop_timer()
        self.key.authorization.listeners.remove(self._tell)
        self.key.sessions.pop(self.session.session_id, None)
        for task in self.running.values():
            task.cancel()

    def _tell(self, update: Any) -> None:
        """Send an update that nobody asked for."""
        short = types.UpdateShort(update, datetime.fromtimestamp(self.backend.now(), UTC))
        self._outbox.append(Outgoing(bytes(short), is_content=True, is_reply=False))
        self.flush()

    def _stop_timer(self) -> None:
        if self._hang_up is not None:
            self._hang_up.cancel()

    def _refusal(self, salt: int, message: Message) -> Any:
        code = id_objection(message.message_id)
        if code is not None:
            return types.BadMsgNotification(message.message_id, message.seqno, code)
        if salt != self.key.salt:
            return types.BadServerSalt(message.message_id, message.seqno, _BAD_SALT, self.key.salt)
        return None

    def _announce(self, message: Message) -> None:
        if not self.session.is_announced:
            self.session.is_announced = True
            created = types.NewSessionCreated(message.message_id, self.session.session_id, self.key.salt)
            self._outbox.append(Outgoing(bytes(created), is_content=True, is_reply=False))

    async def _handle(self, message: Message) -> None:
        handle = protocol.HANDLERS.get(int.from_bytes(message.body[:4], "little"))
        if handle is not None:
            handle(self, message)
            return
        call = read_call(self.backend.context(self.key), message.body)
        plan = self.backend.prepare(call)
        if plan is not None and self._is_lost(plan):
            return
        waits_for = [self.running[after] for after in call.after if after in self.running]
        if call.is_async or waits_for:
            self._start(message.message_id, self._answer_later(message.message_id, call, waits_for, plan))
            return
        # What is answered is the world as the request found it, however long the way back takes.
        body = await self._answer(call)
        if plan is not None:
            self._queue_up(plan, len(body))
        if plan is not None and plan.is_late:
            self._start(message.message_id, self._deliver(message.message_id, call, body, plan))
        else:
            self.reply(message.message_id, body, call.method)

    def _start(self, message_id: int, work: Coroutine[Any, Any, None]) -> None:
        task = self.running[message_id] = self._tasks.create_task(work)
        task.add_done_callback(lambda _: self.running.pop(message_id))

    async def _answer(self, call: Call) -> bytes:
        body = await answer(call)
        self.backend.note_answer(call)
        return body

    async def _answer_later(
        self, message_id: int, call: Call, waits_for: list[asyncio.Task[None]], plan: Plan | None
    ) -> None:
        if waits_for:
            await asyncio.wait(waits_for)
        body = await self._answer(call)
        if plan is not None:
            self._queue_up(plan, len(body))
        await self._deliver(message_id, call, body, plan)

    def _queue_up(self, plan: Plan, size_bytes: int) -> None:
        """Let an answer wait until the line has taken the answers before it, and itself."""
        rate = self.backend.faults.bytes_per_second if self.backend.faults else 0.0
        if rate:
            now = asyncio.get_running_loop().time()
            self._busy_until = max(self._busy_until, now + plan.delay_seconds) + size_bytes / rate
            plan.delay_seconds = self._busy_until - now

    async def _deliver(self, message_id: int, call: Call, body: bytes, plan: Plan | None) -> None:
        """Send an answer when the plan has it go out, if it does not get lost on its way."""
        if plan is not None and plan.delay_seconds:
            await asyncio.sleep(plan.delay_seconds)
        if plan is not None and plan.drops_after:
            self._wire.close()
            return
        self.reply(message_id, body, call.method)
        if plan is not None and plan.cuts:
            self._cut()
            return
        self.flush()
        with suppress(ConnectionError):  # the reading side notices too, and ends the connection
            await self._wire.drain()

    def _is_lost(self, plan: Plan) -> bool:
        """Say whether the plan has the request come to nothing on this connection."""
        if plan.stalls:
            self._stalled.add(plan.fingerprint)
            self._is_frozen = self._is_frozen or plan.freezes
        if plan.drops:
            self._wire.close()
        return plan.drops or plan.fingerprint in self._stalled


def unpack(message: Message) -> Iterator[Message]:
    """The messages inside one: those of a container, or itself; compressed bodies are unpacked."""
    body = _plain(message.body)
    if not body.startswith(_CONTAINER):
        yield Message(message.message_id, message.seqno, body)
        return
    (count,) = struct.unpack_from("<i", body, 4)
    position = 8
    for _ in range(count):
        message_id, seqno, length = struct.unpack_from("<qii", body, position)
        position += 16 + length
        if length < 4 or position > len(body):
            raise ValueError("a container that is cut short")
        yield Message(message_id, seqno, _plain(body[position - length : position]))


def _plain(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    length, start = body[4], 5
    if length == 254:
        length, start = int.from_bytes(body[5:8], "little"), 8
    unpacking = zlib.decompressobj(wbits=31)
    data = unpacking.decompress(body[start : start + length], _UNPACKED_LIMIT)
    if unpacking.unconsumed_tail:
        raise ValueError("a compressed request that is too large")
    return data
