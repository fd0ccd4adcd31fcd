"""How a person names a chat on the command line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from tobs.errors import UsageError


class NameKind(Enum):
    """Which of the forms was used."""

    SELF = "me"
    ID = "marked id"
    USERNAME = "username"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class ChatName:
    """A chat's name as typed, taken apart; `value` is without @, link or white space around it."""

    kind: NameKind
    value: str


_LINK = re.compile(r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/(.*)", re.IGNORECASE)
_USERNAME = re.compile(r"[A-Za-z]\w{2,31}", re.ASCII)


def parse_chat_name(text: str) -> ChatName:
    """Return which chat is meant. Raises UsageError for forms that tobs does not take."""
    text = text.strip()
    if not text:
        raise UsageError("A chat needs a name: @username, a t.me link, a title, an id or `me`.")
    if text == "me":
        return ChatName(NameKind.SELF, text)
    if re.fullmatch(r"-?\d+", text):
        return ChatName(NameKind.ID, text)
    if link := _LINK.fullmatch(text):
        return _parse_link(text, link[1])
    if text.startswith("@"):
        return _parse_username(text, text[1:])
    if re.fullmatch(r"\+[\d ()-]{5,}", text):
        raise UsageError(f"tobs cannot look a chat up by phone number yet: {text}.", hint=_OTHER_FORMS)
    return ChatName(NameKind.TITLE, text)


_OTHER_FORMS = "Use its @username, t.me/name link, title or id instead (`tobs chats` shows them)."


def _parse_link(text: str, path: str) -> ChatName:
    name = path.partition("?")[0].rstrip("/")
    if "/" in name or name.startswith("+"):
        raise UsageError(f"tobs takes only plain t.me/name links yet, not {text}.", hint=_OTHER_FORMS)
    return _parse_username(text, name)


def _parse_username(text: str, name: str) -> ChatName:
    if not _USERNAME.fullmatch(name):
        raise UsageError(f"{text} is not a username of Telegram.", hint=_OTHER_FORMS)
    return ChatName(NameKind.USERNAME, name)
