from __future__ import annotations

import asyncio
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.rows import LIBRARY, TEAM, commit, row
from tobs.archive.store import SqliteArchive, open_archive
from tobs.core.model import Chat
from tobs.core.ranges import Range
from tobs.core.report import Tally

_SPANS = st.builds(lambda low, size: Range(low, low + size), st.integers(1, 60), st.integers(0, 15))
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), _SPANS),
        st.tuples(st.just("cover"), _SPANS),
        st.tuples(st.just("search"), _SPANS),
        st.tuples(st.just("break off"), _SPANS),
    ),
    max_size=12,
)


async def test_ids_are_stored_empty_or_unknown(archive: SqliteArchive, team: Chat) -> None:
    await archive.note_asked(team, Range(1, 100))
    await commit(archive, team, [row(100), row(98), row(95)], covers=Range(91, 100))
    await commit(archive, team, [row(50)])

    assert await archive.tally(team) == Tally(stored=4, empty=7, unknown=89)


async def test_what_was_not_asked_for_does_not_count(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(100)], covers=Range(91, 100))
    assert await archive.tally(team) == Tally()
    await archive.note_asked(team, Range(95, 102))
    assert await archive.tally(team) == Tally(stored=1, empty=5, unknown=2)


async def test_of_a_thread_only_what_is_stored_or_unknown_counts(archive: SqliteArchive, team: Chat) -> None:
    await archive.note_asked(team, Range(1, 10))
    await commit(archive, team, [row(3), row(10)], covers=Range(1, 10))
    await archive.note_asked(team, Range(50, 100), 50)
    await commit(archive, team, [row(100), row(90)], covers=Range(80, 100), scope=50)
    assert await archive.tally(team) == Tally(stored=4, empty=8, unknown=30)
    await commit(archive, team, [row(60)])
    await commit(archive, team, [row(75)], covers=Range(70, 75))
    assert await archive.tally(team) == Tally(stored=6, empty=8, unknown=23)
    assert await archive.covered_ranges(team) == [Range(1, 10), Range(70, 75)]
    assert await archive.covered_ranges(team, 50) == [Range(1, 10), Range(70, 75), Range(80, 100)]


@settings(max_examples=25, deadline=None)
@given(_STEPS, st.sets(st.integers(1, 75)))
def test_ranges_and_tally_agree_with_sets(steps: list[tuple[str, Range]], existing: set[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_compare_with_sets(Path(folder), steps, existing))


async def _compare_with_sets(folder: Path, steps: list[tuple[str, Range]], existing: set[int]) -> None:
    asked: set[int] = set()
    covered: set[int] = set()
    stored: set[int] = set()
    marked: set[int] = set()
    archive = await open_archive(folder, library=LIBRARY)
    chat = await archive.add_chat(TEAM)
    for what, span in steps:
        ids = set(range(span.low, span.high + 1))
        if what == "ask":
            asked |= ids
            await archive.note_asked(chat, span)
            continue
        if what == "break off":
            marked.add(span.low)
            await commit(archive, chat, [], unreadable=span.low, covers=span)
            covered |= ids
            continue
        stored |= ids & existing
        marked -= ids & existing
        covered |= ids if what == "cover" else set()
        rows = [row(each) for each in sorted(ids & existing, reverse=True)]
        await commit(archive, chat, rows, covers=span if what == "cover" else None)

    found = await archive.covered_ranges(chat)
    tally = await archive.tally(chat)
    await archive.close()

    assert {number for each in found for number in range(each.low, each.high + 1)} == covered
    assert all(one.high + 1 < other.low for one, other in pairwise(found))
    assert tally.stored == len(asked & stored - marked)
    assert tally.unreadable == len(asked & marked)
    assert tally.empty == len(asked & covered - stored - marked)
    assert tally.unknown == len(asked - covered - stored - marked)
