"""What stands below a message: its buttons, and how people took it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tobs.core.media import Button
from tobs.core.model import Counters, Reaction
from tobs.core.words import say_count
from tobs.writers.links import Target
from tobs.writers.markdown.addresses import make_link
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.links import link_block
from tobs.writers.markdown.spans import join_lines


def render_buttons(rows: list[list[Button]]) -> str:
    """Return the buttons, a line for each row of them."""
    return join_lines(" · ".join(filter(None, map(_render_button, row))) for row in rows if row)


def _render_button(button: Button) -> str:
    text = escape_name(button.text)
    return make_link(f"\\[{text}\\]", button.url) if button.url else f"\\[{text}\\]"


def render_counters(counters: Counters, *, is_channel: bool, comments: Target | None = None) -> str:
    """Return reactions, and for a channel's post how often it was seen, shared and commented.

    `comments` is where the comments stand, if they are in the archive.
    """
    counts = _list_counts(counters, comments) if is_channel else ()
    return " · ".join([*map(_render_reaction, counters.reactions), *counts])


def _render_reaction(reaction: Reaction) -> str:
    return f"{_name_emoji(reaction.emoji)} {reaction.count:,}{' (yours)' if reaction.is_own else ''}"


@lru_cache(256)
def _name_emoji(emoji: str) -> str:
    if emoji.startswith("custom:"):
        return "custom emoji"
    return "⭐ paid" if emoji == "paid" else escape_name(emoji)


def _list_counts(counters: Counters, comments: Target | None) -> Iterator[str]:
    if counters.views:
        yield say_count(counters.views, "view")
    if counters.forwards:
        yield say_count(counters.forwards, "forward")
    if counters.replies:
        said = say_count(counters.replies, "comment")
        yield link_block(comments, said) if comments else said
