"""Data centres: files that live elsewhere, logins that travel, and connections side by side."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.errors.common import AuthKeyNotFound
from telethon.network import ConnectionTcpFull, MTProtoSender
from telethon.tl import functions, types
from telethon.tl.alltlobjects import LAYER

from simulator.test_files import CLUB, MIB, part, place_of, whole
from simulator.visitors import history, visiting
from tobs.simulator.corpus import people
from tobs.simulator.corpus.media_club import build_media
from tobs.simulator.server import Simulator
from tobs.simulator.world import World


@pytest.fixture(scope="module")
def afar() -> World:
    """A world whose files all live in the fourth data centre."""
    return build_media(1, 3, file_bytes=3 * MIB + 5, dcs=(4,))


async def knock(client: TelegramClient, simulator: Simulator, dc_id: int, key: Any = None) -> MTProtoSender:
    """Return a connection to a data centre, with a fresh key unless one is given."""
    config = await client(functions.help.GetConfigRequest())
    [option] = [each for each in config.dc_options if each.id == dc_id]
    sender = MTProtoSender(key, loggers=client._log, retries=1, auto_reconnect=False)
    await sender.connect(ConnectionTcpFull(option.ip_address, option.port, dc_id, loggers=client._log))
    return sender


async def enter(client: TelegramClient, sender: MTProtoSender, dc_id: int) -> None:
    """Log the connection's key in, by what the home data centre exports."""
    export = await client(functions.auth.ExportAuthorizationRequest(dc_id))
    request = functions.auth.ImportAuthorizationRequest(export.id, export.bytes)
    await sender.send(functions.InvokeWithLayerRequest(LAYER, request))


async def test_telethon_downloads_from_another_data_centre(afar: World) -> None:
    async with visiting(afar) as (client, simulator):
        async for message in client.iter_messages(CLUB):
            assert await client.download_media(message, bytes) == whole(afar, message.document)
        assert simulator.counts["auth.exportAuthorization"] == 1


async def test_the_wrong_data_centre_names_the_right_one(afar: World) -> None:
    async with visiting(afar) as (client, _):
        [message] = await client.get_messages(CLUB, limit=1)
        location = place_of(message.document)
        for request in (part(location), functions.upload.GetFileHashesRequest(location, 0)):
            with pytest.raises(errors.FileMigrateError) as caught:
                await client._sender.send(request)
            assert caught.value.new_dc == 4


async def test_a_fresh_key_has_to_be_let_in_and_then_gets_files_but_nothing_else(afar: World) -> None:
    async with visiting(afar) as (client, simulator):
        [message] = await client.get_messages(CLUB, limit=1)
        sender = await knock(client, simulator, 4)
        with pytest.raises(errors.AuthKeyUnregisteredError):
            await sender.send(part(place_of(message.document)))
        await enter(client, sender, 4)
        assert (await sender.send(part(place_of(message.document)))).bytes
        with pytest.raises(errors.UserMigrateError):
            await sender.send(history(types.InputPeerSelf()))
        assert (await sender.send(functions.help.GetConfigRequest())).this_dc == 4
        simulator.revoke(people.OWNER)
        with pytest.raises(errors.SessionRevokedError):
            await sender.send(part(place_of(message.document)))
        await sender.disconnect()


async def test_an_exported_login_is_good_once_and_in_its_data_centre_only(afar: World) -> None:
    async with visiting(afar) as (client, simulator):
        for dc_id in (2, 9):
            with pytest.raises(errors.DcIdInvalidError):
                await client(functions.auth.ExportAuthorizationRequest(dc_id))
        export = await client(functions.auth.ExportAuthorizationRequest(4))
        entry = functions.auth.ImportAuthorizationRequest(export.id, export.bytes)
        right, wrong = await knock(client, simulator, 4), await knock(client, simulator, 5)
        await right.send(entry)
        for sender in (right, wrong):
            with pytest.raises(errors.AuthBytesInvalidError):
                await sender.send(entry)
        elsewhere = await client(functions.auth.ExportAuthorizationRequest(4))
        with pytest.raises(errors.AuthBytesInvalidError):
            await wrong.send(functions.auth.ImportAuthorizationRequest(elsewhere.id, elsewhere.bytes))
        await right.disconnect()
        await wrong.disconnect()


async def test_a_key_is_unknown_in_another_data_centre(afar: World) -> None:
    async with visiting(afar) as (client, simulator):
        sender = await knock(client, simulator, 4, client.session.auth_key)
        with pytest.raises(AuthKeyNotFound):
            await sender.send(functions.help.GetConfigRequest())
        await sender.disconnect()


async def test_somebody_who_knocks_at_the_wrong_one_to_log_in_is_sent_home(afar: World) -> None:
    async with visiting(afar) as (client, simulator):
        sender = await knock(client, simulator, 5)
        request = functions.auth.SendCodeRequest("15550100001", 1, "0" * 32, types.CodeSettings())
        with pytest.raises(errors.PhoneMigrateError) as caught:
            await sender.send(request)
        assert caught.value.new_dc == 2
        await sender.disconnect()


async def test_connections_with_one_key_download_side_by_side(afar: World) -> None:
    async with visiting(afar) as (client, simulator):
        [message] = await client.get_messages(CLUB, limit=1)
        first = await knock(client, simulator, 4)
        await enter(client, first, 4)
        lines = [first, *[await knock(client, simulator, 4, first.auth_key) for _ in range(3)]]
        requests = [part(place_of(message.document), number * MIB, MIB) for number in range(4)]
        parts = await asyncio.gather(
            *(line.send(request) for line, request in zip(lines, requests, strict=True))
        )
        assert b"".join(each.bytes for each in parts) == whole(afar, message.document)
        assert simulator.counts["auth.importAuthorization"] == 1
        for line in lines:
            await line.disconnect()
