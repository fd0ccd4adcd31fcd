"""What goes wrong with files, by script: each fault as a client meets it."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest
from telethon import errors
from telethon.tl import functions, types

from simulator.test_files import CLUB, MIB, first_document, part, place_of, whole
from simulator.visitors import visiting
from tobs.simulator.corpus.media_club import build_media
from tobs.simulator.faults import Drop, FaultScript, Flood, Refusal
from tobs.simulator.file_faults import Corruption, Move, Redirection, ReferenceExpiry
from tobs.simulator.presets import make_script
from tobs.simulator.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return build_media(1, 2, file_bytes=2 * MIB, dcs=(2,))


async def test_a_corrupt_part_comes_once_and_the_hashes_tell(world: World) -> None:
    script = FaultScript([Corruption(offsets={MIB}, times=1)])
    async with visiting(world, faults=script) as (client, _):
        document = await first_document(client)
        hashes = await client(functions.upload.GetFileHashesRequest(place_of(document), MIB))
        got = [(await client(part(place_of(document), MIB, MIB))).bytes for _ in range(2)]
    truth = b"".join(each.hash for each in hashes)
    told = [
        b"".join(hashlib.sha256(each[at : at + (128 << 10)]).digest() for at in range(0, MIB, 128 << 10))
        for each in got
    ]
    assert (told[0] != truth, told[1] == truth) == (True, True)
    assert got[1] == whole(world, document)[MIB:]


async def test_hashes_can_be_wrong_where_the_bytes_are_right(world: World) -> None:
    script = FaultScript([Corruption(methods=("upload.getFileHashes",))])
    async with visiting(world, faults=script) as (client, _):
        document = await first_document(client)
        [first, *_] = await client(functions.upload.GetFileHashesRequest(place_of(document), 0))
        assert (await client(part(place_of(document), 0, MIB))).bytes == whole(world, document)[:MIB]
    assert first.hash != hashlib.sha256(whole(world, document)[: 128 << 10]).digest()


async def test_a_reference_expires_in_the_middle_of_a_file(world: World) -> None:
    async with visiting(world, faults=FaultScript([ReferenceExpiry(at=(2,))])) as (client, simulator):
        document = await first_document(client)
        await client(part(place_of(document), 0, MIB))
        for _ in range(2):
            with pytest.raises(errors.FileReferenceExpiredError):
                await client(part(place_of(document), MIB, MIB))
        fresh = await first_document(client)
        assert (await client(part(place_of(fresh), MIB, MIB))).bytes == whole(world, document)[MIB:]
        assert simulator.downloads.asked[document.id, "", MIB] == 3


async def test_a_file_moves_to_another_data_centre_while_it_is_read(world: World) -> None:
    async with visiting(world, faults=FaultScript([Move(at=(2,), dc_id=5)])) as (client, simulator):
        [message] = await client.get_messages(CLUB, limit=1)
        data = await client.download_media(message, bytes)
        assert data == whole(world, message.document)
        assert simulator.counts["auth.importAuthorization"] == 1


async def test_floods_and_timeouts_strike_parts_by_their_place(world: World) -> None:
    faults: list[Any] = [
        Flood(30, is_premium=True, methods=("upload.getFile",), times=1),
        Refusal(-503, "Timeout", offsets={MIB}, methods=("upload.getFile",), times=1),
    ]
    async with visiting(world, faults=FaultScript(faults)) as (client, simulator):
        document = await first_document(client)
        with pytest.raises(errors.FloodPremiumWaitError) as caught:
            await client._sender.send(part(place_of(document)))
        assert caught.value.seconds == 30
        assert await client._sender.send(part(place_of(document)))
        with pytest.raises(errors.RPCError, match="Timeout"):
            await client._sender.send(part(place_of(document), MIB))
        assert simulator.faults is not None
        assert simulator.faults.struck == {"Flood": 1, "Refusal": 1}


async def test_a_fault_can_name_the_file_it_strikes(world: World) -> None:
    async with visiting(world) as (client, _):
        struck, spared = [message.document for message in await client.get_messages(CLUB, limit=2)]
    script = FaultScript([Refusal(400, "LOCATION_NOT_AVAILABLE", files={struck.id})])
    async with visiting(world, faults=script) as (client, _):
        assert await client(part(place_of(spared)))
        with pytest.raises(errors.RPCError, match="LOCATION_NOT_AVAILABLE"):
            await client(part(place_of(struck)))


async def test_a_connection_is_cut_in_the_middle_of_a_part(world: World) -> None:
    script = FaultScript([Drop(methods=("upload.getFile",), is_halfway=True, times=1)])
    async with visiting(world, faults=script) as (client, simulator):
        document = await first_document(client)
        client._sender._auto_reconnect = False
        with pytest.raises(ConnectionError):
            await client._sender.send(part(place_of(document), 0, MIB))
        assert simulator.counts["upload.getFile"] == 0
        assert simulator.downloads.bytes_of(document.id) == MIB


async def test_only_who_knows_cdns_is_redirected_unless_a_fault_says_otherwise(world: World) -> None:
    async with visiting(world, faults=FaultScript([Redirection(at=(3,))])) as (client, _):
        document = await first_document(client)
        world.contents.redirected.add(document.id)
        plain = await client(part(place_of(document)))
        able = await client(part(place_of(document), cdn_supported=True))
        forced = await client(part(place_of(document)))
        world.contents.redirected.clear()
    assert isinstance(plain, types.upload.File)
    for each in (able, forced):
        assert isinstance(each, types.upload.FileCdnRedirect)
        assert each.file_hashes[0].hash == hashlib.sha256(whole(world, document)[: 128 << 10]).digest()


async def test_a_line_with_a_bandwidth_lets_answers_wait_for_each_other(world: World) -> None:
    rate = 20e6
    async with visiting(world, faults=FaultScript(bytes_per_second=rate)) as (client, _):
        document = await first_document(client)
        loop = asyncio.get_running_loop()
        began = loop.time()
        requests = [part(place_of(document), number * MIB // 2, MIB // 2) for number in range(4)]
        await asyncio.gather(*(client._sender.send(request) for request in requests))
        assert loop.time() - began >= 2 * MIB / rate


def test_the_script_for_files_strikes_files() -> None:
    script = make_script("files", bytes_per_second=1e6)
    assert script is not None
    assert script.bytes_per_second == 1e6
