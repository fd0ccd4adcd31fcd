"""Service messages: a MessageAction's fields as plain values, with peers as marked ids."""

from __future__ import annotations

from typing import Any

from tobs.core.model import Action
from tobs.telegram.entities import snake_name
from tobs.telegram.rest import Rest

_REST = Rest()


def decode_action(action: Any) -> Action:
    """Return the action's name and every field that is set, as in `other`; what moves is in the counters."""
    return Action(snake_name(type(action), "MessageAction"), _REST.read(action))
