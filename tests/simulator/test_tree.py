"""Chats that belong together: topics, comments, migrated groups, saved lists, searches and folders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from telethon import TelegramClient, errors, utils
from telethon.tl import functions, types

from simulator.visitors import history, ids_of, visiting
from tobs.core.ids import mark_channel
from tobs.simulator.corpus import people
from tobs.simulator.corpus.bench import bulk_chat
from tobs.simulator.corpus.tree import (
    AUTHOR_HIDDEN,
    CHOIR_ID,
    OLD_CHOIR_ID,
    PAPER_ID,
    TALK_ID,
    WOODS_ID,
)
from tobs.simulator.logs import Cycle
from tobs.simulator.topics import topic_of
from tobs.simulator.world import WORLDS, World

WOODS, TALK, PAPER = mark_channel(WOODS_ID), mark_channel(TALK_ID), mark_channel(PAPER_ID)
ME = types.InputPeerSelf()


@pytest.fixture(scope="module")
def tree() -> World:
    return WORLDS["tree"](1, 500)


@pytest.fixture(scope="module")
def everything() -> World:
    return WORLDS["everything"](1, 0)


async def topic_page(
    client: TelegramClient, peer: Any, last: Any = None, limit: int = 100, q: str = ""
) -> Any:
    date, top, topic = last or (None, 0, 0)
    return await client(functions.messages.GetForumTopicsRequest(peer, date, top, topic, limit, q=q or None))


async def all_topics(client: TelegramClient, peer: Any, limit: int) -> list[Any]:
    topics: list[Any] = []
    page = await topic_page(client, peer, limit=limit)
    while page.topics:
        topics += page.topics
        last = page.topics[-1]
        date = next(message.date for message in page.messages if message.id == last.top_message)
        page = await topic_page(client, peer, (date, last.top_message, last.id), limit)
    return topics


@pytest.mark.parametrize("limit", [7, 100])
async def test_all_topics_of_a_forum_are_paged_once(tree: World, limit: int) -> None:
    async with visiting(tree) as (client, _):
        peer = await client.get_input_entity("woods_demo")
        first = await topic_page(client, peer, limit=limit)
        topics = await all_topics(client, peer, limit)
    ids = [topic.id for topic in topics]
    assert (first.count, len(ids), len(set(ids))) == (131, 131, 131)
    assert [bool(topic.pinned) for topic in topics] == [True] * 3 + [False] * 128
    assert [topic.top_message for topic in topics[3:]] == sorted(
        [t.top_message for t in topics[3:]], reverse=True
    )
    general = next(topic for topic in topics if topic.id == 1)
    assert (general.title, bool(general.hidden)) == ("General", True)
    assert sum(bool(topic.closed) for topic in topics) == 5
    assert [topic.title for topic in topics].count("Clearing") == 3


async def test_topics_are_found_by_title_and_by_id(tree: World) -> None:
    async with visiting(tree) as (client, _):
        peer = await client.get_input_entity("woods_demo")
        found = await topic_page(client, peer, q="clear")
        wanted = [found.topics[0].id, 2_000_000, 1]
        answer = await client(functions.messages.GetForumTopicsByIDRequest(peer, wanted))
        with pytest.raises(errors.ChannelForumMissingError):
            await topic_page(client, await client.get_input_entity("paper_talk_demo"))
    assert {topic.title for topic in found.topics} == {"Clearing"}
    assert [(type(topic).__name__, topic.id) for topic in answer.topics] == [
        ("ForumTopic", wanted[0]),
        ("ForumTopicDeleted", wanted[1]),
        ("ForumTopic", 1),
    ]


def replies(peer: Any, root: int, **window: Any) -> Any:
    fields = {"offset_id": 0, "offset_date": None, "add_offset": 0, "limit": 100, "max_id": 0, "min_id": 0}
    return functions.messages.GetRepliesRequest(peer, root, **{**fields, "hash": 0, **window})


async def test_a_topic_is_read_with_the_message_that_began_it(tree: World) -> None:
    async with visiting(tree) as (client, _):
        peer = await client.get_input_entity("woods_demo")
        topic = (await topic_page(client, peer, q="Tree 4")).topics[0]
        page = await client(replies(peer, topic.id))
        general = await client(replies(peer, 1, limit=2))
        with pytest.raises(errors.BadRequestError, match="TOPIC_ID_INVALID"):
            await client(replies(peer, 2_000_000))
    expected = [number for number in tree.ids(WOODS) if topic_of(tree.message(WOODS, number)) == topic.id]
    assert ids_of(page) == expected[::-1]
    assert page.count == len(expected)
    assert page.messages[-1].id == topic.id
    assert general.messages[0].message == "The last word in General"


async def test_comments_of_a_post_are_messages_of_the_discussion_group(tree: World) -> None:
    async with visiting(tree) as (client, _):
        paper = await client.get_input_entity("paper_demo")
        posts = (await client(history(paper))).messages
        busy = max(posts, key=lambda post: post.replies.replies if post.replies else -1)
        full = (await client(functions.channels.GetFullChannelRequest(paper))).full_chat
        root = await client(functions.messages.GetDiscussionMessageRequest(paper, busy.id))
        first = await client(replies(paper, busy.id))
        rest = await client(replies(paper, busy.id, offset_id=first.messages[-1].id))
        by_group = await client(
            replies(await client.get_input_entity("paper_talk_demo"), root.messages[0].id)
        )
        quiet = next(post for post in posts if post.replies and not post.replies.replies)
        nothing = await client(replies(paper, quiet.id))
        with pytest.raises(errors.MsgIdInvalidError):
            await client(replies(paper, 4711))
    assert full.linked_chat_id == TALK_ID == busy.replies.channel_id
    forward = root.messages[0].fwd_from
    assert (forward.channel_post, forward.saved_from_msg_id) == (busy.id, busy.id)
    assert utils.get_peer_id(root.messages[0].peer_id) == TALK
    assert (first.count, len(first.messages), len(rest.messages)) == (140, 100, 40)
    assert ids_of(by_group) == ids_of(first)
    assert any(message.reply_to.reply_to_top_id for message in first.messages)
    assert (nothing.count, nothing.messages) == (0, [])


async def test_a_long_group_and_its_successor_collide_in_their_ids(tree: World) -> None:
    async with visiting(tree) as (client, _):
        peer = await client.get_input_entity("choir_demo")
        full = (await client(functions.channels.GetFullChannelRequest(peer))).full_chat
    old, new = set(tree.ids(-OLD_CHOIR_ID)), set(tree.ids(mark_channel(CHOIR_ID)))
    assert full.migrated_from_chat_id == OLD_CHOIR_ID
    assert full.migrated_from_max_id == max(old)
    assert min(len(old), len(new), len(old & new)) > 100


def saved(last: Any = None, limit: int = 100, **fields: Any) -> Any:
    date, top, peer = last or (None, 0, types.InputPeerEmpty())
    return functions.messages.GetSavedDialogsRequest(date, top, peer, limit, 0, **fields)


async def test_saved_messages_lie_in_lists(tree: World) -> None:
    async with visiting(tree) as (client, _):
        whole = await client(saved())
        lists, page = [], await client(saved(limit=2))
        kind = type(page)
        while page.dialogs:
            lists += page.dialogs
            last = page.dialogs[-1]
            top = next(message for message in page.messages if message.id == last.top_message)
            entity = utils.get_input_peer(await client.get_entity(last.peer)) if len(lists) < 6 else ME
            page = await client(saved((top.date, top.id, entity), limit=2))
        hidden = types.InputPeerUser(AUTHOR_HIDDEN, tree.access_hash(AUTHOR_HIDDEN, tree.owner))
        window = {"offset_id": 0, "offset_date": None, "add_offset": 0, "limit": 4, "max_id": 0, "min_id": 0}
        notes = await client(functions.messages.GetSavedHistoryRequest(ME, hash=0, **window))
        strangers = await client(functions.messages.GetSavedHistoryRequest(hidden, hash=0, **window))
        pinned = await client(functions.messages.GetPinnedSavedDialogsRequest())
    assert kind is types.messages.SavedDialogsSlice
    assert [each.peer for each in lists] == [each.peer for each in whole.dialogs]
    assert len(lists) == 6
    assert [each.peer for each in pinned.dialogs] == [types.PeerUser(people.BEN)] == [lists[0].peer]
    assert (notes.count, len(notes.messages), notes.messages[0].fwd_from) == (10, 4, None)
    assert strangers.messages[0].saved_peer_id == types.PeerUser(AUTHOR_HIDDEN)


def search(peer: Any, kind: Any = None, q: str = "", **fields: Any) -> Any:
    window = {"offset_id": 0, "add_offset": 0, "limit": 100, "max_id": 0, "min_id": 0, "hash": 0}
    dates = {"min_date": None, "max_date": None}
    wanted = kind or types.InputMessagesFilterEmpty()
    return functions.messages.SearchRequest(peer, q, wanted, **{**window, **dates, **fields})


async def test_searches_find_by_kind_and_counters_agree(everything: World) -> None:
    kinds = [getattr(types, name)() for name in dir(types) if name.startswith("InputMessagesFilter")]
    async with visiting(everything) as (client, _):
        peer = await client.get_input_entity("gallery_media")
        pages = [await client(search(peer, kind)) for kind in kinds]
        counters = await client(functions.messages.GetSearchCountersRequest(peer, kinds))
    counted = {type(counter.filter).__name__[19:]: counter.count for counter in counters}
    assert [page.count for page in pages] == [counter.count for counter in counters]
    assert all(
        counted[name] for name in ("Photos", "Video", "Voice", "Music", "Document", "Url", "Gif", "Geo")
    )
    assert counted["RoundVoice"] == counted["RoundVideo"] + counted["Voice"]
    assert counted["PhotoVideo"] == counted["Photos"] + counted["Video"]
    photos = next(
        page
        for page, kind in zip(pages, kinds, strict=True)
        if isinstance(kind, types.InputMessagesFilterPhotos)
    )
    assert all(message.photo for message in photos.messages)


async def test_searches_are_bounded_by_words_sender_date_and_topic(tree: World) -> None:
    async with visiting(tree) as (client, _):
        talk = await client.get_input_entity("paper_talk_demo")
        ben = await client.get_input_entity("benokafor")
        by_ben = await client(search(talk, from_id=ben, limit=5, add_offset=2))
        page = await client(history(talk))
        newest, oldest = page.messages[3].date, page.messages[40].date
        dated = await client(search(talk, q="COMMENT", min_date=oldest, max_date=newest))
        woods = await client.get_input_entity("woods_demo")
        topic = (await topic_page(client, woods, q="Tree 4")).topics[0]
        in_topic = await client(search(woods, q="answer", top_msg_id=topic.id))
        kept = await client(search(ME, saved_peer_id=ME, limit=3))
    theirs = [n for n in tree.ids(TALK) if tree.message(TALK, n).from_id == types.PeerUser(people.BEN)]
    assert (by_ben.count, ids_of(by_ben)) == (len(theirs), theirs[::-1][2:7])
    assert all(oldest < message.date < newest for message in dated.messages)
    assert dated.count == len(dated.messages) > 5
    assert {topic_of(message) for message in in_topic.messages} == {topic.id}
    assert kept.count == 10


async def test_a_bulk_chat_is_searched_without_reading_it(tree: World) -> None:
    async with visiting(tree) as (client, _):
        peer = await client.get_input_entity("bench_bulk")
        kind = types.InputMessagesFilterPhotos()
        page = await client(search(peer, kind))
        rest = await client(search(peer, kind, offset_id=page.messages[-1].id)) if page.count > 100 else None
        middle = page.messages[10].date
        older = await client(search(peer, kind, max_date=middle - timedelta(seconds=1)))
    marked = mark_channel(2_000_000_001)
    expected = [n for n in tree.ids(marked) if getattr(tree.message(marked, n), "photo", None)][::-1]
    assert (page.count, ids_of(page) + (ids_of(rest) if rest else [])) == (len(expected), expected[:200])
    assert older.count < page.count


async def test_folders_name_their_chats_by_addresses_that_work(tree: World) -> None:
    async with visiting(tree) as (client, _):
        answer = await client(functions.messages.GetDialogFiltersRequest())
        default, reading, friends, groups, shared = answer.filters
        seen = [ids_of(await client(history(peer, limit=1))) for peer in reading.include_peers]
        own = await client(history(friends.include_peers[1], limit=1))
    assert isinstance(default, types.DialogFilterDefault)
    assert (reading.title.text, [utils.get_peer_id(p) for p in reading.include_peers]) == (
        "Reading",
        [PAPER, TALK],
    )
    assert seen == [[max(tree.ids(PAPER))], [max(tree.ids(TALK))]]
    assert own.messages[0].id == max(tree.ids(people.OWNER))
    assert (groups.title.text, groups.groups, friends.contacts) == ("Groups | all", True, True)
    assert isinstance(shared, types.DialogFilterChatlist)


async def test_phone_numbers_lead_to_people(tree: World) -> None:
    async with visiting(tree) as (client, _):
        found = await client(functions.contacts.ResolvePhoneRequest("+1 555 0100011"))
        with pytest.raises(errors.PhoneNotOccupiedError):
            await client(functions.contacts.ResolvePhoneRequest("4711"))
    assert found.peer == types.PeerUser(people.ANNA)


def test_ranks_that_repeat_are_a_sequence_without_a_list() -> None:
    cycle = Cycle([1, 4], 5, 13)
    assert list(cycle) == [1, 4, 6, 9, 11]
    assert (len(cycle), cycle[1:3], 9 in cycle) == (5, [4, 6], True)
    assert len(bulk_chat(1, 1_000_000)[1].log.matching(lambda _message: True)) == 1_000_000
