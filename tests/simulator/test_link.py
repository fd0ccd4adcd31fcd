"""Sessions: containers, compression, salts, clocks and the service messages."""

import asyncio
import gzip
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon import TelegramClient
from telethon.errors import AuthKeyNotFound
from telethon.tl import functions, types

from simulator.protocol_world import connected, serving, two_people
from tobs.simulator.dispatch import Context
from tobs.simulator.link import unpack
from tobs.simulator.server import Simulator
from tobs.simulator.session import Message, Outgoing, Session, batches

ASK = functions.help.GetInviteTextRequest
LONG = "a long text that can be compressed " * 1000


def say(text: str) -> Any:
    return types.help.InviteText(text)


@pytest.mark.parametrize("gzip_over", [None, 1000])
async def test_long_answers_arrive_compressed_or_not(gzip_over: int | None) -> None:
    async with Simulator(two_people(), gzip_over=gzip_over) as simulator, connected(simulator) as client:
        with serving(ASK, lambda _context, _request: say(LONG)):
            assert (await client(ASK())).message == LONG


async def test_a_compressed_request_is_understood() -> None:
    def echo(_context: Context, request: Any) -> Any:
        return types.messages.StickersNotModified() if request.emoticon == LONG else True

    request = functions.messages.GetStickersRequest(
        LONG, 0
    )  # Telethon compresses what is longer than 512 bytes
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with serving(functions.messages.GetStickersRequest, echo):
            assert isinstance(await client(request), types.messages.StickersNotModified)


async def test_many_requests_at_once_get_their_own_answers() -> None:
    async def turn_round(_context: Context, request: Any) -> Any:
        for _ in range(request.hash % 7):
            await asyncio.sleep(0)
        return types.messages.Stickers(request.hash, [])

    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with serving(functions.messages.GetStickersRequest, turn_round):
            asked = [functions.messages.GetStickersRequest("", number) for number in range(300)]
            answers = await asyncio.gather(*[client._sender.send(request) for request in asked])
    assert [answer.hash for answer in answers] == list(range(300))


async def test_a_request_waits_for_the_one_it_shall_follow() -> None:
    order: list[str] = []
    go_on = asyncio.Event()

    async def slow(_context: Context, request: Any) -> Any:
        if request.emoticon == "first":
            await go_on.wait()
        order.append(request.emoticon)
        return types.messages.Stickers(1, [])

    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with serving(functions.messages.GetStickersRequest, slow):
            asked = [functions.messages.GetStickersRequest(name, 0) for name in ("first", "second")]
            futures = client._sender.send(asked, ordered=True)
            await client(functions.help.GetNearestDcRequest())  # overtakes both
            assert order == []
            go_on.set()
            await asyncio.gather(*futures)
    assert order == ["first", "second"]


async def test_a_client_learns_a_new_salt() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        before = client._sender._state.salt
        simulator.renew_salts()
        assert (await client(functions.help.GetNearestDcRequest())).this_dc == 2
        assert client._sender._state.salt != before


@pytest.mark.parametrize("offset_seconds", [-4000, 4000])
async def test_a_client_whose_clock_is_wrong_is_put_right(offset_seconds: int) -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        client._sender._state.time_offset += offset_seconds
        client._sender._state._last_msg_id = 0
        assert (await client(functions.help.GetNearestDcRequest())).this_dc == 2


async def test_service_messages_are_answered() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        send = client._sender.send
        own = client._sender._state.id
        assert (await send(functions.PingRequest(77))).ping_id == 77
        assert (await send(functions.PingDelayDisconnectRequest(78, 75))).ping_id == 78
        assert (await send(functions.PingDelayDisconnectRequest(79, 75))).ping_id == 79
        salts = (await send(functions.GetFutureSaltsRequest(1))).salts
        assert [salt.salt for salt in salts] == [client._sender._state.salt]
        assert isinstance(await send(functions.DestroySessionRequest(own)), types.DestroySessionNone)
        assert isinstance(await send(functions.RpcDropAnswerRequest(4)), types.RpcAnswerUnknown)


async def test_another_session_of_the_same_key_can_be_ended() -> None:
    async with (
        Simulator(two_people()) as simulator,
        connected(simulator) as client,
        connected(simulator, client.session.save()) as other,
    ):
        destroy = functions.DestroySessionRequest(other._sender._state.id)
        assert isinstance(await client._sender.send(destroy), types.DestroySessionOk)
        assert isinstance(await client._sender.send(destroy), types.DestroySessionNone)


async def test_a_ping_that_is_not_repeated_ends_the_connection() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        client._sender._auto_reconnect = False
        await client._sender.send(functions.PingDelayDisconnectRequest(1, 0))
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await client.disconnected


async def test_a_running_request_can_be_dropped() -> None:
    has_begun = asyncio.Event()

    async def forever(_context: Context, _request: Any) -> Any:
        has_begun.set()
        await asyncio.Event().wait()

    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with serving(ASK, forever):
            pending = client._sender.send(ASK())
            await has_begun.wait()
            (message_id,) = client._sender._pending_state
            dropped = await client._sender.send(functions.RpcDropAnswerRequest(message_id))
            assert isinstance(dropped, types.RpcAnswerDroppedRunning)
            pending.cancel()
    assert simulator.counts["help.getInviteText"] == 0


async def test_a_client_that_leaves_ends_what_runs_for_it() -> None:
    has_begun, has_ended = asyncio.Event(), asyncio.Event()

    async def forever(_context: Context, _request: Any) -> Any:
        has_begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            has_ended.set()

    async with Simulator(two_people()) as simulator:
        with serving(ASK, forever):
            async with connected(simulator) as client:
                pending = client._sender.send(ASK())
                await has_begun.wait()
            await has_ended.wait()
            assert pending.cancelled()


async def test_a_destroyed_key_is_not_known_any_more() -> None:
    async with Simulator(two_people()) as simulator:
        async with connected(simulator) as client:
            stored = client.session.save()
            assert isinstance(
                await client._sender.send(functions.DestroyAuthKeyRequest()), types.DestroyAuthKeyOk
            )
        with pytest.raises(AuthKeyNotFound):
            async with connected(simulator, stored) as client:
                pass


async def test_the_server_says_what_it_has_received() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        request = types.MsgsStateReq([1 << 40])
        assert await _state_of(client, request) == "\x01"


async def _state_of(client: TelegramClient, request: types.MsgsStateReq) -> str:
    """Telethon has no use for the answer: catch it where it is handled."""
    arrived: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def note(message: Any) -> None:
        arrived.set_result(message.obj.info)

    client._sender._handlers[types.MsgsStateInfo.CONSTRUCTOR_ID] = note
    client._sender.send(request)
    state: str = await arrived
    return state


def message_of(body: bytes) -> Message:
    return Message(4, 1, body)


def packed(body: bytes) -> bytes:
    data = gzip.compress(body)
    return struct.pack("<I", 0x3072CFA1) + b"\xfe" + len(data).to_bytes(3, "little") + data


@given(bodies=st.lists(st.binary(min_size=1, max_size=40).map(lambda data: data * 4), max_size=20))
def test_what_a_session_packs_can_be_unpacked(bodies: list[bytes]) -> None:
    session = Session(1)
    if not bodies:
        return
    data = session.pack([Outgoing(body, is_content=True) for body in bodies])
    _, _, length = struct.unpack_from("<qii", data)
    inner = list(unpack(message_of(data[16:])))
    assert length == len(data) - 16
    assert [message.body for message in inner] == bodies
    assert [message.message_id for message in inner] == sorted({message.message_id for message in inner})


@given(
    sizes=st.lists(st.integers(min_value=0, max_value=30), max_size=30),
    limit=st.integers(min_value=1, max_value=40),
)
def test_batches_keep_order_and_stay_under_their_limit(sizes: list[int], limit: int) -> None:
    messages = [Outgoing(bytes(size)) for size in sizes]
    groups = batches(messages, limit)
    assert [message for group in groups for message in group] == messages
    assert all(len(group) == 1 or sum(len(m.body) for m in group) <= limit for group in groups)


def test_malformed_containers_and_bombs_are_refused() -> None:
    short = struct.pack("<Iiqii", 0x73F1F8DC, 1, 4, 1, 100)
    bomb = packed(bytes(20 << 20))
    for body in (short, bomb):
        with pytest.raises(ValueError, match=r"short|large"):
            list(unpack(message_of(body)))
    assert [inner.body for inner in unpack(message_of(packed(b"body" * 100)))] == [b"body" * 100]
