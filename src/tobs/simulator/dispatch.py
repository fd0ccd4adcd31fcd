"""From one request to its answer: wrappers are opened, the service is looked up and called.

A service is a function `service(context, request)` that `serves(SomeRequest)` has registered. It returns a TL
object, a bool, a list of TL objects (a boxed vector) or bytes, which are sent as they are: pre-encoded pages take that
path. It may be a coroutine function. It refuses by raising RpcError. Services know nothing of sockets or keys.
"""

import inspect
import logging
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.tl import functions, types
from telethon.tl.alltlobjects import LAYER

from tobs.simulator.bends import STRAIGHT, Bend
from tobs.simulator.centres import ANYWHERE, HOME_DC, Centres
from tobs.simulator.depot import Depot
from tobs.simulator.model import World
from tobs.simulator.qr import LoginTokens
from tobs.simulator.srp import Exchange
from tobs.simulator.takeout import Takeouts

log = logging.getLogger(__name__)

Reply: TypeAlias = Any  # a TLObject, bool, list of TLObjects, or bytes; Telethon has no types to name them by
ServiceFunction = TypeVar("ServiceFunction", bound=Callable[["Context", Any], Reply | Awaitable[Reply]])

_BOOL_TRUE = struct.pack("<I", 0x997275B5)
_BOOL_FALSE = struct.pack("<I", 0xBC799737)
_VECTOR = 0x1CB5C415
# What Telethon's reader raises when the bytes of a known constructor are not what its definition says.
_MALFORMED = (BufferError, struct.error, RuntimeError, ValueError, AssertionError, OverflowError)


class RpcError(Exception):
    """One RPC error answer: the code and message that the client will see."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


@dataclass(slots=True)
class SentCode:
    """A login code on its way: whom it is for and until when (UTC seconds) it is taken."""

    phone: str
    code_hash: str
    expires_at: float
    is_by_sms: bool = False


@dataclass(slots=True)
class Authorization:
    """What the server knows of one authorisation key: who is logged in on it and how far a login has come.

    `refusal` is the message of the 401 that a request gets while nobody is logged in.
    """

    user_id: int | None = None
    layer: int = LAYER
    refusal: str = "AUTH_KEY_UNREGISTERED"
    sent_code: SentCode | None = None
    password_due: str | None = (
        None  # phone of the account whose code was right and whose password is still due
    )
    exchange: Exchange | None = None
    listeners: list[Callable[[Any], None]] = field(default_factory=list)

    def tell(self, update: Any) -> None:
        """Send an update to every connection that uses this key now."""
        for listener in self.listeners:
            listener(update)

    def log_in(self, user_id: int) -> None:
        """Make this key speak for the account; every started login is forgotten."""
        self.user_id = user_id
        self.refusal = "AUTH_KEY_UNREGISTERED"
        self.sent_code = self.password_due = self.exchange = None

    def log_out(self, refusal: str = "AUTH_KEY_UNREGISTERED") -> None:
        """End the login; later requests that need one get a 401 with this message."""
        self.user_id = None
        self.refusal = refusal


@dataclass(slots=True)
class Context:
    """What a service may know about the request in its hands; made anew for each request.

    `dc_id` is the data centre that was asked, `now` the clock in UTC seconds. Under takeout `takeout_id` is set, and
    `messages_range` to the (lowest, highest) id when the request asks for a part of the account's messages. `bend`
    says how the answer shall be falsified; the service counts in `served` the messages that it gives.
    """

    world: World
    depot: Depot
    centres: Centres
    authorization: Authorization = field(default_factory=Authorization)
    dc_id: int = HOME_DC
    now: Callable[[], float] = time.time
    takeouts: Takeouts = field(default_factory=Takeouts)
    tokens: LoginTokens = field(default_factory=LoginTokens)
    takeout_id: int | None = None
    messages_range: tuple[int, int] | None = None
    bend: Bend = STRAIGHT
    served: int = 0

    @property
    def user_id(self) -> int | None:
        """The account that is logged in."""
        return self.authorization.user_id

    @property
    def layer(self) -> int:
        """The TL layer that the client asked for."""
        return self.authorization.layer


@dataclass(frozen=True, slots=True)
class Service:
    """A registered service function."""

    method: str
    call: Callable[[Context, Any], Reply | Awaitable[Reply]]
    needs_login: bool
    is_async: bool


SERVICES: dict[int, Service] = {}
"""All services by the CONSTRUCTOR_ID of the request they answer."""


def serves(request_class: Any, *, login: bool = True) -> Callable[[ServiceFunction], ServiceFunction]:
    """Register the decorated function as the service of a request; `login=False` lets it run before login."""

    def register(function: ServiceFunction) -> ServiceFunction:
        SERVICES[request_class.CONSTRUCTOR_ID] = Service(
            method_name(request_class), function, login, inspect.iscoroutinefunction(function)
        )
        return function

    return register


def method_name(request_class: Any) -> str:
    """The name Telegram's documentation gives a request: `messages.getHistory`, `ping`."""
    namespace = request_class.__module__.partition("telethon.tl.functions")[2].lstrip(".")
    name = request_class.__name__.removesuffix("Request")
    name = name[0].lower() + name[1:]
    return f"{namespace}.{name}" if namespace else name


@dataclass(slots=True)
class Call:
    """A request without its wrappers, and what these said: the context to run in and the messages to wait for."""

    context: Context
    request: Any
    method: str = "unknown"
    service: Service | None = None
    after: tuple[int, ...] = ()
    error: RpcError | None = None

    @property
    def is_async(self) -> bool:
        """Whether the answer may have to wait for something."""
        return self.service is not None and self.service.is_async


def _open_layer(call: Call, wrapper: Any) -> None:
    call.context.authorization.layer = wrapper.layer


def _open_after(call: Call, wrapper: Any) -> None:
    call.after += (wrapper.msg_id,)


def _open_after_all(call: Call, wrapper: Any) -> None:
    call.after += tuple(wrapper.msg_ids)


def _open_silently(call: Call, wrapper: Any) -> None:
    """Nothing to note: neither the client's description nor its wish for no updates changes an answer."""


def _open_takeout(call: Call, wrapper: Any) -> None:
    call.context.takeout_id = wrapper.takeout_id


def _open_range(call: Call, wrapper: Any) -> None:
    call.context.messages_range = wrapper.range.min_id, wrapper.range.max_id


OPENERS: dict[int, Callable[[Call, Any], None]] = {
    functions.InvokeWithLayerRequest.CONSTRUCTOR_ID: _open_layer,
    functions.InitConnectionRequest.CONSTRUCTOR_ID: _open_silently,
    functions.InvokeWithoutUpdatesRequest.CONSTRUCTOR_ID: _open_silently,
    functions.InvokeAfterMsgRequest.CONSTRUCTOR_ID: _open_after,
    functions.InvokeAfterMsgsRequest.CONSTRUCTOR_ID: _open_after_all,
    functions.InvokeWithTakeoutRequest.CONSTRUCTOR_ID: _open_takeout,
    functions.InvokeWithMessagesRangeRequest.CONSTRUCTOR_ID: _open_range,
}
"""What to note of each wrapper before going on with the query inside it."""


def read_call(context: Context, body: bytes) -> Call:
    """Parse a request and take its wrappers off; bytes that cannot be read become a call that answers an error."""
    try:
        request = BinaryReader(body).tgread_object()
    except TypeNotFoundError as error:
        method = f"{error.invalid_constructor_id:#010x}"
        return Call(context, None, method, error=RpcError(400, f"METHOD_INVALID: {method}"))
    except _MALFORMED as error:
        return Call(context, None, error=RpcError(400, f"INPUT_FETCH_ERROR: {type(error).__name__}"))
    return open_call(context, request)


def open_call(context: Context, request: Any) -> Call:
    """Take the wrappers off a parsed request and find its service."""
    call = Call(context, request)
    while (opener := OPENERS.get(getattr(call.request, "CONSTRUCTOR_ID", 0))) is not None:
        wrapper = call.request
        call.request = wrapper.query
        opener(call, wrapper)
    call.service = SERVICES.get(getattr(call.request, "CONSTRUCTOR_ID", 0))
    call.method = call.service.method if call.service else method_name(type(call.request))
    return call


async def answer(call: Call) -> bytes:
    """The serialized answer of a call; an error is an answer too, so nothing but a cancellation gets out of here."""
    try:
        reply = _admitted(call).call(call.context, call.request)
        body = serialize(await reply if call.is_async else reply)
        if call.method.startswith("upload."):  # the bytes of files hold no references
            return body
        return call.context.depot.references.freshen(body)
    except RpcError as error:
        return serialize(types.RpcError(error.code, error.message))
    except Exception:  # A bug in a service must cost one answer, as at Telegram, and not the connection.
        log.exception("the service of %s failed; this is a bug in the simulator", call.method)
        return serialize(types.RpcError(500, f"INTERNAL: {call.method}"))


def _admitted(call: Call) -> Service:
    if call.error is not None:
        raise call.error
    if call.service is None:
        raise RpcError(400, f"METHOD_INVALID: {call.method}")
    if call.service.needs_login and call.context.user_id is None:
        raise RpcError(401, call.context.authorization.refusal)
    if call.context.dc_id != HOME_DC and call.method.partition(".")[0] not in ANYWHERE:
        raise RpcError(303, f"USER_MIGRATE_{HOME_DC}")
    _check_takeout(call.context)
    return call.service


def _check_takeout(context: Context) -> None:
    """Refuse a takeout that is not open, and what only a takeout may do outside of one."""
    if context.takeout_id is not None and not context.takeouts.is_open(context.user_id, context.takeout_id):
        raise RpcError(400, "TAKEOUT_INVALID")
    if context.messages_range is not None and context.takeout_id is None:
        raise RpcError(403, "TAKEOUT_REQUIRED")


def serialize(reply: Reply) -> bytes:
    """The TL bytes of what a service returned."""
    if isinstance(reply, bytes):
        return reply
    if isinstance(reply, bool):
        return _BOOL_TRUE if reply else _BOOL_FALSE
    if isinstance(reply, list):
        return struct.pack("<Ii", _VECTOR, len(reply)) + b"".join(map(_encode, reply))
    return _encode(reply)


def _encode(thing: Any) -> bytes:
    encoded: bytes = thing._bytes()  # noqa: SLF001 - Telethon's name for it; pre-encoded parts have it too
    return encoded
