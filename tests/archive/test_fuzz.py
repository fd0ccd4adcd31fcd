"""A spoilt archive is refused or read, and nothing else happens: no traceback, no endless question."""

from __future__ import annotations

import asyncio
import struct
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from archive.rows import ALICE, FORUM, LIBRARY, TEAM, commit, peer, row
from tobs.archive.checks import ArchiveChecks
from tobs.archive.info import archive_info
from tobs.archive.read import ArchiveReader
from tobs.archive.store import open_archive
from tobs.core.model import Chat, TopicRow, WantRow
from tobs.core.ports.reader import ALL_TIME
from tobs.core.ranges import Range
from tobs.core.request import Projection
from tobs.errors import TobsError

CASES, LONG_CASES, USES = 30, 2_500, 4
"""How many archives a test tries, and in how many ways it uses each."""
CHATS = (TEAM, FORUM, ALICE)


class Change(NamedTuple):
    """What happens to the file: `place` is a share of it."""

    kind: str
    place: float
    length: int
    word: int


changes = st.builds(
    Change,
    st.sampled_from(("byte", "byte", "word", "zero", "cut", "move", "text")),
    st.floats(0, 1, exclude_max=True),
    st.integers(1, 255),
    st.integers(0, 0xFFFFFFFF),
)


@cache
def find_used(whole: bytes) -> list[int]:
    return [place for place, byte in enumerate(whole) if byte]


def spoil(whole: bytes, made: list[Change]) -> bytes:
    """Return the file after all that happened to it, mostly where something stands."""
    raw, used = bytearray(whole), find_used(whole)
    for each in made:
        place = min(used[int(each.place * len(used))], len(raw) - 1)
        end = place + each.length
        if each.kind == "byte" and raw:
            raw[place] ^= each.length
        elif each.kind == "word":
            raw[place : place + 4] = struct.pack(">I", each.word)
        elif each.kind == "zero":
            raw[place:end] = bytes(len(raw[place:end]))
        elif each.kind == "cut" and each.word % 4 == 0:
            del raw[place:]
        elif each.kind == "move":
            start = each.word % max(1, len(raw))
            part = raw[start : start + each.length]
            raw[place : place + len(part)] = part
        elif each.kind == "text":
            # What stands in JSON, so that values are spoilt that SQLite itself has nothing against.
            found = raw.find(b"{", place)
            if found >= 0:
                raw[found : found + 1] = b"["
    return bytes(raw)


async def _make(output: Path) -> Path:
    archive = await open_archive(output, library=LIBRARY)
    await archive.keep_projection(Projection("Europe/Berlin"))
    for each in CHATS:
        chat = await archive.add_chat(each)
        rows = [
            row(
                number, f"message {number}", topic_id=5 if each is FORUM else None, content='{"author":"Ann"}'
            )
            for number in range(1, 31)
        ]
        await commit(
            archive,
            chat,
            rows,
            covers=Range(1, 30),
            peers=[peer(42, "Alice")],
            topics=[TopicRow(5, "Topic", 5)] if each is FORUM else [],
            wants=[WantRow(3, "document", 9, "document", 1000, "text/plain", "a.txt")],
        )
        await commit(archive, chat, [row(7, "changed", edit_date=99_999)], at=2000.0)
        await archive.note_asked(chat, Range(1, 30))
    await archive.close()
    return archive.path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return asyncio.run(_make(tmp_path_factory.mktemp("whole"))).read_bytes()


def read_all(path: Path) -> None:
    reader = ArchiveReader(path, is_still=True)
    try:
        for chat in reader.chats():
            _read_chat(reader, chat)
    finally:
        reader.close()


def _read_chat(reader: ArchiveReader, chat: Chat) -> None:
    start, end = ALL_TIME
    reader.summary(chat)
    reader.topics(chat)
    for each in reader.messages(chat, topic_id=None, start=start, end=end):
        reader.peer_name(each.sender_id or 0)
    reader.part_starts(chat, topic_id=None, start=start, end=end, size=10)
    reader.days(chat, topic_id=None)
    reader.versions(chat, 7)
    reader.file_state(chat, "document", 9)
    reader.settled_from(chat)


def check_all(path: Path) -> None:
    checks = ArchiveChecks(path, is_still=True)
    try:
        list(checks.find_damage())
        for chat in checks.chats():
            checks.account(chat)
            checks.changes(chat)
            list(checks.find_unproved(chat))
            checks.media(chat)
        for answer in checks.answers(checks.chats(), after=0, limit=100):
            checks.taken(answer)
        checks.projection()
        checks.last_run()
    finally:
        checks.close()


async def write_more(path: Path) -> None:
    archive = await open_archive(path.parent.parent, library=LIBRARY)
    try:
        await archive.keep_projection(Projection("Europe/Berlin"))
        chat = await archive.add_chat(TEAM)
        await archive.covered_ranges(chat)
        await commit(
            archive, chat, [row(7), row(8, "changed", edit_date=99_999), row(31)], covers=Range(7, 31)
        )
        await archive.tally(chat)
    finally:
        await archive.close()


def use(path: Path, whole: bytes, made: list[Change]) -> list[str]:
    """Do all that commands do with an archive; return how often it was refused."""
    raw = spoil(whole, made)
    refused = []
    for work in (archive_info, read_all, check_all, lambda each: asyncio.run(write_more(each))):
        for each in path.parent.iterdir():
            each.unlink(missing_ok=True)
        path.write_bytes(raw)
        path.chmod(0o600)
        try:
            work(path)
        except TobsError as error:
            refused.append(type(error).__name__)
    return refused


def run_cases(folder: Path, whole: bytes, count: int, start: int) -> None:
    path = folder / ".tobs" / "archive.sqlite"
    path.parent.mkdir(mode=0o700)
    calm = settings(max_examples=count, deadline=None, database=None, suppress_health_check=[*HealthCheck])

    @seed(start)
    @calm
    @given(st.lists(changes, min_size=1, max_size=5))
    def run(made: list[Change]) -> None:
        use(path, whole, made)

    run()


def test_a_spoilt_archive_is_read_or_refused(tmp_path: Path, whole: bytes) -> None:
    run_cases(tmp_path, whole, CASES, 0)


@pytest.mark.long
@pytest.mark.parametrize("start", range(1, 11))
def test_a_hundred_thousand_uses_of_spoilt_archives_end_with_an_answer(
    tmp_path: Path, whole: bytes, start: int
) -> None:
    run_cases(tmp_path, whole, LONG_CASES, start)
