"""What stands below a message: buttons and reactions, as Desktop has them."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from tobs.core.media import Button
from tobs.core.model import Message, Reactor
from tobs.writers.json.ids import name_peer_id
from tobs.writers.json.text import find_emoji
from tobs.writers.scene import Scene

_TYPES = {
    "buy": "buy",
    "copy": "copy_text",
    "game": "game",
    "request_geo_location": "request_location",
    "request_peer": "request_peer",
    "request_phone": "request_phone",
    "request_poll": "request_poll",
    "simple_web_view": "simple_web_view",
    "switch_inline": "switch_inline",
    "url": "url",
    "url_auth": "auth",
    "user_profile": "user_profile",
    "web_view": "web_view",
}
_DATA = {"copy": "copy_text", "switch_inline": "query", "user_profile": "user_id"}
"""Where the payload of a button is that has no address."""


def list_buttons(message: Message) -> list[list[dict[str, Any]]]:
    """Return rows of buttons below a message; Desktop has no keyboards."""
    content = message.content
    return [] if content.keyboard else [[_describe_button(each) for each in row] for row in content.buttons]


def _describe_button(button: Button) -> dict[str, Any]:
    other = button.other
    if button.kind == "callback":
        sort = "callback_with_password" if other.get("requires_password") else "callback"
        data = urlsafe_b64encode(bytes.fromhex(other.get("data", ""))).decode().rstrip("=")
        return {"type": sort, "text": button.text, "dataBase64": data, "data": ""}
    same = "_same" if other.get("same_peer") else ""
    found: dict[str, Any] = {"type": _TYPES.get(button.kind, "default") + same, "text": button.text}
    if button.kind == "request_peer":
        found["data"] = "unsupported"
    elif data := button.url or str(other.get(_DATA.get(button.kind, ""), "")):
        found["data"] = data
    if "fwd_text" in other:
        found["forward_text"] = other["fwd_text"]
    if "button_id" in other:
        found["button_id"] = other["button_id"]
    return found


def list_reactions(scene: Scene, message: Message) -> list[dict[str, Any]]:
    """Return how often each reaction was given, and by whom lately where Telegram says so."""
    found = []
    for each in message.counters.reactions:
        sort, named = _name_reaction(scene, each.emoji)
        entry: dict[str, Any] = {"type": sort, "count": each.count, **named}
        recent = [who for who in message.counters.reactors if who.emoji == each.emoji and who.peer_id]
        if recent:
            entry["recent"] = [_describe_reactor(scene, who) for who in recent]
        found.append(entry)
    return found


def _name_reaction(scene: Scene, emoji: str) -> tuple[str, dict[str, str]]:
    sort, _, number = emoji.partition(":")
    if sort == "custom":
        return "custom_emoji", {"document_id": find_emoji(scene, number)}
    return ("paid", {}) if sort == "paid" else ("emoji", {"emoji": emoji})


def _describe_reactor(scene: Scene, reactor: Reactor) -> dict[str, str]:
    return {
        "from": scene.people.plain(reactor.peer_id),
        "from_id": name_peer_id(reactor.peer_id),
        "date": scene.calendar.moment(reactor.date, "T"),
    }
