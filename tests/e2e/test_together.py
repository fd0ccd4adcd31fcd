"""What only goes wrong where two things meet: takeouts, protection, unreadable messages, searches, differences."""

from __future__ import annotations

from pathlib import Path

from e2e.changes import chat_called, never_migrated
from e2e.stage import Stage, open_stage, query
from e2e.takeouts import ANNA, Watch, photo
from e2e.test_protected import captioned_world
from tobs.core.filters import parse_filter
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest
from tobs.core.span import parse_span
from tobs.simulator.corpus import people
from tobs.simulator.faults import FaultScript, StrangeTypes
from tobs.simulator.world import WORLDS, World

REMEMBERED = 100_000


def remembering(world: World) -> World:
    """Return the world with a server that tells what changed however long ago."""
    world.forgets_after = REMEMBERED
    return world


async def test_an_edit_in_a_protected_private_chat_is_found_under_takeout(tmp_path: Path) -> None:
    world, watch = remembering(captioned_world(ANNA, caption="Look")), Watch()
    async with open_stage(world, tmp_path, faults=watch) as stage:
        await stage.export(str(ANNA), output=tmp_path / "out", takeout="never")
        edited = [*world.ids(ANNA)][-3]
        world.edit_message(ANNA, edited, "An edited caption")
        report = await stage.export(str(ANNA), output=tmp_path / "out", takeout="always")
        assert (report.exit_code, report.takeout, report.chats[0].edited) == (0, "used", 1)
        assert not [each for each in watch.asked("messages.getMessages") if each.takeout_id]
        found = query(tmp_path / "out", "SELECT kind, text FROM messages WHERE id = ?", edited)
        assert found == [("photo", "An edited caption")]


async def test_an_unreadable_message_hides_no_media_of_a_protected_channel(tmp_path: Path) -> None:
    world = remembering(WORLDS["tree"](1, 0))
    vault = chat_called(world, "Vault")
    for number in range(10):
        world.add_message(vault.marked, f"caption {number}", media=photo(f"s/{number}"), post=True)
    unreadable = [*world.ids(vault.marked)][-8]
    watch = Watch(StrangeTypes(parts={unreadable}))
    async with open_stage(world, tmp_path, faults=watch) as stage:
        report = await stage.export(str(vault.marked), output=tmp_path / "out", takeout="always")
        assert (report.exit_code, report.chats[0].unreadable) == (3, [unreadable])
        kinds = query(tmp_path / "out", "SELECT DISTINCT kind FROM messages WHERE text LIKE 'caption%'")
        assert kinds == [("photo",)]


async def find_and_lose(stage: Stage, output: Path) -> tuple[int, RunReport]:
    """Let a search store the newest message of a chat, delete it, and export the chat."""
    world, chat = stage.world, chat_called(stage.world, "Rowing Club")
    world.add_message(chat.marked, "hello", sender=people.ANNA)
    newest = max(world.ids(chat.marked))
    wanted = parse_filter((str(people.ANNA),), [])
    await stage.run(ExportRequest((str(chat.marked),), output, filter=wanted))
    world.delete_message(chat.marked, newest)
    return newest, await stage.export(str(chat.marked), output=output)


async def test_what_a_search_found_above_the_top_is_missed_when_it_is_gone(tmp_path: Path) -> None:
    async with open_stage(remembering(never_migrated(WORLDS["small"](1, 0))), tmp_path) as stage:
        newest, report = await find_and_lose(stage, tmp_path / "out")
        assert report.chats[0].deleted == 1
        assert query(tmp_path / "out", "SELECT id FROM deletions") == [(newest,)]


async def test_a_part_of_a_chat_does_not_pass_an_unreadable_newest_message_in_silence(tmp_path: Path) -> None:
    world = remembering(WORLDS["small"](1, 0))
    chat = chat_called(world, "Harbour News")
    strange = StrangeTypes(messages={max(world.ids(chat.marked))})
    async with open_stage(world, tmp_path, faults=FaultScript([strange])) as stage:
        request = ExportRequest((str(chat.marked),), tmp_path / "out", span=parse_span(since="2000"))
        report = await stage.run(request)
        assert report.exit_code == 1
        assert "newest message of Harbour News" in report.chats[0].error
