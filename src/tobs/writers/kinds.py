"""What each kind of message is called."""

from __future__ import annotations

KIND_WORDS = {
    "photo": "photo", "video": "video", "round": "video message", "animation": "GIF", "voice": "voice message",
    "audio": "audio file", "sticker": "sticker", "document": "file", "contact": "contact", "geo": "location",
    "live_geo": "live location", "venue": "place", "poll": "poll", "todo": "to-do list", "dice": "dice",
    "game": "game", "invoice": "invoice", "giveaway": "giveaway", "giveaway_results": "giveaway results",
    "story": "story", "paid": "paid media", "webpage": "link preview", "expired": "expired medium",
    "video_stream": "video stream",
    "unsupported": "unsupported message", "service": "service message", "text": "text message",
    "withheld": "withheld medium",
}  # fmt: skip
"""Singular, without an article, for every kind a message can have."""

_PLURALS = {
    "dice": "dice", "giveaway_results": "giveaway results", "paid": "paid media", "story": "stories",
    "expired": "expired media",
}  # fmt: skip


def name_kind(kind: str, count: int) -> str:
    """Return `1 photo`, `2 photos`."""
    word = KIND_WORDS.get(kind, kind)
    return f"{count:,} {word if count == 1 else _PLURALS.get(kind, f'{word}s')}"
