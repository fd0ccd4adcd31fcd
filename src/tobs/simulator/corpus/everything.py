"""The world that holds every kind of message, entity, medium and action that the layer can express."""

from datetime import UTC, datetime
from typing import Any

from telethon.tl import types

from tobs.simulator.corpus import actions, chats, envelopes, media, people, texts
from tobs.simulator.corpus.bench import bulk_chat
from tobs.simulator.corpus.holes import put_on_holes
from tobs.simulator.corpus.small import NOW, put_on_chats
from tobs.simulator.markup import parse
from tobs.simulator.model import World
from tobs.simulator.stage import Stage

TEXTS_ID, MEDIA_ID, ACTIONS_ID = 2_000_000_021, 2_000_000_022, 2_000_000_023
_BEGIN = datetime(2026, 2, 27, 22, 0, tzinfo=UTC)


def build_everything(seed: int, messages: int) -> World:
    """Return the small world together with the whole gallery, and that many bulk messages (none for 0)."""
    stage = Stage(seed, NOW)
    put_on_chats(stage)
    _texts(stage)
    _media(stage)
    _actions(stage)
    envelopes.put_on_envelopes(stage)
    put_on_holes(stage)
    if messages:
        peers, bulk = bulk_chat(seed, messages)
        stage.add(bulk, peers)
    return stage.build()


def _texts(stage: Stage) -> None:
    script = stage.channel(chats.supergroup(TEXTS_ID, "Gallery of texts", "gallery_texts"), _BEGIN)
    for source in (*texts.MARKED_UP, *texts.UNICODE):
        script.say(people.ANNA, source)
        script.later(hours=7)
    for text in texts.LITERAL:
        # Hostile tags are words here; only what the service would find by itself becomes an entity.
        script.say(people.HOSTILE, message=text, entities=_found(text))
        script.later(hours=5)
    for text, entities in texts.exact():
        script.say(people.BEN, message=text, entities=entities)


def _found(text: str) -> list[Any] | None:
    """Return the entities of a literal text: links and hashtags, but no tag of our notation."""
    hidden = text.replace("<", "\u2039")
    return parse(hidden)[1]


def _media(stage: Stage) -> None:
    script = stage.channel(chats.supergroup(MEDIA_ID, "Gallery of media", "gallery_media"), _BEGIN)
    speakers = (people.ANNA, people.BEN, people.OWNER)
    for number, (caption, item) in enumerate(media.everything()):
        script.say(speakers[number % 3], caption, media=item)
        script.later(hours=11)


def _actions(stage: Stage) -> None:
    """Show each action in a supergroup, and those of two people in a private chat as well."""
    script = stage.channel(chats.supergroup(ACTIONS_ID, "Gallery of actions", "gallery_actions"), _BEGIN)
    pinned = script.say(people.ANNA, "This will be pinned", pinned=True)
    for action in actions.everything():
        reply = pinned if isinstance(action, types.MessageActionPinMessage) else None
        script.act(people.ANNA, action, reply=reply)
        script.later(hours=3)
    private = stage.private(people.DIEGO, _BEGIN)
    calls = [item for item in actions.everything() if isinstance(item, _BETWEEN_TWO)]
    for number, action in enumerate(calls):
        private.act((people.DIEGO, people.OWNER)[number % 2], action)
        private.later(hours=9)
    reacted = types.MessageReactions([types.ReactionCount(types.ReactionEmoji("👍"), 1)])
    private.act(
        people.DIEGO, types.MessageActionScreenshotTaken(), reactions=reacted, reactions_are_possible=True
    )


_BETWEEN_TWO = (
    types.MessageActionPhoneCall,
    types.MessageActionScreenshotTaken,
    types.MessageActionSetMessagesTTL,
    types.MessageActionSetChatTheme,
    types.MessageActionSetChatWallPaper,
    types.MessageActionContactSignUp,
    types.MessageActionGiftPremium,
    types.MessageActionStarGift,
    types.MessageActionSuggestProfilePhoto,
    types.MessageActionNoForwardsToggle,
    types.MessageActionHistoryClear,
)
