"""A chat in which people changed their minds: edited messages, deleted ones, and what hangs on them."""

from __future__ import annotations

from tobs.core.media import Entity, File, Media
from tobs.core.model import Action, Content, Counters, Message, Reaction, Reply
from tobs.core.report import Tally
from writers.corpus import ALICE, BOB, NAMES, TEAM, at
from writers.memory import MemoryReader, make_message

START = "2026-03-14 08:00:00"
NOTICED = at("2026-03-20 23:30:00") + 0.5
"""Already the next day in Berlin."""


def make_changed() -> MemoryReader:
    """Return an archive with earlier versions and tombstones."""
    reader = MemoryReader(names=dict(NAMES), tally=Tally(12, 0, 0, 0))
    messages = [
        _say(1, "as it was meant", edit_date=at("2026-03-14 08:05:00")),
        _say(2, "gone with **stars**\nover two lines", Entity("bold", 0, 4), Entity("strike", 5, 4), gone_at=NOTICED),
        _say(3, "to what is gone", sender_id=BOB, reply_to=2),
        make_message(4, 0, "three photos", content=_photo(41), album_id=7),
        make_message(5, 0, "the second is gone", content=_photo(42), album_id=7, gone_at=NOTICED),
        make_message(6, 0, "", content=_photo(43), album_id=7, counters=Counters(reactions=[Reaction("👍", 1)])),
        make_message(7, 0, "the first is gone", content=_photo(44), album_id=8, gone_at=NOTICED),
        make_message(8, 0, "the last is here", content=_photo(45), album_id=8),
        _say(9, "to the last of the album", sender_id=BOB, reply_to=8),
        make_message(10, 0, "", content=_photo(46), gone_at=NOTICED),
        make_message(11, 0, "", sender_id=BOB, content=Content(action=Action("chat_edit_title", {"title": "Team"})), gone_at=NOTICED),
        _say(12, "quoted code\nprint()", Entity("pre", 12, 7, "python"), gone_at=NOTICED, edit_date=at("2026-03-15 08:00:00")),
    ]  # fmt: skip
    for each in messages:
        each.date = at(START) + 60 * each.id
    reader.add(TEAM, messages)
    reader.earlier = {
        1: [_earlier(1, "as it was wirtten"), _earlier(1, "as it was meant", is_silent=True)],
        12: [_earlier(12, "> no quote"), _earlier(12, "without code", edit_date=at("2026-03-14 09:00:00"))],
    }
    return reader


def make_emptied() -> MemoryReader:
    """Return an archive of which nothing is left in Telegram."""
    reader = MemoryReader(names=dict(NAMES))
    reader.add(TEAM, [make_message(1, at(START), "gone", gone_at=NOTICED)])
    return reader


def _say(
    number: int,
    text: str,
    *entities: Entity,
    sender_id: int = ALICE,
    reply_to: int = 0,
    edit_date: int | None = None,
    gone_at: float = 0,
) -> Message:
    content = Content([*entities], reply=Reply(reply_to) if reply_to else None)
    return make_message(
        number, 0, text, sender_id=sender_id, content=content, edit_date=edit_date, gone_at=gone_at
    )


def _earlier(number: int, text: str, *, edit_date: int | None = None, is_silent: bool = False) -> Message:
    content = Content(is_silent=is_silent)
    return make_message(number, at(START) + 60 * number, text, content=content, edit_date=edit_date)


def _photo(number: int) -> Content:
    return Content(media=Media("photo", file=File(number, "photo", 245_000), width=1280, height=960))
