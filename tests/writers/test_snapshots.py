"""Notes to be read by eye: open the .md files beside this one."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tobs.core.model import Chat
from tobs.core.request import Projection
from tobs.writers.markdown.writer import MarkdownWriter
from writers.corpus import CHANNEL, TEAM, make_channel, make_team
from writers.dialect import read_marked
from writers.memory import MemoryReader

STRANGE = frozenset(
    {"code_block", "math_inline", "footnote_ref", "comment", "highlight", "hr", "image_error"}
)


class MarkdownNote(SingleFileSnapshotExtension):
    file_extension = "md"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def note(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(MarkdownNote)


def month(reader: MemoryReader, chat: Chat, zone: str) -> str:
    writer = MarkdownWriter(reader, Projection(zone))
    days = [(None, day) for day in reader.days(chat, topic_id=None)]
    [rendering] = [each for partition in writer.partitions(chat, days) for each in writer.render(partition)]
    return rendering.body.decode()


def test_a_month_of_a_group_with_every_kind_of_message(note: SnapshotAssertion) -> None:
    assert month(make_team(), TEAM, "Europe/Berlin") == note


def test_a_month_of_a_channel(note: SnapshotAssertion) -> None:
    assert month(make_channel(), CHANNEL, "UTC") == note


def test_the_note_of_a_group(note: SnapshotAssertion) -> None:
    assert MarkdownWriter(make_team(), Projection("Europe/Berlin")).render_about(TEAM).body.decode() == note


def test_the_note_of_a_channel(note: SnapshotAssertion) -> None:
    assert MarkdownWriter(make_channel(), Projection()).render_about(CHANNEL).body.decode() == note


def test_the_note_of_all_chats(note: SnapshotAssertion) -> None:
    reader = make_team()
    reader.add(CHANNEL, make_channel().messages(CHANNEL, topic_id=None, start=0, end=2**62))
    assert MarkdownWriter(reader, Projection()).render_index().body.decode() == note


def test_a_note_of_everything_holds_nothing_strange() -> None:
    body = month(make_team(), TEAM, "Europe/Berlin").split("---\n", 2)[2]
    assert not {kind for _, kinds in read_marked(body) for kind in kinds} & STRANGE


def test_the_same_archive_gives_the_same_bytes() -> None:
    assert month(make_team(), TEAM, "Europe/Berlin") == month(make_team(), TEAM, "Europe/Berlin")
