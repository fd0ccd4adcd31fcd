"""A small world of every kind of chat with holes anywhere, and the memory of all that was ever in it."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.core.model import Decoded, MessageRow
from tobs.simulator.corpus import chats, files, people
from tobs.simulator.corpus.bench import bulk_chat
from tobs.simulator.corpus.small import start_topic
from tobs.simulator.events import Change, Event
from tobs.simulator.logs import BulkLog, Calendar
from tobs.simulator.model import Chat, Kind, World
from tobs.simulator.pages import encode_page
from tobs.simulator.script import Draft, Script
from tobs.simulator.stage import Stage
from tobs.telegram.decode import decode_page

_BEGIN = datetime(2026, 2, 20, 8, 0, tzinfo=UTC)
_NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
_SPEAKERS = (people.OWNER, people.BEN, people.GRETA, people.HUGO, people.IDA, people.JONAS)
_SUPERGROUP, _CHANNEL, _FORUM = 2_000_000_101, 2_000_000_102, 2_000_000_103
_GROUP = 412_345_701
_DAYS = 60


def build_world(seed: int) -> World:
    """Return a world of eight or nine chats, some 300 to 1,500 messages, which the seed alone decides."""
    chance = random.Random(f"world {seed}")
    stage = Stage(seed, _NOW)
    stage.skip_ids(chance.choice((0, 1, 90, 260)))
    _fill(stage.private(people.OWNER, _BEGIN, pinned=True), chance, chance.randint(1, 12), (people.OWNER,))
    _fill(
        stage.private(people.ANNA, _BEGIN), chance, chance.randint(5, 180), (people.OWNER, people.ANNA), 0.02
    )
    _fill(
        stage.private(people.CHIARA, _BEGIN),
        chance,
        chance.randint(1, 30),
        (people.OWNER, people.CHIARA),
        0.3,
    )
    group = stage.group(chats.group(_GROUP, "Kitchen", 3), _BEGIN, full={"members": [*_SPEAKERS[:3]]})
    group.act(people.OWNER, types.MessageActionChatCreate("Kitchen", [*_SPEAKERS[:3]]))
    _fill(group, chance, chance.randint(3, 40), _SPEAKERS[:3], 0.1)
    club = stage.channel(chats.supergroup(_SUPERGROUP, "Rowing Club", "rowing_club_demo"), _BEGIN)
    _fill(club, chance, chance.randint(20, 300), _SPEAKERS, chance.choice((0.01, 0.2, 0.6)))
    news = stage.channel(chats.broadcast(_CHANNEL, "Harbour News", "harbour_news_demo"), _BEGIN)
    _fill(news, chance, chance.randint(2, 160), (None,), 0.05, post=True, views=40, forwards=0)
    _found_forum(stage, chance)
    if chance.random() < 0.7:
        _add_bulk(stage, seed, chance)
    world = stage.build()
    for chat in world.chats:
        if chat.count > 20 and chance.random() < 0.4:
            _dig_hole(world, chat, chance)
    return world


def _add_bulk(stage: Stage, seed: int, chance: random.Random) -> None:
    """Add a supergroup of rich messages, dense but for a long hole; in two months, as many notes take time."""
    count = chance.randint(100, 800)
    peers, bulk = bulk_chat(seed, count)
    assert isinstance(bulk.log, BulkLog)
    calendar = Calendar(
        int(_BEGIN.timestamp()),
        _DAYS * 86_400,
        period=chance.choice((7, 251)),
        runs=((count * 2 // 3, chance.randint(1, 400)),),
    )
    bulk.log = BulkLog(bulk.log._templates, count, calendar)
    stage.add(bulk, peers)


def _fill(
    script: Script,
    chance: random.Random,
    count: int,
    speakers: tuple[int | None, ...],
    sparseness: float = 0.05,
    **fields: Any,
) -> None:
    """Let a chat be spoken in, from its first day on, with ids missing before a share of the messages."""
    script.gap(chance.choice((0, 0, 3, 150)))
    for number in range(count):
        if chance.random() < sparseness:
            script.gap(chance.randint(1, 30))
        elif chance.random() < 2 / count:
            script.gap(chance.randint(100, 450))
        _speak(script, chance, chance.choice(speakers), f"Words {number}", fields)
        script.later(minutes=chance.randint(0, 2 * _DAYS * 1440 // count))


def _speak(
    script: Script, chance: random.Random, who: int | None, words: str, fields: dict[str, Any]
) -> None:
    draw = chance.random()
    key = f"storm/{script.chat}/{len(script.drafts)}"
    if draw < 0.04:
        album = [files.photo_media(f"{key}/{number}") for number in range(chance.randint(2, 5))]
        script.album(who, album, {0: words}, **fields)
        return
    reply: Draft | None = None
    if draw < 0.3 and script.drafts:
        reply = chance.choice(script.drafts[-40:])
    media = files.photo_media(key) if 0.3 < draw < 0.4 else None
    said = script.say(who, f"<b>{words}</b> and more", reply=reply, media=media, **fields)
    if draw > 0.93:
        script.edit(said, chance.randint(5, 5_000))


def _found_forum(stage: Stage, chance: random.Random) -> None:
    script = stage.channel(chats.supergroup(_FORUM, "Allotments", "allotments_demo", forum=True), _BEGIN)
    script.say(people.IDA, "Hello in General")
    for title in ("Seeds", "Tools", "Tools", "../../[[etc]] | #1"):
        topic = start_topic(script, people.IDA, title)
        for number in range(chance.randint(0, 25)):
            script.gap(chance.choice((0, 0, 0, 1, 12)))
            reply = topic if number % 3 else chance.choice(script.drafts)
            script.say(chance.choice(_SPEAKERS), f"Leaf {number} of {title}", reply=reply)
            script.later(hours=chance.randint(1, 30))
        if chance.random() < 0.5:
            script.act(people.IDA, types.MessageActionTopicEdit(title=f"{title} & more"), reply=topic)


def _dig_hole(world: World, chat: Chat, chance: random.Random) -> None:
    """Take messages away at the beginning, in the middle or at the end."""
    ids = list(world.ids(chat.marked))
    length = chance.randint(1, min(150, len(ids) // 2))
    start = chance.choice((0, chance.randrange(len(ids) - length), len(ids) - length))
    world.delete_messages(chat.marked, ids[start : start + length])


def read_chat(world: World, chat: Chat) -> Decoded:
    """Return all that a chat holds now, decoded from the bytes that the world has of it."""
    raw = encode_page(world, world.owner, chat, 0, chat.count)
    return decode_page(
        raw, chat_id=chat.marked, account=world.owner, is_forum=bool(getattr(chat.entity, "forum", None))
    )


class Chronicle:
    """Every state that each message of a world ever had, in the order in which it had them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.states: dict[tuple[int, int], list[MessageRow]] = {}
        for chat in world.chats:
            for row in read_chat(world, chat).rows:
                self.states[chat.marked, row.id] = [row.settled()]
        world.on_change = self._note

    def _note(self, event: Event) -> None:
        if event.change is Change.DELETE:
            return
        chat = self._world.chat(event.chat)
        assert chat is not None
        for number in event.ids:
            rank = chat.log.rank_of(number)
            raw = encode_page(self._world, self._world.owner, chat, rank, rank + 1)
            is_forum = chat.kind is Kind.FORUM
            found = decode_page(raw, chat_id=chat.marked, account=self._world.owner, is_forum=is_forum)
            states = self.states.setdefault((chat.marked, number), [])
            states += [row.settled() for row in found.rows if [row.settled()] != states[-1:]]


def move_at_random(world: World, chance: random.Random, times: int) -> None:
    """Let things happen while nobody looks: also what the changes between two answers never do."""
    for _ in range(times):
        chat = chance.choice([each for each in world.chats if each.listed])
        ids = list(world.ids(chat.marked))
        kind = chance.choice(
            ("arrive", "arrive", "answer", "edit", "edit", "delete", "cut", "rename", "topic")
        )
        if kind == "cut" and chance.random() < 0.2 and 0 < len(ids) < 60:
            world.delete_messages(chat.marked, ids)
        elif kind == "rename":
            world.peers[chance.choice(_SPEAKERS[1:])].first_name = f"Renamed {chance.randrange(99)}"
            world._views.clear()
        elif kind == "topic" and chat.topics:
            world.add_topic(chat.marked, f"Topic {chance.randrange(9)}", sender=world.owner)
        elif kind == "arrive" or len(ids) < 3:
            _arrive(world, chat, chance, 0)
        elif kind == "answer":
            _arrive(world, chat, chance, chance.choice(ids))
        elif kind == "cut":
            _dig_hole(world, chat, chance)
        else:
            _touch(world, chat, kind, chance.choice(ids), chance)


def _arrive(world: World, chat: Chat, chance: random.Random, reply_to: int) -> None:
    words = f"Said at random {chance.randrange(10**6)}"
    if chat.kind is Kind.CHANNEL:
        world.add_message(chat.marked, words, post=True, reply_to=reply_to)
    else:
        topic = chance.choice([0, *chat.topics]) if chat.topics else 0
        world.add_message(chat.marked, words, sender=world.owner, topic=topic, reply_to=reply_to)


def _touch(world: World, chat: Chat, kind: str, number: int, chance: random.Random) -> None:
    message = world.message(chat.marked, number)
    if kind == "delete":
        world.delete_message(chat.marked, number)
    elif isinstance(message, types.Message):
        # Some changes are told without a date, such as a preview that was fetched later.
        dates = {"edit_date": message.edit_date} if chance.random() < 0.2 else {}
        world.edit_message(chat.marked, number, f"Edited {chance.randrange(10**6)}", entities=[], **dates)
