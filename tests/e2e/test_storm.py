"""Everything at once, by seed: kills, signals, floods, broken lines, bent pages, and a world that moves.

Each seed tells a story (storm.py) about a world (storm_world.py). When the story is over the world stands still, the
weather clears, and one run with `--refresh all` has to end with an archive that is the world, message by
message, with everything that was ever seen before it. The World itself is the judge, not what tobs counts.

What a failing seed did is printed with the failure.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.changes import listed_names
from e2e.stage import Stage, open_stage, query, read_tree
from e2e.storm import Storm, Story, Weather, tell_story
from e2e.storm_world import Chronicle, build_world, move_at_random, read_chat
from tobs.app.verifying import run_verify
from tobs.core.ids import is_channel
from tobs.core.model import MessageRow
from tobs.core.names import fold_name
from tobs.core.ports.services import Clock
from tobs.core.ranges import Range, clip_ranges, find_holes
from tobs.core.report import KnownFrom
from tobs.core.request import VerifyRequest
from tobs.simulator.changes import Changes
from tobs.simulator.model import Chat, World

SEEDS = range(1, 6)
LONG_SEEDS = range(6, 1_001)
COLUMNS = ", ".join(MessageRow._fields)
HEAD = re.compile(r".*\^m(\d+)$")
DAY = re.compile(r"## \d{4}-\d\d-\d\d$")


@pytest.fixture(autouse=True)
def draws_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have chats of a few pages drawn beside their fetching as well, which only large ones are worth."""
    monkeypatch.setattr("tobs.export.settled._PAGES", 2)


@pytest.mark.parametrize("seed", SEEDS)
async def test_after_any_storm_the_archive_is_the_world(tmp_path: Path, seed: int) -> None:
    await weather_storm(tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", LONG_SEEDS)
async def test_after_any_of_many_storms_the_archive_is_the_world(tmp_path: Path, seed: int) -> None:
    await weather_storm(tmp_path, seed)


async def weather_storm(folder: Path, seed: int) -> None:
    world = build_world(seed)
    chats = listed_names(world)
    story = tell_story(seed, chats)
    chronicle = Chronicle(world)
    weather, changes = Weather(), Changes(seed=seed, arrivals=0, edits=0, deletions=0, counters=0)
    with telling(story):
        async with open_stage(world, folder, faults=weather, changes=changes) as stage:
            storm = Storm(stage, weather, changes, story)
            chance = random.Random(f"moves {seed}")
            for step in story.steps:
                move_at_random(world, chance, step.moves)
                await storm.play(step)
                for chat in archived_chats(stage):
                    assert_nothing_is_lost(stage, chat)
            storm.clear_up()
            await finish_export(stage, chats, storm.clock)
            assert {each.marked for each in archived_chats(stage)} == set(map(int, chats))
            for chat in archived_chats(stage):
                assert_nothing_is_lost(stage, chat)
                assert_is_world(stage, chat, chronicle)
            await assert_is_proved(stage)
            await assert_draws_the_same(stage, story, storm.clock)


async def finish_export(stage: Stage, chats: list[str], clock: Clock) -> None:
    """Run to the end, and say what was really done; then once more, with nothing left to do."""
    counts = "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM versions), (SELECT count(*) FROM deletions)"
    before = query(stage.folder / "out", counts)[0] if archived_chats(stage) else (0, 0, 0)
    for _ in range(2):
        report = await stage.export(
            *chats, output=stage.folder / "out", clock=clock, refresh_window="all", decode_processes="0"
        )
        assert report.exit_code == 0, report
        after = query(stage.folder / "out", counts)[0]
        said = [(each.new, each.edited, each.deleted) for each in report.chats]
        assert [sum(each) for each in zip(*said, strict=True)] == [
            now - then for now, then in zip(after, before, strict=True)
        ]
        assert all(each.changes_known_from == KnownFrom(1) for each in report.chats), report
        before = after
    assert said == [(0, 0, 0)] * len(chats)
    assert not report.render.written


@contextmanager
def telling(story: Story) -> Iterator[None]:
    """Say with whatever fails which story it was."""
    try:
        yield
    except BaseException as error:
        error.add_note(
            f"{story}\nAgain: pytest tests/e2e/test_storm.py -m 'long or not long' -k '[{story.seed}]'"
        )
        raise


@dataclass(slots=True)
class Stored:
    """What an archive says about one chat."""

    rows: dict[int, MessageRow]
    gone: set[int]
    asked: list[Range]
    covered: list[Range]

    @property
    def there(self) -> list[MessageRow]:
        return [row for number, row in self.rows.items() if number not in self.gone]


def key_of(world: World, chat: Chat) -> tuple[int, int]:
    return (0 if is_channel(chat.marked) else world.owner, chat.marked)


def archived_chats(stage: Stage) -> list[Chat]:
    """Return the chats of which the archive knows, if there is one yet."""
    output = stage.folder / "out"
    if not (output / ".tobs" / "archive.sqlite").exists() or not query(
        output, "SELECT 1 FROM sqlite_master WHERE name = 'rendered'"
    ):
        return []
    found = [stage.world.chat(number) for (number,) in query(output, "SELECT id FROM chats")]
    return [each for each in found if each is not None]


def read_stored(output: Path, key: tuple[int, int]) -> Stored:
    where = "WHERE account = ? AND chat_id = ? ORDER BY"
    rows = query(output, f"SELECT {COLUMNS} FROM messages {where} id", *key)
    gone = query(output, f"SELECT id FROM deletions {where} id", *key)
    asked = query(output, f"SELECT low, high FROM asked {where} low", *key)
    covered = query(output, f"SELECT low, high FROM covered {where} low", *key)
    return Stored(
        {row[0]: MessageRow(*row) for row in rows},
        {number for (number,) in gone},
        [Range(*each) for each in asked],
        [Range(*each) for each in covered],
    )


def assert_nothing_is_lost(stage: Stage, chat: Chat) -> None:
    """Whatever is said to be accounted for is: at any time, also after a kill.

    Ids are given once and what is deleted does not come back, so a message that is there now was there
    whenever its id was covered.
    """
    found = read_stored(stage.folder / "out", key_of(stage.world, chat))
    there = set(stage.world.ids(chat.marked))
    covered = {number for span in found.covered for number in range(span.low, span.high + 1)}
    assert sorted(there & covered - found.rows.keys()) == [], "covered, but not stored"
    assert sorted(there & found.gone) == [], "said to be deleted, but there"


def assert_is_world(stage: Stage, chat: Chat, chronicle: Chronicle) -> None:
    """The archive is the world that stands still, with a past that really was."""
    output, key = stage.folder / "out", key_of(stage.world, chat)
    found, now = read_stored(output, key), read_chat(stage.world, chat)
    assert found.there == sorted(now.rows)
    if now.rows:
        assert find_holes(found.covered, Range(1, chat.top)) == []
        assert find_holes(clip_ranges(found.asked, Range(1, chat.top)), Range(1, chat.top)) == []
    past: dict[int, list[MessageRow]] = defaultdict(list)
    for row in query(
        output, f"SELECT {COLUMNS} FROM versions WHERE account = ? AND chat_id = ? ORDER BY id, number", *key
    ):
        past[row[0]].append(MessageRow(*row).settled())
    for number, row in found.rows.items():
        states = iter(chronicle.states[chat.marked, number])
        for state in (*past[number], row.settled()):
            assert any(state == each for each in states), f"message {number} never was {state}, or not then"
    wants = {(each.message_id, each.file_kind, each.file_id) for each in now.wants}
    kept = query(
        output, "SELECT message_id, file_kind, file_id FROM wants WHERE account = ? AND chat_id = ?", *key
    )
    assert {each for each in kept if each[0] not in found.gone} == wants


async def assert_is_proved(stage: Stage) -> None:
    settings = stage.settings.model_copy(update={"decode_processes": "0"})
    found = await run_verify(settings, VerifyRequest(stage.folder / "out"), stage.events.append)
    assert found.exit_code == 0, found
    assert not found.is_damaged
    assert not found.index.outdated + found.index.missing + found.index.foreign + found.index.changed
    for chat in found.chats:
        tally, notes = chat.account.tally, chat.notes
        assert (tally.unknown, tally.unreadable, chat.checked.skipped) == (0, 0, 0), chat
        assert tally.stored + tally.empty == sum(each.size for each in chat.account.asked), chat
        assert not notes.changed + notes.missing + notes.outdated + notes.foreign, chat


async def assert_draws_the_same(stage: Stage, story: Story, clock: Clock) -> None:
    """The notes are those of a first export of what the world is now (DESIGN section 6).

    Exactly, in a world that stood still. In one that moved the archive knows more than such an export: what was
    deleted, ids that were asked for above today's top, a topic's earlier name. So there each chat of which it knows
    nothing more has the same files, and of the others each message that is there the same block: but for
    the quote of what is gone or in a topic of another name, and for albums that lost a member.

    Of topics with one title the first one drawn has it for its name, for ever. A run that is limited or interrupted
    may draw the later one first, so that even in a world that stood still they may have each other's names.
    """
    output, whole = stage.folder / "out", stage.folder / "whole"
    chats = query(output, "SELECT account, id, basename FROM chats ORDER BY position")
    report = await stage.export(
        *(str(number) for _, number, _ in chats), output=whole, clock=clock, decode_processes="0"
    )
    assert report.exit_code == 0
    mine, fresh = read_tree(output), read_tree(whole)
    for account, chat_id, basename in chats:
        key = account, chat_id
        stored, again = read_stored(output, key), read_stored(whole, key)
        topics = read_topics(output, key), read_topics(whole, key)
        renamed = {number for number, _, _ in topics[0] ^ topics[1]}
        if not story.is_moving:
            assert (stored.gone, stored.asked) == (set(), again.asked)
            assert renamed <= find_namesakes(topics[1])
        if stored.gone or renamed or stored.asked != again.asked:
            assert_same_blocks(output / basename, whole / basename, stored, renamed)
        else:
            assert tree_of(mine, basename) == tree_of(fresh, basename)
    if not story.is_moving:
        assert mine["Chats.md"] == fresh["Chats.md"]


def tree_of(tree: dict[str, str], basename: str) -> dict[str, str]:
    return {path: hash_ for path, hash_ in tree.items() if path.startswith(f"{basename}/")}


def read_topics(output: Path, key: tuple[int, int]) -> set[tuple[int, str, str]]:
    return set(
        query(output, "SELECT id, title, basename FROM topics WHERE account = ? AND chat_id = ?", *key)
    )


def find_namesakes(topics: set[tuple[int, str, str]]) -> set[int]:
    """Return the topics that share their title with another one."""
    uses = Counter(fold_name(title) for _, title, _ in topics)
    return {number for number, title, _ in topics if uses[fold_name(title)] > 1}


def assert_same_blocks(mine: Path, fresh: Path, stored: Stored, renamed: set[int]) -> None:
    ours, theirs = read_blocks(mine), read_blocks(fresh)
    crippled = {stored.rows[each].album_id for each in stored.gone} - {None}
    shown = {each for each in ours if stored.rows[each].album_id not in crippled}
    assert shown - stored.gone == {each for each in theirs if stored.rows[each].album_id not in crippled}
    assert {row.id for row in stored.there if row.album_id is None} <= shown
    for number in shown - stored.gone:
        target = stored.rows.get(stored.rows[number].reply_to_id or 0)
        is_torn = target is not None and (
            target.id in stored.gone or target.topic_id in renamed or target.album_id in crippled
        )
        assert strip_quote(ours[number], is_torn) == strip_quote(theirs[number], is_torn), number
    for number in stored.gone & shown:
        assert "deleted, noticed 20" in ours[number]


def read_blocks(folder: Path) -> dict[int, str]:
    """Return what stands in a chat's dated notes about each message, its day first."""
    blocks: dict[int, str] = {}
    for note in sorted(folder.rglob("*-*.md")):
        day, number = "", 0
        for line in note.read_text().splitlines():
            if DAY.match(line):
                day, number = line, 0
            elif head := HEAD.match(line):
                number = int(head[1])
                assert number not in blocks, f"{number} stands in two places"
                blocks[number] = f"{day}\n{line}"
            elif number:
                blocks[number] += f"\n{line}"
    return {number: block.strip() for number, block in blocks.items()}


def strip_quote(block: str, is_torn: bool) -> str:
    """Return a block without the quote of what it answers, which stands below its head and where it was forwarded from."""
    paragraphs = block.split("\n\n")
    quote = next((each for each in paragraphs[1:3] if each.startswith(">")), None)
    if is_torn and quote is not None:
        paragraphs.remove(quote)
    return "\n\n".join(paragraphs)
