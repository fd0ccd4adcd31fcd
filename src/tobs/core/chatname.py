"""How a person names a chat on the command line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol, TypeVar
from urllib.parse import parse_qs

from tobs.core.ids import SHARED_ACCOUNT, mark_channel
from tobs.core.model import Chat
from tobs.errors import ChatNotFound, UsageError


class NameKind(Enum):
    """Which of the forms was used."""

    SELF = "me"
    ID = "marked id"
    USERNAME = "username"
    TITLE = "title"
    PHONE = "phone number"
    INVITE = "invite link"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place inside a chat: a topic or thread by its number, a topic by its title, a message or post.

    What is 0 or empty is not named. Which of them a number means, the kind of the chat tells.
    """

    thread: int = 0
    title: str = ""
    message: int = 0


@dataclass(frozen=True, slots=True)
class ChatName:
    """A chat's name as typed, taken apart; `value` is without @, link or white space around it.

    Of a phone number it is the digits, of an invite link its hash. `spot` is where in the chat a link leads to.
    """

    kind: NameKind
    value: str
    spot: Spot | None = None

    @property
    def chat(self) -> ChatName:
        """The name of the chat alone."""
        return replace(self, spot=None)


_LINK = re.compile(r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/(.*)", re.IGNORECASE)
_DEEP_LINK = re.compile(r"tg:(?://)?(\w+)/?\?(.*)", re.IGNORECASE)
_USERNAME = re.compile(r"[A-Za-z]\w{2,31}", re.ASCII)
_PHONE = re.compile(r"\+[\d ()-]{5,}", re.ASCII)
_OTHER_FORMS = "Use its @username, t.me/name link, title or id instead (`tobs chats` shows them)."
_LARGEST_ID = 2**31 - 1
_THREAD_KEYS, _MESSAGE_KEYS = ("thread", "topic"), ("post", "message_id")
"""What a link names the places in a chat by; a comment stands below the post that the link names as well."""


def parse_chat_name(text: str) -> ChatName:
    """Return which chat is meant. Raises UsageError for forms that tobs does not take."""
    text = text.strip()
    if not text:
        raise UsageError("A chat needs a name: @username, a t.me link, a title, an id or `me`.")
    if text.casefold() == "me" or re.fullmatch(r"-?\d+", text):
        is_self = text.casefold() == "me"
        return ChatName(NameKind.SELF, "me") if is_self else ChatName(NameKind.ID, text)
    if link := _LINK.fullmatch(text):
        return _parse_link(text, link[1])
    if link := _DEEP_LINK.fullmatch(text):
        return _parse_deep_link(text, link[1].lower(), link[2])
    if text.startswith("@"):
        return _parse_username(text, text[1:])
    if _PHONE.fullmatch(text):
        return _parse_phone(text, text)
    return ChatName(NameKind.TITLE, text)


def parse_topic(text: str) -> Spot:
    """Return the topic that `--topic` means: by its number, or else by its title. Raises UsageError."""
    if not text.strip():
        raise UsageError("--topic needs the number or the title of a topic.")
    return Spot(thread=_read_id(f"--topic {text}", text)) if text.isdecimal() else Spot(title=text.strip())


def refuse_spot(text: str, name: ChatName) -> None:
    """Raise UsageError for a link into a chat where only a whole chat can be meant."""
    if name.spot:
        chat = f"@{name.value}" if name.kind is NameKind.USERNAME else name.value
        raise UsageError(
            f"{text} leads to one message or topic, and here a whole chat is meant.", hint=f"Say {chat}."
        )


def _parse_link(text: str, rest: str) -> ChatName:
    """Take a link of https://core.telegram.org/api/links apart, from behind the host on."""
    path, _, query = rest.partition("#")[0].partition("?")
    parts = [each for each in path.split("/") if each]
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    match parts:
        case ["c", number, *ids] if number.isdecimal() and _are_ids(ids):
            chat = ChatName(NameKind.ID, str(mark_channel(int(number))))
            return replace(chat, spot=_find_spot(text, ids, given))
        case ["joinchat", invite] | ["+", invite]:
            return _parse_invite(text, invite)
        case [phone] if re.fullmatch(r"\+\d+", phone, re.ASCII):
            return _parse_phone(text, phone)
        case [invite] if invite.startswith("+"):
            return _parse_invite(text, invite[1:])
        case ["s", name, *ids] | [name, *ids] if _are_ids(ids):
            return replace(_parse_username(text, name), spot=_find_spot(text, ids, given))
    raise UsageError(f"{text} is not a link to a chat.", hint=_OTHER_FORMS)


def _are_ids(parts: list[str]) -> bool:
    return len(parts) <= 2 and all(each.isdecimal() for each in parts)


def _find_spot(text: str, ids: list[str], given: dict[str, str]) -> Spot | None:
    """Return where a link leads to in its chat: `[topic/]message` in the path, the rest by name."""
    *topic, message = ids or ["0"]
    thread = topic or [given[each] for each in _THREAD_KEYS if each in given]
    messages = [message] if ids else [given[each] for each in _MESSAGE_KEYS if each in given]
    spot = Spot(
        thread=_read_id(text, thread[0]) if thread else 0,
        message=_read_id(text, messages[0]) if messages else 0,
    )
    return spot if spot != Spot() else None


def _read_id(text: str, number: str) -> int:
    if re.fullmatch(r"\d{1,10}", number, re.ASCII) and 0 < int(number) <= _LARGEST_ID:
        return int(number)
    raise UsageError(
        f"{text} does not name a message or topic.", hint=f"Their numbers go from 1 to {_LARGEST_ID:,}."
    )


def _parse_deep_link(text: str, action: str, query: str) -> ChatName:
    """Take a tg:// link apart; https://core.telegram.org/api/links lists them."""
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    numbers = {name: value for name, value in given.items() if re.fullmatch(r"-?\d+", value, re.ASCII)}
    match action:
        case "resolve" if "domain" in given:
            chat = _parse_username(text, given["domain"])
        case "resolve" if "phone" in given:
            return _parse_phone(text, given["phone"])
        case "join" if "invite" in given:
            return _parse_invite(text, given["invite"])
        case "openmessage" if "user_id" in numbers:
            chat = ChatName(NameKind.ID, numbers["user_id"])
        case "openmessage" if "chat_id" in numbers:
            chat = _parse_bare_id(text, numbers["chat_id"])
        case "user" if "id" in numbers:
            chat = ChatName(NameKind.ID, numbers["id"])
        case "privatepost" if "channel" in numbers:
            chat = ChatName(NameKind.ID, str(mark_channel(abs(int(numbers["channel"])))))
        case _:
            raise UsageError(f"{text} is not a link to a chat.", hint=_OTHER_FORMS)
    return replace(chat, spot=_find_spot(text, [], given))


def _parse_bare_id(text: str, number: str) -> ChatName:
    """Take an id that is marked; a bare one may be a group's or a channel's, and the link does not say whose."""
    if number.startswith("-"):
        return ChatName(NameKind.ID, number)
    raise UsageError(
        f"{text} does not say whether the chat is a basic group or a channel.",
        hint=f"Use the id -{number} for a basic group, {mark_channel(int(number))} for a channel or supergroup.",
    )


def _parse_username(text: str, name: str) -> ChatName:
    if not _USERNAME.fullmatch(name):
        raise UsageError(f"{text} is not a username of Telegram.", hint=_OTHER_FORMS)
    return ChatName(NameKind.USERNAME, name)


def _parse_phone(text: str, number: str) -> ChatName:
    digits = re.sub(r"\D", "", number, flags=re.ASCII)
    if not 5 <= len(digits) <= 15:
        raise UsageError(
            f"{text} is not a phone number.", hint="It begins with + and the code of its country."
        )
    return ChatName(NameKind.PHONE, digits)


def _parse_invite(text: str, invite: str) -> ChatName:
    if not re.fullmatch(r"[\w-]+", invite, re.ASCII):
        raise UsageError(f"{text} is not an invite link of Telegram.", hint=_OTHER_FORMS)
    return ChatName(NameKind.INVITE, invite)


def pick_chats(names: Iterable[str], chats: Sequence[Chat]) -> list[Chat]:
    """Return the chats that go by these names, each once and in their own order; all of them without a name.

    A title may name several; with a supergroup comes the group that it was. Raises UsageError, or ChatNotFound, which names the nearest titles.
    """
    wanted = {each.key for name in names for each in _pick(name, chats)}
    wanted |= {each.key for each in chats if (SHARED_ACCOUNT, each.migrated_to) in wanted}
    return [each for each in chats if not wanted or each.key in wanted]


def pick_whole(names: Iterable[str], chats: Sequence[Chat]) -> list[Chat]:
    """Return the chats that stand in the files of those that go by these names: both halves of each.

    Raises what `pick_chats` raises.
    """
    picked = pick_chats(names, chats)
    heads = {(SHARED_ACCOUNT, each.migrated_to) if each.migrated_to else each.key for each in picked}
    return [each for each in chats if each.key in heads or (SHARED_ACCOUNT, each.migrated_to) in heads]


class Titled(Protocol):
    """Whatever has a title."""

    title: str


T = TypeVar("T", bound=Titled)


def match_title(title: str, found: Sequence[T]) -> list[T]:
    """Return what has exactly this title, else what has it in another case."""
    exact = [each for each in found if each.title == title]
    return exact or [each for each in found if each.title.casefold() == title.casefold()]


def list_nearest(title: str, titles: Iterable[str]) -> list[str]:
    """Return up to three titles that look most like what was typed, or hold it."""
    folded = {each.casefold(): each for each in titles if each}
    wanted = title.casefold()
    near = difflib.get_close_matches(wanted, folded, n=3)
    return [folded[each] for each in near or [each for each in folded if wanted in each][:3]]


def _pick(text: str, chats: Sequence[Chat]) -> list[Chat]:
    name = parse_chat_name(text)
    refuse_spot(text, name)
    tests: dict[NameKind, tuple[Callable[[Chat], bool], ...]] = {
        NameKind.SELF: (lambda chat: chat.kind == "saved",),
        NameKind.ID: (lambda chat: chat.id == int(name.value),),
        NameKind.USERNAME: (lambda chat: chat.username.casefold() == name.value.casefold(),),
        NameKind.TITLE: (
            lambda chat: chat.title == name.value,
            lambda chat: chat.title.casefold() == name.value.casefold(),
        ),
    }
    if name.kind not in tests:
        raise UsageError(
            f"An archive does not know its chats by {name.kind.value}: {text}.",
            hint="Use the title, @username or id that `tobs archive info` shows.",
        )
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
