"""Worlds that change: ground truth, overlays over bulk logs, and pages that move while they are read."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import pytest
from telethon.tl import types

from simulator.visitors import history, visiting
from tobs._util.clock import ManualClock
from tobs.core.ids import mark_channel
from tobs.simulator.changes import Changes
from tobs.simulator.corpus import people
from tobs.simulator.corpus.small import CLUB_ID, FORUM_ID, GROUP_ID, NEWS_ID
from tobs.simulator.events import Change
from tobs.simulator.logs import message_at
from tobs.simulator.topics import topic_of
from tobs.simulator.world import WORLDS, World

CLUB, BULK = mark_channel(CLUB_ID), mark_channel(2_000_000_001)


@pytest.fixture
def small() -> World:
    return WORLDS["small"](1, 1_000)


def texts(world: World, marked: int) -> list[str]:
    return [getattr(world.message(marked, number), "message", "") for number in world.ids(marked)]


def test_a_message_arrives_at_the_top_with_the_next_id(small: World) -> None:
    top = max(small.ids(CLUB))
    number = small.add_message(CLUB, "Still afloat", sender=people.BEN, reply_to=top)
    message = small.message(CLUB, number)
    assert (number, message.message, message.reply_to.reply_to_msg_id) == (top + 1, "Still afloat", top)
    assert message.from_id == types.PeerUser(people.BEN)
    assert small.count(CLUB) == 132


def test_the_id_of_a_deleted_top_is_not_given_again(small: World) -> None:
    number = small.add_message(CLUB, "Never mind", sender=people.BEN)
    small.delete_message(CLUB, number)
    assert small.message(CLUB, number) is None
    assert small.add_message(CLUB, "Now then", sender=people.BEN) == number + 1


def test_private_chats_and_groups_take_their_ids_from_one_sequence(small: World) -> None:
    first = small.add_message(people.ANNA, "Hello again")
    second = small.add_message(-GROUP_ID, "Supper?", sender=people.OWNER)
    assert second == first + 1
    assert small.message(people.ANNA, first).from_id is None
    assert small.message(-GROUP_ID, second).out


def test_an_edit_keeps_id_and_date_and_tells_when(small: World) -> None:
    number = next(iter(small.ids(CLUB))) + 1
    before = small.message(CLUB, number)
    small.edit_message(CLUB, number, "Boat 1 stayed home")
    after = small.message(CLUB, number)
    assert (after.message, after.date) == ("Boat 1 stayed home", before.date)
    assert int(after.edit_date.timestamp()) == small.time()


def test_counters_change_without_an_update(small: World) -> None:
    news = mark_channel(NEWS_ID)
    number = max(small.ids(news))
    chat = small.chat(news)
    assert chat is not None
    pts = chat.pts
    small.set_counters(news, number, views=4711, forwards=1)
    assert (small.message(news, number).views, small.message(news, number).edit_date) == (4711, None)
    assert chat.pts == pts
    assert [event.change for event in small.history(news)] == [Change.COUNTERS]


def test_every_event_is_noted_with_its_pts(small: World) -> None:
    chat = small.chat(CLUB)
    assert chat is not None
    begin = chat.pts
    number = small.add_message(CLUB, "One", sender=people.BEN)
    small.edit_message(CLUB, number, "Two")
    small.delete_messages(CLUB, [number, next(iter(small.ids(CLUB)))])
    events = [(event.change, len(event.ids), event.pts) for event in small.history(CLUB)]
    assert events == [("new", 1, begin + 1), ("edit", 1, begin + 2), ("delete", 2, begin + 4)]
    assert chat.pts == begin + 4
    assert small.history(BULK) == []


def test_dates_follow_the_clock_and_never_descend(small: World) -> None:
    clock = ManualClock(small.now + 3_600)
    small.clock = clock.now
    first = small.add_message(CLUB, "At one", sender=people.BEN)
    clock.advance(60)
    second = small.add_message(CLUB, "A minute later", sender=people.BEN)
    third = small.add_message(CLUB, "From the past", sender=people.BEN, date=1)
    dates = [int(small.message(CLUB, number).date.timestamp()) for number in (first, second, third)]
    assert dates == [small.now + 3_600, small.now + 3_660, small.now + 3_660]


def test_without_a_clock_the_same_changes_give_the_same_bytes() -> None:
    worlds = [WORLDS["small"](1, 300) for _ in range(2)]
    for world in worlds:
        changes = Changes(seed=5)
        for _ in range(200):
            changes.step(world, "messages.getHistory")
    for chat in worlds[0].chats:
        twin = worlds[1].chat(chat.marked, chat.owner)
        assert twin is not None
        assert chat.log.page(0, len(chat.log)) == twin.log.page(0, len(twin.log))


def test_topics_come_change_and_go(small: World) -> None:
    forum = mark_channel(FORUM_ID)
    chat = small.chat(forum)
    assert chat is not None
    topic = small.add_topic(forum, "Compost", people.IDA)
    said = small.add_message(forum, "It steams", sender=people.IDA, topic=topic)
    answer = small.add_message(forum, "Good", sender=people.GRETA, topic=topic, reply_to=said)
    assert [topic_of(small.message(forum, number)) for number in (topic, said, answer)] == [topic] * 3
    assert chat.topics[topic].top_message == answer
    small.delete_message(forum, answer)
    assert chat.topics[topic].top_message == said
    small.delete_topic(forum, topic)
    assert topic not in chat.topics
    assert small.message(forum, said) is None


def test_what_does_not_exist_cannot_change(small: World) -> None:
    with pytest.raises(KeyError, match="no message 999999"):
        small.edit_message(CLUB, 999_999, "?")
    with pytest.raises(KeyError, match="no chat 5"):
        small.add_message(5, "?")


def test_a_changed_bulk_chat_is_what_a_list_of_its_messages_would_be(small: World) -> None:
    chat = small.chat(BULK)
    assert chat is not None
    model: dict[int, bytes] = {number: bytes(small.message(BULK, number)) for number in small.ids(BULK)}
    draw = random.Random(11)
    for turn in range(300):
        number = draw.choice([*model])
        if turn % 3 == 0:
            number = small.add_message(BULK, f"Turn {turn}", sender=people.OWNER)
        elif turn % 3 == 1:
            small.delete_message(BULK, number)
            del model[number]
            continue
        elif isinstance(small.message(BULK, number), types.Message):
            small.edit_message(BULK, number, f"Edited in turn {turn}")
        model[number] = bytes(small.message(BULK, number))
    log, ids = chat.log, sorted(model)
    assert [log.id_at(rank) for rank in range(len(log))] == ids
    assert [log.rank_of(number) for number in ids] == [*range(len(ids))]
    for low in range(0, len(ids), 37):
        part = ids[low : low + 37]
        assert log.page(low, low + len(part)) == b"".join(model[number] for number in reversed(part))
        assert [bytes(message_at(log, low + n)) for n in range(len(part))] == [model[n] for n in part]
    dates = [log.date_at(rank) for rank in range(len(log))]
    assert dates == sorted(dates)
    assert log.rank_of_date(dates[400]) == dates.index(dates[400])
    edited = [number for number in ids if was_edited(small.message(BULK, number))]
    assert [log.id_at(rank) for rank in log.matching(was_edited)] == edited != []


def was_edited(message: Any) -> bool:
    return (message.message or "").startswith("Edited")


def test_changes_of_a_million_messages_cost_the_memory_of_the_changes() -> None:
    world = WORLDS["bench"](1, 1_000_000)
    marked = world.chats[1].marked
    world.add_message(marked, "First", sender=people.OWNER)
    tracemalloc.start()
    for turn in range(100):
        world.add_message(marked, "More", sender=people.OWNER)
        world.delete_message(marked, world.chats[1].log.id_at(turn * 9_000))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 500_000
    assert world.count(marked) == 1_000_001


async def test_pages_move_while_they_are_read(small: World) -> None:
    changes = Changes(seed=3, arrivals=0.9, edits=0.9, deletions=0.9, chats=(BULK,))
    async with visiting(small, changes=changes) as (client, _):
        peer = await client.get_input_entity("bench_bulk")
        seen: dict[int, Any] = {}
        lowest = 0
        while (page := await client(history(peer, offset_id=lowest, limit=20))).messages:
            seen |= {message.id: message for message in page.messages}
            lowest = page.messages[-1].id
    assert min(changes.made[name] for name in ("arrivals", "edits", "deletions")) > 20
    gone = {number for event in small.history(BULK) if event.change == "delete" for number in event.ids}
    present = set(small.ids(BULK))
    # What was there from the beginning to the end was seen, and nothing that never was.
    new = {number for event in small.history(BULK) if event.change == "new" for number in event.ids}
    assert present - new <= seen.keys() <= present | gone


async def test_the_world_rests_after_its_last_change(small: World) -> None:
    changes = Changes(arrivals=1, edits=0, deletions=0, counters=0, chats=(CLUB,), total=3)
    async with visiting(small, changes=changes) as (client, _):
        peer = await client.get_input_entity("rowing_club_demo")
        counts = [(await client(history(peer, limit=1))).count for _ in range(5)]
    assert counts == [132, 133, 134, 134, 134]
    assert texts(small, CLUB)[-1] == "Arrived as number 2"
