"""Media that are facts rather than bytes: places, contacts, previews, games, money."""

from __future__ import annotations

from collections.abc import Callable

from tobs.core.media import Media, Place
from tobs.core.words import say_count, say_money, say_period, say_some
from tobs.writers.clean import clean_line, clean_text
from tobs.writers.links import cut_words
from tobs.writers.markdown.addresses import make_link
from tobs.writers.markdown.escape import escape_name
from tobs.writers.markdown.spans import join_lines, quote_block, render_text
from tobs.writers.scene import Scene

_PREVIEW_LENGTH = 300
_MAX_NAMES = 10


def _join(label: str, *words: str) -> str:
    return " · ".join([f"**{label}**", *filter(None, words)])


def _with_text(line: str, text: str) -> str:
    return join_lines([line, *(escape_name(each) for each in clean_text(text).split("\n") if each.strip())])


def _render_preview(_scene: Scene, media: Media) -> str:
    title = escape_name(media.title) or escape_name(media.url)
    if not title:
        return ""  # Telegram has not looked at the link yet, or found nothing
    line = " · ".join(
        filter(None, [make_link(title, media.url) if media.url else title, escape_name(media.site)])
    )
    words = clean_line(media.description)
    return quote_block(_with_text(line, cut_words(words, _PREVIEW_LENGTH)))


def _render_contact(_scene: Scene, media: Media) -> str:
    contact = media.contact
    if contact is None:
        return _join("Contact")
    name = escape_name(f"{contact.first_name} {contact.last_name}")
    phone = contact.phone if not contact.phone or contact.phone.startswith("+") else f"+{contact.phone}"
    return _join("Contact", name, escape_name(phone))


def _render_place(_scene: Scene, media: Media) -> str:
    return render_point(media)


def render_point(media: Media) -> str:
    """Return a place with a link to where it is."""
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
    won = f"won {say_money(media.amount, media.currency)}" if media.amount else ""
    return _join(escape_name(media.emoji) or "Dice", str(media.value) if media.value else "", won)


def _render_game(_scene: Scene, media: Media) -> str:
    return _with_text(_join("Game", escape_name(media.title)), media.description)


def _render_invoice(_scene: Scene, media: Media) -> str:
    price = say_money(media.amount, media.currency)
    paid = "paid" if media.receipt_id else ""
    return _with_text(_join("Invoice", escape_name(media.title), price, paid), media.description)


def _render_giveaway(scene: Scene, media: Media) -> str:
    prizes = say_count(media.value, "prize") if media.value else ""
    each = f"{media.amount:,} {escape_name(media.currency)}" if media.amount else ""
    until = f"until {scene.calendar.moment(media.until)}" if media.until else ""
    countries = f"only in {escape_name(', '.join(media.countries))}" if media.countries else ""
    said = _join("Giveaway", prizes, each, until, _list_names(scene, "in", media.peer_ids), countries)
    return _with_text(said, media.description)


def _list_names(scene: Scene, lead: str, peer_ids: list[int]) -> str:
    names = [scene.people.inline(each) for each in peer_ids[:_MAX_NAMES]]
    return f"{lead} {say_some(names, len(peer_ids))}" if names else ""


def _render_results(scene: Scene, media: Media) -> str:
    winners = _list_names(scene, "won by", media.peer_ids)
    return _with_text(_join("Giveaway results", say_count(media.value, "winner"), winners), media.description)


def _render_story(scene: Scene, media: Media) -> str:
    date = scene.calendar.moment(media.date) if media.date else ""
    state = f"{media.state} by then" if media.state == "deleted" else ""
    line = _join("Story", f"of {scene.people.inline(media.peer_id)}" if media.peer_id else "", date, state)
    return (
        f"{line}\n\n{quote_block(render_text(media.description, media.entities))}"
        if media.description
        else line
    )


def _render_stream(_scene: Scene, _media: Media) -> str:
    return _join("Video stream")


def _render_paid(_scene: Scene, media: Media) -> str:
    return _join("Paid media", say_count(media.amount, "Star"))


def _render_expired(_scene: Scene, media: Media) -> str:
    return f"*{escape_name(media.title or 'medium').capitalize()} · no longer kept by Telegram*"


CARDS: dict[str, Callable[[Scene, Media], str]] = {
    "webpage": _render_preview, "contact": _render_contact, "geo": _render_place, "live_geo": _render_place,
    "venue": _render_place, "dice": _render_dice, "game": _render_game, "invoice": _render_invoice,
    "giveaway": _render_giveaway, "giveaway_results": _render_results, "story": _render_story,
    "paid": _render_paid, "expired": _render_expired, "video_stream": _render_stream,
}  # fmt: skip
"""How each of these kinds is shown."""
