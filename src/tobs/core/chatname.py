"""How a person names a chat on the command line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from tobs.core.model import Chat
from tobs.errors import ChatNotFound, UsageError


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
    if text.casefold() == "me":
        return ChatName(NameKind.SELF, "me")
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


def pick_chats(names: Iterable[str], chats: Sequence[Chat]) -> list[Chat]:
    """Return the chats that go by these names, each once and in their own order; all of them without a name.

    A title may name several. Raises UsageError, or ChatNotFound, which names the nearest titles.
    """
    wanted = {each.key for name in names for each in _pick(name, chats)}
    return [each for each in chats if not wanted or each.key in wanted]


def list_nearest(title: str, titles: Iterable[str]) -> list[str]:
    """Return up to three titles that look most like what was typed, or hold it."""
    folded = {each.casefold(): each for each in titles if each}
    wanted = title.casefold()
    near = difflib.get_close_matches(wanted, folded, n=3, cutoff=0.4)
    return [folded[each] for each in near or [each for each in folded if wanted in each][:3]]


def _pick(text: str, chats: Sequence[Chat]) -> list[Chat]:
    name = parse_chat_name(text)
    tests: dict[NameKind, tuple[Callable[[Chat], bool], ...]] = {
        NameKind.SELF: (lambda chat: chat.kind == "saved",),
        NameKind.ID: (lambda chat: chat.id == int(name.value),),
        NameKind.USERNAME: (lambda chat: chat.username.casefold() == name.value.casefold(),),
        NameKind.TITLE: (
            lambda chat: chat.title == name.value,
            lambda chat: chat.title.casefold() == name.value.casefold(),
        ),
    }
    for test in tests[name.kind]:
        if found := [each for each in chats if test(each)]:
            return found
    near = list_nearest(name.value, [each.title for each in chats])
    raise ChatNotFound(
        f"The archive has no chat {text!r}.",
        hint=f"The nearest titles are: {', '.join(near)}."
        if near
        else "`tobs archive info` lists all of them.",
    )
