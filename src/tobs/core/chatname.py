"""How a person names a chat on the command line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
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
class ChatName:
    """A chat's name as typed, taken apart; `value` is without @, link or white space around it.

    Of a phone number it is the digits, of an invite link its hash.
    """

    kind: NameKind
    value: str


_LINK = re.compile(r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)/(.*)", re.IGNORECASE)
_DEEP_LINK = re.compile(r"tg:(?://)?(\w+)/?\?(.*)", re.IGNORECASE)
_USERNAME = re.compile(r"[A-Za-z]\w{2,31}", re.ASCII)
_PHONE = re.compile(r"\+[\d ()-]{5,}", re.ASCII)
_OTHER_FORMS = "Use its @username, t.me/name link, title or id instead (`tobs chats` shows them)."
_PLACES = frozenset({"post", "comment", "thread", "topic", "message_id"})
"""What a link has when it leads into a chat and not to it."""


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


def _parse_link(text: str, rest: str) -> ChatName:
    """Take a link of https://core.telegram.org/api/links apart, from behind the host on."""
    path, _, query = rest.partition("#")[0].partition("?")
    parts = [each for each in path.split("/") if each]
    places = _PLACES & parse_qs(query).keys()
    match parts:
        case ["c", number, *more] if number.isdecimal():
            chat = ChatName(NameKind.ID, str(mark_channel(int(number))))
            return _refuse_place(text, chat.value) if more or places else chat
        case ["joinchat", invite] | ["+", invite]:
            return _parse_invite(text, invite)
        case [phone] if re.fullmatch(r"\+\d+", phone, re.ASCII):
            return _parse_phone(text, phone)
        case [invite] if invite.startswith("+"):
            return _parse_invite(text, invite[1:])
        case ["s", name] | [name]:
            chat = _parse_username(text, name)
            return _refuse_place(text, f"@{name}") if places else chat
        case ["s", name, *more] | [name, *more] if all(each.isdecimal() for each in more):
            return _refuse_place(text, f"@{_parse_username(text, name).value}")
    raise UsageError(f"{text} is not a link to a chat.", hint=_OTHER_FORMS)


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
    if _PLACES & given.keys():
        return _refuse_place(text, f"@{chat.value}" if chat.kind is NameKind.USERNAME else chat.value)
    return chat


def _parse_bare_id(text: str, number: str) -> ChatName:
    """Take an id that is marked; a bare one may be a group's or a channel's, and the link does not say whose."""
    if number.startswith("-"):
        return ChatName(NameKind.ID, number)
    raise UsageError(
        f"{text} does not say whether the chat is a basic group or a channel.",
        hint=f"Use the id -{number} for a basic group, {mark_channel(int(number))} for a channel or supergroup.",
    )


def _refuse_place(text: str, chat: str) -> ChatName:
    raise UsageError(
        f"{text} leads to one message or topic, and tobs cannot export those alone yet.",
        hint=f"Export the whole chat with `tobs export {chat}`.",
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
