"""Notes of whole months: parts, albums, borders of months, and what links to what."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tobs.core.fidelity import Omissions
from tobs.core.media import File, Media
from tobs.core.model import Action, Chat, Content, Forward, Message, Reply
from tobs.core.ports.reader import ChatSummary, FileState, Topic
from tobs.core.ports.writer import Rendering
from tobs.core.request import LayoutName, Projection
from tobs.errors import UsageError
from tobs.writers.registry import make_writer
from writers.corpus import TEAM, at
from writers.memory import MemoryReader, make_message

FORUM = Chat(0, -1_000_000_000_099, "forum", "Forum", "", "Forum")
ANCHOR = re.compile(r" \^([gm]\d+)$", re.MULTILINE)
LINK = re.compile(r"\[\[([^\]|#]+)#\^([gm]\d+)\|")
NOTE_LINK = re.compile(r"\[\[([^\]|#/]+)(?:\|[^\]]+)?\]\]")


def draw(
    reader: MemoryReader,
    chat: Chat = TEAM,
    *,
    zone: str = "UTC",
    size: int = 4000,
    layout: LayoutName = "month",
) -> dict[str, Rendering]:
    """Return all files of a chat by path, as a first rendering makes them."""
    writer = make_writer("markdown", reader, Projection(zone, size, layout=layout))
    topics = [*reader.topics(chat)] if chat.kind == "forum" else [None]
    days = [(topic, day) for topic in topics for day in reader.days(chat, topic_id=topic)]
    days += [(None, day) for group in reader.halves(chat)[:-1] for day in reader.days(group, topic_id=None)]
    files = [
        each
        for partition in writer.partitions(chat, days)
        for part in writer.list_parts(partition)
        for each in writer.render_part(part)
    ]
    return {each.path: each for each in [*files, writer.list_about(chat, Omissions())[0]]}


def anchors(files: dict[str, Rendering]) -> dict[str, list[str]]:
    """Return the ids of the messages in each note, by the note's name."""
    found = {
        path.rpartition("/")[2].removesuffix(".md"): ANCHOR.findall(file.body.decode())
        for path, file in files.items()
    }
    return {name: ids for name, ids in found.items() if ids}


def team(*messages: Message) -> MemoryReader:
    reader = MemoryReader(names={1: "Alice"})
    reader.add(TEAM, messages)
    return reader


layouts = st.sampled_from(get_args(LayoutName))

GROUP = Chat(77, -412, "group", "Team chat", migrated_to=TEAM.id)

messages = st.builds(
    make_message,
    st.integers(1, 200),
    st.integers(at("2026-02-27 00:00:00"), at("2026-03-02 00:00:00")),
    st.sampled_from(["words", ""]),
    content=st.one_of(st.just(Content()), st.builds(Content, reply=st.builds(Reply, st.integers(1, 200)))),
    album_id=st.one_of(st.none(), st.integers(1, 5)),
)


@settings(max_examples=60)
@given(
    st.lists(messages, max_size=25, unique_by=lambda each: each.id),
    st.integers(1, 7),
    st.sampled_from(["UTC", "Asia/Kolkata", "America/St_Johns"]),
    layouts,
)
def test_every_message_stands_once_and_no_link_dangles(
    found: list[Message], size: int, zone: str, layout: LayoutName
) -> None:
    for step, each in enumerate(sorted(found, key=lambda each: each.id)):
        each.date += step  # dates may be in any order, ids are not
    files = draw(team(*found), zone=zone, size=size, layout=layout)
    albums = {each.album_id for each in found if each.album_id}
    heads = [min(each.id for each in found if each.album_id == album) for album in albums]
    alone = [each.id for each in found if each.album_id is None]
    where = anchors(files)
    assert sorted(int(each[1:]) for ids in where.values() for each in ids) == sorted([*heads, *alone])
    for file in files.values():
        for note, anchor in LINK.findall(file.body.decode()):
            assert anchor in where[note]


@settings(max_examples=60)
@given(
    st.lists(messages, max_size=12, unique_by=lambda each: each.id),
    st.lists(messages, max_size=12, unique_by=lambda each: each.id),
    st.integers(1, 5),
    st.booleans(),
    layouts,
)
def test_two_halves_with_the_same_ids_are_one_chat(
    before: list[Message], after: list[Message], size: int, are_crossing: bool, layout: LayoutName
) -> None:
    for found, other in ((before, TEAM), (after, GROUP)):
        for step, each in enumerate(sorted(found, key=lambda each: each.id)):
            each.date += step
            if are_crossing and each.content.reply:
                reply = Reply(each.content.reply.to_id, chat_id=other.id)
                each.content, each.reply_to_id = Content(reply=reply), None
        keep_albums_together(found)
    reader = MemoryReader(names={1: "Alice"})
    reader.add(GROUP, before)
    reader.add(TEAM, after)
    files = draw(reader, size=size, layout=layout)
    where = anchors(files)
    assert sorted(each for ids in where.values() for each in ids) == sorted(
        f"{mark}{each.id}"
        for mark, found in (("g", before), ("m", after))
        for each in found
        if each.album_id is None or each.id == min(it.id for it in found if it.album_id == each.album_id)
    )
    for name, ids in where.items():
        assert ids == sorted(ids, key=lambda each: (each[0], int(each[1:]))), name
    for file in files.values():
        for note, anchor in LINK.findall(file.body.decode()):
            assert anchor in where[note]
    about = files["Team chat/Team chat.md"].body.decode()
    assert f"messages: {len(before) + len(after)}\n" in about
    linked = {*NOTE_LINK.findall(about)}
    assert linked <= {*where} if layout == "post" else linked == {*where}


def keep_albums_together(found: list[Message]) -> None:
    """An album is sent at once: its members' dates go up with their ids, a second apart at the most."""
    last: dict[int, int] = {}
    for each in sorted(found, key=lambda each: each.id):
        if each.album_id:
            each.date = last[each.album_id] = last.get(each.album_id, each.date - 1) + 1


@settings(max_examples=60)
@given(
    st.lists(messages, max_size=25, unique_by=lambda each: each.id),
    st.integers(10, 12),
    st.sampled_from(["UTC", "Asia/Kolkata"]),
    st.sampled_from(["month", "day", "year", "single"]),
)
def test_the_chats_note_links_to_every_note_and_to_no_other(
    found: list[Message], size: int, zone: str, layout: LayoutName
) -> None:
    keep_albums_together(found)
    files = draw(team(*found), zone=zone, size=size, layout=layout)
    linked = NOTE_LINK.findall(files["Team chat/Team chat.md"].body.decode())
    assert sorted(linked) == sorted(anchors(files))


def test_a_month_is_split_and_an_album_that_would_be_cut_goes_on_as_a_whole() -> None:
    start = at("2026-03-01 10:00:00")
    found = [
        make_message(number, start + number, str(number), album_id=7 if number in {4, 5, 6} else None)
        for number in range(1, 11)
    ]
    assert anchors(draw(team(*found), size=5)) == {
        "Team chat 2026-03": ["m1", "m2", "m3"],
        "Team chat 2026-03 (2)": ["m4", "m7", "m8", "m9", "m10"],
    }


def test_an_album_over_midnight_stays_in_the_month_of_its_first_message() -> None:
    found = [
        make_message(1, at("2026-02-28 23:59:59"), "one", album_id=7),
        make_message(2, at("2026-03-01 00:00:00"), "two", album_id=7),
        make_message(3, at("2026-03-01 00:00:01"), "an answer", content=Content(reply=Reply(2))),
    ]
    files = draw(team(*found))
    assert anchors(files) == {"Team chat 2026-02": ["m1"], "Team chat 2026-03": ["m3"]}
    assert "[[Team chat 2026-02#^m1|Alice]]" in files["Team chat/2026/Team chat 2026-03.md"].body.decode()


def test_an_answer_to_a_picture_of_an_album_quotes_the_caption_whichever_member_has_it() -> None:
    photo = Media("photo", File(4, "photo", size_bytes=1))
    found = [
        make_message(1, at("2026-03-01 00:00:01"), "", content=Content(media=photo), album_id=7),
        make_message(2, at("2026-03-01 00:00:01"), "At the lake", content=Content(media=photo), album_id=7),
        make_message(3, at("2026-03-01 00:00:02"), "where?", content=Content(reply=Reply(1))),
        make_message(4, at("2026-03-01 00:00:03"), "", content=Content(media=photo), album_id=8),
        make_message(5, at("2026-03-01 00:00:04"), "and this?", content=Content(reply=Reply(4))),
    ]
    note = draw(team(*found))["Team chat/2026/Team chat 2026-03.md"].body.decode()
    assert "> [[Team chat 2026-03#^m1|Alice]]: At the lake\n" in note
    assert "> [[Team chat 2026-03#^m4|Alice]]: photo\n" in note


def test_a_voice_message_and_a_pdf_file_say_what_they_are_below_what_shows_them() -> None:
    voice = Media("voice", File(1, "document", size_bytes=90_000), duration_s=23.4)
    sheet = Media("document", File(2, "document", size_bytes=64_000, name="*one* sheet.pdf"))
    photo = Media("photo", File(3, "photo", size_bytes=64_000))
    media = {1: (voice, "1.ogg"), 2: (sheet, "2.pdf"), 3: (photo, "3.jpg")}
    reader = team(
        *(
            make_message(number, at("2026-03-01 00:00:01"), "", content=Content(media=each))
            for number, (each, _) in media.items()
        )
    )
    reader.files = {
        number: FileState("done", path=f"Team chat/media/{name}") for number, (_, name) in media.items()
    }
    note = draw(reader)["Team chat/2026/Team chat 2026-03.md"].body.decode()
    assert "![](../media/1.ogg)\n\n*Voice message · 0:23 · 90 kB*\n" in note
    assert "![](../media/2.pdf)\n\n*File “\\*one\\* sheet.pdf” · 64 kB*\n" in note
    assert "64 kB" not in note.partition("3.jpg")[2]


def test_a_month_that_has_only_the_end_of_an_album_has_no_note() -> None:
    found = [
        make_message(number, at("2026-02-28 23:59:58") + number, "x", album_id=7) for number in (1, 2, 3)
    ]
    files = draw(team(*found))
    assert list(files) == ["Team chat/2026/Team chat 2026-02.md", "Team chat/Team chat.md"]


def test_days_and_months_are_those_of_the_zone() -> None:
    found = [make_message(1, at("2026-02-28 23:30:00"), "late")]
    assert next(iter(draw(team(*found)))) == "Team chat/2026/Team chat 2026-02.md"
    berlin = draw(team(*found), zone="Europe/Berlin")
    note = berlin["Team chat/2026/Team chat 2026-03.md"].body.decode()
    assert "## 2026-03-01\n\n**Alice** · 00:30:00 ^m1" in note
    assert "- [[Team chat 2026-03]] · 1 message\n" in berlin["Team chat/Team chat.md"].body.decode()


def test_a_forum_has_a_note_for_each_topic() -> None:
    reader = MemoryReader(
        names={1: "Alice"},
        known_topics={
            1: Topic(1, "General", "Forum General"),
            5: Topic(5, "C# | news", "Forum C news"),
            6: Topic(6, "empty", "Forum empty"),
        },
    )
    reader.add(FORUM, [
        make_message(5, at("2026-03-01 10:00:00"), content=Content(action=Action("topic_create", {"title": "C# | news"})), topic_id=5),
        make_message(6, at("2026-03-01 10:00:01"), "in a topic", topic_id=5, content=Content(reply=Reply(5, is_topic=True))),
        make_message(7, at("2026-03-01 10:00:02"), "an answer", topic_id=5, content=Content(reply=Reply(6, top_id=5, is_topic=True))),
        make_message(8, at("2026-03-01 10:00:03"), "elsewhere", topic_id=1, content=Content(reply=Reply(6))),
    ])  # fmt: skip
    files = draw(reader, FORUM)
    assert list(files) == [
        "Forum/topics/1 General/Forum General 2026-03.md",
        "Forum/topics/5 C news/Forum C news 2026-03.md",
        "Forum/Forum.md",
    ]
    topic = files["Forum/topics/5 C news/Forum C news 2026-03.md"].body.decode()
    assert topic.count("> [[") == 1
    assert "topic: C# | news\ntopic_id: 5\n" in topic
    assert (
        "[[Forum C news 2026-03#^m6|Alice]]"
        in files["Forum/topics/1 General/Forum General 2026-03.md"].body.decode()
    )
    about = files["Forum/Forum.md"].body.decode()
    assert "### C# \\| news\n\n- [[Forum C news 2026-03]] · 3 messages" in about
    assert "Forum empty" not in about


def test_topics_that_share_a_title_are_told_apart_as_their_files_are() -> None:
    reader = MemoryReader(
        names={1: "Alice"},
        known_topics={
            3: Topic(3, "\u2063", "Forum"),
            5: Topic(5, "Tools", "Forum Tools"),
            10: Topic(10, "tools", "Forum tools (10)"),
        },
    )
    reader.add(FORUM, [
        make_message(topic + 1, at("2026-03-01 10:00:00") + topic, "words", topic_id=topic) for topic in (3, 5, 10)
    ])  # fmt: skip
    files = draw(reader, FORUM)
    headings = re.findall("^### (.*)", files["Forum/Forum.md"].body.decode(), re.MULTILINE)
    assert headings == ["Topic 3", "Tools", "tools (10)"]
    assert "topic: Topic 3\n" in files["Forum/topics/3/Forum 2026-03.md"].body.decode()


def test_names_without_a_visible_character_are_replaced_by_ids() -> None:
    blank = "\u2063"
    chat = Chat(0, 5_100_000_032, "private", blank, "", "Chat 5100000032")
    reader = MemoryReader(names={chat.id: blank, -1_002_000_000_001: "\u3164\u200b"})
    forwarded = Content(forward=Forward(at("2026-03-01 00:00:00"), name=blank))
    answer = Content(reply=Reply(1))
    reader.add(chat, [
        make_message(1, at("2026-03-01 10:00:00"), blank, sender_id=chat.id),
        make_message(2, at("2026-03-01 10:00:01"), "x", sender_id=-1_002_000_000_001, content=answer),
        make_message(3, at("2026-03-01 10:00:02"), "y", sender_id=chat.id, content=forwarded),
    ])  # fmt: skip
    files = draw(reader, chat)
    note = files["Chat 5100000032/2026/Chat 5100000032 2026-03.md"].body.decode()
    assert "**User 5100000032** ·" in note
    assert "**Chat -1002000000001** ·" in note
    assert "|User 5100000032]]: text message" in note
    assert "*Forwarded from somebody unknown ·" in note
    about = files["Chat 5100000032/Chat 5100000032.md"].body.decode()
    assert "title: Chat 5100000032\n" in about
    assert "**Chat 5100000032** ·" in about
    index = make_writer("markdown", reader, Projection()).list_index()[0].body.decode()
    assert "[[Chat 5100000032/Chat 5100000032|Chat 5100000032]]" in index


def test_an_album_lists_what_is_not_here_around_its_texts() -> None:
    photo = Media("photo", File(1, "photo"))
    texts = ["caption", "", "", "more", ""]
    found = [
        make_message(number, at("2026-03-01 10:00:00"), text, content=Content(media=photo), album_id=7)
        for number, text in enumerate(texts, 1)
    ]
    [note, _] = draw(team(*found)).values()
    named = "*Photo · not downloaded yet*"
    assert note.body.decode().endswith(
        f"^m1\n\ncaption\n\n- {named}\n- {named}\n- {named}\n\nmore\n\n- {named}\n- {named}\n"
    )


def test_a_chats_note_says_of_what_kinds_its_messages_are_and_nothing_of_files() -> None:
    class Counting(MemoryReader):
        def summary(self, chat: Chat) -> ChatSummary:
            found = super().summary(chat)
            found.kinds = {"photo": 23, "text": 1}
            return found

    about = make_writer("markdown", Counting(), Projection()).list_about(TEAM, Omissions())[0].body.decode()
    listed = about.partition("## What it holds\n\n")[2].partition("\n\n")[0]
    assert listed.split("\n") == ["- 23 photos", "- 1 text message"]


def test_a_rendering_names_the_people_it_shows() -> None:
    found = [
        make_message(1, at("2026-02-01 00:00:00"), "x", sender_id=8),
        make_message(2, at("2026-03-01 00:00:00"), "y", sender_id=9, content=Content(reply=Reply(1))),
    ]
    files = draw(team(*found))
    assert [file.peers for file in files.values()] == [{8}, {8, 9}, {8, 9}]


def test_an_empty_month_has_no_note_and_an_empty_chat_an_honest_one() -> None:
    reader = team()
    writer = make_writer("markdown", reader, Projection())
    [partition] = writer.partitions(TEAM, [(None, 20_000)])
    assert writer.list_parts(partition) == []
    assert "0 messages" in writer.list_about(TEAM, Omissions())[0].body.decode()
    assert "first_message" not in writer.list_about(TEAM, Omissions())[0].body.decode()


def test_partitions_of_days_are_months_earliest_first() -> None:
    writer = make_writer("markdown", team(), Projection("Asia/Kolkata"))
    days = [(None, at("2026-03-31 00:00:00") // 86_400), (None, at("2026-01-05 00:00:00") // 86_400)]
    assert [each.key for each in writer.partitions(TEAM, days)] == ["2026-01", "2026-03", "2026-04"]
    assert [each.key for each in writer.partitions(FORUM, [(5, 20_000), (None, 20_000)])] == [
        "1/2024-10",
        "5/2024-10",
    ]


def test_a_title_cannot_run_a_command() -> None:
    chat = Chat(0, -5, "group", "<%* tp.evil() %>", "", "evil")
    reader = MemoryReader(names={1: "<% x %>"})
    reader.add(chat, [make_message(1, at("2026-03-01 00:00:00"), "<% y %>")])
    for file in draw(reader, chat).values():
        assert b"<%" not in file.body


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageError, match="no format “pdf”"):
        make_writer("pdf", team(), Projection())
    assert make_writer("markdown", team(), Projection()).name == "markdown"
