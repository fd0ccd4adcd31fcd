"""result.json: what Telegram Desktop would say, and beside it what Desktop leaves out."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import to_builtins

from tobs.core.media import Block, Media, Page
from tobs.core.model import Chat, Content, Forward, Reply
from tobs.core.ports.reader import Topic
from tobs.core.request import Projection
from tobs.writers.json.media import UNAVAILABLE
from tobs.writers.registry import make_writer
from writers.changed import make_changed
from writers.corpus import CHANNEL, NEWS, TEAM, make_channel, make_team
from writers.memory import MemoryReader, make_message
from writers.result import BERLIN, draw_result, drop_frame, read_entries, read_message, read_one, read_result

FRAME = (
    "id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "from", "from_id", "actor", "actor_id", "author",
    "forwarded_from", "forwarded_from_id", "saved_from", "reply_to_message_id", "reply_to_peer_id", "via_bot",
)  # fmt: skip
END = ("text", "text_entities", "inline_bot_buttons", "reactions", "tobs")
SAID = {"entities", "reply", "author"}
"""Fields of a message's content that Desktop's keys may say in full."""


def test_the_file_begins_as_desktops_does_and_ends_with_plain_values_of_ours() -> None:
    found = read_result(make_team(), TEAM)
    assert list(found)[:4] == ["name", "type", "id", "messages"]
    assert (found["name"], found["type"], found["id"]) == ("Team chat", "public_supergroup", 42)
    ours = {name: value for name, value in found.items() if name.startswith("tobs_")}
    assert list(found)[4:] == list(ours)
    assert ours == {
        "tobs_version": 1,
        "tobs_timezone": "Europe/Berlin",
        "tobs_chat_id": TEAM.id,
        "tobs_chat_kind": "supergroup",
        "tobs_username": "teamchat",
    }
    assert draw_result(make_team(), TEAM).startswith(
        '{\n "name": "Team chat",\n "type": "public_supergroup",\n "id": 42,'
    )


@pytest.mark.parametrize(
    ("chat", "name"),
    [
        (Chat(9, 9, "saved", "Saved Messages", basename="x"), "saved_messages"),
        (Chat(9, 5, "private", "Anna", basename="x"), "personal_chat"),
        (Chat(9, 4, "bot", "Bot", basename="x"), "bot_chat"),
        (Chat(9, 489_000, "private", "Codes", basename="x"), "verification_codes"),
        (Chat(9, 1_271_266_957, "private", "Replies", basename="x"), "replies"),
        (Chat(9, -5, "group", "Group", basename="x"), "private_group"),
        (Chat(0, -1_000_000_000_005, "forum", "Forum", "forum", "x"), "public_supergroup"),
        (Chat(0, -1_000_000_000_005, "supergroup", "Group", basename="x"), "private_supergroup"),
        (Chat(0, -1_000_000_000_005, "channel", "Channel", basename="x"), "private_channel"),
    ],
)
def test_chats_have_desktops_types_and_bare_ids(chat: Chat, name: str) -> None:
    reader = MemoryReader()
    reader.add(chat, [make_message(1, 0, "Hello", topic_id=chat.main_topic or None)])
    found = read_result(reader, chat)
    assert found["type"] == name
    assert found["id"] in {4, 5, 9, 489_000, 1_271_266_957}


def test_every_message_has_its_keys_in_desktops_order() -> None:
    for reader, chat in ((make_team(), TEAM), (make_channel(), CHANNEL)):
        for entry in read_entries(reader, chat):
            names = list(entry)
            assert [each for each in names if each in FRAME] == [each for each in FRAME if each in names]
            assert [each for each in names if each in END] == [each for each in END if each in names]
            assert names[-1] in END
            assert {"id", "type", "date", "date_unixtime", "text", "text_entities"} <= set(names)
            who = "actor" if entry["type"] == "service" else "from"
            assert isinstance(entry[who], str)
            assert entry[f"{who}_id"].startswith(("user", "channel", "chat"))
            assert "".join(each["text"] for each in entry["text_entities"]) == join(entry["text"])


def join(text: Any) -> str:
    return (
        text
        if isinstance(text, str)
        else "".join(each if isinstance(each, str) else each["text"] for each in text)
    )


def test_nothing_that_the_archive_has_is_lost() -> None:
    for reader, chat in ((make_team(), TEAM), (make_channel(), CHANNEL)):
        stored = list(reader.messages(chat, topic_id=None, start=0, end=2**62))
        for entry, message in zip(read_entries(reader, chat), stored, strict=True):
            own = entry.get("tobs", {})
            content, counters = to_builtins(message.content), to_builtins(message.counters)
            assert content.keys() - own.get("content", {}).keys() <= SAID
            assert counters.keys() - own.get("counters", {}).keys() <= {"reactions"}
            for wanted, kept in ((content, own.get("content", {})), (counters, own.get("counters", {}))):
                assert kept == {name: wanted[name] for name in kept}
            assert own.get("album_id") == message.album_id
            assert message.sender_id is not None or own["has_sender"] is False


def test_moments_are_local_and_in_seconds_since_1970() -> None:
    entry = read_message(make_message(7, 1_772_229_600, "late", edit_date=1_780_000_000))
    assert (entry["date"], entry["date_unixtime"]) == ("2026-02-27T23:00:00", "1772229600")
    assert (entry["edited"], entry["edited_unixtime"]) == ("2026-05-28T22:26:40", "1780000000")


def test_hostile_words_stay_words() -> None:
    words = 'a "quote" \\ back\\u0041slash </script> \u2028\u2029\x85 \x00\x1b\x7f\t\r\n 😀 \u202egnp.exe {"id": 1}],'
    entry = read_one(Content(author=words, media=Media("game", title=words)), words)
    assert (entry["text"], entry["author"], entry["game_title"]) == (words, words, words)
    reader = MemoryReader()
    chat = Chat(9, 5, "private", words, basename="x")
    reader.add(chat, [make_message(1, 0, words)])
    assert "\u2028" not in draw_result(reader, chat)
    assert read_result(reader, chat)["name"] == words


def test_what_telegram_left_out_is_a_file_that_is_not_there() -> None:
    message = make_message(7, 0)
    message.kind = "withheld"
    entry = read_message(message)
    assert drop_frame(entry) == {"file": UNAVAILABLE, "file_size": 0, "text": ""}
    assert entry["tobs"] == {"kind": "withheld"}


def test_what_this_version_does_not_know_keeps_its_words() -> None:
    unknown = Content(unsupported="MessageMediaHologram")
    silent, speaking = read_one(unknown), read_one(unknown, "words")
    assert (silent["type"], speaking["type"], speaking["text"]) == ("unsupported", "message", "words")
    assert (
        silent["tobs"]
        == speaking["tobs"]
        == {"kind": "unsupported", "content": {"unsupported": "MessageMediaHologram"}}
    )


def test_a_message_says_where_it_comes_from_and_what_it_answers() -> None:
    known, hidden = (
        Forward(1, NEWS, post_id=12, author="Ed", saved_chat_id=2, saved_id=5),
        Forward(1, name="Hidden"),
    )
    reader = MemoryReader(names={1: "Alice", 2: "Bob", NEWS: "News"}, usernames={4: "gif"})
    entry = read_message(make_message(7, 0, "a", content=Content(forward=known, via_bot_id=4)), reader)
    assert drop_frame(entry) == {
        "forwarded_from": "News", "forwarded_from_id": "channel777", "saved_from": "Bob", "via_bot": "@gif", "text": "a",
    }  # fmt: skip
    assert entry["tobs"]["content"]["forward"]["post_id"] == 12
    assert drop_frame(read_one(Content(forward=hidden)))["forwarded_from"] == "Hidden"
    assert drop_frame(read_one(Content(forward=Forward(1))))["forwarded_from"] is None
    here, elsewhere = (
        read_one(Content(reply=Reply(3))),
        read_one(Content(reply=Reply(3, chat_id=-5, quote="words"))),
    )
    assert (here["reply_to_message_id"], "tobs" in here) == (3, False)
    assert (elsewhere["reply_to_message_id"], elsewhere["reply_to_peer_id"]) == (3, "chat5")
    assert elsewhere["tobs"]["content"]["reply"]["quote"] == "words"
    assert "reply_to_message_id" not in read_one(Content(reply=Reply(story_id=3, chat_id=2)))


def test_a_rich_message_says_the_words_of_its_blocks() -> None:
    page = Page([Block("header", "Rich"), Block("list", blocks=[Block("item", "words")])])
    entry = read_one(Content(page=page))
    assert (entry["text"], entry["text_entities"]) == (
        "Rich\nwords",
        [{"type": "plain", "text": "Rich\nwords"}],
    )
    assert entry["tobs"]["content"]["page"] == to_builtins(page)


def test_a_group_and_the_supergroup_that_it_became_stand_in_one_list() -> None:
    old = Chat(9, -5, "group", "Team chat", migrated_to=TEAM.id)
    reader = MemoryReader(names={-5: "Team chat", 1: "Alice"})
    reader.add(
        old, [make_message(1, 0, "old"), make_message(4, 9, "its end", content=Content(reply=Reply(1)))]
    )
    reader.add(
        TEAM,
        [make_message(1, 10, "new", sender_id=None), make_message(2, 11, content=Content(reply=Reply(1)))],
    )
    entries = read_entries(reader, TEAM)
    assert [each["id"] for each in entries] == [-999_999_999, -999_999_996, 1, 2]
    assert [each.get("reply_to_message_id") for each in entries] == [None, -999_999_999, None, 1]
    assert [each.get("tobs", {}).get("chat_id") for each in entries] == [-5, -5, None, None]
    assert entries[2]["from_id"] == "channel42"
    assert read_result(reader, TEAM)["id"] == 42


def test_a_post_in_a_topic_points_at_it_unless_it_answers_another() -> None:
    forum = Chat(0, TEAM.id, "forum", "Forum", "", "Forum")
    reader = MemoryReader(known_topics={1: Topic(1, "General", "x"), 5: Topic(5, "Ideas", "Forum Ideas")})
    post, answer = Content(), Content(reply=Reply(6, top_id=5, is_topic=True))
    reader.add(
        forum,
        [make_message(2, 0, "general", topic_id=1), make_message(6, 1, "post", content=post, topic_id=5)],
    )
    reader.add(forum, [make_message(7, 2, "answer", content=answer, topic_id=5)])
    entries = read_entries(reader, forum)
    assert [each.get("reply_to_message_id") for each in entries] == [None, 5, 6]
    assert [(each["tobs"]["topic_id"], each["tobs"]["topic"]) for each in entries] == [
        (1, "General"), (5, "Ideas"), (5, "Ideas"),
    ]  # fmt: skip


def test_earlier_versions_and_deletions_are_told_as_the_folder_shows_them() -> None:
    plain, shown = (
        read_entries(make_changed(), TEAM, Projection("Europe/Berlin", show_edits=each))
        for each in (False, True)
    )
    assert not any("earlier" in each.get("tobs", {}) for each in plain)
    assert any(each.get("tobs", {}).get("earlier") for each in shown)
    gone = [each["id"] for each in plain if "gone" in each.get("tobs", {})]
    hidden = read_entries(make_changed(), TEAM, Projection(keep_deleted="hide"))
    assert gone
    assert [each["id"] for each in plain if each["id"] not in gone] == [each["id"] for each in hidden]


def test_a_chat_whose_messages_are_all_hidden_is_still_json() -> None:
    reader = MemoryReader()
    reader.add(TEAM, [make_message(1, 0, "gone", gone_at=5.0)])
    assert read_entries(reader, TEAM, Projection(keep_deleted="hide")) == []


def test_the_chats_own_name_is_one_of_those_shown() -> None:
    writer = make_writer("json", make_team(), BERLIN)
    [partition] = writer.partitions(TEAM, [(None, 20_000)])
    [rendering] = writer.render_part(writer.list_parts(partition)[0])
    assert TEAM.id in rendering.peers
