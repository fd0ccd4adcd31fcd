"""From TL bytes to rows: nothing is lost, nothing raises but Damaged."""

from __future__ import annotations

import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon.extensions import BinaryReader
from telethon.tl import types as tl

from telegram.made import DATE, constructors, make, message, page, service
from tobs.core.media import MEDIA_KINDS
from tobs.core.model import Content, Counters, Decoded, MessageRow
from tobs.errors import Damaged
from tobs.simulator.model import Chat, Kind
from tobs.simulator.pages import Window, cut, encode_page
from tobs.simulator.topics import describe_topic
from tobs.simulator.world import WORLDS
from tobs.telegram.decode import decode_page

CHAT, ACCOUNT = -1000000000005, 77
EVERYTHING = WORLDS["everything"](1, 0)
PAGES = [
    (chat, chat.log.id_at(rank)) for chat in EVERYTHING.chats for rank in range(len(chat.log) - 1, -1, -100)
]


def decode(raw: bytes, *, chat_id: int = CHAT, is_forum: bool = False) -> Decoded:
    return decode_page(raw, chat_id=chat_id, account=ACCOUNT, is_forum=is_forum)


def content_of(row: MessageRow) -> Content:
    return msgspec.json.decode(row.content, type=Content)


def raw_page(chat: Chat, top: int) -> bytes:
    low, high = cut(chat.log, Window(offset_id=top + 1))
    return encode_page(EVERYTHING, EVERYTHING.owner, chat, low, high)


@pytest.mark.parametrize(("chat", "top"), PAGES, ids=lambda each: str(getattr(each, "marked", each)))
def test_a_decoded_page_comes_whole_out_of_another_process(chat: Chat, top: int) -> None:
    found = decode(raw_page(chat, top), chat_id=chat.marked)
    sent = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes, as between processes
    assert sent == found
    assert all(type(each) is MessageRow for each in sent.rows)


@pytest.mark.parametrize(("chat", "top"), PAGES, ids=lambda each: str(getattr(each, "marked", each)))
def test_a_page_of_any_chat_decodes_to_its_messages_and_back(chat: Chat, top: int) -> None:
    raw = raw_page(chat, top)
    found = decode_page(raw, chat_id=chat.marked, account=EVERYTHING.owner, is_forum=chat.kind is Kind.FORUM)
    listed = BinaryReader(raw).tgread_object()
    assert bytes(listed) == raw
    assert [row.id for row in found.rows] == [each.id for each in listed.messages]
    assert found.size_bytes == len(raw)
    for row, each in zip(found.rows, listed.messages, strict=True):
        assert row.date == int(each.date.timestamp())
        assert row.text == (getattr(each, "message", None) or "")
        content = content_of(row)
        assert msgspec.json.decode(row.counters, type=Counters) is not None
        assert (content.action is not None) == isinstance(each, tl.MessageService)
        assert len(content.entities) == len(getattr(each, "entities", None) or ())


@given(st.sampled_from(PAGES), st.binary(max_size=40))
def test_what_follows_an_answer_does_not_matter(which: tuple[Chat, int], padding: bytes) -> None:
    raw = raw_page(*which)
    plain = decode(raw)
    assert decode(raw + padding) == plain
    assert decode((raw + padding)[: plain.size_bytes]) == plain


@pytest.mark.parametrize("is_full", [False, True], ids=["few", "all"])
@pytest.mark.parametrize("constructor", constructors("MessageMedia"), ids=lambda each: each.__name__)
def test_every_medium_of_the_layer_comes_out_with_a_kind(constructor: type, is_full: bool) -> None:
    [row] = decode(page(message(media=make(constructor, is_full=is_full)))).rows
    media = content_of(row).media
    assert row.text == "words"
    assert row.kind in {"text", *MEDIA_KINDS}
    if media is None:
        assert constructor in {tl.MessageMediaEmpty, tl.MessageMediaWebPage}
    else:
        assert media.kind in MEDIA_KINDS
        assert (media.kind == "unsupported") == (row.kind == "unsupported")


@pytest.mark.parametrize(
    "attribute",
    [tl.DocumentAttributeVideo(0.0, 0, 0), tl.DocumentAttributeAudio(0, voice=True)],
    ids=["video", "voice"],
)
def test_a_medium_of_no_length_is_stored_without_one(attribute: Any) -> None:
    document = tl.Document(1, 2, b"", DATE, "video/mp4", 5, 2, [attribute])
    [row] = decode(page(message(media=tl.MessageMediaDocument(document=document)))).rows
    assert row.kind in {"video", "voice"}
    assert "duration_s" not in row.content


@pytest.mark.parametrize("is_full", [False, True], ids=["few", "all"])
@pytest.mark.parametrize("constructor", constructors("MessageAction"), ids=lambda each: each.__name__)
def test_every_action_of_the_layer_comes_out_with_its_name(constructor: type, is_full: bool) -> None:
    [row] = decode(page(service(make(constructor, is_full=is_full)))).rows
    action = content_of(row).action
    assert row.kind == "service"
    assert action is not None
    name = constructor.__name__.removeprefix("MessageAction").lower()
    assert action.kind.replace("_", "") == name


@pytest.mark.parametrize("is_full", [False, True], ids=["few", "all"])
@pytest.mark.parametrize(
    "constructor",
    [each for each in constructors("MessageEntity") if each.__name__ != "MessageEntityNone"],
    ids=lambda each: each.__name__,
)
def test_every_entity_of_the_layer_comes_out_with_its_span(constructor: type, is_full: bool) -> None:
    [row] = decode(page(message(entities=[make(constructor, is_full=is_full)]))).rows
    [entity] = content_of(row).entities
    assert (entity.offset, entity.length) == (7, 7)
    assert entity.kind.replace("_", "") == constructor.__name__.removeprefix("MessageEntity").lower()


@given(st.binary(max_size=400))
def test_garbage_is_damaged_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(Damaged):
        decode(raw)


@given(st.sampled_from(PAGES), st.data())
def test_a_page_with_wrong_bytes_is_damaged_or_another_page(which: tuple[Chat, int], data: Any) -> None:
    raw = bytearray(raw_page(*which))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
    except Damaged:
        return


def test_a_message_listed_twice_counts_once_as_it_stood_last() -> None:
    found = decode(page(message(7, message="old"), message(6), message(7, message="new")))
    assert [(row.id, row.text) for row in found.rows] == [(7, "new"), (6, "words")]


def test_an_empty_message_counts_for_the_range_and_makes_no_row() -> None:
    found = decode(page(tl.MessageEmpty(9, None), message(7), tl.MessageEmpty(3, None)))
    assert [row.id for row in found.rows] == [7]
    assert (found.lowest, found.highest) == (3, 9)


def test_a_page_of_nothing_but_empty_messages_still_has_a_range() -> None:
    found = decode(page(tl.MessageEmpty(9, None), tl.MessageEmpty(8, None)))
    assert (found.rows, found.lowest, found.highest) == ([], 8, 9)


def test_an_empty_answer_has_no_range() -> None:
    found = decode(page())
    assert (found.rows, found.lowest, found.highest) == ([], None, None)


@pytest.mark.parametrize(("out", "sender"), [(True, ACCOUNT), (False, 42)])
def test_in_a_private_chat_the_sender_follows_from_the_direction(out: bool, sender: int) -> None:
    said = tl.Message(7, tl.PeerUser(42), DATE, "words", out=out)
    answer = bytes(tl.messages.Messages([said], [], chats=[], users=[]))
    [row] = decode(answer, chat_id=42).rows
    assert row.sender_id == sender


def test_a_post_of_a_channel_has_the_channel_as_its_sender() -> None:
    [row] = decode(page(message(from_id=None, post=True))).rows
    assert row.sender_id == CHAT


@pytest.mark.parametrize(
    ("header", "topic", "reply_to"),
    [
        (None, 1, None),
        (tl.MessageReplyHeader(reply_to_msg_id=5, forum_topic=True), 5, None),
        (tl.MessageReplyHeader(reply_to_msg_id=6, reply_to_top_id=5, forum_topic=True), 5, 6),
        (tl.MessageReplyHeader(reply_to_msg_id=6), 1, 6),
    ],
)
def test_a_message_of_a_forum_is_in_its_topic(header: Any, topic: int, reply_to: int | None) -> None:
    [row] = decode(page(message(reply_to=header)), is_forum=True).rows
    assert (row.topic_id, row.reply_to_id) == (topic, reply_to)
    [row] = decode(page(message(reply_to=header))).rows
    assert row.topic_id is None


def test_topics_are_named_by_the_messages_that_make_and_rename_them() -> None:
    renamed = service(tl.MessageActionTopicEdit(title="Roots"), 9)
    renamed.reply_to = tl.MessageReplyHeader(reply_to_msg_id=5, forum_topic=True)
    made = service(tl.MessageActionTopicCreate("Seeds", 1), 5)
    found = decode(page(renamed, made), is_forum=True)
    assert [(each.id, each.title, each.as_of) for each in found.topics] == [(5, "Roots", 9), (5, "Seeds", 5)]


def test_topics_told_beside_the_messages_are_named_as_of_their_newest_one() -> None:
    topic = describe_topic(CHAT, 5, DATE, "Roots", tl.PeerUser(7))
    topic.top_message = 9
    gone = tl.ForumTopicDeleted(6)
    header = tl.MessageReplyHeader(reply_to_msg_id=5, forum_topic=True)
    answer = tl.messages.ChannelMessages(
        1, 1, [message(9, reply_to=header)], topics=[topic, gone], chats=[], users=[]
    )
    found = decode(bytes(answer), is_forum=True)
    assert [(each.id, each.title, each.as_of) for each in found.topics] == [(5, "Roots", 9)]


def test_wants_name_every_file_of_paid_media() -> None:
    photo = tl.MessageMediaPhoto(
        photo=tl.Photo(11, 1, b"", DATE, [tl.PhotoSize("x", 800, 600, 5000)], 2), ttl_seconds=None
    )
    paid = tl.MessageMediaPaidMedia(50, [tl.MessageExtendedMedia(photo), tl.MessageExtendedMediaPreview()])
    [want] = decode(page(message(media=paid))).wants
    assert (want.message_id, want.file_kind, want.file_id, want.size_bytes) == (7, "photo", 11, 5000)


def test_a_message_of_nothing_had_a_medium_that_was_withheld() -> None:
    photo = make(tl.MessageMediaPhoto, is_full=True)
    raw = page(message(7, message=""), message(8), message(9, message="", media=photo))
    assert [(each.id, each.kind) for each in decode(raw).rows] == [
        (7, "withheld"),
        (8, "text"),
        (9, "photo"),
    ]


def tell_people(*users: Any) -> list[tuple[int, str, str]]:
    """Return id, name and username of the people that an answer names, each sent and decoded."""
    raw = bytes(tl.messages.Messages([message()], [], chats=[], users=[*users]))
    return [(each.id, each.name, each.username) for each in decode(raw).peers]


def test_people_are_told_as_each_answer_shows_them_however_often_they_were_met() -> None:
    ada, renamed = tl.User(9, first_name="Ada"), tl.User(9, first_name="Eve")
    longer = tl.User(9, first_name="Ada", username="ada")
    shown = [(9, "Ada", ""), (9, "Eve", ""), (9, "Ada", "ada")]
    for _ in range(2):
        assert tell_people(ada, tl.UserEmpty(8), renamed, longer) == shown
        assert [tell_people(each) for each in (ada, renamed, longer)] == [[each] for each in shown]


def test_a_person_cut_off_is_damage_although_the_whole_one_was_met_before() -> None:
    raw = bytes(tl.messages.Messages([message()], [], chats=[], users=[tl.User(9, first_name="Ada")]))
    assert decode(raw).peers
    for end in range(len(raw) - 12, len(raw), 4):
        with pytest.raises(Damaged):
            decode(raw[:end])


def test_more_people_than_are_remembered_are_all_told() -> None:
    numbers = range(1, 4_300)
    crowd = [tl.User(each, first_name=f"Person {each}") for each in numbers]
    for _ in range(2):
        assert [number for number, _, _ in tell_people(*crowd)] == [*numbers]
