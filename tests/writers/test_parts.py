"""Parts of notes, drawn one by one and in whichever process."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.rows import DAY, LIBRARY, TEAM, commit, peer, row
from export.memory import NoPool
from tobs._util.pool import Pool
from tobs.archive.read import ArchiveReader
from tobs.archive.store import open_archive
from tobs.core.model import Chat
from tobs.core.ports.writer import Part, Rendering, Writer
from tobs.core.request import Projection
from tobs.errors import Damaged
from tobs.export.draw import draw_ahead
from tobs.export.project import list_partitions
from tobs.writers.drawing import FormatWriter
from tobs.writers.markdown.format import Markdown
from tobs.writers.registry import make_writer
from util.chores import is_apart

PART_SIZE = 50


@pytest.fixture
async def chat(tmp_path: Path) -> Chat:
    """Two months of 200 messages, each an answer to the one thirty before."""
    archive = await open_archive(tmp_path, library=LIBRARY)
    team = await archive.add_chat(TEAM)
    rows = [
        row(each, f"Words {each}", date=each * DAY // 7, reply_to_id=each - 30 if each > 30 else None)
        for each in range(1, 401)
    ]
    await commit(archive, team, rows, peers=[peer(42, "Alice")])
    await archive.close()
    return team


@pytest.fixture
def reader(tmp_path: Path, chat: Chat) -> Iterator[ArchiveReader]:
    assert chat
    with closing(ArchiveReader(tmp_path / ".tobs" / "archive.sqlite")) as opened:
        yield opened


def list_parts(writer: Writer, reader: ArchiveReader, chat: Chat) -> list[Part]:
    return [part for each in list_partitions(reader, writer, chat) for part in writer.list_parts(each)]


def test_a_part_is_the_same_whatever_was_drawn_before_it(reader: ArchiveReader, chat: Chat) -> None:
    writer = make_writer("markdown", reader, Projection(part_size=PART_SIZE))
    in_order = [writer.render_part(each) for each in list_parts(writer, reader, chat)]
    assert len(in_order) > 6
    backwards = [writer.render_part(each) for each in reversed(list_parts(writer, reader, chat))]
    assert backwards[::-1] == in_order


def test_a_writer_that_was_sent_to_another_process_draws_the_same(reader: ArchiveReader, chat: Chat) -> None:
    writer = make_writer("markdown", reader, Projection(part_size=PART_SIZE))
    for part in list_parts(writer, reader, chat):
        sent_writer, sent_part = pickle.loads(pickle.dumps((writer, part)))  # noqa: S301 - our own bytes
        assert sent_writer.render_part(sent_part) == writer.render_part(part)


async def draw(pool: Pool | NoPool, writer: Writer, parts: list[Part]) -> list[list[Rendering]]:
    async with draw_ahead(pool, writer, parts) as take:
        return [await take() for _ in parts]


async def test_parts_drawn_on_all_cores_come_in_order(reader: ArchiveReader, chat: Chat) -> None:
    writer = make_writer("markdown", reader, Projection(part_size=PART_SIZE))
    parts = list_parts(writer, reader, chat)
    alone = await draw(NoPool(), writer, parts)
    async with Pool(2, processes=1) as pool:
        while not await pool.run_apart(is_apart):
            pass
        assert await draw(pool, writer, parts) == alone


class Breaking(FormatWriter):
    """Fails at the third part, and remembers how many it was asked for."""

    asked = 0

    def render_part(self, part: Part) -> list[Rendering]:
        self.asked += 1
        if part.number == 3:
            raise Damaged("Message 7 has a content that cannot be read.")
        return super().render_part(part)


async def test_what_cannot_be_drawn_ends_the_drawing_with_its_own_error(
    reader: ArchiveReader, chat: Chat
) -> None:
    writer = Breaking(Markdown(), reader, Projection(part_size=PART_SIZE))
    with pytest.raises(Damaged, match="Message 7"):
        await draw(NoPool(), writer, list_parts(writer, reader, chat))
    assert writer.asked < 6  # no more than what is drawn ahead
    assert len(asyncio.all_tasks()) == 1
