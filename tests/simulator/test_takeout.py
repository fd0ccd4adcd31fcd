"""Takeout as the documentation has it, and as its users met it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from telethon import TelegramClient, errors
from telethon.tl import functions, types

from simulator.visitors import history, ids_of, visiting
from tobs._util.clock import ManualClock
from tobs.simulator.corpus import people
from tobs.simulator.corpus.tree import OLD_CHOIR_ID
from tobs.simulator.faults import FaultScript, TakeoutEnd
from tobs.simulator.limits import RateLimit
from tobs.simulator.world import WORLDS, World

ME = types.InputPeerSelf()


@pytest.fixture(scope="module")
def tree() -> World:
    return WORLDS["tree"](1, 0)


def init(**flags: Any) -> Any:
    return functions.account.InitTakeoutSessionRequest(**{"message_users": True, **flags})


async def inside(client: TelegramClient, takeout_id: int, request: Any) -> Any:
    return await client(functions.InvokeWithTakeoutRequest(takeout_id, request))


async def test_a_takeout_is_begun_used_and_finished(tree: World) -> None:
    async with visiting(tree) as (client, simulator):
        takeout = await client(init(files=True, file_max_size=5))
        assert ids_of(await inside(client, takeout.id, history(ME, limit=3)))
        open_one = simulator.takeouts.current(people.OWNER)
        assert open_one is not None
        assert (open_one.flags.files, open_one.flags.message_channels) == (True, False)
        assert await inside(client, takeout.id, functions.account.FinishTakeoutSessionRequest(success=True))
        with pytest.raises(errors.TakeoutInvalidError):
            await inside(client, takeout.id, history(ME))
        assert [each.ending for each in simulator.takeouts.sessions] == ["finished"]


async def test_telethon_itself_can_take_out(tree: World) -> None:
    async with visiting(tree) as (client, simulator):
        async with client.takeout(users=True) as takeout:
            messages = [message.id async for message in takeout.iter_messages("me", wait_time=0)]
        assert messages == list(tree.ids(people.OWNER))[::-1]
        assert [each.ending for each in simulator.takeouts.sessions] == ["finished"]


async def test_one_takeout_an_account_and_the_same_flags_reuse_it(tree: World) -> None:
    async with visiting(tree) as (client, simulator):
        first = await client(init())
        assert (await client(init())).id == first.id
        second = await client(init(files=True, file_max_size=9))
        with pytest.raises(errors.TakeoutInvalidError):
            await inside(client, first.id, history(ME))
        assert ids_of(await inside(client, second.id, history(ME)))
        assert [each.ending for each in simulator.takeouts.sessions] == ["replaced", ""]


async def test_what_belongs_into_a_takeout_is_refused_outside(tree: World) -> None:
    asked = [
        functions.account.FinishTakeoutSessionRequest(),
        functions.messages.GetSplitRangesRequest(),
        functions.InvokeWithMessagesRangeRequest(types.MessageRange(1, 9), history(ME)),
    ]
    async with visiting(tree) as (client, _):
        for request in asked:
            with pytest.raises(errors.TakeoutRequiredError):
                await client._sender.send(request)
        with pytest.raises(errors.TakeoutInvalidError):
            await inside(client, 4711, history(ME))


async def test_the_wait_for_a_takeout_counts_down_and_ends(tree: World) -> None:
    clock = ManualClock()
    async with visiting(tree, clock=clock) as (client, simulator):
        simulator.takeouts.delay_seconds = 86_400
        for _ in range(2):
            with pytest.raises(errors.TakeoutInitDelayError) as caught:
                await client(init())
            clock.advance(400)
        assert caught.value.seconds == 86_000
        clock.advance(85_600)
        assert (await client(init())).id


async def test_a_person_can_allow_it_at_once(tree: World) -> None:
    async with visiting(tree) as (client, simulator):
        simulator.takeouts.delay_seconds = 86_400
        with pytest.raises(errors.TakeoutInitDelayError):
            await client(init())
        simulator.takeouts.allow(people.OWNER)
        assert (await client(init())).id


async def test_a_takeout_can_be_revoked_in_the_middle(tree: World) -> None:
    script = FaultScript([TakeoutEnd(methods=("messages.getHistory",), at=(2,))])
    async with visiting(tree, faults=script) as (client, simulator):
        takeout = await client(init())
        assert ids_of(await inside(client, takeout.id, history(ME)))
        for _ in range(2):
            with pytest.raises(errors.TakeoutInvalidError):
                await inside(client, takeout.id, history(ME))
        assert simulator.takeouts.sessions[0].ending == "revoked"
        assert ids_of(await client(history(ME)))


async def test_split_ranges_together_hold_every_message(tree: World) -> None:
    async with visiting(tree) as (client, _):
        takeout = await client(init())
        ranges = await inside(client, takeout.id, functions.messages.GetSplitRangesRequest())
        halves = [types.MessageRange(1, 80), types.MessageRange(81, ranges[-1].max_id)]
        pages = []
        for peer in (ME, types.InputPeerChat(OLD_CHOIR_ID)):
            for half in halves:
                wrapped = functions.InvokeWithMessagesRangeRequest(half, history(peer))
                pages.append(await inside(client, takeout.id, wrapped))
    assert (ranges[0].min_id, ranges[-1].max_id) == (1, 2**31 - 1)
    assert all(low.max_id + 1 == high.min_id for low, high in pairwise(ranges))
    own = list(tree.ids(people.OWNER))
    assert [*ids_of(pages[1]), *ids_of(pages[0])] == own[::-1]
    assert max(ids_of(pages[2])) <= 80 < min(ids_of(pages[3]))
    assert pages[2].messages[0].id in tree.ids(-OLD_CHOIR_ID)


async def test_protected_chats_lose_their_media_in_a_takeout_only(tree: World) -> None:
    async with visiting(tree) as (client, _):
        peer = await client.get_input_entity("vault_demo")
        plain = await client(history(peer))
        takeout = await client(init(message_channels=True))
        stripped = await inside(client, takeout.id, history(peer))
        wanted = [types.InputMessageID(plain.messages[0].id)]
        by_id = await inside(client, takeout.id, functions.channels.GetMessagesRequest(peer, wanted))
    assert sum(bool(message.media) for message in plain.messages) == 10
    assert not any(message.media for message in (*stripped.messages, *by_id.messages))
    assert [message.message for message in stripped.messages] == [m.message for m in plain.messages]


async def test_the_limit_under_takeout_is_another_one() -> None:
    clock = ManualClock()
    script = FaultScript(rate=RateLimit(100, takeout_factor=20, burst_seconds=1))
    async with visiting(WORLDS["bench"](1, 3_000), clock=clock, faults=script) as (client, _):
        peer = await client.get_input_entity("bench_bulk")
        takeout = await client(init(message_megagroups=True))
        await client(history(peer))
        with pytest.raises(errors.FloodWaitError) as caught:
            await client(history(peer))
        for page in range(20):
            await inside(client, takeout.id, history(peer, add_offset=100 * page))
        with pytest.raises(errors.FloodWaitError):
            await inside(client, takeout.id, history(peer))
    assert caught.value.seconds == 1
