"""Telegram's MessageMedia as our Media record. A constructor without a mapping becomes `unsupported`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.tl import types as tl

from tobs.core.media import Answer, Contact, Media, Place, Poll, Task
from tobs.telegram.blocks import decode_blocks, decode_point
from tobs.telegram.documents import describe_document, describe_photo, describe_web, find_document, find_photo
from tobs.telegram.entities import decode_entities, text_of
from tobs.telegram.peers import mark_peer
from tobs.telegram.rest import Rest, plain_value

_ALL = Rest()


def decode_media(media: Any) -> Media | None:
    """Return what a message carries, or None for messageMediaEmpty."""
    mapper = _MAPPERS.get(type(media))
    if mapper is None:
        return Media("unsupported", title=type(media).__name__, other=_ALL.read(media))
    return mapper(media)


_EXPIRED = Rest("ttl_seconds")
_PHOTO = Rest("spoiler", "photo", "ttl_seconds", "video")


def _map_photo(media: Any) -> Media:
    if not isinstance(media.photo, tl.Photo):
        return _expire(media, "photo")
    found = describe_photo(media.photo)
    found.is_spoiler, found.ttl_seconds = bool(media.spoiler), media.ttl_seconds or 0
    found.clip = find_document(media.video)
    found.other = _PHOTO.read(media)
    return found


def _expire(media: Any, what: str) -> Media:
    return Media("expired", ttl_seconds=media.ttl_seconds or 0, title=what, other=_EXPIRED.read(media))


_DOCUMENT = Rest("spoiler", "document", "ttl_seconds", "video_cover", "video", "round", "voice")
_FLAGS = {"video": ("video", "round", "animation"), "round": ("round",), "voice": ("voice",)}
"""The kinds of medium that tell what a flag of the message says."""


def _map_document(media: Any) -> Media:
    if not isinstance(media.document, tl.Document):
        return _expire(media, "video" if media.video else "voice" if media.voice else "file")
    found = describe_document(media.document)
    found.is_spoiler, found.ttl_seconds = bool(media.spoiler), media.ttl_seconds or 0
    found.cover = find_photo(media.video_cover)
    found.other = _DOCUMENT.read(media)
    for flag, kinds in _FLAGS.items():
        if getattr(media, flag) and found.kind not in kinds:
            found.other[flag] = True
    return found


_WEB_MEDIA = Rest("webpage")
_WEB_PAGE = Rest(
    "url", "display_url", "type", "site_name", "title", "description", "photo", "author", "document", "cached_page",
    "duration",
)  # fmt: skip


def _map_webpage(media: Any) -> Media:
    page, other = media.webpage, _WEB_MEDIA.read(media)
    if not isinstance(page, tl.WebPage):
        state = type(page).__name__.removeprefix("WebPage").lower()
        rest = _WEB_PAGE.read(page)
        return Media("webpage", url=getattr(page, "url", None) or "", state=state, other={**other, **rest})
    other |= _WEB_PAGE.read(page)
    if not page.url.endswith(page.display_url):
        other["display_url"] = page.display_url
    return Media(
        "webpage",
        url=page.url,
        title=page.title or "",
        description=page.description or "",
        site=page.site_name or "",
        author=page.author or "",
        type=page.type or "",
        duration_s=page.duration or 0,
        cover=find_photo(page.photo),
        clip=find_document(page.document),
        page=decode_blocks(page.cached_page) if page.cached_page else None,
        other=other,
    )


_CONTACT = Rest("phone_number", "first_name", "last_name", "user_id", "vcard")


def _map_contact(media: Any) -> Media:
    names = (media.phone_number, media.first_name, media.last_name)
    contact = Contact(*names, media.user_id or 0, media.vcard)
    return Media("contact", contact=contact, other=_CONTACT.read(media))


_GEO = Rest("geo", "period", "heading")


def _map_geo(media: Any) -> Media:
    return Media("geo", place=decode_point(media.geo), other=_GEO.read(media))


def _map_live_geo(media: Any) -> Media:
    place = decode_point(media.geo)
    other = _GEO.read(media)
    if place:
        place.live_seconds, place.heading = media.period, media.heading or 0
    else:
        other["period"] = media.period
    return Media("live_geo", place=place, other=other)


_VENUE = Rest("geo", "title", "address", "provider")


def _map_venue(media: Any) -> Media:
    place = decode_point(media.geo) or Place(0, 0)
    place.title, place.address, place.provider = media.title, media.address, media.provider
    return Media("venue", title=media.title, description=media.address, place=place, other=_VENUE.read(media))


_POLL = Rest(
    "id", "question", "answers", "quiz", "multiple_choice", "public_voters", "closed", "open_answers", "close_date",
    "close_period",
)  # fmt: skip
_RESULTS = Rest("solution", "solution_entities", "solution_media")
_ANSWER = Rest("text", "option", "media", "added_by", "date")


def _map_poll(media: Any) -> Media:
    poll, results = media.poll, media.results
    question, entities = text_of(poll.question)
    return Media(
        "poll",
        poll=Poll(
            question,
            [decode_answer(each) for each in poll.answers],
            entities,
            is_quiz=bool(poll.quiz),
            is_multiple=bool(poll.multiple_choice),
            is_public=bool(poll.public_voters),
            is_closed=bool(poll.closed),
            is_open=bool(poll.open_answers),
            close_date=poll.close_date or 0,
            close_s=poll.close_period or 0,
            media=_find_media(media.attached_media),
            solution=(results.solution or "") if results else "",
            solution_entities=decode_entities(results.solution_entities) if results else [],
            solution_media=_find_media(results.solution_media) if results else None,
            other=_POLL.read(poll),
        ),
        value=poll.id,
        other=_RESULTS.read(results) if results else {},
    )


def decode_answer(answer: Any) -> Answer:
    """Return one answer of a poll."""
    text, entities = text_of(answer.text)
    return Answer(
        text,
        answer.option.hex(),
        entities,
        media=_find_media(getattr(answer, "media", None)),
        added_by=mark_peer(getattr(answer, "added_by", None)) or 0,
        added_at=getattr(answer, "date", None) or 0,
        other=_ANSWER.read(answer),
    )


def _find_media(media: Any) -> Media | None:
    return decode_media(media) if media else None


_TODO = Rest("title", "list")


def _map_todo(media: Any) -> Media:
    title, entities = text_of(media.todo.title)
    done = {each.id: each for each in media.completions or ()}
    tasks = []
    for each in media.todo.list:
        text, spans = text_of(each.title)
        task = Task(each.id, text, spans)
        if tick := done.pop(each.id, None):
            task.done_by = mark_peer(tick.completed_by) or 0
            task.done_at = tick.date
        tasks.append(task)
    other = _TODO.read(media.todo)
    if done:  # ticks of tasks that are not listed (any more)
        other["completions"] = plain_value(list(done.values()))
    return Media("todo", title=title, entities=entities, tasks=tasks, other=other)


_DICE = Rest("value", "emoticon", "game_outcome")
_OUTCOME = Rest("ton_amount")


def _map_dice(media: Any) -> Media:
    found = Media("dice", emoji=media.emoticon, value=media.value, other=_DICE.read(media))
    if media.game_outcome:
        found.amount, found.currency = media.game_outcome.ton_amount, "TON"
        found.other |= _OUTCOME.read(media.game_outcome)
    return found


_GAME = Rest("title", "description", "photo", "document")


def _map_game(media: Any) -> Media:
    game = media.game
    return Media(
        "game",
        title=game.title,
        description=game.description,
        cover=find_photo(game.photo),
        clip=find_document(game.document),
        other=_GAME.read(game),
    )


_INVOICE = Rest(
    "title", "description", "currency", "total_amount", "photo", "receipt_msg_id", "extended_media"
)


def _map_invoice(media: Any) -> Media:
    return Media(
        "invoice",
        title=media.title,
        description=media.description,
        amount=media.total_amount,
        currency=media.currency,
        cover=describe_web(media.photo),
        receipt_id=media.receipt_msg_id or 0,
        items=_read_extended([media.extended_media] if media.extended_media else []),
        other=_INVOICE.read(media),
    )


_GIVEAWAY = Rest(
    "channels", "channel_id", "quantity", "winners_count", "winners", "until_date", "countries_iso2",
    "prize_description", "months", "stars",
)  # fmt: skip


def _map_giveaway(media: Any) -> Media:
    found = _describe_prizes(media, "giveaway", media.quantity)
    found.peer_ids = plain_value(media.channels, "channel_id")
    found.countries = list(media.countries_iso2 or ())
    return found


def _map_giveaway_results(media: Any) -> Media:
    found = _describe_prizes(media, "giveaway_results", media.winners_count)
    found.peer_id, found.peer_ids = plain_value(media.channel_id, "channel_id"), list(media.winners)
    return found


def _describe_prizes(media: Any, kind: str, count: int) -> Media:
    found = Media(
        kind,
        value=count,
        amount=media.stars or media.months or 0,
        currency="stars" if media.stars else "months of Premium" if media.months else "",
        description=media.prize_description or "",
        until=media.until_date,
        other=_GIVEAWAY.read(media),
    )
    if media.stars and media.months:
        found.other["months"] = media.months
    return found


_STORY_MEDIA = Rest("peer", "id", "story")
_STORY = Rest("id", "date", "expire_date", "media", "caption", "entities")


def _map_story(media: Any) -> Media:
    found = Media("story", peer_id=mark_peer(media.peer) or 0, value=media.id, other=_STORY_MEDIA.read(media))
    story = media.story
    if story is None:
        return found
    found.other |= _STORY.read(story)
    if not isinstance(story, tl.StoryItemDeleted):
        found.date, found.until = story.date, story.expire_date
    if isinstance(story, tl.StoryItem):
        found.description, found.entities = story.caption or "", decode_entities(story.entities)
        item = decode_media(story.media)
        found.items = [item] if item else []
    else:
        found.state = type(story).__name__.removeprefix("StoryItem").lower()
    if story.id != media.id:
        found.other["story_id"] = story.id
    return found


def _map_paid(media: Any) -> Media:
    items = _read_extended(media.extended_media)
    return Media("paid", amount=media.stars_amount, currency="stars", items=items)


_PREVIEW = Rest("w", "h", "video_duration")


def _read_extended(extended: list[Any]) -> list[Media]:
    """Return media that must be paid for: the real ones when they were, else what little is told of them."""
    items = []
    for each in extended:
        if isinstance(each, tl.MessageExtendedMedia):
            found = decode_media(each.media)
            if found:
                items.append(found)
        else:
            seconds = each.video_duration or 0
            kind = "video" if seconds else "photo"
            other = _PREVIEW.read(each)
            items.append(Media(kind, width=each.w or 0, height=each.h or 0, duration_s=seconds, other=other))
    return items


def _map_video_stream(media: Any) -> Media:
    return Media("video_stream", other=_ALL.read(media))


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
    tl.MessageMediaVideoStream: _map_video_stream,
    tl.MessageMediaUnsupported: _map_unsupported,
}
