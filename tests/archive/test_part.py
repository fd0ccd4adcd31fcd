"""A part of an archive reads as an archive that never had more."""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from archive.rows import LIBRARY, TEAM, commit, peer, row
from tobs.archive.part import PartReader
from tobs.archive.read import ArchiveReader
from tobs.archive.store import open_archive
from tobs.core.fidelity import Omissions
from tobs.core.model import Chat, MessageRow, WantRow
from tobs.core.ports.reader import Extent, FileState
from tobs.core.request import LayoutName, Projection
from tobs.export.project import list_partitions
from tobs.writers.registry import FORMATS, make_writer

HOUR = 3600
START, END = 40 * 86_400 + 5 * HOUR, 75 * 86_400 + 17 * HOUR
EXTENT = Extent(start=START, end=END, since="1970-02-10", until="1970-03-17")
GROUP = Chat(77, -412, "group", "Team chat")


def rows(shift: int = 0) -> list[MessageRow]:
    """A message each five hours, albums of three, and answers to the one before the last."""
    return [
        row(
            each,
            f"Words {each}",
            date=each * 5 * HOUR + shift,
            sender_id=42 + each % 2,
            album_id=each // 3 if each % 20 < 6 else None,
            reply_to_id=each - 2 if each % 7 == 0 else None,
        )
        for each in range(1, 500)
    ]


@asynccontextmanager
async def filled(folder: Path, extent: Extent | None) -> AsyncIterator[ArchiveReader]:
    """Give a reader of all messages, or of an archive that only ever had those of the extent."""
    archive = await open_archive(folder, library=LIBRARY)
    team = await archive.add_chat(TEAM, group=GROUP)
    group, _ = await archive.halves(team)
    for chat, found in ((group, rows()), (team, rows(HOUR))):
        kept = [each for each in found if not extent or extent.start <= each.date < extent.end]
        await commit(archive, chat, kept, peers=[peer(42, "Alice"), peer(43, "Bob")])
    await archive.close()
    with closing(ArchiveReader(archive.path)) as reader:
        yield reader


def draw(reader: ArchiveReader, name: str, layout: LayoutName) -> dict[str, bytes]:
    """Return the files of a chat by path; joined ones by the number of the part as well."""
    writer = make_writer(name, reader, Projection("Europe/Berlin", 50, layout=layout))
    [_, team] = reader.chats()
    drawn = {each.path: each.body for each in (*writer.list_about(team, Omissions()), *writer.list_index())}
    for partition in list_partitions(reader, writer, team):
        for part in writer.list_parts(partition):
            for rendering in writer.render_part(part):
                drawn[f"{rendering.path} {part.number}"] = rendering.body
    return drawn


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("layout", get_args(LayoutName))
async def test_a_part_is_drawn_as_an_archive_that_never_had_more(
    tmp_path: Path, name: str, layout: LayoutName
) -> None:
    async with filled(tmp_path / "all", None) as whole, filled(tmp_path / "part", EXTENT) as small:
        small.extent = EXTENT
        with closing(PartReader(whole._path, EXTENT)) as part:
            found, wanted = draw(part, name, layout), draw(small, name, layout)
            # What an answer to a message outside says is the one thing that only the archive of all can know.
            named = [path for path, body in found.items() if b"which is not in this part" in body]
            assert len(named) <= 2
            assert {path: found[path] for path in found if path not in named} == {
                path: wanted[path] for path in wanted if path not in named
            }
            assert len(found) > 1
            sent = pickle.loads(pickle.dumps(part))  # noqa: S301 - our own bytes
            assert draw(sent, name, layout) == found
            sent.close()


async def test_an_answer_to_a_message_outside_names_it(tmp_path: Path) -> None:
    async with filled(tmp_path, None) as whole:
        [_, team] = whole.chats()
        outside = whole.message(team, 215)
        assert outside
        extent = replace(EXTENT, start=outside.date + 1)
        with closing(PartReader(whole._path, extent)) as part:
            said = b"".join(draw(part, "markdown", "single").values()).decode()
            assert "> *Message of Bob, 1970-02-14 21:00:00, which is not in this part*" in said
            assert "#^m215" not in said
            assert part.outside(team, 216) is None
            assert whole.outside(team, 215) is None


async def test_only_the_chats_of_the_part_are_there_and_files_are_not(tmp_path: Path) -> None:
    archive = await open_archive(tmp_path, library=LIBRARY)
    team = await archive.add_chat(TEAM)
    other = await archive.add_chat(Chat(0, -1000000000009, "channel", "News"))
    await commit(archive, team, [row(1)], wants=[WantRow(1, "photo", 5, "photo", 100, "image/jpeg", "")])
    await commit(archive, other, [row(1)])
    await archive.close()
    with closing(PartReader(archive.path, Extent(chats=frozenset({team.key}), left_out=1))) as part:
        assert part.chats() == [team]
        assert part.file_state(team, "photo", 5) == FileState("wanted")
        assert "*A part of an archive: 1 of 2 chats*" in draw_index(part)
        dated = replace(part.extent, since="1970-01-02", start=86_400)
        part.extent = dated
        assert part.summary(team).kinds == {}
        assert "since: 1970-01-02\n" in draw_index(part)


def draw_index(reader: ArchiveReader) -> str:
    return make_writer("markdown", reader, Projection()).list_index()[0].body.decode()
