"""From a request to its answer, whatever the request is."""

import asyncio
import logging
import struct
from typing import Any

import pytest
from telethon.errors import AuthKeyUnregisteredError, BadRequestError, RPCError
from telethon.tl import TLRequest, functions, types

from simulator.protocol_world import bare_context, connected, logged_in, serving, two_people
from tobs.simulator.dispatch import Context, RpcError, answer, method_name, read_call, serialize
from tobs.simulator.server import Simulator

ASK = functions.help.GetInviteTextRequest


class Bytes(TLRequest):  # type: ignore[misc] # Telethon has no types
    """A request whose bytes the test gives; its answer is not parsed."""

    CONSTRUCTOR_ID = 0xDEADBEEF

    def __init__(self, data: bytes) -> None:
        self.data = data

    def _bytes(self) -> bytes:
        return self.data

    @staticmethod
    def read_result(reader: Any) -> bytes:
        data: bytes = reader.read()
        return data


def say(text: str) -> Any:
    return types.help.InviteText(text)


async def test_an_unknown_request_is_named_and_the_connection_stays_usable() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with pytest.raises(RPCError, match=r"METHOD_INVALID: help\.getInviteText"):
            await client(ASK())
        assert (await client(functions.help.GetNearestDcRequest())).this_dc == 2
    assert simulator.counts["help.getInviteText"] == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (struct.pack("<I", 0x12345678), "METHOD_INVALID: 0x12345678"),
        (struct.pack("<II", functions.InvokeWithLayerRequest.CONSTRUCTOR_ID, 229), "INPUT_FETCH_ERROR"),
        (struct.pack("<I", functions.messages.GetHistoryRequest.CONSTRUCTOR_ID), "INPUT_FETCH_ERROR"),
        (struct.pack("<I", 0x997275B5), "METHOD_INVALID: bool"),
        (bytes(types.InputPeerSelf()), "METHOD_INVALID: "),
    ],
)
async def test_bytes_that_are_no_request_get_an_error_and_no_hang_up(data: bytes, message: str) -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with pytest.raises(BadRequestError, match=message):
            await client._sender.send(Bytes(data))
        assert (await client(functions.help.GetNearestDcRequest())).this_dc == 2


async def test_a_service_may_refuse_wait_or_answer_in_bytes() -> None:
    async def wait(_context: Context, _request: Any) -> Any:
        await asyncio.sleep(0)
        return say("later")

    def refuse(_context: Context, _request: Any) -> Any:
        raise RpcError(420, "FLOOD_WAIT_7")

    def encoded(_context: Context, _request: Any) -> bytes:
        return bytes(say("encoded"))

    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with serving(ASK, wait):
            assert (await client(ASK())).message == "later"
        with serving(ASK, encoded):
            assert (await client(ASK())).message == "encoded"
        with serving(ASK, refuse), pytest.raises(RPCError) as refused:
            await client._sender.send(ASK())
    assert refused.value.seconds == 7


async def test_a_bug_in_a_service_costs_one_answer(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_context: Context, _request: Any) -> Any:
        raise KeyError("oops")

    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with (
            serving(ASK, fail),
            caplog.at_level(logging.ERROR, "tobs"),
            pytest.raises(RPCError, match="getInvite"),
        ):
            await client._sender.send(ASK())
        assert (await client(functions.help.GetNearestDcRequest())).this_dc == 2
    assert "this is a bug in the simulator" in caplog.text


async def test_a_request_that_needs_a_login_does_not_reach_its_service_without() -> None:
    seen: list[int | None] = []

    def note(context: Context, _request: Any) -> Any:
        seen.append(context.user_id)
        return say("")

    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with serving(ASK, note, login=True):
            with pytest.raises(AuthKeyUnregisteredError):
                await client(ASK())
            await logged_in(client)
            await client(ASK())
    assert seen == [1001]


async def test_wrappers_are_taken_off_and_counted_as_what_they_hold() -> None:
    layers: list[int] = []

    def note(context: Context, _request: Any) -> Any:
        layers.append(context.layer)
        return say("")

    wrapped = functions.InvokeWithoutUpdatesRequest(
        functions.InvokeAfterMsgsRequest([5], functions.InvokeAfterMsgRequest(6, ASK()))
    )
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with serving(ASK, note):
            await client._sender.send(functions.InvokeWithLayerRequest(133, wrapped))
            await client._sender.send(ASK())
    assert layers == [133, 133]
    assert simulator.counts["help.getInviteText"] == 2


async def test_on_answer_is_told_each_answer_before_it_is_written() -> None:
    told: list[tuple[str, int]] = []
    async with (
        Simulator(two_people(), on_answer=lambda *answer: told.append(answer)) as simulator,
        connected(simulator) as client,
    ):
        await client(functions.help.GetNearestDcRequest())
    assert [number for _, number in told] == list(range(1, simulator.total_answers + 1))
    assert ("help.getNearestDc", len(told)) == told[-1]


async def test_a_call_is_answered_without_a_connection() -> None:
    context = bare_context(two_people())
    assert await answer(read_call(context, bytes(functions.auth.LogOutRequest()))) == bytes(
        types.auth.LoggedOut()
    )


def test_answers_of_every_kind_have_bytes() -> None:
    pong = types.Pong(1, 2)
    assert serialize(b"as it is") == b"as it is"
    assert serialize(pong) == bytes(pong)
    assert serialize([pong, pong]) == struct.pack("<Ii", 0x1CB5C415, 2) + bytes(pong) * 2
    assert (serialize(True), serialize(False)) == (b"\xb5\x75\x72\x99", b"\x37\x97\x79\xbc")


def test_methods_are_named_as_in_the_documentation() -> None:
    assert method_name(functions.messages.GetHistoryRequest) == "messages.getHistory"
    assert method_name(functions.PingRequest) == "ping"
