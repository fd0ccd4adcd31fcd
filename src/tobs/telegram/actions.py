"""Service messages: a MessageAction's plain values, with peers as marked ids."""

from __future__ import annotations

from typing import Any

from telethon.tl import types as tl
from telethon.tl.tlobject import TLObject

from tobs.core.ids import mark_channel, mark_group
from tobs.core.model import Action, Values
from tobs.telegram.entities import snake_name
from tobs.telegram.peers import mark_peer

_MARKERS = {"chat_id": mark_group, "channel_id": mark_channel}
_PREFIXES = ("PhoneCallDiscardReason",)


def decode_action(action: Any) -> Action:
    """Return the action's name and every field that is a scalar, a text, a peer or a list of these."""
    values: Values = {}
    for name, value in vars(action).items():
        plain = _plain(name, value)
        if plain not in (None, False, "", []):
            values[name] = plain
    return Action(snake_name(type(action), "MessageAction"), values)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, (bool, str, float)) or value is None:
        return value
    if isinstance(value, int):
        return _MARKERS[name](value) if name in _MARKERS else value
    if isinstance(value, list):
        return [plain for each in value if (plain := _plain("", each)) is not None]
    if isinstance(value, TLObject):
        return _plain_object(value)
    return None


def _plain_object(value: Any) -> Any:
    if (marked := mark_peer(value)) is not None:
        return marked
    if isinstance(value, (tl.TextWithEntities, tl.TodoItem)):
        return value.text if isinstance(value, tl.TextWithEntities) else value.title.text
    if isinstance(value, tl.StarsAmount):
        return value.amount
    for prefix in _PREFIXES:
        if type(value).__name__.startswith(prefix):
            return snake_name(type(value), prefix)
    return None
