"""What stands below a message: its buttons, and how people took it."""

from __future__ import annotations

from functools import lru_cache

from tobs.core.media import Button
from tobs.core.model import Message, Reaction
from tobs.writers.counts import list_counts, name_reaction
from tobs.writers.markdown.addresses import make_link
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.links import link_block
from tobs.writers.markdown.spans import join_lines
from tobs.writers.scene import Scene


def render_buttons(rows: list[list[Button]]) -> str:
    """Return the buttons, a line for each row of them."""
    return join_lines(" · ".join(filter(None, map(_render_button, row))) for row in rows if row)


def _render_button(button: Button) -> str:
    text = escape_name(button.text)
    return make_link(f"\\[{text}\\]", button.url) if button.url else f"\\[{text}\\]"


def render_counters(scene: Scene, message: Message) -> str:
    """Return reactions, and for a channel's post how often it was seen, shared and commented."""
    counts = (
        link_block(scene, target, said) if target else said for said, target in list_counts(scene, message)
    )
    return " · ".join([*map(_render_reaction, message.counters.reactions), *counts])


def _render_reaction(reaction: Reaction) -> str:
    return f"{_escape_reaction(reaction.emoji)} {reaction.count:,}{' (yours)' if reaction.is_own else ''}"


@lru_cache(256)
def _escape_reaction(emoji: str) -> str:
    return escape_name(name_reaction(emoji))
