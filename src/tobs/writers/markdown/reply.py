"""What a message answers, and where it was forwarded from, as blocks of a note."""

from __future__ import annotations

from tobs.core.model import Forward, Message
from tobs.core.names import has_visible
from tobs.writers.answers import (
    Origin,
    find_origin,
    find_post,
    find_reply,
    look_at_partner,
    name_forwarder,
    say_forward,
)
from tobs.writers.links import Target, cut_words
from tobs.writers.markdown.addresses import make_link
from tobs.writers.markdown.escape import escape_name, escape_text
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.markdown.links import link_block
from tobs.writers.markdown.spans import quote_block, render_line, render_text
from tobs.writers.scene import Scene

LINK_LENGTH = 50
"""How many characters of a message a link to it shows."""


def render_reply(scene: Scene, message: Message) -> str:
    """Return the quote above a message that answers another, or an empty string."""
    reply = find_reply(message)
    if reply is None:
        return ""
    origin = find_origin(scene, reply)
    if not reply.quote:
        return _quote_origin(scene, origin)
    kinds = flavor_of(scene).kinds
    if "\n" in reply.quote:
        return quote_block(
            f"{_link_origin(scene, origin)}:\n\n{render_text(reply.quote, reply.entities, kinds)}"
        )
    return quote_block(f"{_link_origin(scene, origin)}: {render_line(reply.quote, reply.entities, kinds)}")


def render_quote(scene: Scene, target: Target) -> str:
    """Return a link to a message of the other chat, and its first words, as a quote."""
    return _quote_origin(scene, look_at_partner(scene, target))


def say_post(scene: Scene, message: Message) -> str:
    """Return a link to the post below which an answer to another comment stands, or an empty string."""
    post = find_post(scene, message)
    return f"*On* {link_block(scene, post, cut_words(post.words, LINK_LENGTH))}" if post else ""


def _quote_origin(scene: Scene, origin: Origin) -> str:
    words = escape_text(origin.words)
    return quote_block(f"{_link_origin(scene, origin)}: {words}" if words else _link_origin(scene, origin))


def _link_origin(scene: Scene, origin: Origin) -> str:
    if origin.target:
        return link_block(scene, origin.target, origin.name)
    return f"*{origin.label} {escape_name(origin.name)}{origin.rest}*" if origin.name else f"*{origin.label}*"


def render_forward(scene: Scene, forward: Forward) -> str:
    """Return one line that says whose words these were, and when they were written."""
    typed, address = name_forwarder(scene, forward)
    name = make_link(escape_name(typed), address) if address else escape_name(typed)
    signed = f" ({escape_name(forward.author)})" if has_visible(forward.author) else ""
    return f"*{say_forward(forward)} {name}{signed} · {scene.calendar.moment(forward.date)}*"
