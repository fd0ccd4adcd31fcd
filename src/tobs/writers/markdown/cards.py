"""Media that are facts rather than bytes: places, contacts, previews, games, money."""

from __future__ import annotations

from collections.abc import Callable

from tobs.core.media import Media, Place
from tobs.core.words import say_count, say_money, say_period
from tobs.writers.markdown.addresses import make_link
from tobs.writers.markdown.escape import clean_text, escape_name
from tobs.writers.markdown.links import cut_words
from tobs.writers.markdown.scene import Scene
from tobs.writers.markdown.spans import join_lines, quote_block

_PREVIEW_LENGTH = 300


def _join(label: str, *words: str) -> str:
    return " · ".join([f"**{label}**", *filter(None, words)])


def _with_text(line: str, text: str) -> str:
    return join_lines([line, *(escape_name(each) for each in clean_text(text).split("\n") if each.strip())])


def _render_preview(_scene: Scene, media: Media) -> str:
    title = escape_name(media.title) or escape_name(media.url)
    line = " · ".join(
        filter(None, [make_link(title, media.url) if media.url else title, escape_name(media.site)])
    )
    words = " ".join(clean_text(media.description).split())
    return quote_block(_with_text(line, cut_words(words, _PREVIEW_LENGTH)))


def _render_contact(_scene: Scene, media: Media) -> str:
    contact = media.contact
    if contact is None:
        return _join("Contact")
    name = escape_name(f"{contact.first_name} {contact.last_name}")
    phone = contact.phone if not contact.phone or contact.phone.startswith("+") else f"+{contact.phone}"
    return _join("Contact", name, escape_name(phone))


def _render_place(_scene: Scene, media: Media) -> str:
    place = media.place
    if place is None:
        return _join("Location", "not given")
    label = "Live location" if media.kind == "live_geo" else "Place" if place.title else "Location"
    lasting = f"shared for {say_period(place.live_seconds)}" if place.live_seconds else ""
    return _join(label, escape_name(place.title), escape_name(place.address), _link_point(place), lasting)


def _link_point(place: Place) -> str:
    point = f"{place.latitude:.6f},{place.longitude:.6f}"
    return f"[{point.replace(',', ', ')}](geo:{point})"


def _render_dice(_scene: Scene, media: Media) -> str:
    return _join(escape_name(media.emoji) or "Dice", str(media.value) if media.value else "")


def _render_game(_scene: Scene, media: Media) -> str:
    return _with_text(_join("Game", escape_name(media.title)), media.description)


def _render_invoice(_scene: Scene, media: Media) -> str:
    price = say_money(media.amount, media.currency)
    return _with_text(_join("Invoice", escape_name(media.title), price), media.description)


def _render_giveaway(_scene: Scene, media: Media) -> str:
    prizes = say_count(media.value, "prize") if media.value else ""
    each = f"{media.amount:,} {escape_name(media.currency)}" if media.amount else ""
    return _with_text(_join("Giveaway", prizes, each), media.description)


def _render_results(_scene: Scene, media: Media) -> str:
    return _with_text(_join("Giveaway results", say_count(media.value, "winner")), media.description)


def _render_story(scene: Scene, media: Media) -> str:
    return _join("Story", f"of {scene.people.inline(media.peer_id)}" if media.peer_id else "")


def _render_paid(_scene: Scene, media: Media) -> str:
    return _join("Paid media", say_count(media.amount, "Star"))


def _render_expired(_scene: Scene, media: Media) -> str:
    return f"*{escape_name(media.title or 'medium').capitalize()} · no longer kept by Telegram*"


CARDS: dict[str, Callable[[Scene, Media], str]] = {
    "webpage": _render_preview, "contact": _render_contact, "geo": _render_place, "live_geo": _render_place,
    "venue": _render_place, "dice": _render_dice, "game": _render_game, "invoice": _render_invoice,
    "giveaway": _render_giveaway, "giveaway_results": _render_results, "story": _render_story,
    "paid": _render_paid, "expired": _render_expired,
}  # fmt: skip
"""How each of these kinds is shown."""
