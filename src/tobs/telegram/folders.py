"""The account's folders of chats, and which chats their rules let in.

The rules are those of https://core.telegram.org/api/folders, where it leaves room as Telegram's own apps read them: a
chat that was put in by hand is always in, one that was taken out by hand never; an unread mention beats the rules that
leave out what is muted or read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from telethon import functions
from telethon.tl import types as tl

from tobs.core.chatname import list_nearest
from tobs.core.request import ARCHIVE_FOLDER
from tobs.errors import ChatNotFound
from tobs.telegram.client import Client
from tobs.telegram.dialogs import Listed
from tobs.telegram.peers import mark_input_peer

_RULES = (
    "contacts",
    "non_contacts",
    "groups",
    "broadcasts",
    "bots",
    "exclude_muted",
    "exclude_read",
    "exclude_archived",
)
_NOTIFIED_AS = {"bot": "users", "private": "users", "saved": "users", "channel": "broadcasts"}
_DEFAULTS = {
    "users": tl.InputNotifyUsers,
    "chats": tl.InputNotifyChats,
    "broadcasts": tl.InputNotifyBroadcasts,
}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: marked ids put in and taken out by hand, and the names of the rules that are on."""

    title: str
    included: frozenset[int] = frozenset()
    excluded: frozenset[int] = frozenset()
    rules: frozenset[str] = frozenset()
    is_archive: bool = False

    def holds(self, line: Listed, *, is_muted: bool) -> bool:
        """Tell whether a chat of the list is in the folder."""
        if self.is_archive:
            return line.is_archived
        if line.dialog.id in self.included:
            return True
        if line.dialog.id in self.excluded or rule_of(line) not in self.rules:
            return False
        if "exclude_archived" in self.rules and line.is_archived:
            return False
        if line.is_mentioned:
            return True
        is_left_out = (is_muted and "exclude_muted" in self.rules) or (
            not line.is_unread and "exclude_read" in self.rules
        )
        return not is_left_out


def rule_of(line: Listed) -> str:
    """Return which rule lets such a chat in."""
    match line.dialog.kind:
        case "bot":
            return "bots"
        case "channel":
            return "broadcasts"
        case "private":
            return "contacts" if line.is_contact else "non_contacts"
        case "saved":
            return "contacts"
    return "groups"


async def choose_folders(
    client: Client, account: int, titles: Iterable[str]
) -> tuple[list[Folder], list[ChatNotFound]]:
    """Return the folders that have these titles, and an error for each title that none has."""
    known = await list_folders(client, account)
    found: list[Folder] = []
    missing = []
    for title in titles:
        exact = [each for each in known if each.title == title]
        same = exact or [each for each in known if each.title.casefold() == title.casefold()]
        found += [each for each in same if each not in found]
        if not same:
            missing.append(_describe_missing(title, known))
    return found, missing


async def list_folders(client: Client, account: int) -> list[Folder]:
    """Return all folders, the one of archived chats last unless another has its name."""
    answer = await client.send(functions.messages.GetDialogFiltersRequest(), "the folders")
    filters = getattr(answer, "filters", answer)
    known = [_read_folder(each, account) for each in filters if not isinstance(each, tl.DialogFilterDefault)]
    if all(each.title.casefold() != ARCHIVE_FOLDER.casefold() for each in known):
        known.append(Folder(ARCHIVE_FOLDER, is_archive=True))
    return known


def _describe_missing(title: str, known: list[Folder]) -> ChatNotFound:
    titles = [each.title for each in known]
    near = list_nearest(title, titles) or titles
    return ChatNotFound(
        f"This account has no folder {title!r}.", hint=f"There is: {', '.join(map(repr, near))}."
    )


def _read_folder(raw: Any, account: int) -> Folder:
    # Until layer 195 a title was a plain string.
    title = getattr(raw.title, "text", raw.title)
    put_in = (mark_input_peer(each, account) for each in (*raw.pinned_peers, *raw.include_peers))
    taken_out = (mark_input_peer(each, account) for each in getattr(raw, "exclude_peers", ()))
    return Folder(
        title,
        frozenset(each for each in put_in if each is not None),
        frozenset(each for each in taken_out if each is not None),
        frozenset(rule for rule in _RULES if getattr(raw, rule, None)),
    )


class Mutes:
    """Which chats are silent now: by their own setting, else by the account's for chats of their kind."""

    def __init__(self, client: Client, now: float) -> None:
        self._client = client
        self._now = now
        self._defaults: dict[str, bool] = {}

    async def is_muted(self, line: Listed) -> bool:
        """Tell whether a chat makes no sound; the account's settings are asked for when they matter."""
        if line.muted_until is not None:
            return self._is_later(line.muted_until)
        kind = _NOTIFIED_AS.get(line.dialog.kind, "chats")
        if kind not in self._defaults:
            request = functions.account.GetNotifySettingsRequest(_DEFAULTS[kind]())
            answer = await self._client.send(request, "the settings of notifications")
            self._defaults[kind] = answer.mute_until is not None and self._is_later(answer.mute_until)
        return self._defaults[kind]

    def _is_later(self, moment: Any) -> bool:
        return bool(moment.timestamp() > self._now)
