"""Types that no client knows, as an unmodified client meets them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from telethon import errors
from telethon.tl import functions, types

from e2e.changes import chat_called
from simulator.visitors import history, ids_of, visiting
from tobs.simulator.faults import FaultScript, StrangeTypes
from tobs.simulator.strange import UNKNOWN
from tobs.simulator.world import WORLDS

Make = Callable[[set[int]], StrangeTypes]


@pytest.mark.parametrize(
    ("make", "is_peer"),
    [
        (lambda strange: StrangeTypes(messages=strange), False),
        (lambda strange: StrangeTypes(parts=strange), False),
        (lambda strange: StrangeTypes(peers=strange), True),
    ],
    ids=["messages", "parts", "peers"],
)
async def test_an_unknown_type_spoils_the_pages_that_it_is_in(make: Make, is_peer: bool) -> None:
    world = WORLDS["small"](1, 0)
    chat = chat_called(world, "Rowing Club")
    lowest, highest = chat.log.id_at(len(chat.log) - 20), chat.top
    strange = {chat.marked if is_peer else highest}
    script = FaultScript([make(strange)])
    async with visiting(world, faults=script) as (client, _):
        peer = await client.get_input_entity("rowing_club_demo")
        by_id = functions.channels.GetMessagesRequest(peer, [types.InputMessageID(highest)])
        for request in (history(peer, limit=20), by_id):
            with pytest.raises(errors.TypeNotFoundError) as caught:
                await client(request)
            assert caught.value.invalid_constructor_id == UNKNOWN
        if not is_peer:
            page = await client(history(peer, limit=20, add_offset=1))
            assert highest not in ids_of(page)
            assert page.messages[-2].id == lowest
        strange.clear()
        assert max(ids_of(await client(history(peer, limit=20)))) == highest
        assert ids_of(await client(by_id)) == [highest]
    assert script.struck["StrangeTypes"] >= 4
