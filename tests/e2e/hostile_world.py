"""A world in which everything that a stranger can word is an attack: titles, names, topics, files, texts, polls, previews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from telethon.tl import types

from attacks import ATTACKS, put_words
from tobs.simulator.corpus import chats, files, people
from tobs.simulator.corpus.every import every_message
from tobs.simulator.corpus.media import poll
from tobs.simulator.marks import peer_of
from tobs.simulator.markup import utf16
from tobs.simulator.model import World
from tobs.simulator.script import Draft, Script
from tobs.simulator.stage import Stage

HALL, FORUM, GALLERY, FIRST = 2_000_000_400, 2_000_000_401, 2_000_000_402, 2_000_000_500
STRANGER = 5_200_000_000
_BEGIN, _NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC), datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def build_hostile(titles: Sequence[str]) -> World:
    """Return a world of chats and topics with these titles, a hall where every attack is made, and a gallery of all constructors."""
    stage = Stage(1, _NOW)
    hall = stage.channel(chats.supergroup(HALL, ATTACKS[0]), _BEGIN)
    forum = stage.channel(chats.supergroup(FORUM, ATTACKS[1], forum=True), _BEGIN)
    for number, attack in enumerate(ATTACKS):
        who = STRANGER + number
        stage.peers[who] = people.person(who, attack, attack[::-1])
        _fill(hall, who, attack, number)
    for number, title in enumerate(titles):
        forum.topic = forum.act(STRANGER + number, types.MessageActionTopicCreate(title, 0x6FB9F0))
        forum.say(STRANGER + number, message=title, entities=None)
        script = stage.channel(chats.supergroup(FIRST + number, title), _BEGIN)
        script.say(STRANGER + number, message=title, entities=None)
        script.act(STRANGER + number, types.MessageActionChatEditTitle(title))
    _put_everything(stage.channel(chats.supergroup(GALLERY, "</title><b>'\""), _BEGIN))
    return stage.build()


def _fill(script: Script, who: int, attack: str, number: int) -> None:
    first = script.say(who, message=attack, entities=None)
    script.say(who, message=f"a {attack} b\n{attack}", entities=None, reply=first, quote=attack)
    for entity in _list_entities(attack):
        script.say(who, message=attack, entities=[entity])
    whole = 0, utf16(attack)
    script.say(
        who,
        message=attack,
        entities=[types.MessageEntityCode(*whole), types.MessageEntityTextUrl(*whole, attack)],
    )
    script.say(
        who,
        message=attack,
        entities=None,
        media=files.named(attack, "text/plain", 700 + number, f"a{number}"),
    )
    script.say(who, message=attack, entities=None, media=files.audio(f"s{number}", attack, attack))
    script.say(who, message=attack, entities=None, media=poll(attack, [attack, f"{attack}2"], [1, 2]))
    page = files.web_page("https://example.org/a", attack, attack, attack)
    page.webpage.url = page.webpage.display_url = attack
    script.say(who, message=attack, entities=None, media=page)
    script.say(who, message=attack, entities=None, media=files.venue(1.0, 2.0, attack, attack))
    button = types.KeyboardInlineButton(attack, types.InlineButtonTypeUrl(attack))
    script.say(
        who,
        message=attack,
        entities=None,
        media=types.MessageMediaContact(attack, attack, attack, attack, 0),
        fwd_from=types.MessageFwdHeader(_BEGIN, from_name=attack, post_author=attack),
        reply_markup=types.ReplyInlineMarkup([types.KeyboardInlineButtonRow([button])]),
    )


def _list_entities(attack: str) -> Iterator[Any]:
    whole = 0, utf16(attack)
    yield types.MessageEntityPre(*whole, attack)
    yield types.MessageEntityPre(*whole, "dataviewjs")
    yield types.MessageEntityTextUrl(*whole, attack)
    for kind in (
        types.MessageEntityUrl, types.MessageEntityEmail, types.MessageEntityHashtag, types.MessageEntityMention,
        types.MessageEntityCode, types.MessageEntityBold, types.MessageEntitySpoiler, types.MessageEntityBlockquote,
        types.MessageEntityPhone, types.MessageEntityCashtag, types.MessageEntityBotCommand,
    ):  # fmt: skip
        yield kind(*whole)


def _put_everything(script: Script) -> None:
    """Put on one message of each constructor, every text in it another attack."""
    words = cycle(ATTACKS)
    for number, message in enumerate(every_message()):
        put_words(message, words)
        message.peer_id, message.date = peer_of(script.chat), script.clock
        message.from_id = message.from_id or peer_of(STRANGER + number % len(ATTACKS))
        script.drafts.append(Draft(message))
        script.later(minutes=20)
