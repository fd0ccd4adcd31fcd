"""Media that are facts rather than bytes, in words: places, contacts, previews, games, money."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tobs.core.media import Entity, Media, Place
from tobs.core.words import say_count, say_money, say_period, say_some
from tobs.writers.clean import clean_line
from tobs.writers.links import cut_words
from tobs.writers.scene import Scene

_PREVIEW_LENGTH = 300
_MAX_NAMES = 10


class Fact(NamedTuple):
    """One word of a card as typed, and where it leads."""

    words: str
    address: str = ""


class Card(NamedTuple):
    """What a card says: a label of ours, facts in one line, and a text of several; empty facts are left out.

    `is_quote`: it shows something of elsewhere, and has no label. `quote` are words of elsewhere with their styles.
    A card of nothing at all is not shown.
    """

    label: str
    facts: tuple[Fact, ...] = ()
    text: str = ""
    is_quote: bool = False
    quote: str = ""
    entities: tuple[Entity, ...] = ()


def _make_card(label: str, *words: str, text: str = "") -> Card:
    return Card(label, tuple(Fact(each) for each in words if each), text)


def _show_preview(_scene: Scene, media: Media) -> Card:
    title = Fact(media.title if clean_line(media.title) else media.url, media.url)
    if not clean_line(title.words):
        return Card("")  # Telegram has not looked at the link yet, or found nothing
    facts = (title, *([Fact(media.site)] if clean_line(media.site) else []))
    return Card("", facts, cut_words(clean_line(media.description), _PREVIEW_LENGTH), is_quote=True)


def _show_contact(_scene: Scene, media: Media) -> Card:
    contact = media.contact
    if contact is None:
        return _make_card("Contact")
    phone = contact.phone if not contact.phone or contact.phone.startswith("+") else f"+{contact.phone}"
    return _make_card("Contact", f"{contact.first_name} {contact.last_name}".strip(), phone)


def _show_place(_scene: Scene, media: Media) -> Card:
    place = media.place
    if place is None:
        return _make_card("Location", "not given")
    label = "Live location" if media.kind == "live_geo" else "Place" if place.title else "Location"
    lasting = f"shared for {say_period(place.live_seconds)}" if place.live_seconds else ""
    words = (Fact(place.title), Fact(place.address), _find_point(place), Fact(lasting))
    return Card(label, tuple(each for each in words if each.words))


def _find_point(place: Place) -> Fact:
    point = f"{place.latitude:.6f},{place.longitude:.6f}"
    return Fact(point.replace(",", ", "), f"geo:{point}")


def _show_dice(_scene: Scene, media: Media) -> Card:
    won = f"won {say_money(media.amount, media.currency)}" if media.amount else ""
    return _make_card(clean_line(media.emoji) or "Dice", str(media.value) if media.value else "", won)


def _show_game(_scene: Scene, media: Media) -> Card:
    return _make_card("Game", media.title, text=media.description)


def _show_invoice(_scene: Scene, media: Media) -> Card:
    price = say_money(media.amount, media.currency)
    paid = "paid" if media.receipt_id else ""
    return _make_card("Invoice", media.title, price, paid, text=media.description)


def _show_giveaway(scene: Scene, media: Media) -> Card:
    prizes = say_count(media.value, "prize") if media.value else ""
    each = f"{media.amount:,} {media.currency}" if media.amount else ""
    until = f"until {scene.calendar.moment(media.until)}" if media.until else ""
    chats = _list_names(scene, "in", media.peer_ids)
    countries = f"only in {', '.join(media.countries)}" if media.countries else ""
    return _make_card("Giveaway", prizes, each, until, chats, countries, text=media.description)


def _list_names(scene: Scene, lead: str, peer_ids: list[int]) -> str:
    names = [scene.people.plain(each) for each in peer_ids[:_MAX_NAMES]]
    return f"{lead} {say_some(names, len(peer_ids))}" if names else ""


def _show_results(scene: Scene, media: Media) -> Card:
    winners = _list_names(scene, "won by", media.peer_ids)
    return _make_card("Giveaway results", say_count(media.value, "winner"), winners, text=media.description)


def _show_story(scene: Scene, media: Media) -> Card:
    owner = f"of {scene.people.plain(media.peer_id)}" if media.peer_id else ""
    date = scene.calendar.moment(media.date) if media.date else ""
    state = f"{media.state} by then" if media.state == "deleted" else ""
    card = _make_card("Story", owner, date, state)
    return card._replace(quote=media.description, entities=tuple(media.entities))


def _show_stream(_scene: Scene, _media: Media) -> Card:
    return _make_card("Video stream")


def _show_paid(_scene: Scene, media: Media) -> Card:
    return _make_card("Paid media", say_count(media.amount, "Star"))


CARDS: dict[str, Callable[[Scene, Media], Card]] = {
    "webpage": _show_preview, "contact": _show_contact, "geo": _show_place, "live_geo": _show_place,
    "venue": _show_place, "dice": _show_dice, "game": _show_game, "invoice": _show_invoice,
    "giveaway": _show_giveaway, "giveaway_results": _show_results, "story": _show_story, "paid": _show_paid,
    "video_stream": _show_stream,
}  # fmt: skip
"""How each of these kinds is shown."""


def name_rest(media: Media) -> str:
    """Return one sentence for a medium that is neither bytes nor a card."""
    if media.kind == "expired":
        return f"{clean_line(media.title or 'medium').capitalize()} · no longer kept by Telegram"
    return f"Not understood by this version of tobs: {media.title or media.kind}"
