"""Lines for programs: with everything that the archive has."""

from __future__ import annotations

import msgspec

from tobs.core.model import Chat
from tobs.core.ports.reader import FileState
from tobs.core.request import Projection
from tobs.writers.jsonl.line import Line, make_schema
from tobs.writers.registry import make_writer
from tobs.writers.told import drop_blank
from writers.changed import make_changed
from writers.corpus import CHANNEL, TEAM, make_channel, make_team
from writers.memory import MemoryReader


def draw_lines(reader: MemoryReader, chat: Chat, projection: Projection = Projection()) -> list[bytes]:  # noqa: B008
    writer = make_writer("jsonl", reader, projection)
    [partition] = writer.partitions(chat, [(None, day) for day in reader.days(chat, topic_id=None)])
    parts = [each for part in writer.list_parts(partition) for each in writer.render_part(part)]
    return b"".join(each.body for each in parts).splitlines()


def read_lines(reader: MemoryReader, chat: Chat, projection: Projection = Projection()) -> list[Line]:  # noqa: B008
    return [msgspec.json.decode(each, type=Line) for each in draw_lines(reader, chat, projection)]


def test_a_line_holds_all_that_the_archive_has_of_a_message() -> None:
    for reader, chat in ((make_team(), TEAM), (make_channel(), CHANNEL)):
        stored = list(reader.messages(chat, topic_id=None, start=0, end=2**62))
        lines = read_lines(reader, chat)
        assert [each.id for each in lines] == [each.id for each in stored]
        for line, message in zip(lines, stored, strict=True):
            assert (line.text, line.kind, line.content, line.counters) == (
                message.text,
                message.kind,
                drop_blank(message.content),
                drop_blank(message.counters),
            )
            assert (line.sender_id or None, line.reply_to_id or None, line.album_id or None) == (
                message.sender_id or None,
                message.reply_to_id or None,
                message.album_id or None,
            )


def test_lines_say_names_moments_and_actions_in_words() -> None:
    found = read_lines(make_team(), TEAM)
    assert all(each.sender for each in found if each.sender_id)
    assert all(each.date.endswith("Z") and len(each.date) == 20 for each in found)
    assert all(each.action for each in found if each.kind == "service")


def test_a_file_is_named_by_its_path_or_by_why_it_is_not_there() -> None:
    reader = make_team()
    files = [each for line in read_lines(reader, TEAM) for each in line.files]
    assert files
    assert all(bool(each.path) is not bool(each.reason) for each in files)
    missing = next(each for each in files if not each.path)
    reader.files[missing.id] = FileState("done", path=f"{TEAM.basename}/media/a b.jpg")
    again = [each for line in read_lines(reader, TEAM) for each in line.files if each.id == missing.id]
    assert {(each.path, each.reason) for each in again} == {("media/a b.jpg", "")}


def test_earlier_versions_and_deletions_are_told_as_the_folder_shows_them() -> None:
    plain, shown = (
        read_lines(make_changed(), TEAM, Projection("Europe/Berlin", show_edits=each))
        for each in (False, True)
    )
    assert not any(each.earlier for each in plain)
    assert any(each.earlier for each in shown)
    gone = [each.id for each in plain if each.gone]
    hidden = read_lines(make_changed(), TEAM, Projection(keep_deleted="hide"))
    assert gone
    assert [each.id for each in plain if not each.gone] == [each.id for each in hidden]


def test_what_holds_its_default_is_left_out() -> None:
    line = draw_lines(make_team(), TEAM)[0]
    assert b'""' not in line
    assert b"null" not in line
    assert b"[]" not in line


def test_the_schema_names_every_field_of_a_line() -> None:
    schema = make_schema()
    line = schema["$defs"]["Line"]
    assert set(line["properties"]) == set(Line.__struct_fields__)
    assert line["required"] == ["version", "chat_id", "id", "date", "kind"]


def test_a_file_that_disappears_when_it_is_opened_says_so() -> None:
    fleeting = [
        each
        for each in read_lines(make_team(), TEAM)
        if each.content and each.content.media and each.content.media.ttl_seconds
    ]
    assert {each.reason for line in fleeting for each in line.files} == {
        "left alone, since it disappears when opened"
    }
