"""What is remembered between runs: counted at the server, in the run file and by `tobs cache stats` alike."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from e2e.changes import chat_called
from e2e.stage import Stage, open_stage, read_tree
from e2e.test_search import search
from tobs._util.clock import ManualClock
from tobs.core.events import Said
from tobs.core.ids import mark_channel
from tobs.core.report import CacheUse
from tobs.simulator.corpus import chats, people
from tobs.simulator.logs import WrittenLog
from tobs.simulator.model import Chat, Kind
from tobs.simulator.world import WORLDS, World
from tobs.telegram.session import AccountFolder

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


def take_username(world: World, chat: Chat, name: str | None) -> None:
    """Give a chat another username, or none."""
    chat.entity.username = name
    world._views.clear()


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
        assert (
            asked
            == stage.simulator.counts["contacts.resolveUsername"]
            + stage.simulator.counts["messages.getDialogs"]
        )

        second = await stage.tobs("export", *names, "-o", output, "-v")
        assert second.code == 0, second.err
        assert count_lookups(stage) == asked
        assert "InputPeer cache: 100.0% hit rate" in second.err

        [newest] = sorted((tmp_path / "out" / ".tobs" / "runs").glob("*.json"))[-1:]
        run = json.loads(newest.read_bytes())
        in_file = run["caches"]
        counted = run["metrics"]["caches"]["input_peer_cache"]
        assert (counted["hits"], counted["misses"], counted["hit_rate_pct"]) == (20, 0, 100)
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


async def test_a_username_that_another_chat_has_now_is_noticed_before_anything_is_stored(
    tmp_path: Path,
) -> None:
    world = make_world(2)
    async with open_stage(world, tmp_path) as stage:
        output = tmp_path / "out"
        await stage.export("@channel_no_0", output=output)
        former, owner = (chat_called(world, f"Channel {number}") for number in (0, 1))
        world.add_message(former.marked, "A post that nobody asked for")
        take_username(world, former, "channel_no_1")
        take_username(world, owner, "channel_no_0")
        report = await stage.export("@channel_no_0", output=output)
        assert report.exit_code == 4
        assert report.chats[0].new == 0
        assert (
            f"was Channel 0 ({former.marked}), and is Channel 1 ({owner.marked}) now" in report.chats[0].error
        )
        report = await stage.export("@channel_no_0", output=output)
        assert (report.exit_code, report.chats[0].title) == (0, "Channel 1")


async def test_a_chat_that_only_gave_its_username_up_is_still_exported(tmp_path: Path) -> None:
    world = make_world(1)
    async with open_stage(world, tmp_path) as stage:
        await stage.export("@channel_no_0", output=tmp_path / "out")
        former = chat_called(world, "Channel 0")
        world.add_message(former.marked, "One more post")
        take_username(world, former, None)
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
        chat_called(stage.world, "Rowing Club").full["members"] = [people.OWNER, pavel]
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
                misses=report.caches["input_peer_cache"].misses,
                api_calls=report.caches["input_peer_cache"].api_calls,
            )
        assert read_tree(tmp_path / "with") == read_tree(tmp_path / "without")


FILES = ("input_peer_cache.bin", "name_cache.msgpack", "hash_cache.msgpack")


def bends(whole: bytes) -> st.SearchStrategy[bytes]:
    """Return what may stand in the place of a cache: anything, a part of it, or it with one byte changed."""
    places = st.integers(0, len(whole) - 1)
    older = whole[:10] + b"\x01" + whole[11:]
    return (
        st.binary(max_size=80)
        | st.just(older)
        | places.map(lambda end: whole[:end])
        | st.tuples(places, st.integers(1, 255)).map(
            lambda flip: whole[: flip[0]] + bytes([whole[flip[0]] ^ flip[1]]) + whole[flip[0] + 1 :]
        )
    )


async def test_a_run_succeeds_whatever_stands_in_the_place_of_its_caches(tmp_path: Path) -> None:
    async with open_stage(make_world(1), tmp_path) as stage:
        await stage.export("@channel_no_0", output=tmp_path / "out")
        folder = stage.account_folder / "cache"
        whole = {name: (folder / name).read_bytes() for name in FILES}
        loop = asyncio.get_running_loop()

        async def run_with(name: str, content: bytes) -> None:
            for each, good in whole.items():
                (folder / each).write_bytes(good)
            (folder / name).write_bytes(content)
            stage.events.clear()
            report = await stage.export("@channel_no_0", output=tmp_path / "out")
            assert report.exit_code == 0
            [told] = [each.text for each in stage.events if isinstance(each, Said)]
            assert f"{name} is not used, since" in told
            assert f"it was renamed to {name}.damaged." in told
            assert (folder / f"{name}.damaged").read_bytes() == content

        @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(st.data())
        def try_one(data: st.DataObject) -> None:
            name = data.draw(st.sampled_from(FILES))
            content = data.draw(bends(whole[name]))
            asyncio.run_coroutine_threadsafe(run_with(name, content), loop).result()

        # The loop's own threads end with each export.
        with ThreadPoolExecutor(1) as thread:
            await loop.run_in_executor(thread, try_one)


@pytest.mark.parametrize("is_folder_lost", [True, False])
async def test_caches_that_cannot_be_written_cost_nothing_but_a_warning(
    tmp_path: Path, is_folder_lost: bool
) -> None:
    async with open_stage(make_world(1), tmp_path) as stage:
        folder = stage.account_folder / "cache"
        if is_folder_lost:
            folder.write_text("a file where the folder should be")
        else:
            (folder / FILES[0]).mkdir(parents=True)
        report = await stage.export("@channel_no_0", output=tmp_path / "out")
        assert (report.exit_code, report.chats[0].new) == (0, 1)
        told = [each.text for each in stage.events if isinstance(each, Said)]
        assert any(f"{FILES[0]} was not saved" in each for each in told)


async def test_a_damaged_cache_is_named_by_stats_and_deleted_by_clear(tmp_path: Path) -> None:
    async with open_stage(make_world(1), tmp_path) as stage:
        await stage.export("@channel_no_0", output=tmp_path / "out")
        folder = stage.account_folder / "cache"
        (folder / FILES[1]).write_bytes(b"tobs cache, but not really")
        shown = await read_stats(stage)
        assert shown["name_cache"]["problem"] == "another version of tobs wrote it"
        assert shown["input_peer_cache"]["problem"] is None
        done = await stage.tobs("cache", "stats")
        assert "is of no use: another version of tobs wrote it" in done.out
        assert (folder / FILES[1]).read_bytes() == b"tobs cache, but not really"

        done = await stage.tobs("cache", "clear", "name_cache")
        assert (done.code, "1 file deleted." in done.out) == (0, True)
        assert sorted(each.name for each in folder.iterdir()) == sorted({*FILES} - {FILES[1]})
        done = await stage.tobs("cache", "clear")
        assert (done.code, list(folder.iterdir())) == (0, [])
        assert "nothing to delete" in (await stage.tobs("cache", "clear")).out
        report = await stage.export("@channel_no_0", output=tmp_path / "out")
        assert (report.exit_code, report.caches["input_peer_cache"].misses) == (0, 1)


async def test_clearing_names_the_caches_and_waits_for_nobody(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        done = await stage.tobs("cache", "clear", "names")
        assert (
            done.code,
            "There is: input_peer_cache, name_cache, media_hash_cache, probe_cache" in done.err,
        ) == (2, True)
        with AccountFolder(stage.account_folder).locked():
            assert (await stage.tobs("cache", "clear")).code == 11
            assert (await stage.tobs("cache", "stats")).code == 0
