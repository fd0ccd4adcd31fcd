"""The account's list of chats, page by page, with what the rules of folders ask about each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telethon import functions
from telethon.tl import types as tl

from tobs.core.ids import archive_account, mark_channel
from tobs.core.model import Chat
from tobs.errors import NoAccess
from tobs.telegram.client import Client
from tobs.telegram.lists import ChatList, read_list
from tobs.telegram.peers import entity_kind, entity_name, entity_username, input_peer, mark_entity, mark_peer

SAVED_TITLE = "Saved Messages"
DIALOGS_PER_PAGE = 100
"""What getDialogs gives at most."""
MAIN_LIST, ARCHIVED_LIST = 0, 1
"""The two lists that Telegram keeps (https://core.telegram.org/api/folders#peer-folders)."""


@dataclass(slots=True)
class Dialog:
    """A chat of the account's list, with its address; `access_hash` is 0 where Telegram uses none.

    `migrated_to` is the supergroup that a basic group became, and `migrated_hash` opens that one. `is_min`: it was
    shown in passing, and its hash is no address (https://core.telegram.org/api/min).
    """

    id: int
    access_hash: int
    kind: str
    title: str
    username: str
    migrated_to: int = 0
    migrated_hash: int = 0
    is_min: bool = False

    def as_chat(self, account: int) -> Chat:
        """Return the chat without its address."""
        return Chat(archive_account(self.id, account), self.id, self.kind, self.title, self.username)


@dataclass(slots=True)
class Listed:
    """One line of the list; `muted_until` is None when the account's default for such chats holds.

    `top` is the id of its newest message, 0 without one, and `date` when that was sent (UTC seconds), None where nobody knows.
    """

    dialog: Dialog
    phone: str
    is_contact: bool
    is_archived: bool
    is_unread: bool
    is_mentioned: bool
    muted_until: datetime | None
    top: int
    date: int | None


@dataclass(frozen=True, slots=True)
class _Offset:
    """The dialog behind which a page begins: the date and id of its top message, and its peer."""

    date: int = 0
    id: int = 0
    peer: Any = field(default_factory=tl.InputPeerEmpty)


async def page_dialogs(client: Client, account: int) -> AsyncIterator[Listed]:
    """Yield every chat of the list once, archived ones last, as the server orders them."""
    for folder in (MAIN_LIST, ARCHIVED_LIST):
        async for each in _page_list(client, account, folder):
            yield each


async def _page_list(client: Client, account: int, folder: int) -> AsyncIterator[Listed]:
    offset = _Offset()
    seen: set[int] = set()
    while True:
        request = functions.messages.GetDialogsRequest(
            offset_date=offset.date or None,
            offset_id=offset.id,
            offset_peer=offset.peer,
            limit=DIALOGS_PER_PAGE,
            hash=0,
            folder_id=folder,
        )
        answer = read_list((await client.send_raw(request, "the list of chats")).raw, "list of chats")
        listed = [each for each in answer.dialogs if isinstance(each, tl.Dialog)]
        fresh = [each for each in listed if mark_peer(each.peer) not in seen]
        for each in fresh:
            marked = mark_peer(each.peer)
            if marked is not None and _is_there(answer.entities.get(marked)):
                seen.add(marked)
                entity = answer.entities[marked]
                date = answer.dates.get((marked, each.top_message))
                yield _read_dialog(each, entity, account, is_archived=folder == ARCHIVED_LIST, date=date)
        if not fresh or answer.count is None:
            return
        following = _find_offset(fresh, answer, offset.date)
        if following is None:
            return
        offset = following


def _read_dialog(dialog: Any, entity: Any, account: int, *, is_archived: bool, date: int | None) -> Listed:
    until = dialog.notify_settings.mute_until
    return Listed(
        describe(entity, account),
        phone=getattr(entity, "phone", None) or "",
        is_contact=bool(getattr(entity, "contact", False)),
        is_archived=is_archived,
        is_unread=bool(dialog.unread_count or dialog.unread_mark),
        is_mentioned=bool(dialog.unread_mentions_count),
        muted_until=datetime.fromtimestamp(until, UTC) if until is not None else None,
        top=dialog.top_message,
        date=date,
    )


def describe(entity: Any, account: int) -> Dialog:
    """Return an entity as a dialog. Raises NoAccess when the account was shut out of it."""
    if isinstance(entity, (tl.ChannelForbidden, tl.ChatForbidden)):
        raise NoAccess(f"This account may not read {entity.title}.", hint="Join the chat first.")
    marked = mark_entity(entity)
    if marked == account:
        return Dialog(marked, 0, "saved", SAVED_TITLE, "")
    hash_ = getattr(entity, "access_hash", None) or 0
    found = Dialog(marked, hash_, entity_kind(entity), entity_name(entity), entity_username(entity))
    found.is_min = bool(getattr(entity, "min", False))
    moved = getattr(entity, "migrated_to", None)
    if isinstance(moved, tl.InputChannel):
        found.migrated_to, found.migrated_hash = mark_channel(moved.channel_id), moved.access_hash
    return found


def _is_there(entity: Any) -> bool:
    shut = (tl.ChannelForbidden, tl.ChatForbidden, tl.ChatEmpty, tl.UserEmpty)
    return entity is not None and not isinstance(entity, shut)


def _find_offset(dialogs: list[Any], answer: ChatList, before: int) -> _Offset | None:
    """Return where the next page begins: behind the last dialog that has a top message, None when none has.

    The date of one that cannot be read is not known. Then it is behind the last one of which it is; where there is
    none, behind the last dialog with the date of the page `before`, which is not below its own.
    """
    known = [each for each in dialogs if answer.dates.get((mark_peer(each.peer), each.top_message))]
    there = known or [each for each in dialogs if each.top_message]
    for dialog in reversed(there):
        marked = mark_peer(dialog.peer)
        if marked is not None and _is_there(answer.entities.get(marked)):
            date = answer.dates.get((marked, dialog.top_message), before)
            return _Offset(date, dialog.top_message, _input_of(answer.entities[marked]))
    return None


def _input_of(entity: Any) -> Any:
    return input_peer(mark_entity(entity), getattr(entity, "access_hash", None) or 0)
