"""The worlds themselves: the same for the same seed, flat in memory, complete."""

import tracemalloc
from itertools import pairwise
from typing import Any

import pytest
from telethon.tl import types

from tobs.core.ids import mark_channel
from tobs.simulator.corpus import people
from tobs.simulator.corpus.bench import bulk_chat
from tobs.simulator.corpus.everything import ACTIONS_ID, MEDIA_ID
from tobs.simulator.logs import Log, message_at
from tobs.simulator.marks import marked_of, peer_of
from tobs.simulator.markup import parse
from tobs.simulator.model import Chat
from tobs.simulator.pages import encode_page
from tobs.simulator.raw import decoded
from tobs.simulator.world import WORLDS, Kind, World


@pytest.fixture(scope="module")
def everything() -> World:
    return WORLDS["everything"](1, 0)


@pytest.fixture(scope="module")
def bulk() -> Chat:
    return bulk_chat(1, 1_000_000)[1]


def tops(world: World) -> list[bytes]:
    """The newest hundred messages of each chat as the owner gets them."""
    return [
        encode_page(world, world.owner, chat, max(0, len(chat.log) - 100), len(chat.log))
        for chat in world.chats
    ]


def all_messages(world: World) -> list[Any]:
    return [message_at(chat.log, rank) for chat in world.chats for rank in range(len(chat.log))]


@pytest.mark.parametrize("name", WORLDS)
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    assert tops(WORLDS[name](7, 300)) == tops(WORLDS[name](7, 300))


def test_another_seed_gives_another_world() -> None:
    assert tops(WORLDS["bench"](7, 300)) != tops(WORLDS["bench"](8, 300))


def test_a_million_messages_are_not_made_before_they_are_asked_for() -> None:
    WORLDS["bench"](2, 10)
    tracemalloc.start()
    world = WORLDS["bench"](1, 1_000_000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert world.count(world.chats[1].marked) == 1_000_000
    assert held < 3_000_000


def test_pages_anywhere_in_a_bulk_chat_decode_to_what_the_log_says(bulk: Chat) -> None:
    for low in (0, 1, 99_960, 250_950, 399_950, 749_990, 999_900):
        reader = decoded_page(bulk.log, low, low + 100)
        assert [message.id for message in reader] == [bulk.log.id_at(low + 99 - n) for n in range(100)]
        assert [int(message.date.timestamp()) for message in reader] == [
            bulk.log.date_at(low + 99 - n) for n in range(100)
        ]
        assert b"".join(bytes(message) for message in reader) == bulk.log.page(low, low + 100)


def decoded_page(log: Log, low: int, high: int) -> list[Any]:
    return [message_at(log, rank) for rank in range(high - 1, low - 1, -1)]


def test_a_page_of_a_bulk_chat_is_rich_and_of_natural_size(bulk: Chat) -> None:
    messages = decoded_page(bulk.log, 5_000, 6_000)
    shares = {
        "reply": sum(bool(m.reply_to) for m in messages),
        "media": sum(bool(m.media) for m in messages if isinstance(m, types.Message)),
        "entities": sum(bool(m.entities) for m in messages),
        "reactions": sum(bool(m.reactions) for m in messages),
        "forward": sum(bool(m.fwd_from) for m in messages),
        "edit": sum(bool(m.edit_date) for m in messages),
        "album": sum(bool(m.grouped_id) for m in messages),
        "service": sum(isinstance(m, types.MessageService) for m in messages),
    }
    assert all(count >= 4 for count in shares.values()), shares
    assert 220 <= len(bulk.log.page(5_000, 6_000)) / 1_000 <= 300


def test_ids_ascend_and_dates_never_descend(everything: World, bulk: Chat) -> None:
    for chat in everything.chats:
        assert all(older < newer for older, newer in pairwise(everything.ids(chat.marked)))
        dates = [chat.log.date_at(rank) for rank in range(len(chat.log))]
        assert dates == sorted(dates)
    ranks = [*range(3_000), *range(399_000, 401_000), *range(749_000, 751_000), *range(997_000, 1_000_000)]
    for low, high in pairwise(ranks):
        assert bulk.log.id_at(low) < bulk.log.id_at(high)
        assert bulk.log.date_at(low) <= bulk.log.date_at(high)


def test_ranks_and_ids_are_inverse_over_all_holes(bulk: Chat) -> None:
    top = bulk.log.id_at(len(bulk.log) - 1)
    assert 0.99 < len(bulk.log) / top < 1
    for rank in (0, 1, 250, 251, 252, 399_999, 400_000, 750_000, 999_999):
        number = bulk.log.id_at(rank)
        assert (bulk.log.rank_of(number), bulk.log.rank_of(number + 1)) == (rank, rank + 1)
    assert (bulk.log.rank_of(0), bulk.log.rank_of(top + 1_000)) == (0, len(bulk.log))


def test_albums_of_a_bulk_chat_keep_one_group_and_one_second(bulk: Chat) -> None:
    messages = decoded_page(bulk.log, 0, 1_500)
    albums: dict[int, list[Any]] = {}
    for message in messages:
        if message.grouped_id:
            albums.setdefault(message.grouped_id, []).append(message)
    assert len(albums) > 3
    for members in albums.values():
        assert 2 <= len(members) <= 10
        assert len({message.date for message in members}) == 1


def test_replies_of_a_bulk_chat_point_to_earlier_messages(bulk: Chat) -> None:
    replies = [m for m in decoded_page(bulk.log, 70_000, 71_000) if m.reply_to]
    assert replies
    for message in replies:
        target = message.reply_to.reply_to_msg_id
        assert target < message.id
        assert bulk.log.id_at(bulk.log.rank_of(target)) == target


def test_every_kind_of_chat_is_there(everything: World) -> None:
    assert {chat.kind for chat in everything.chats} == set(Kind)
    titles = [chat.title for chat in everything.chats]
    assert titles.count("Book club") == 2
    assert "BOOK CLUB" in titles
    assert any(chat.entity.deleted for chat in everything.chats if isinstance(chat.entity, types.User))


def named(prefix: str) -> set[str]:
    return {name for name in dir(types) if name.startswith(prefix)}


def test_every_action_of_the_layer_is_in_the_gallery(everything: World) -> None:
    found = {type(m.action).__name__ for m in all_messages(everything) if isinstance(m, types.MessageService)}
    assert named("MessageAction") - found == set()
    assert everything.count(mark_channel(ACTIONS_ID)) > 90


def test_every_entity_of_the_layer_is_in_the_gallery(everything: World) -> None:
    entities = [type(entity).__name__ for m in all_messages(everything) for entity in m.entities or []]
    assert named("MessageEntity") - set(entities) == set()


def test_every_medium_of_the_layer_is_in_the_gallery(everything: World) -> None:
    found = {type(m.media).__name__ for m in all_messages(everything)}
    # Telethon's own message turns messageMediaEmpty into no media before it could be sent.
    assert named("MessageMedia") - found == {"MessageMediaEmpty"}
    assert everything.count(mark_channel(MEDIA_ID)) > 90


def test_every_message_comes_back_equal_from_its_bytes(everything: World) -> None:
    for chat in everything.chats:
        for rank in range(len(chat.log)):
            assert bytes(message_at(chat.log, rank)) == chat.log.page(rank, rank + 1)


def test_a_message_is_looked_up_by_its_chat_and_id(everything: World) -> None:
    marked = people.ANNA
    first = next(everything.ids(marked))
    assert everything.message(marked, first).message.startswith("Hi Mira!")
    assert everything.message(marked, first - 1) is None
    with pytest.raises(KeyError, match="no chat 4711"):
        everything.count(4711)


@pytest.mark.parametrize("marked", [5, -5, mark_channel(5)])
def test_marked_ids_and_peers_are_inverse(marked: int) -> None:
    assert marked_of(peer_of(marked)) == marked


def test_the_notation_counts_in_utf_16() -> None:
    text, entities = parse("🥖 <b>x</b> https://example.org/a. <code>#no</code> #yes")
    assert text == "🥖 x https://example.org/a. #no #yes"
    assert [(type(e).__name__[13:], e.offset, e.length) for e in entities or []] == [
        ("Bold", 3, 1),
        ("Url", 5, 21),
        ("Code", 28, 3),
        ("Hashtag", 32, 4),
    ]


def test_raw_bytes_decode_alone() -> None:
    assert decoded(bytes(types.PeerUser(5))) == types.PeerUser(5)
