"""What holds for every format: one suite, over the registry."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from archive.rows import LIBRARY, TEAM, commit, peer, row
from tobs.archive.read import ArchiveReader
from tobs.archive.store import open_archive
from tobs.core.fidelity import Omissions
from tobs.core.model import Chat
from tobs.core.ports.writer import ABOUT, INDEX, Rendering, Writer
from tobs.core.request import FormatName, Projection
from tobs.errors import UsageError
from tobs.export.project import list_partitions
from tobs.writers.registry import FORMATS, make_writer
from writers.corpus import make_channel, make_team
from writers.memory import MemoryReader

DAY = 86_400


@pytest.fixture(params=sorted(FORMATS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def chat(tmp_path: Path) -> Chat:
    """Two months of 200 messages, each an answer to the one thirty before; albums of three."""
    archive = await open_archive(tmp_path, library=LIBRARY)
    team = await archive.add_chat(TEAM)
    rows = [
        row(
            each,
            f"Words {each}",
            date=each * DAY // 7,
            reply_to_id=each - 30 if each > 30 else None,
            album_id=each // 3 if each % 20 < 6 else None,
        )
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


def draw_files(writer: Writer, reader: ArchiveReader | MemoryReader, chat: Chat) -> dict[str, bytes]:
    """Return what stands on disk in the end."""
    files: dict[str, bytes] = {each.path: each.body for each in writer.list_about(chat, Omissions())}
    for partition in list_partitions(reader, writer, chat):
        parts = [each for part in writer.list_parts(partition) for each in writer.render_part(part)]
        if writer.traits.joins_parts:
            frame = writer.frame(partition)
            assert {each.path for each in parts} == {frame.path}
            bodies = [each.body for each in parts if each.body]
            files[frame.path] = frame.head + writer.traits.between.join(bodies) + frame.tail
        else:
            assert len({each.path for each in parts}) == len(parts)
            files |= {each.path: each.body for each in parts}
    return files


def test_every_format_that_can_be_chosen_is_there() -> None:
    assert {*get_args(FormatName)} == {*FORMATS}
    assert all(name == each.name for name, each in FORMATS.items())
    with pytest.raises(UsageError, match="no format “pdf”"):
        make_writer("pdf", MemoryReader(), Projection())


def test_the_same_archive_gives_the_same_bytes(name: str, reader: ArchiveReader, chat: Chat) -> None:
    one, other = (draw_files(make_writer(name, reader, Projection(part_size=50)), reader, chat) for _ in "ab")
    assert one == other
    assert sum(body.count(b"Words ") for body in one.values()) >= 400


def test_every_message_stands_there_once(name: str, reader: ArchiveReader, chat: Chat) -> None:
    files = draw_files(make_writer(name, reader, Projection(part_size=50)), reader, chat)
    said = b"".join(files.values())
    for each in range(1, 401):
        assert f"Words {each}".encode() in said, each


def test_part_size_changes_no_file_that_parts_share(name: str, reader: ArchiveReader, chat: Chat) -> None:
    small, large = (
        draw_files(make_writer(name, reader, Projection(part_size=size)), reader, chat) for size in (7, 4000)
    )
    is_joined = FORMATS[name].traits.joins_parts
    assert (small == large) is is_joined


def test_a_part_drawn_in_another_process_is_the_same(name: str, reader: ArchiveReader, chat: Chat) -> None:
    writer = make_writer(name, reader, Projection(part_size=50))
    for partition in list_partitions(reader, writer, chat):
        for part in writer.list_parts(partition):
            sent_writer, sent_part = pickle.loads(pickle.dumps((writer, part)))  # noqa: S301 - our own bytes
            assert sent_writer.render_part(sent_part) == writer.render_part(part)


@pytest.mark.parametrize("keep_deleted", ["mark", "hide"])
def test_a_chat_of_every_kind_of_message_is_drawn(name: str, keep_deleted: str) -> None:
    for reader in (make_team(), make_channel()):
        chat = reader.known_chats[0]
        projection = Projection("Europe/Berlin", keep_deleted="hide" if keep_deleted == "hide" else "mark")
        assert draw_files(make_writer(name, reader, projection), reader, chat)


def test_people_whose_names_are_shown_are_named(name: str, reader: ArchiveReader, chat: Chat) -> None:
    writer = make_writer(name, reader, Projection())
    [partition, *_] = list_partitions(reader, writer, chat)
    rendering = writer.render_part(writer.list_parts(partition)[0])[0]
    assert 42 in rendering.peers
    assert b"Alice" in rendering.body


def test_other_files_belong_to_their_own_partitions(name: str, reader: ArchiveReader, chat: Chat) -> None:
    writer = make_writer(name, reader, Projection())
    keys = {each.key for each in list_partitions(reader, writer, chat)}
    assert not keys & {ABOUT, INDEX}
    assert {each.partition for each in writer.list_about(chat, Omissions())} <= {ABOUT}
    assert {each.partition for each in writer.list_index()} <= {INDEX}


def test_a_file_that_is_not_joined_knows_its_fingerprint(
    name: str, reader: ArchiveReader, chat: Chat
) -> None:
    writer = make_writer(name, reader, Projection())
    found: list[Rendering] = [*writer.list_about(chat, Omissions()), *writer.list_index()]
    if writer.traits.joins_parts:
        assert (
            writer.fingerprint(b"x") == hashlib.sha256(b"x").hexdigest()
        )  # it is taken while the file grows
    assert all(each.fingerprint == writer.fingerprint(each.body) for each in found)
