"""What a client is told that comes back after a while."""

from __future__ import annotations

from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.tl import functions, types

from simulator.visitors import history, ids_of, visiting
from tobs.core.ids import mark_channel
from tobs.simulator.corpus import people
from tobs.simulator.corpus.small import CLUB_ID, GROUP_ID
from tobs.simulator.world import WORLDS, World

CLUB = mark_channel(CLUB_ID)


@pytest.fixture
def small() -> World:
    return WORLDS["small"](1, 0)


async def channel_difference(client: TelegramClient, pts: int, limit: int = 100) -> Any:
    peer = await client.get_input_entity("rowing_club_demo")
    everything = types.ChannelMessagesFilterEmpty()
    return await client(functions.updates.GetChannelDifferenceRequest(peer, everything, pts, limit))


async def difference(client: TelegramClient, pts: int, **limits: int) -> Any:
    return await client(functions.updates.GetDifferenceRequest(pts, None, 0, **limits))


async def test_an_account_is_told_what_is_new_edited_and_deleted(small: World) -> None:
    async with visiting(small) as (client, _):
        before = await client(functions.updates.GetStateRequest())
        old = list(small.ids(people.ANNA))
        fresh = small.add_message(people.ANNA, "A letter")
        small.edit_message(people.ANNA, fresh, "A long letter")
        small.edit_message(people.ANNA, old[0], "Changed")
        small.edit_message(people.ANNA, old[0], "Changed again")
        small.delete_messages(-GROUP_ID, [list(small.ids(-GROUP_ID))[1]])
        small.add_message(CLUB, "Not of this sequence", sender=people.BEN)
        told = await difference(client, before.pts)
        state = await client(functions.updates.GetStateRequest())
        nothing = await difference(client, state.pts)
    assert [message.message for message in told.new_messages] == ["A long letter"]
    edit, deletion = told.other_updates
    assert (edit.message.id, edit.message.message, edit.pts_count) == (old[0], "Changed again", 1)
    assert isinstance(deletion, types.UpdateDeleteMessages)
    assert told.state.pts == state.pts == before.pts + 5
    assert {user.id for user in told.users} >= {people.ANNA}
    assert isinstance(nothing, types.updates.DifferenceEmpty)


async def test_what_came_and_went_is_only_told_as_deleted(small: World) -> None:
    async with visiting(small) as (client, _):
        pts = (await client(functions.updates.GetStateRequest())).pts
        number = small.add_message(people.ANNA, "Oops")
        small.edit_message(people.ANNA, number, "Oops!")
        small.delete_message(people.ANNA, number)
        told = await difference(client, pts)
    assert told.new_messages == []
    assert [update.messages for update in told.other_updates] == [[number]]


async def test_a_long_difference_comes_in_slices(small: World) -> None:
    async with visiting(small) as (client, _):
        pts = (await client(functions.updates.GetStateRequest())).pts
        written = [small.add_message(people.ANNA, f"Letter {number}") for number in range(250)]
        seen, kinds = [], []
        while not isinstance(told := await difference(client, pts), types.updates.DifferenceEmpty):
            seen += [message.id for message in told.new_messages]
            kinds.append(type(told).__name__)
            pts = getattr(told, "intermediate_state", None) or told.state
            pts = pts.pts
        few = await difference(client, pts - 7, pts_limit=2)
        refused = await difference(client, pts - 7, pts_total_limit=5)
    assert seen == written
    assert kinds == ["DifferenceSlice", "DifferenceSlice", "Difference"]
    assert len(few.new_messages) == 2
    assert (type(refused), refused.pts) == (types.updates.DifferenceTooLong, pts)


async def test_a_state_from_before_the_world_or_after_it_is_refused(small: World) -> None:
    async with visiting(small) as (client, _):
        assert isinstance(await difference(client, 1), types.updates.DifferenceTooLong)
        with pytest.raises(errors.PersistentTimestampEmptyError):
            await difference(client, 0)
        with pytest.raises(errors.PersistentTimestampInvalidError):
            await difference(client, 99_999)


async def test_a_channel_tells_its_own_changes(small: World) -> None:
    async with visiting(small) as (client, _):
        chat = small.chat(CLUB)
        assert chat is not None
        pts = chat.pts
        empty = await channel_difference(client, pts)
        first, second = list(small.ids(CLUB))[5:7]
        fresh = small.add_message(CLUB, "A regatta!", sender=people.GRETA)
        small.edit_message(CLUB, first, "Sunk")
        small.delete_message(CLUB, second)
        told = await channel_difference(client, pts)
        page = await client(history(await client.get_input_entity("rowing_club_demo"), limit=1))
        dialogs = await client.get_dialogs()
    assert (type(empty), empty.pts, empty.final) == (types.updates.ChannelDifferenceEmpty, pts, True)
    assert ids_of(page) == [fresh] == [message.id for message in told.new_messages]
    edit, deletion = told.other_updates
    assert (type(edit), edit.message.id) == (types.UpdateEditChannelMessage, first)
    assert (deletion.channel_id, deletion.messages) == (CLUB_ID, [second])
    assert told.pts == page.pts == pts + 3
    assert told.final
    assert next(each.dialog.pts for each in dialogs if each.id == CLUB) == pts + 3


@pytest.mark.parametrize(("limit", "most"), [(1, 10), (40, 40), (5_000, 100)])
async def test_a_difference_of_more_than_the_limit_is_too_long(small: World, limit: int, most: int) -> None:
    async with visiting(small) as (client, _):
        chat = small.chat(CLUB)
        assert chat is not None
        pts = chat.pts
        for number in range(most):
            small.add_message(CLUB, f"Message {number}", sender=people.BEN)
        told = await channel_difference(client, pts, limit)
        small.add_message(CLUB, "One too many", sender=people.BEN)
        refused = await channel_difference(client, pts, limit)
    assert len(told.new_messages) == most
    assert isinstance(refused, types.updates.ChannelDifferenceTooLong)
    assert refused.dialog.pts == pts + most + 1
    assert refused.messages[0].message == "One too many"


async def test_a_server_that_remembers_more_tells_it_in_parts(small: World) -> None:
    small.forgets_after = 100_000
    async with visiting(small) as (client, _):
        chat = small.chat(CLUB)
        assert chat is not None
        pts = chat.pts
        written = [small.add_message(CLUB, f"Message {number}", sender=people.BEN) for number in range(25)]
        seen, finals = [], []
        while not isinstance(
            told := await channel_difference(client, pts, 10), types.updates.ChannelDifferenceEmpty
        ):
            seen += [message.id for message in told.new_messages]
            finals.append(bool(told.final))
            pts = told.pts
    assert seen == written
    assert finals == [False, False, True]
