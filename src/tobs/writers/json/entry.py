"""One message of result.json, key by key in Desktop's order."""

from __future__ import annotations

from typing import Any

from tobs.core.model import GENERAL_TOPIC, Message
from tobs.writers.json.actions import list_action
from tobs.writers.json.extras import list_buttons, list_reactions
from tobs.writers.json.ids import list_target, name_peer_id, shift_id
from tobs.writers.json.media import list_media
from tobs.writers.json.own import list_own
from tobs.writers.json.text import join_parts, list_parts
from tobs.writers.scene import Scene

Entry = dict[str, Any]


def make_entry(scene: Scene, message: Message) -> Entry:
    """Return a message as it stands in the file."""
    entry: Entry = {
        "id": shift_id(scene, message.id),
        "type": _name_type(message),
        "date": scene.calendar.moment(message.date, "T"),
        "date_unixtime": str(message.date),
    }
    if message.edit_date:
        entry["edited"] = scene.calendar.moment(message.edit_date, "T")
        entry["edited_unixtime"] = str(message.edit_date)
    who = "actor" if entry["type"] == "service" else "from"
    sender_id = scene.links.chat.id if message.sender_id is None else message.sender_id
    entry[who], entry[f"{who}_id"] = scene.people.plain(sender_id), name_peer_id(sender_id)
    if who == "actor":
        entry.update(list_action(scene, message))
    else:
        _add_frame(entry, scene, message)
        entry.update(list_media(scene, message))
    text = entry.pop("text", message.text) or _find_text(message)
    parts = list_parts(scene, text, message.content.entities)
    entry["text"], entry["text_entities"] = join_parts(parts), parts
    if message.content.buttons and (buttons := list_buttons(message)):
        entry["inline_bot_buttons"] = buttons
    if message.counters.reactions:
        entry["reactions"] = list_reactions(scene, message)
    if own := list_own(scene, message, parts):
        entry["tobs"] = own
    return entry


def _name_type(message: Message) -> str:
    """Return what sort of entry it is; Desktop has ordinary messages for events without a meaning."""
    if message.kind == "unsupported" and not message.text:
        return "unsupported"
    action = message.content.action
    return "message" if action is None or action.kind == "empty" else "service"


def _find_text(message: Message) -> str:
    """Return the words of a rich message that came without a plain text: one block a line."""
    page = message.content.page
    return "\n".join(each.text for each in page.list_blocks() if each.text) if page else ""


def _add_frame(entry: Entry, scene: Scene, message: Message) -> None:
    """Add who signed it, where it comes from, what it answers, and by whose help it was made."""
    content = message.content
    if content.author:
        entry["author"] = content.author
    if forward := content.forward:
        if forward.from_id:
            entry["forwarded_from"] = scene.people.plain(forward.from_id)
            entry["forwarded_from_id"] = name_peer_id(forward.from_id)
        else:
            entry["forwarded_from"] = forward.name or None
        if forward.saved_chat_id:
            entry["saved_from"] = scene.people.plain(forward.saved_chat_id)
    entry.update(list_target(scene, message, "reply_to_message_id"))
    if "reply_to_message_id" not in entry and _is_topical(scene, message):
        entry["reply_to_message_id"] = message.topic_id
    if content.via_bot_id and (username := scene.people.username(content.via_bot_id)):
        entry["via_bot"] = f"@{username}"


def _is_topical(scene: Scene, message: Message) -> bool:
    """Tell whether a post stands directly in a topic other than General: Desktop says so like an answer."""
    return scene.chat.kind == "forum" and message.topic_id not in {None, GENERAL_TOPIC}
