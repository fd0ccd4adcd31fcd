"""Everything that can go wrong with files at once, by seed: addresses expire, files move, lines break, disks fill up.

Each seed tells a story (media_storm.py) about a world of files (media_world.py): several runs that choose differently,
are killed or told to stop, and meet faults. After each of them, and after a last quiet one that wants everything, every
file has the server's bytes or a reason, and no note leads nowhere. The server's own books are the judge.

What a failing seed did is printed with the failure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from e2e.downloaded import check_links, kept, media_of, stored
from e2e.media_storm import DISK_FULL, INTERRUPTED, MediaStep, MediaStorm, MediaStory, tell_story
from e2e.media_world import MediaWorld, build_media_world
from e2e.stage import Stage, open_stage, query, read_tree
from e2e.storm import Weather
from tobs.app.verifying import run_verify
from tobs.core.choice import MediaChoice, judge_file
from tobs.core.report import MediaTally, RunReport
from tobs.core.request import VerifyRequest

SEEDS = (8, 118)
"""Quick ones that have found something."""

LONG_SEEDS = sorted({*range(1, 209)} - {*SEEDS})
ALL = MediaChoice(max_bytes=0)


@pytest.mark.parametrize("seed", SEEDS)
async def test_after_any_storm_every_file_is_right_or_has_its_reason(tmp_path: Path, seed: int) -> None:
    await weather_storm(tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", LONG_SEEDS)
async def test_after_any_of_many_storms_every_file_is_right_or_has_its_reason(
    tmp_path: Path, seed: int
) -> None:
    await weather_storm(tmp_path, seed)


async def weather_storm(folder: Path, seed: int) -> None:
    made = build_media_world(seed)
    story, weather = tell_story(seed, made), Weather()
    with telling(story):
        async with open_stage(made.world, folder, faults=weather) as stage:
            storm = MediaStorm(stage, weather)
            books = Books(made, stage)
            books.trusts_hashes = not any(each.bends_hashes for each in story.steps)
            for step in story.steps:
                books.begin()
                code = await storm.play(step)
                if (storm.output / ".tobs/archive.sqlite").exists():
                    books.check_step(storm.output, step, code)
            storm.clear_up()
            await finish_export(stage, storm, story, books)
            await assert_is_proved(stage, storm, books)
            await assert_draws_the_same(stage, storm, story)


@contextmanager
def telling(story: MediaStory) -> Iterator[None]:
    """Say with whatever fails which story it was."""
    try:
        yield
    except BaseException as error:
        again = f"pytest tests/e2e/test_media_storm.py -m 'long or not long' -k '[{story.seed}]'"
        error.add_note(f"{story}\nAgain: {again}")
        raise


class Books:
    """What the server knows, held against what the archive and the folder say."""

    def __init__(self, made: MediaWorld, stage: Stage) -> None:
        self.made = made
        self._stage = stage
        self._find = kept(made.world)
        self.trusts_hashes = True
        self._here: set[int] = set()
        self._contents: set[str] = set()
        self._asked: Counter[tuple[int, str, int]] = Counter()

    def begin(self) -> None:
        """Note what the server was asked for so far."""
        self._asked = self._stage.simulator.downloads.asked.copy()

    def check_step(self, output: Path, step: MediaStep, code: int) -> None:
        """Hold everything that must be so however a run ended."""
        self._check_rows(output)
        self._check_asked(output, is_calm=step.is_calm)
        if code == -9:
            return
        check_links(output)
        if code not in {DISK_FULL, INTERRUPTED}:
            self.check_ended(output, step.choice, step.chats)

    def check_ended(self, output: Path, choice: MediaChoice, chats: list[str]) -> None:
        """Hold what must be so after a run that went to its end, whatever went wrong with files."""
        tallies = {str(each.id): each.media for each in read_report(output).chats}
        there = media_of(output)
        for chat in chats:
            entity = self.made.world.peers[int(chat)]
            is_sealed = bool(getattr(entity, "noforwards", None))
            told, said = tallies[chat], count_files(output, chat, choice, is_sealed=is_sealed)
            assert told == said, (chat, told, said)
            assert not told.wanted, (chat, told)
        shown = {sha for sha, state in query(output, "SELECT sha256, state FROM files") if state == "done"}
        assert shown == there.keys(), "what is done does not stand in the folder, or something else does"

    def check_all(self, output: Path) -> None:
        """Hold what must be so when nothing went wrong: only what cannot be had is not here."""
        self._check_rows(output)
        self._check_asked(output, is_calm=True)
        check_links(output)
        hopeless = self.made.empty | self.made.false
        for number, (state, reason, _) in stored(output).items():
            expected = {"failed"} if number in hopeless else {"done"}
            assert state in expected | {"withheld"}, (number, state, reason)

    def _check_rows(self, output: Path) -> None:
        for number, (state, reason, sha256) in stored(output).items():
            if state == "done":
                assert number not in self.made.empty | self.made.false
                assert sha256 == self._find(number), f"{number} is not what the server has"
            elif state != "wanted":
                assert reason, number

    def _check_asked(self, output: Path, *, is_calm: bool) -> None:
        """See that no content was asked for that was here before the run.

        Where comparisons may fail, that holds for the very files alone.
        """
        asked = {number for number, _, _ in self._stage.simulator.downloads.asked - self._asked}
        assert not asked & self._here, "what was here was asked for again"
        if is_calm and self.trusts_hashes:
            assert not {self._find(number) for number in asked} & self._contents, "a content came again"
        for number, (state, _, sha256) in stored(output).items():
            if state == "done":
                self._here.add(number)
                self._contents.add(sha256)


def read_report(output: Path) -> RunReport:
    """Return the report of the last run."""
    latest = max((output / ".tobs/runs").glob("*.json"), key=lambda each: each.stat().st_mtime_ns)
    return msgspec.json.decode(latest.read_bytes(), type=RunReport)


def count_files(output: Path, chat: str, choice: MediaChoice, *, is_sealed: bool) -> MediaTally:
    """Return what became of a chat's files, counted from the rows.

    What is open since another chat shows it is withheld in one that is sealed.
    """
    found = MediaTally()
    for kinds, state, reason, size_bytes, mime, name, stored_bytes in query(
        output,
        "SELECT group_concat(DISTINCT media_kind), state, reason, size_bytes, mime, name, stored_bytes FROM wants"
        " JOIN files ON kind = file_kind AND files.id = file_id WHERE chat_id = ? GROUP BY kind, files.id",
        int(chat),
    ):
        left_out = judge_file(choice, kinds.split(","), size_bytes, mime, name)
        if state == "done":
            found.done += 1
            found.done_bytes += stored_bytes
        elif state == "withheld":
            found.withheld += 1
        elif left_out == "not selected":
            found.not_selected += 1
        elif left_out:
            found.too_large += 1
        elif is_sealed:
            found.withheld += 1
        elif state == "failed":
            found.failed[reason] = found.failed.get(reason, 0) + 1
        else:
            found.wanted += 1
    return found


async def export_all(
    stage: Stage, storm: MediaStorm, story: MediaStory, output: Path, chats: list[str]
) -> RunReport:
    layouts: dict[str, Any] = story.layouts
    return await stage.export(
        *chats, output=output, media=ALL, clock=storm.clock, min_free_space=0, **layouts
    )


async def finish_export(stage: Stage, storm: MediaStorm, story: MediaStory, books: Books) -> None:
    """Get all that can be had; then once more, with nothing left to ask for."""
    chats = books.made.chats
    books.begin()
    report = await export_all(stage, storm, story, storm.output, chats)
    assert report.exit_code in {0, 3}, report
    books.check_all(storm.output)
    books.check_ended(storm.output, ALL, chats)
    tree, sent = read_tree(storm.output), stage.simulator.downloads.total_bytes
    again = await export_all(stage, storm, story, storm.output, chats)
    assert (again.exit_code, [each.media for each in again.chats]) == (
        report.exit_code,
        [each.media for each in report.chats],
    )
    assert read_tree(storm.output) == tree
    assert stage.simulator.downloads.total_bytes - sent <= sum(1 for _ in books.made.false) << 21


async def assert_is_proved(stage: Stage, storm: MediaStorm, books: Books) -> None:
    found = await run_verify(stage.settings, VerifyRequest(storm.output), stage.events.append)
    is_short = any(state == "failed" for state, _, _ in stored(storm.output).values())
    assert found.exit_code == (3 if is_short else 0), found
    assert not found.is_damaged, found
    assert not sum(each.account.tally.unknown for each in found.chats)
    assert not found.media.missing.count + sum(each.media.missing.count for each in found.chats)


async def assert_draws_the_same(stage: Stage, storm: MediaStorm, story: MediaStory) -> None:
    """The folder is that of one quiet export of the same chats in the order in which they came here."""
    order = query(storm.output, "SELECT id FROM chats ORDER BY position")
    whole = stage.folder / "whole"
    await export_all(stage, storm, story, whole, [str(number) for (number,) in order])
    assert read_tree(storm.output) == read_tree(whole)
