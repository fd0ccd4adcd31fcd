"""What a message carries beside its text, under Desktop's keys and in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from tobs.core.ids import bare_id
from tobs.core.media import File, Media
from tobs.core.model import Counters, Message
from tobs.writers.files import Found, find_medium
from tobs.writers.json.ids import number_peer
from tobs.writers.json.text import say_text
from tobs.writers.scene import Scene

Pairs = Iterator[tuple[str, Any]]

NOT_INCLUDED = "(File not included. Change data exporting settings to download.)"
TOO_LARGE = "(File exceeds maximum size. Change data exporting settings to download.)"
UNAVAILABLE = "(File unavailable, please try again later)"

_REASONS = {"not downloaded yet": NOT_INCLUDED, "not selected": NOT_INCLUDED, "too large": TOO_LARGE}
"""How the reasons begin for which a file is not there by choice; all others are beyond it."""

_TYPES = {
    "sticker": "sticker",
    "round": "video_message",
    "voice": "voice_message",
    "animation": "animation",
    "video": "video_file",
    "audio": "audio_file",
}
"""`media_type` by kind; other files have none."""


def list_media(scene: Scene, message: Message) -> Pairs:
    """Yield the keys of a message's medium; nothing for what Desktop shows as text only."""
    media = message.content.media
    if media is None:
        if message.kind == "withheld":
            yield from (("file", UNAVAILABLE), ("file_size", 0))
    elif media.kind in _WRITERS:
        yield from _WRITERS[media.kind](scene, media)
    elif media.kind == "poll":
        yield from _list_poll(scene, media, message.counters)
    elif media.kind == "game":
        yield from _list_game(scene, media, message)


def encode_float(number: float) -> msgspec.Raw:
    """Return a number as Desktop writes what is none of whole ones."""
    return msgspec.Raw(f"{number:.6f}".encode())


def encode_text(value: Any) -> str:
    """Return a value as JSON inside of a string."""
    return msgspec.json.encode(value).decode()


def _say_path(found: Found) -> str:
    if found.path:
        return found.path
    return next((said for begin, said in _REASONS.items() if found.reason.startswith(begin)), UNAVAILABLE)


def _list_photo(scene: Scene, media: Media) -> Pairs:
    file = media.file or File(0, "photo")
    yield "photo", _say_path(find_medium(scene, media, file))
    yield "photo_file_size", file.size_bytes
    yield from _list_frame(media)


def _list_document(scene: Scene, media: Media) -> Pairs:
    file = media.file or File(0, "document")
    yield "file", _say_path(find_medium(scene, media, file))
    if file.name:
        yield "file_name", file.name
    yield "file_size", file.size_bytes
    yield from _list_type(media)
    if file.mime:
        yield "mime_type", file.mime
    if media.duration_s >= 1:
        yield "duration_seconds", int(media.duration_s)
    yield from _list_frame(media)


def _list_type(media: Media) -> Pairs:
    if media.kind in _TYPES:
        yield "media_type", _TYPES[media.kind]
    if media.kind == "sticker" and media.emoji:
        yield "sticker_emoji", media.emoji
    if media.kind == "audio":
        yield from _list_set(performer=media.performer, title=media.title)


def _list_frame(media: Media) -> Pairs:
    if media.width > 0 and media.height > 0:
        yield from (("width", media.width), ("height", media.height))
    if media.is_spoiler:
        yield "media_spoiler", True
    if media.ttl_seconds:
        yield "self_destruct_period_seconds", media.ttl_seconds


def _list_set(**values: Any) -> Pairs:
    """Yield the values that are not empty."""
    yield from ((name, value) for name, value in values.items() if value)


_EXPIRED = {"video": "video_file", "voice": "voice_message"}


def _list_expired(_scene: Scene, media: Media) -> Pairs:
    if media.title == "photo":
        yield from (("photo", UNAVAILABLE), ("photo_file_size", 0))
    else:
        yield from (("file", UNAVAILABLE), ("file_size", 0))
        yield from _list_set(media_type=_EXPIRED.get(media.title))
    yield from _list_frame(media)


def _list_contact(_scene: Scene, media: Media) -> Pairs:
    contact = media.contact
    if contact is None:
        return
    names = {"first_name": contact.first_name, "last_name": contact.last_name}
    yield "contact_information", {**names, "phone_number": contact.phone}
    if contact.vcard:
        yield "contact_vcard", NOT_INCLUDED
        yield "contact_vcard_file_size", len(contact.vcard.encode())


def _list_geo(_scene: Scene, media: Media) -> Pairs:
    place = media.place
    if place is None:
        yield "location_information", None
        return
    yield from _list_set(place_name=place.title, address=place.address)
    yield (
        "location_information",
        {
            "latitude": encode_float(place.latitude),
            "longitude": encode_float(place.longitude),
        },
    )
    yield from _list_set(live_location_period_seconds=place.live_seconds)


def _list_venue(scene: Scene, media: Media) -> Pairs:
    if media.place:
        yield from _list_geo(scene, media)
    else:
        yield from _list_set(place_name=media.title, address=media.description)


def _list_game(scene: Scene, media: Media, message: Message) -> Pairs:
    yield from _list_set(game_title=media.title, game_description=media.description)
    bot = message.content.via_bot_id or message.sender_id
    name, username = media.other.get("short_name"), scene.people.username(bot) if bot else ""
    if name and username:
        yield "game_link", f"https://t.me/{username}?game={name}"


def _list_invoice(_scene: Scene, media: Media) -> Pairs:
    said = {
        "title": media.title,
        "description": media.description,
        "amount": media.amount,
        "currency": media.currency,
    }
    if media.receipt_id:
        said["receipt_message_id"] = media.receipt_id
    yield "invoice_information", encode_text(said)


def _list_poll(scene: Scene, media: Media, counters: Counters) -> Pairs:
    poll = media.poll
    if poll is None:
        return
    results = {each.option: each for each in counters.poll}
    answers = []
    for each in poll.answers:
        result = results.get(each.option)
        answers.append(
            {
                "text": say_text(scene, each.text, each.entities),
                "voters": result.voters if result else 0,
                "chosen": result.is_own if result else False,
            }
        )
    yield "poll", {
        "question": say_text(scene, poll.question, poll.entities),
        "closed": poll.is_closed,
        "total_voters": counters.voters,
        "answers": answers,
    }  # fmt: skip


def _list_todo(scene: Scene, media: Media) -> Pairs:
    items = [{"text": say_text(scene, each.text, each.entities), "id": each.id} for each in media.tasks]
    yield (
        "todo_list",
        {
            "title": say_text(scene, media.title, media.entities),
            "others_can_append": bool(media.other.get("others_can_append")),
            "others_can_complete": bool(media.other.get("others_can_complete")),
            "answers": items,
        },
    )


def _list_giveaway(scene: Scene, media: Media) -> Pairs:
    yield (
        "giveaway_information",
        {
            "quantity": media.value,
            "months": _count_months(media),
            "until_date": scene.calendar.moment(media.until, "T"),
            "channels": [bare_id(each) for each in media.peer_ids],
            "countries": media.countries,
            "additional_prize": media.description,
            "stars": _count_stars(media),
            "is_only_new_subscribers": bool(media.other.get("only_new_subscribers")),
        },
    )


def _list_results(scene: Scene, media: Media) -> Pairs:
    yield (
        "giveaway_results",
        {
            "channel": bare_id(media.peer_id),
            "winners": [number_peer(each) for each in media.peer_ids],
            "additional_prize": media.description,
            "until_date": scene.calendar.moment(media.until, "T"),
            "launch_message_id": media.other.get("launch_msg_id", 0),
            "additional_peers_count": media.other.get("additional_peers_count", 0),
            "winners_count": media.value,
            "unclaimed_count": media.other.get("unclaimed_count", 0),
            "months": _count_months(media),
            "stars": _count_stars(media),
            "is_refunded": bool(media.other.get("refunded")),
            "is_only_new_subscribers": bool(media.other.get("only_new_subscribers")),
        },
    )


def _count_stars(media: Media) -> int:
    return media.amount if media.currency == "stars" else 0


def _count_months(media: Media) -> int:
    months: int = media.other.get("months", 0)
    return months if media.currency == "stars" else media.amount


def _list_paid(_scene: Scene, media: Media) -> Pairs:
    yield "paid_stars_amount", media.amount


_WRITERS: dict[str, Callable[[Scene, Media], Pairs]] = {
    "photo": _list_photo,
    **dict.fromkeys((*_TYPES, "document"), _list_document),
    "expired": _list_expired,
    "contact": _list_contact,
    "geo": _list_geo,
    "live_geo": _list_geo,
    "venue": _list_venue,
    "todo": _list_todo,
    "invoice": _list_invoice,
    "giveaway": _list_giveaway,
    "giveaway_results": _list_results,
    "paid": _list_paid,
}
