"""A basic group that becomes a supergroup while it is served."""

from __future__ import annotations

import pytest
from telethon import errors, functions, utils
from telethon.tl import types

from simulator.visitors import visiting
from tobs.core.ids import mark_channel
from tobs.simulator.corpus import chats, people
from tobs.simulator.corpus.small import GROUP_ID
from tobs.simulator.migration import migrate_group
from tobs.simulator.world import WORLDS

NEW = 2_000_000_200


async def test_a_group_that_migrates_says_where_it_went_and_its_supergroup_where_it_came_from() -> None:
    world = WORLDS["small"](1, 0)
    async with visiting(world) as (client, _):
        before = (await client(functions.messages.GetChatsRequest([GROUP_ID]))).chats[0]
        migrate_group(world, -GROUP_ID, chats.supergroup(NEW, "Kitchen"), people.BEN)
        [group] = (await client(functions.messages.GetChatsRequest([GROUP_ID]))).chats
        [supergroup] = (await client(functions.channels.GetChannelsRequest([group.migrated_to]))).chats
        full = (await client(functions.channels.GetFullChannelRequest(supergroup))).full_chat
        last = (await client.get_messages(types.InputPeerChat(GROUP_ID), limit=1))[0]
        first = (await client.get_messages(supergroup, limit=1))[0]
        listed = [utils.get_peer_id(each.entity) async for each in client.iter_dialogs()]
    assert (before.deactivated, before.migrated_to) == (False, None)
    assert (group.deactivated, supergroup.title) == (True, "Kitchen")
    assert last.action == types.MessageActionChatMigrateTo(NEW)
    assert first.action == types.MessageActionChannelMigrateFrom("Kitchen", GROUP_ID)
    assert (full.migrated_from_chat_id, full.migrated_from_max_id) == (GROUP_ID, last.id)
    assert mark_channel(NEW) in listed
    assert -GROUP_ID not in listed


async def test_a_group_that_one_was_never_in_cannot_be_read() -> None:
    world = WORLDS["small"](1, 0)
    group = world.chat(-GROUP_ID)
    assert group is not None
    group.readers = frozenset()
    async with visiting(world) as (client, _):
        with pytest.raises(errors.ChatIdInvalidError):
            await client(functions.messages.GetChatsRequest([GROUP_ID]))
        with pytest.raises(errors.ChatIdInvalidError):
            await client.get_messages(types.InputPeerChat(GROUP_ID), limit=1)
    assert isinstance(world.seen(-GROUP_ID, world.owner), types.ChatForbidden)


def test_only_a_chat_that_exists_can_migrate() -> None:
    with pytest.raises(KeyError, match="no chat -1"):
        migrate_group(WORLDS["small"](1, 0), -1, chats.supergroup(NEW, "Kitchen"), people.BEN)
