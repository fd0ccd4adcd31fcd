"""Media that are facts rather than bytes, as blocks of a note."""

from __future__ import annotations

from tobs.writers.cards import Card, Fact
from tobs.writers.clean import clean_text
from tobs.writers.markdown.addresses import make_link
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.flavors import flavor_of
from tobs.writers.markdown.spans import join_lines, quote_block, render_text
from tobs.writers.scene import Scene


def render_card(scene: Scene, card: Card) -> str:
    """Return a card's line, and its text below it."""
    label = [f"**{escape_name(card.label)}**"] if card.label else []
    line = " · ".join([*label, *map(_render_fact, card.facts)])
    texts = (escape_name(each) for each in clean_text(card.text).split("\n") if each.strip())
    block = join_lines([line, *texts])
    if card.quote:
        said = render_text(card.quote, list(card.entities), flavor_of(scene).kinds)
        return f"{block}\n\n{quote_block(said)}"
    return quote_block(block) if card.is_quote else block


def _render_fact(fact: Fact) -> str:
    words = escape_name(fact.words)
    return make_link(words, fact.address) if fact.address else words
