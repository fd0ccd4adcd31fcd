"""What the archive has of a message and Desktop has no key for: the object `tobs`, last in each message.

`content` and `counters` are as in the archive. A field of theirs is left out where Desktop's keys say all of it, else it
stands there whole; so whatever a later version keeps of a message appears by itself.
"""

from __future__ import annotations

from msgspec import to_builtins

from tobs.core.media import Values
from tobs.core.model import Content, Counters, Message
from tobs.writers.json.text import Part, are_said
from tobs.writers.scene import Scene
from tobs.writers.told import describe_file, name_topic, tell_versions

_REPLY = frozenset({"to_id", "chat_id"})
_REACTION = frozenset({"emoji", "count"})
_BLANK, _STILL = Content(), Counters()
_NAMED = frozenset({"unsupported", "withheld"})
"""Kinds of messages that nothing else tells."""


def list_own(scene: Scene, message: Message, parts: list[Part]) -> Values:
    """Return what Desktop's keys do not say; `parts` are those of the text. Empty for most texts."""
    own: Values = {}
    chat = scene.links.chat
    if chat.migrated_to:
        own["chat_id"] = chat.id
    if message.kind in _NAMED:
        own["kind"] = message.kind
    if message.sender_id is None:
        own["has_sender"] = False
    if message.album_id:
        own["album_id"] = message.album_id
    if scene.chat.main_topic:
        own["topic_id"] = message.topic_id or scene.chat.main_topic
        own["topic"] = name_topic(scene, own["topic_id"])
    own |= _list_records(message, parts)
    if (message.content.media or message.content.page) and (files := list(message.content.list_files())):
        own["files"] = [to_builtins(describe_file(scene, *each)) for each in files]
    if versions := tell_versions(scene, message):
        own["earlier"] = to_builtins(versions)
    if message.gone_at:
        own["gone"] = scene.calendar.day(int(message.gone_at)).isoformat()
    return own


def _list_records(message: Message, parts: list[Part]) -> Values:
    found: Values = {}
    # Most messages are words and nothing else: to see that is cheaper than to look at each field.
    if message.content != _BLANK and (content := _trim_content(message, parts)):
        found["content"] = content
    if message.counters != _STILL and (counters := _trim_counters(message)):
        found["counters"] = counters
    return found


def _trim_content(message: Message, parts: list[Part]) -> Values:
    content: Values = to_builtins(message.content)
    content.pop("author", None)
    if (entities := content.get("entities")) and are_said(parts, entities):
        del content["entities"]
    if content.get("reply") and content["reply"].keys() <= _REPLY and message.content.action is None:
        del content["reply"]
    return content


def _trim_counters(message: Message) -> Values:
    counters: Values = to_builtins(message.counters)
    if all(_is_plain(each) for each in counters.get("reactions", ())):
        counters.pop("reactions", None)
    return counters


def _is_plain(reaction: Values) -> bool:
    return reaction.keys() <= _REACTION and not reaction["emoji"].startswith("custom:")
