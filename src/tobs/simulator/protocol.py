"""MTProto's service messages (core.telegram.org/mtproto/service_messages): what is answered without being a request."""

import struct
import time
from asyncio import Task
from collections.abc import Callable
from typing import Any, Protocol

from telethon.tl import functions, types

from tobs.simulator.session import AuthKey, Backend, Message, Session

_RECEIVED = b"\x04"
_NOTHING_KNOWN = b"\x01"
_SALT_SECONDS = 1800  # how long a salt is promised for; the simulator's stays good until it is renewed


class Line(Protocol):
    """The session that a message came in on, and what can be said back on it."""

    backend: Backend
    key: AuthKey
    session: Session
    running: dict[int, Task[None]]

    def emit(self, reply: Any) -> None:
        """Send an object of its own."""
        ...

    def reply(self, message_id: int, body: bytes, method: str | None = None) -> None:
        """Send the result of a request."""
        ...

    def hang_up_after(self, seconds: float) -> None:
        """Close the connection when so long nothing came in."""
        ...


def _long(message: Message) -> int:
    (number,) = struct.unpack_from("<q", message.body, 4)
    return int(number)


def _ignore(link: Line, message: Message) -> None:
    """Acknowledgements and http_wait ask for nothing: TCP neither loses messages nor waits to be asked."""


def _ping(link: Line, message: Message) -> None:
    link.emit(types.Pong(message.message_id, _long(message)))


def _ping_delay_disconnect(link: Line, message: Message) -> None:
    _ping(link, message)
    (seconds,) = struct.unpack_from("<i", message.body, 12)
    link.hang_up_after(max(0, seconds))


def _get_future_salts(link: Line, message: Message) -> None:
    now = int(time.time())
    salt = types.FutureSalt(now, now + _SALT_SECONDS, link.key.salt)
    link.emit(types.FutureSalts(message.message_id, now, [salt]))


def _destroy_session(link: Line, message: Message) -> None:
    session_id = _long(message)
    is_other = session_id != link.session.session_id and link.key.sessions.pop(session_id, None) is not None
    link.emit(types.DestroySessionOk(session_id) if is_other else types.DestroySessionNone(session_id))


def _destroy_auth_key(link: Line, _message: Message) -> None:
    link.backend.keys.pop((link.key.dc_id, link.key.cipher.key_id), None)
    link.emit(types.DestroyAuthKeyOk())


def _tell_states(link: Line, message: Message) -> None:
    """Say which messages have come in; a resend request gets the same, for sent messages are not kept."""
    (count,) = struct.unpack_from("<i", message.body, 8)
    ids = struct.unpack_from(f"<{max(0, count)}q", message.body, 12)
    states = b"".join(_RECEIVED if known in link.session.received else _NOTHING_KNOWN for known in ids)
    link.emit(types.MsgsStateInfo(message.message_id, states))


def _drop_answer(link: Line, message: Message) -> None:
    task = link.running.get(_long(message))
    if task is None:
        link.reply(message.message_id, bytes(types.RpcAnswerUnknown()))
    else:
        task.cancel()
        link.reply(message.message_id, bytes(types.RpcAnswerDroppedRunning()))


HANDLERS: dict[int, Callable[[Line, Message], None]] = {
    types.MsgsAck.CONSTRUCTOR_ID: _ignore,
    types.HttpWait.CONSTRUCTOR_ID: _ignore,
    types.MsgsStateInfo.CONSTRUCTOR_ID: _ignore,
    types.MsgsAllInfo.CONSTRUCTOR_ID: _ignore,
    types.MsgsStateReq.CONSTRUCTOR_ID: _tell_states,
    types.MsgResendReq.CONSTRUCTOR_ID: _tell_states,
    functions.PingRequest.CONSTRUCTOR_ID: _ping,
    functions.PingDelayDisconnectRequest.CONSTRUCTOR_ID: _ping_delay_disconnect,
    functions.GetFutureSaltsRequest.CONSTRUCTOR_ID: _get_future_salts,
    functions.DestroySessionRequest.CONSTRUCTOR_ID: _destroy_session,
    functions.DestroyAuthKeyRequest.CONSTRUCTOR_ID: _destroy_auth_key,
    functions.RpcDropAnswerRequest.CONSTRUCTOR_ID: _drop_answer,
}
"""By constructor id: what to do with a message that is not a remote procedure call."""
