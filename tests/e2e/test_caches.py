"""What is remembered between runs: counted at the server, in the run file and by `tobs cache stats` alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from e2e.changes import chat_called
from e2e.stage import Finished, Stage, open_stage, read_tree
from e2e.test_search import search
from tobs._util.clock import ManualClock
from tobs.app import caches
from tobs.core.events import Failed, Said
from tobs.core.ids import mark_channel
from tobs.core.report import CacheUse, RunReport
from tobs.simulator.corpus import chats, people
from tobs.simulator.logs import WrittenLog
from tobs.simulator.model import Chat, Kind
from tobs.simulator.world import WORLDS, World

CLUB = "@rowing_club_demo"
RESOLVERS = (
    "contacts.resolveUsername",
    "contacts.resolvePhone",
    "contacts.getContacts",
    "messages.checkChatInvite",
    "messages.getDialogs",
    "messages.getChats",
    "channels.getChannels",
    "channels.getParticipants",
)
FIRST_ID = 2_000_001_000


def make_world(channels: int = 0) -> World:
    """Return a small world with so many channels more, each with a username."""
    world = WORLDS["small"](1, 0)
    for number in range(channels):
        entity = chats.broadcast(FIRST_ID + number, f"Channel {number}", f"channel_no_{number}")
        world.add_chat(Chat(Kind.CHANNEL, entity, WrittenLog([])))
        world.add_message(mark_channel(FIRST_ID + number), f"The only post of channel {number}")
    return world


def count_lookups(stage: Stage) -> int:
    """Return how many requests the server has answered that only find out who somebody is."""
    return sum(stage.simulator.counts[each] for each in RESOLVERS)


async def read_stats(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return what `tobs cache stats --json` says, by cache."""
    done = await stage.tobs("cache", "stats", "--json")
    assert done.code == 0, done.err
    return {each["name"]: each for each in done.documents}


async def test_a_second_run_over_twenty_chats_resolves_nobody(tmp_path: Path) -> None:
    names = [f"@channel_no_{number}" for number in range(9)]
    names += [f"Channel {number}" for number in range(9, 15)]
    names += [str(mark_channel(FIRST_ID + number)) for number in range(15, 18)]
    names += [CLUB, "Anna Kowalska"]
    async with open_stage(make_world(18), tmp_path) as stage:
        output = str(tmp_path / "out")
        first = await stage.tobs("export", *names, "-o", output)
        assert first.code == 0, first.err
        # The first title is looked up in the list, in which then everything is found.
        asked = count_lookups(stage)
        assert asked == stage.simulator.counts["contacts.resolveUsername"] + stage.simulator.counts["messages.getDialogs"]

        second = await stage.tobs("export", *names, "-o", output, "-v")
        assert second.code == 0, second.err
        assert count_lookups(stage) == asked
        assert "InputPeer cache: 100.0% hit rate" in second.err

        [newest] = sorted((tmp_path / "out" / ".tobs" / "runs").glob("*.json"))[-1:]
        in_file = json.loads(newest.read_bytes())["caches"]
        shown = await read_stats(stage)
        for name in ("input_peer_cache", "name_cache", "media_hash_cache"):
            assert {key: shown[name][key] for key in in_file[name]} == in_file[name]
        peers = shown["input_peer_cache"]
        assert (peers["hits"], peers["misses"], peers["api_calls"]) == (20, 0, 0)
        assert (peers["hit_rate_pct"], peers["age_s"] >= 0) == (100, True)


async def test_misses_are_the_requests_that_the_server_was_asked(tmp_path: Path) -> None:
    async with open_stage(make_world(4), tmp_path) as stage:
        names = [f"@channel_no_{number}" for number in range(4)]
        await stage.export(*names[:3], output=tmp_path / "out")
        for wanted, misses in ((names, 1), ([*names, "@nobody_at_all"], 1)):
            before = count_lookups(stage)
            report = await stage.export(*wanted, output=tmp_path / "out")
            use = report.caches["input_peer_cache"]
            assert use.misses == use.api_calls == count_lookups(stage) - before == misses
            assert use.hits + use.misses == len(wanted)
            assert use.api_failures == len(wanted) - len(names)


async def test_an_export_a_day_later_asks_for_no_address_either(tmp_path: Path) -> None:
    clock = ManualClock(start=1_900_000_000)
    async with open_stage(make_world(1), tmp_path) as stage:
        for expirations in (0, 2):
            report = await stage.export("@channel_no_0", CLUB, output=tmp_path / "out", clock=clock)
            assert report.exit_code == 0
            assert report.caches["input_peer_cache"].expirations == expirations
            clock.advance(86_400)
        assert stage.simulator.counts["contacts.resolveUsername"] == 2


async def test_a_username_that_another_chat_has_now_is_noticed_before_anything_is_stored(tmp_path: Path) -> None:
    world = make_world(2)
    async with open_stage(world, tmp_path) as stage:
        output = tmp_path / "out"
        await stage.export("@channel_no_0", output=output)
        former, owner = (chat_called(world, f"Channel {number}") for number in (0, 1))
        world.add_message(former.marked, "A post that nobody asked for")
        former.entity.username, owner.entity.username = "channel_no_1", "channel_no_0"
        report = await stage.export("@channel_no_0", output=output)
        assert report.exit_code == 4
        assert report.chats[0].new == 0
        assert f"was Channel 0 ({former.marked}), and is Channel 1 ({owner.marked}) now" in report.chats[0].error
        report = await stage.export("@channel_no_0", output=output)
        assert (report.exit_code, report.chats[0].title) == (0, "Channel 1")


async def test_a_chat_that_only_gave_its_username_up_is_still_exported(tmp_path: Path) -> None:
    world = make_world(1)
    async with open_stage(world, tmp_path) as stage:
        await stage.export("@channel_no_0", output=tmp_path / "out")
        former = chat_called(world, "Channel 0")
        world.add_message(former.marked, "One more post")
        former.entity.username = None
        report = await stage.export("@channel_no_0", output=tmp_path / "out")
        assert (report.exit_code, report.chats[0].new) == (0, 1)
        report = await stage.export("@channel_no_0", output=tmp_path / "out")
        assert report.exit_code == 4


async def test_senders_are_remembered_like_chats(tmp_path: Path) -> None:
    world = make_world()
    pavel = 5_100_000_906
    world.peers[pavel] = people.person(pavel, "Pavel", None)
    world.add_message(chat_called(world, "Rowing Club").marked, "Pavel's line", sender=pavel)
    async with open_stage(world, tmp_path) as stage:
        chat_called(stage.world, "Rowing Club").full["members"] += [pavel]
        for is_first in (True, False):
            before = count_lookups(stage)
            report = await search(stage, tmp_path / "out", CLUB, senders=("Pavel", "@" + people_name(world)))
            assert report.exit_code == 0, report
            assert (count_lookups(stage) > before) is is_first


def people_name(world: World) -> str:
    """Return the username of somebody who can be searched for."""
    return next(str(each.username) for each in world.peers.values() if getattr(each, "username", None))


async def test_without_a_cache_the_same_comes_with_more_requests(tmp_path: Path) -> None:
    async with open_stage(make_world(2), tmp_path) as stage:
        names = ["@channel_no_0", "Channel 1", CLUB, "Anna Kowalska"]
        await stage.export(*names, output=tmp_path / "with")
        for folder in ("without", "without"):
            before = count_lookups(stage)
            report = await stage.export(*names, output=tmp_path / folder, input_peer_cache_size=0)
            assert (report.exit_code, count_lookups(stage) > before) == (0, True)
            assert report.caches["input_peer_cache"] == CacheUse(
                misses=report.caches["input_peer_cache"].misses, api_calls=report.caches["input_peer_cache"].api_calls
            )
        assert read_tree(tmp_path / "with") == read_tree(tmp_path / "without")
