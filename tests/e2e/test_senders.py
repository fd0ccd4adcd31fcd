"""`tobs export --from`: everybody who wrote in a chat can be named, and nobody is taken for somebody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from e2e.changes import chat_called, refusing
from e2e.stage import Stage, open_stage, query
from e2e.test_search import SEARCH, matching, search
from tobs.core.events import Failed
from tobs.core.ids import mark_channel, mark_group
from tobs.core.span import parse_span
from tobs.simulator.corpus import chats, people
from tobs.simulator.corpus.small import CLUB_ID, GROUP_ID
from tobs.simulator.logs import WrittenLog
from tobs.simulator.model import Chat, Kind
from tobs.simulator.world import WORLDS, World

CLUB, KITCHEN = mark_channel(CLUB_ID), mark_group(GROUP_ID)
CLUB_NAME = "@rowing_club_demo"
# Seen in groups only, these come as min users: their ids can be divided by three.
NORA, OTHER_NORA, PAVEL = 5_100_000_900, 5_100_000_903, 5_100_000_906
GUEST_ID = 2_000_000_900
GUEST = mark_channel(GUEST_ID)


def make_world() -> World:
    """Return a world in which the account meets strangers without a username."""
    world = WORLDS["small"](1, 0)
    world.peers[NORA] = people.person(NORA, "Nora", "Lind")
    world.peers[PAVEL] = people.person(PAVEL, "Pavel", None)
    for number in range(12):
        world.add_message(CLUB, f"Nora's line {number}", sender=NORA)
        world.add_message(CLUB, f"Pavel's line {number}", sender=PAVEL)
    chat_called(world, "Rowing Club").full["members"] = [people.OWNER, people.BEN]
    return world


async def export_part(stage: Stage, output: Path) -> None:
    """Let the archive know of the club, its newest messages and who wrote them."""
    report = await stage.export(CLUB_NAME, output=output, span=parse_span(last=6))
    assert report.exit_code == 0


def stored_of(output: Path, sender: int, chat: int = CLUB) -> list[int]:
    sql = "SELECT id FROM messages WHERE chat_id = ? AND sender_id = ? ORDER BY id"
    return [number for (number,) in query(output, sql, chat, sender)]


def senders_of(requests: list[Any]) -> set[type]:
    return {type(each.from_id) for each in requests}


def last_failure(stage: Stage) -> Failed:
    return [each for each in stage.events if isinstance(each, Failed)][-1]


@pytest.mark.parametrize("name", ["Nora Lind", "nora lind", str(NORA)])
async def test_who_has_left_the_chat_is_found_by_what_the_archive_knows(tmp_path: Path, name: str) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output, club = tmp_path / "out", chat_called(stage.world, "Rowing Club")
        await export_part(stage, output)
        wanted = matching(stage, club, sender=NORA)
        assert 0 < len(stored_of(output, NORA)) < len(wanted)
        with refusing(SEARCH) as requests:
            report = await search(stage, output, CLUB_NAME, senders=(name,))
        assert report.exit_code == 0, report
        assert senders_of(requests) == {types.InputPeerUserFromMessage}
        assert stored_of(output, NORA) == wanted
        assert report.chats[-1].searched is not None
        assert (report.chats[-1].searched.found, report.chats[-1].searched.senders) == (12, ["Nora Lind"])


async def test_a_channel_that_wrote_in_the_chat_is_found_too(tmp_path: Path) -> None:
    world = make_world()
    guest = Chat(Kind.CHANNEL, chats.broadcast(GUEST_ID, "Guest", None), WrittenLog([]), listed=False)
    world.add_chat(guest)
    lines = [world.add_message(CLUB, f"The guest's line {number}", sender=GUEST) for number in range(8)]
    async with open_stage(world, tmp_path) as stage:
        await export_part(stage, tmp_path / "out")
        with refusing(SEARCH) as requests:
            report = await search(stage, tmp_path / "out", CLUB_NAME, senders=("Guest",))
        assert report.exit_code == 0, report
        assert senders_of(requests) == {types.InputPeerChannelFromMessage}
        assert stored_of(tmp_path / "out", GUEST) == lines


async def test_a_member_is_found_before_anything_was_exported(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        club = chat_called(stage.world, "Rowing Club")
        club.full["members"] += [NORA, PAVEL]
        with refusing(SEARCH) as requests:
            report = await search(stage, tmp_path / "out", CLUB_NAME, senders=("Pavel", "nora lind"))
        assert report.exit_code == 0, report
        assert senders_of(requests) == {types.InputPeerUser}
        for each in (NORA, PAVEL):
            assert stored_of(tmp_path / "out", each) == matching(stage, club, sender=each)


@pytest.mark.parametrize("name", ["Nora Lind", str(NORA)])
async def test_a_member_of_a_basic_group_is_found(tmp_path: Path, name: str) -> None:
    world = make_world()
    kitchen = chat_called(world, "Kitchen")
    kitchen.full["members"] += [NORA]
    line = world.add_message(KITCHEN, "I am new here.", sender=NORA)
    async with open_stage(world, tmp_path) as stage:
        report = await search(stage, tmp_path / "out", "Anna Kowalska", "Kitchen", senders=(name,))
        assert report.exit_code == 0, report
        assert stored_of(tmp_path / "out", NORA, KITCHEN) == [line]
        assert query(tmp_path / "out", "SELECT count(*) FROM messages")[0][0] == 1


async def test_a_name_that_several_people_have_is_refused_with_their_ids(tmp_path: Path) -> None:
    world = make_world()
    world.peers[OTHER_NORA] = people.person(OTHER_NORA, "Nora", "Lind", "nora_of_the_club")
    world.add_message(CLUB, "I am Nora, too.", sender=OTHER_NORA)
    async with open_stage(world, tmp_path) as stage:
        output = tmp_path / "out"
        await export_part(stage, output)
        report = await search(stage, output, CLUB_NAME, senders=("Nora Lind",))
        assert report.exit_code == 2
        assert report.error == (
            f"2 people are called 'Nora Lind': Nora Lind ({NORA}), Nora Lind ({OTHER_NORA}, @nora_of_the_club)."
        )
        assert "the id or the @username" in last_failure(stage).hint
        assert not stage.simulator.counts["messages.search"]
        assert (await search(stage, output, CLUB_NAME, senders=(str(OTHER_NORA),))).exit_code == 0


async def test_a_member_with_the_name_of_somebody_archived_makes_it_unclear(tmp_path: Path) -> None:
    world = make_world()
    world.peers[OTHER_NORA] = people.person(OTHER_NORA, "Nora", "Lind")
    async with open_stage(world, tmp_path) as stage:
        await export_part(stage, tmp_path / "out")
        chat_called(stage.world, "Rowing Club").full["members"] += [OTHER_NORA]
        report = await search(stage, tmp_path / "out", CLUB_NAME, senders=("Nora Lind",))
        assert (report.exit_code, report.error[:10]) == (2, "2 people a")


async def test_nobody_found_is_said_with_the_nearest_names(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output = tmp_path / "out"
        for name in ("Nora Lint", "4242"):
            report = await search(stage, output, CLUB_NAME, senders=(name,))
            assert report.exit_code == 4
            assert report.error.startswith(f"Nobody called {name!r} is in your list of chats")
            assert "note of an exported chat lists who wrote there" in last_failure(stage).hint
        assert query(output, "SELECT * FROM chats") == []
        await export_part(stage, output)
        await search(stage, output, CLUB_NAME, senders=("Nora Lint",))
        assert f"Nora Lind ({NORA})" in last_failure(stage).hint
        assert not stage.simulator.counts["messages.search"]


async def test_a_message_that_is_gone_does_not_lose_the_person(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output, club = tmp_path / "out", chat_called(stage.world, "Rowing Club")
        await export_part(stage, output)
        known = stored_of(output, NORA)
        stage.world.delete_messages(CLUB, known[1:])
        report = await search(stage, output, CLUB_NAME, senders=(str(NORA),))
        assert report.exit_code == 0, report
        left = matching(stage, club, sender=NORA)
        assert stored_of(output, NORA) == sorted({*left, *known})
        stage.world.delete_messages(CLUB, left)
        report = await search(stage, tmp_path / "out", CLUB_NAME, senders=(str(NORA),))
        assert report.exit_code == 1
        assert "search Rowing Club for messages of Nora Lind" in report.chats[0].error


async def test_the_note_of_a_chat_names_the_ids_of_its_people(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await export_part(stage, tmp_path / "out")
        note = (tmp_path / "out" / "Rowing Club" / "Rowing Club.md").read_text("utf-8")
        assert f"| Nora Lind | {NORA} | 3 |" in note
