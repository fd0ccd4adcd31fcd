"""The transports: what a client may speak, and what is not answered."""

import asyncio
import os
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.tl import functions, types

from simulator.protocol_world import connected, two_people
from tobs.simulator.server import Simulator
from tobs.simulator.wire import FRAME_LIMIT, Abridged, Framing, Full, Intermediate, Wire, WireError

WORDS = st.binary(min_size=1, max_size=300).map(lambda data: data * 4)


def read_all(framing: Framing, stream: bytes, count: int) -> list[bytes]:
    async def read() -> list[bytes]:
        reader = asyncio.StreamReader()
        reader.feed_data(stream)
        reader.feed_eof()
        return [await framing.read(reader) for _ in range(count)]

    return asyncio.run(read())


@given(packets=st.lists(WORDS, min_size=1, max_size=5), padded=st.booleans())
def test_what_is_framed_comes_out_again(packets: list[bytes], padded: bool) -> None:
    for framing in (Full(b""), Abridged(), Intermediate(is_padded=padded)):
        stream = b"".join(map(framing.frame, packets))
        assert read_all(framing, stream, len(packets)) == packets


def test_long_packets_take_the_long_form_of_their_length() -> None:
    packet = os.urandom(200_000)
    assert read_all(Abridged(), Abridged().frame(packet), 1) == [packet]


@pytest.mark.parametrize(
    ("framing", "stream"),
    [
        (Full(b""), struct.pack("<II", FRAME_LIMIT + 13, 0)),
        (Full(b""), struct.pack("<II", 4, 0)),
        (Abridged(), b"\x7f\xff\xff\xff"),
        (Abridged(), b"\x00"),
        (Intermediate(), b"\xff\xff\xff\xff"),
    ],
)
def test_a_frame_of_an_absurd_length_is_refused(framing: Framing, stream: bytes) -> None:
    with pytest.raises(WireError):
        read_all(framing, stream, 1)


def test_a_frame_with_a_flipped_bit_is_refused() -> None:
    frame = bytearray(Full(b"").frame(b"1234"))
    frame[9] ^= 1
    with pytest.raises(WireError, match="checksum"):
        read_all(Full(b""), bytes(frame), 1)


@pytest.mark.parametrize(
    "transport",
    [ConnectionTcpFull, ConnectionTcpAbridged, ConnectionTcpIntermediate, ConnectionTcpObfuscated],
)
async def test_a_client_connects_over_every_transport(transport: type) -> None:
    async with (
        Simulator(two_people()) as simulator,
        connected(simulator, transport=transport) as client,
    ):
        assert (await client(functions.help.GetNearestDcRequest())).this_dc == 2


GARBAGE = {
    "nothing": b"",
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b" " * 64,
    "zeros": bytes(200),
    "a huge frame": b"\xee\xee\xee\xee\xff\xff\xff\x7f",
    "half a frame": b"\xef\x7f\x00\x01\x00abc",
    "an unknown key": b"\xef\x0a" + b"k" * 40,
    "a short plain message": b"\xee\xee\xee\xee\x08\x00\x00\x00" + bytes(8),
    "a plain message that is no step": b"\xef\x06" + bytes(16) + struct.pack("<iI", 4, 0x7ABE77EC),
    "random bytes": bytes(range(255, 0, -1)) * 4,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_ends_one_connection_and_no_other(garbage: bytes) -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        reader, writer = await asyncio.open_connection(simulator.host, simulator.port)
        writer.write(garbage)
        writer.write_eof()
        answer = await asyncio.wait_for(_read_until_closed(reader), 5)
        writer.close()
        assert (await client(functions.help.GetNearestDcRequest())).this_dc == 2
    assert answer in {b"", b"\x01" + struct.pack("<i", -404)}


async def test_a_client_that_leaves_in_the_middle_of_the_key_exchange_is_forgotten() -> None:
    step = bytes(functions.ReqPqMultiRequest(1))
    framing = Intermediate(is_padded=True)
    async with Simulator(two_people()) as simulator:
        reader, writer = await asyncio.open_connection(simulator.host, simulator.port)
        writer.write(b"\xdd\xdd\xdd\xdd" + framing.frame(struct.pack("<qqi", 0, 4, len(step)) + step))
        answer = await framing.read(reader)
        writer.write(framing.frame(step)[:7])
        writer.close()
        await writer.wait_closed()
        async with connected(simulator) as client:
            assert (await client(functions.help.GetNearestDcRequest())).this_dc == 2
    assert answer[20:24] == struct.pack("<I", types.ResPQ.CONSTRUCTOR_ID)


async def _read_until_closed(reader: asyncio.StreamReader) -> bytes:
    with suppress(ConnectionResetError):
        return await reader.read()
    return b""


async def test_a_stopped_server_lets_go_of_clients_that_say_nothing() -> None:
    async with Simulator(two_people()) as simulator:
        reader, writer = await asyncio.open_connection(simulator.host, simulator.port)
        writer.write(b"\xef")
        await writer.drain()
        async with connected(simulator) as client:  # by now the silent one has been accepted
            await client(functions.help.GetNearestDcRequest())
    assert await _read_until_closed(reader) == b""
    writer.close()


async def test_a_packet_that_is_cut_arrives_half_before_the_line_ends() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        Wire(reader, writer, Abridged()).cut(b"x" * 400)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await reader.read() == b"\x64" + b"x" * 199
        writer.close()
        await writer.wait_closed()
