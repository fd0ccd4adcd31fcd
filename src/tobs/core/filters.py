"""Whose messages of a chat, and of what kind, a person asked for: what `--from` and `--only` said."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from tobs.core.chatname import parse_chat_name, refuse_spot
from tobs.errors import UsageError

SEARCHED_KINDS = (
    "photo", "video", "round", "voice", "audio", "document", "gif", "link", "poll", "geo", "contact",
    "pinned", "mention", "call", "chat-photo",
)  # fmt: skip
"""What Telegram can search for (https://core.telegram.org/type/MessagesFilter); stickers are not among it."""

OTHER_WORDS = {
    "music": "audio",
    "file": "document",
    "animation": "gif",
    "url": "link",
    "place": "geo",
    "location": "geo",
}
"""What else people call some of the kinds."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Only messages of one of these senders, named in any form, and of one of these kinds; empty: of any."""

    senders: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def is_on(self) -> bool:
        """Tell whether anything is left out."""
        return bool(self.senders or self.kinds)


def parse_filter(senders: Iterable[str], only: Iterable[str]) -> Filter:
    """Return what the options say; each of `only` is a list with commas.

    Raises UsageError for a kind that Telegram does not search for, and for a name that is none.
    """
    names = tuple(dict.fromkeys(senders))
    for name in names:
        refuse_spot(name, parse_chat_name(name))
    words = [word.strip() for each in only for word in each.split(",")]
    if words and not any(words):
        raise UsageError("--only names no kind.", hint=f"It takes: {', '.join(SEARCHED_KINDS)}.")
    return Filter(names, tuple(dict.fromkeys(_read_kind(word) for word in words if word)))


def _read_kind(word: str) -> str:
    known = {*SEARCHED_KINDS, *OTHER_WORDS}
    single = word.casefold()
    if single not in known:
        single = single.removesuffix("s")
    if single in known:
        return OTHER_WORDS.get(single, single)
    near = difflib.get_close_matches(single, SEARCHED_KINDS, n=1)
    nearest = f"; the nearest that it knows is {near[0]!r}" if near else ""
    raise UsageError(
        f"Telegram does not search for {word!r}{nearest}.",
        hint=f"--only takes: {', '.join(SEARCHED_KINDS)}.",
    )
