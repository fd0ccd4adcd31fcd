"""Telegram's MessageMedia as our Media record. A constructor without a mapping becomes `unsupported`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.tl import types as tl

from tobs.core.model import Answer, Contact, Counters, Entity, File, Media, Place, Poll, PollResult, Task
from tobs.telegram.entities import decode_entities
from tobs.telegram.peers import mark_peer


def decode_media(media: Any) -> Media | None:
    """Return what a message carries, or None for messageMediaEmpty."""
    mapper = _MAPPERS.get(type(media))
    if mapper is None:
        return Media("unsupported", title=type(media).__name__)
    return mapper(media)


def count_votes(media: Any, counters: Counters) -> None:
    """Put a poll's results into the counters: they change without the message being edited."""
    if not isinstance(media, tl.MessageMediaPoll) or media.results is None:
        return
    counters.voters = media.results.total_voters or 0
    counters.poll = [
        PollResult(
            each.option.hex(), each.voters or 0, is_own=bool(each.chosen), is_correct=bool(each.correct)
        )
        for each in media.results.results or ()
    ]


def text_of(value: Any) -> tuple[str, list[Entity]]:
    """Return text and entities of a textWithEntities (or of a plain string, in older constructors)."""
    if isinstance(value, str) or value is None:
        return value or "", []
    return value.text, decode_entities(value.entities)


def _map_photo(media: Any) -> Media:
    if not isinstance(media.photo, tl.Photo):
        return Media("expired", ttl_seconds=media.ttl_seconds or 0, title="photo")
    size_bytes, width, height = _largest_size(media.photo.sizes)
    return Media(
        "photo",
        file=File(media.photo.id, "photo", size_bytes, "image/jpeg"),
        width=width,
        height=height,
        is_spoiler=bool(media.spoiler),
        ttl_seconds=media.ttl_seconds or 0,
    )


def _largest_size(sizes: list[Any]) -> tuple[int, int, int]:
    """Return bytes, width and height of the biggest size that Telegram keeps of a photo."""
    best = (0, 0, 0)
    for each in sizes:
        if isinstance(each, tl.PhotoSizeProgressive):
            best = max(best, (max(each.sizes), each.w, each.h))
        elif isinstance(each, tl.PhotoSize):
            best = max(best, (each.size, each.w, each.h))
    return best


def _map_document(media: Any) -> Media:
    if not isinstance(media.document, tl.Document):
        what = "video" if media.video else "voice" if media.voice else "file"
        return Media("expired", ttl_seconds=media.ttl_seconds or 0, title=what)
    found = describe_document(media.document)
    found.is_spoiler = bool(media.spoiler)
    found.ttl_seconds = media.ttl_seconds or 0
    return found


def describe_document(document: Any) -> Media:
    """Return a document as media: its attributes tell whether it is a video, music, sticker or file."""
    file = File(document.id, "document", document.size, document.mime_type)
    found = Media("document", file=file)
    for attribute in document.attributes:
        _apply_attribute(found, file, attribute)
    return found


def _apply_attribute(found: Media, file: File, attribute: Any) -> None:
    if isinstance(attribute, tl.DocumentAttributeFilename):
        file.name = attribute.file_name
    elif isinstance(attribute, tl.DocumentAttributeImageSize):
        found.width, found.height = attribute.w, attribute.h
    elif isinstance(attribute, tl.DocumentAttributeVideo):
        found.width, found.height, found.duration_s = attribute.w, attribute.h, attribute.duration
        if found.kind == "document":
            found.kind = "round" if attribute.round_message else "video"
    elif isinstance(attribute, tl.DocumentAttributeAudio):
        found.kind = "voice" if attribute.voice else "audio"
        found.duration_s = attribute.duration
        found.title, found.performer = attribute.title or "", attribute.performer or ""
    elif isinstance(attribute, tl.DocumentAttributeAnimated):
        found.kind = "animation" if found.kind != "sticker" else "sticker"
    elif isinstance(attribute, (tl.DocumentAttributeSticker, tl.DocumentAttributeCustomEmoji)):
        found.kind, found.emoji = "sticker", attribute.alt


def _map_webpage(media: Any) -> Media | None:
    page = media.webpage
    if not isinstance(page, tl.WebPage):
        return Media("webpage", url=page.url) if getattr(page, "url", None) else None
    return Media(
        "webpage",
        url=page.url,
        title=page.title or "",
        description=page.description or "",
        site=page.site_name or "",
        performer=page.author or "",
    )


def _map_contact(media: Any) -> Media:
    return Media(
        "contact",
        contact=Contact(media.phone_number, media.first_name, media.last_name, media.user_id or 0),
    )


def _point(geo: Any) -> Place | None:
    return Place(geo.lat, geo.long) if isinstance(geo, tl.GeoPoint) else None


def _map_geo(media: Any) -> Media:
    return Media("geo", place=_point(media.geo))


def _map_live_geo(media: Any) -> Media:
    place = _point(media.geo)
    if place:
        place.live_seconds = media.period
    return Media("live_geo", place=place)


def _map_venue(media: Any) -> Media:
    place = _point(media.geo)
    if place:
        place.title, place.address = media.title, media.address
    return Media("venue", title=media.title, description=media.address, place=place)


def _map_poll(media: Any) -> Media:
    poll = media.poll
    question, entities = text_of(poll.question)
    answers = []
    for each in poll.answers:
        text, spans = text_of(each.text)
        answers.append(Answer(text, each.option.hex(), spans))
    solution = media.results.solution if media.results else None
    return Media(
        "poll",
        poll=Poll(
            question,
            answers,
            entities,
            is_quiz=bool(poll.quiz),
            is_multiple=bool(poll.multiple_choice),
            is_public=bool(poll.public_voters),
            is_closed=bool(poll.closed),
            solution=solution or "",
        ),
    )


def _map_todo(media: Any) -> Media:
    title, _ = text_of(media.todo.title)
    done = {each.id: each for each in media.completions or ()}
    tasks = []
    for each in media.todo.list:
        text, spans = text_of(each.title)
        task = Task(each.id, text, spans)
        if tick := done.get(each.id):
            task.done_by = mark_peer(tick.completed_by) or 0
            task.done_at = tick.date
        tasks.append(task)
    return Media("todo", title=title, tasks=tasks)


def _map_dice(media: Any) -> Media:
    return Media("dice", emoji=media.emoticon, value=media.value)


def _map_game(media: Any) -> Media:
    return Media("game", title=media.game.title, description=media.game.description)


def _map_invoice(media: Any) -> Media:
    return Media(
        "invoice",
        title=media.title,
        description=media.description,
        amount=media.total_amount,
        currency=media.currency,
    )


def _map_giveaway(media: Any) -> Media:
    return Media(
        "giveaway",
        value=media.quantity,
        amount=media.stars or media.months or 0,
        currency="stars" if media.stars else "months of Premium",
        description=media.prize_description or "",
    )


def _map_giveaway_results(media: Any) -> Media:
    return Media("giveaway_results", value=media.winners_count, description=media.prize_description or "")


def _map_story(media: Any) -> Media:
    return Media("story", peer_id=mark_peer(media.peer) or 0, value=media.id)


def _map_paid(media: Any) -> Media:
    items = []
    for each in media.extended_media:
        if isinstance(each, tl.MessageExtendedMedia):
            found = decode_media(each.media)
            if found:
                items.append(found)
        else:
            seconds = each.video_duration or 0
            items.append(
                Media(
                    "video" if seconds else "photo", width=each.w or 0, height=each.h or 0, duration_s=seconds
                )
            )
    return Media("paid", amount=media.stars_amount, currency="stars", items=items)


def _map_unsupported(_media: Any) -> Media:
    return Media("unsupported", title="MessageMediaUnsupported")


def _map_empty(_media: Any) -> None:
    return None


_MAPPERS: dict[type, Callable[[Any], Media | None]] = {
    tl.MessageMediaEmpty: _map_empty,
    tl.MessageMediaPhoto: _map_photo,
    tl.MessageMediaDocument: _map_document,
    tl.MessageMediaWebPage: _map_webpage,
    tl.MessageMediaContact: _map_contact,
    tl.MessageMediaGeo: _map_geo,
    tl.MessageMediaGeoLive: _map_live_geo,
    tl.MessageMediaVenue: _map_venue,
    tl.MessageMediaPoll: _map_poll,
    tl.MessageMediaToDo: _map_todo,
    tl.MessageMediaDice: _map_dice,
    tl.MessageMediaGame: _map_game,
    tl.MessageMediaInvoice: _map_invoice,
    tl.MessageMediaGiveaway: _map_giveaway,
    tl.MessageMediaGiveawayResults: _map_giveaway_results,
    tl.MessageMediaStory: _map_story,
    tl.MessageMediaPaidMedia: _map_paid,
    tl.MessageMediaUnsupported: _map_unsupported,
}
