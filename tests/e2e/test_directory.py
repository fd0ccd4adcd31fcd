"""Which chat a name means, asked of a real server through the cache of addresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from telethon.tl import types as tl

from e2e.changes import chat_called
from e2e.connected import make_cache, open_directory, open_source
from e2e.stage import open_stage
from tobs._util.clock import ManualClock
from tobs.core.ports.source import Search
from tobs.errors import ChatNotFound, NoAccess
from tobs.simulator.corpus.people import OWNER
from tobs.simulator.world import WORLDS, World

CLUB = "@rowing_club_demo"
LOOKUPS = ("contacts.resolveUsername", "messages.getDialogs")


def make_world() -> World:
    return WORLDS["small"](1, 0)


@pytest.mark.parametrize(
    "name", [CLUB, "Rowing Club", "-1002000000013", "https://t.me/rowing_club_demo", "me"]
)
async def test_a_second_look_at_a_chat_sends_no_request(tmp_path: Path, name: str) -> None:
    async with open_stage(make_world(), tmp_path) as stage, open_directory(stage) as (directory, _):
        first = await directory.find(name)
        asked = stage.simulator.total_answers
        assert await directory.find(name) == first
        assert stage.simulator.total_answers == asked


async def test_an_address_that_has_expired_is_used_and_refreshed_from_the_answer(tmp_path: Path) -> None:
    clock = ManualClock()
    async with open_stage(make_world(), tmp_path) as stage:
        cache = make_cache(stage, clock)
        async with open_source(stage, clock=clock, cache=cache) as source:
            await source.find_chat(CLUB)
        clock.advance(3601)
        async with open_source(stage, clock=clock, cache=cache) as source:
            chat = await source.find_chat(CLUB)
            assert cache.get(f"id:{chat.id}") is None
            await source.fetch_history(chat, top=0, low=1)
            assert cache.get(f"id:{chat.id}")
        assert stage.simulator.counts["contacts.resolveUsername"] == 1


async def test_an_address_that_the_server_rejects_is_looked_up_once_more(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        cache = make_cache(stage, ManualClock())
        async with open_source(stage, clock=ManualClock(), cache=cache) as source:
            chat = await source.find_chat(CLUB)
            stored = cache.get(f"id:{chat.id}") or {}
            cache.put(f"id:{chat.id}", stored | {"access_hash": 1})
            page = await source.fetch_history(chat, top=0, low=1)
            assert page.raw
            assert stage.simulator.counts["contacts.resolveUsername"] == 2
            assert stage.simulator.counts["messages.getHistory"] == 2


async def test_an_address_that_stays_wrong_is_no_access(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage, open_source(stage) as source:
        chat = await source.find_chat(CLUB)
        entity = chat_called(stage.world, "Rowing Club")
        del stage.world._index[(0, entity.marked)]
        with pytest.raises(NoAccess):
            await source.fetch_history(chat, top=0, low=1)
        assert stage.simulator.counts["messages.getHistory"] == 2


async def test_an_id_that_the_account_does_not_have_is_not_found(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage, open_directory(stage) as (directory, _):
        with pytest.raises(ChatNotFound, match="has no chat"):
            await directory.find("-100999")


async def test_every_listed_chat_is_found_by_its_id_and_listed_once(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage, open_directory(stage) as (directory, _):
        listed = [each.dialog.id for each in await directory.read_list()]
        assert sorted(listed) == sorted(chat.marked for chat in stage.world.chats if chat.listed and chat.top)
        for marked in listed:
            assert (await directory.find(str(marked))).id == marked


async def test_somebody_shown_in_passing_does_not_displace_their_address(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage, open_directory(stage) as (directory, _):
        known = await directory.find("Anna Kowalska")
        passing = tl.User(known.id, access_hash=7, first_name="A.", min=True)
        assert directory.take(passing) == known
        assert directory.address(known.as_chat(OWNER)).access_hash == known.access_hash != 7
        stranger = tl.User(5_100_999_999, access_hash=7, first_name="Passer-by", min=True)
        assert directory.take(stranger).title == "Passer-by"
        assert directory.recall(stranger.id) is None


async def test_an_expired_address_that_the_server_rejects_is_resolved_again_for_counts_too(
    tmp_path: Path,
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        cache = make_cache(stage, ManualClock())
        async with open_source(stage, clock=ManualClock(), cache=cache) as source:
            chat = await source.find_chat(CLUB)
            stored = cache.get(f"id:{chat.id}") or {}
            cache.put(f"id:{chat.id}", stored | {"access_hash": 1})
            assert await source.count_kinds(chat, ("photo",))
            assert stage.simulator.counts["contacts.resolveUsername"] == 2


async def test_a_recalled_sender_whose_address_the_server_rejects_is_looked_up_again(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        cache = make_cache(stage, ManualClock())
        async with open_source(stage, clock=ManualClock(), cache=cache) as source:
            anna = await source.find_chat("Anna Kowalska")
            cache.put(f"id:{anna.id}", (cache.get(f"id:{anna.id}") or {}) | {"access_hash": 1})
        async with open_source(stage, clock=ManualClock(), cache=cache) as source:
            chat = await source.find_chat(CLUB)
            sender = await source.find_chat("Anna Kowalska")
            page = await source.search(chat, Search(sender=sender))
            assert page.raw
            assert (cache.get(f"id:{anna.id}") or {})["access_hash"] != 1
