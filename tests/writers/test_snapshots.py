"""Notes to be read by eye: open the .md files beside this one."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tobs.core.fidelity import Omissions, sum_omissions
from tobs.core.model import Chat
from tobs.core.request import Projection
from tobs.writers.registry import make_writer
from writers.changed import make_changed, make_emptied
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


def month(reader: MemoryReader, chat: Chat, zone: str, **options: Any) -> str:
    writer = make_writer("markdown", reader, Projection(zone, **options))
    days = [(None, day) for day in reader.days(chat, topic_id=None)]
    [part] = [each for partition in writer.partitions(chat, days) for each in writer.list_parts(partition)]
    [rendering] = writer.render_part(part)
    return rendering.body.decode()


def test_a_month_of_a_group_with_every_kind_of_message(note: SnapshotAssertion) -> None:
    assert month(make_team(), TEAM, "Europe/Berlin") == note


def test_a_month_of_a_channel(note: SnapshotAssertion) -> None:
    assert month(make_channel(), CHANNEL, "UTC") == note


def test_the_note_of_a_group(note: SnapshotAssertion) -> None:
    assert (
        make_writer("markdown", make_team(), Projection("Europe/Berlin"))
        .list_about(TEAM, Omissions())[0]
        .body.decode()
        == note
    )


def test_the_note_of_a_channel(note: SnapshotAssertion) -> None:
    assert (
        make_writer("markdown", make_channel(), Projection())
        .list_about(CHANNEL, Omissions())[0]
        .body.decode()
        == note
    )


def test_the_note_of_all_chats(note: SnapshotAssertion) -> None:
    reader = make_team()
    reader.add(CHANNEL, make_channel().messages(CHANNEL, topic_id=None, start=0, end=2**62))
    assert make_writer("markdown", reader, Projection()).list_index()[0].body.decode() == note


def test_a_month_in_which_messages_were_deleted_and_edited(note: SnapshotAssertion) -> None:
    assert month(make_changed(), TEAM, "Europe/Berlin") == note


def test_a_month_with_earlier_versions(note: SnapshotAssertion) -> None:
    assert month(make_changed(), TEAM, "Europe/Berlin", show_edits=True) == note


def test_a_month_without_what_was_deleted(note: SnapshotAssertion) -> None:
    body = month(make_changed(), TEAM, "Europe/Berlin", keep_deleted="hide")
    assert body == note
    assert "gone with" not in body
    assert "deleted, noticed" not in body


def test_a_month_of_which_nothing_is_left_is_still_a_note(note: SnapshotAssertion) -> None:
    assert month(make_emptied(), TEAM, "UTC", keep_deleted="hide") == note


def test_the_note_of_a_group_says_what_its_notes_do_not_show() -> None:
    def list_lines(omissions: Omissions, **options: Any) -> list[str]:
        writer = make_writer("markdown", make_changed(), Projection(**options))
        said = writer.list_about(TEAM, omissions)[0].body.decode().rsplit("## Not shown here", 1)[1]
        return [each.removeprefix("- ") for each in said.splitlines() if each.startswith("- ")]

    earlier, deleted = "earlier versions of edited messages", "deleted messages"
    assert list_lines(Omissions()) == [earlier]
    assert list_lines(Omissions(), show_edits=True) == []
    assert list_lines(Omissions(), keep_deleted="hide") == [deleted, earlier]
    seen = Counter(
        {frozenset({"counters.poll.recent"}): 3, frozenset({"is_silent"}): 9, frozenset({"new"}): 1200}
    )
    polls = ["1,200 × new", "3 polls whose voters are not shown"]
    assert list_lines(sum_omissions(seen)) == [earlier, *polls]


def test_a_note_of_changes_holds_nothing_strange() -> None:
    body = month(make_changed(), TEAM, "Europe/Berlin", show_edits=True).split("---\n", 2)[2]
    assert not {kind for _, kinds in read_marked(body) for kind in kinds} & (STRANGE - {"code_block"})


def test_a_note_of_everything_holds_nothing_strange() -> None:
    body = month(make_team(), TEAM, "Europe/Berlin").split("---\n", 2)[2]
    assert not {kind for _, kinds in read_marked(body) for kind in kinds} & STRANGE


def test_the_same_archive_gives_the_same_bytes() -> None:
    assert month(make_team(), TEAM, "Europe/Berlin") == month(make_team(), TEAM, "Europe/Berlin")
