"""Which chat a name means: usernames, titles and ids to chats with an address.

Every lookup goes through the input peer cache of the account, so that a second run over the same
chats sends no resolve request. Access hashes are per account and stay there, never in an archive.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

from telethon import functions
from telethon.tl import types as tl

from tobs.core.chatname import ChatName, NameKind, list_nearest, parse_chat_name
from tobs.core.ids import archive_account
from tobs.core.model import Chat
from tobs.core.ports import KeyValue
from tobs.errors import ChatNotFound, NoAccess
from tobs.telegram import faults
from tobs.telegram.client import Client
from tobs.telegram.peers import entity_kind, entity_name, entity_username, input_peer, mark_entity, mark_peer

SAVED_TITLE = "Saved Messages"
DIALOGS_PER_PAGE = 100
"""What getDialogs gives at most."""


@dataclass(slots=True)
class Dialog:
    """A chat of the account's list, with its address; `access_hash` is 0 where Telegram uses none."""

    id: int
    access_hash: int
    kind: str
    title: str
    username: str

    def as_chat(self, account: int) -> Chat:
        """Return the chat without its address."""
        return Chat(archive_account(self.id, account), self.id, self.kind, self.title, self.username)


class Directory:
    """The chats that one account can name."""

    def __init__(self, client: Client, cache: KeyValue, account: int) -> None:
        self._client = client
        self._cache = cache
        self._account = account

    async def find(self, name: str) -> Dialog:
        """Return the chat that goes by this name.

        Raises UsageError for a form that tobs does not take, ChatNotFound naming the nearest titles,
        or NoAccess.
        """
        parsed = parse_chat_name(name)
        if parsed.kind is NameKind.SELF or parsed.value == str(self._account):
            return Dialog(self._account, 0, "saved", SAVED_TITLE, "")
        if cached := self._recall(parsed):
            return cached
        if parsed.kind is NameKind.USERNAME:
            return await self._resolve(parsed)
        return await self._search(parsed)

    async def list_dialogs(self) -> AsyncIterator[Dialog]:
        """Yield every dialog of the account, archived ones last, as the server orders them."""
        for folder in (0, 1):
            async for each in self._page_dialogs(folder):
                yield each

    def address(self, chat: Chat) -> Any:
        """Return the InputPeer of a chat that `find` gave. Raises ChatNotFound when the cache lost it."""
        if chat.id == self._account:
            return tl.InputPeerSelf()
        if stored := self._cache.get_stale(_id_key(chat.id)):
            return input_peer(chat.id, stored["access_hash"])
        raise ChatNotFound(
            f"The address of {chat.title} is not known any more.", hint="Run the command again."
        )

    def forget(self, chat: Chat) -> None:
        """Drop an address that the server rejected."""
        self._cache.forget(_id_key(chat.id))
        if chat.username:
            self._cache.forget(_name_key(ChatName(NameKind.USERNAME, chat.username)))

    def _recall(self, name: ChatName) -> Dialog | None:
        key = name.value
        if name.kind is not NameKind.ID:
            found = self._cache.get(_name_key(name))
            if found is None:
                return None
            key = found
        stored = self._cache.get(_id_key(int(key)))
        return Dialog(**stored) if stored else None

    def _remember(self, dialog: Dialog, name: ChatName | None = None) -> Dialog:
        self._cache.put(_id_key(dialog.id), asdict(dialog))
        if name:
            self._cache.put(_name_key(name), dialog.id)
        return dialog

    async def _resolve(self, name: ChatName) -> Dialog:
        request = functions.contacts.ResolveUsernameRequest(name.value)
        try:
            answer = await self._client.send(request, f"@{name.value}")
        except faults.NO_SUCH_NAME:
            raise ChatNotFound(
                f"Nobody on Telegram is called @{name.value}.", hint="Check the spelling."
            ) from None
        wanted = mark_peer(answer.peer)
        entity = next(each for each in (*answer.users, *answer.chats) if mark_entity(each) == wanted)
        return self._remember(describe(entity, self._account), name)

    async def _search(self, name: ChatName) -> Dialog:
        """Walk the dialog list for an id or title, remembering every chat on the way."""
        seen = [self._remember(each) async for each in self.list_dialogs()]
        if name.kind is NameKind.ID:
            matches = [each for each in seen if each.id == int(name.value)]
        else:
            matches = _match_title(name.value, seen)
        if len(matches) == 1:
            return self._remember(matches[0], None if name.kind is NameKind.ID else name)
        if matches:
            ids = ", ".join(str(each.id) for each in matches)
            raise ChatNotFound(
                f"{len(matches)} chats are called {name.value!r}.", hint=f"Use one of the ids: {ids}."
            )
        raise ChatNotFound(f"This account has no chat {name.value!r}.", hint=_nearest(name.value, seen))

    async def _page_dialogs(self, folder: int) -> AsyncIterator[Dialog]:
        offset_date, offset_id, offset_peer = None, 0, tl.InputPeerEmpty()
        seen: set[int] = set()
        while True:
            request = functions.messages.GetDialogsRequest(
                offset_date=offset_date,
                offset_id=offset_id,
                offset_peer=offset_peer,
                limit=DIALOGS_PER_PAGE,
                hash=0,
                folder_id=folder,
            )
            answer = await self._client.send(request, "the list of chats")
            entities = {mark_entity(each): each for each in (*answer.users, *answer.chats)}
            listed = [each for each in answer.dialogs if isinstance(each, tl.Dialog)]
            fresh = [each for each in listed if mark_peer(each.peer) not in seen]
            for each in fresh:
                marked = mark_peer(each.peer)
                if marked is not None and _is_there(entities.get(marked)):
                    seen.add(marked)
                    yield describe(entities[marked], self._account)
            if not fresh or isinstance(answer, tl.messages.Dialogs):
                return
            last = _find_last(fresh, answer.messages)
            if last is None:
                return
            offset_date, offset_id = last.date, last.id
            offset_peer = _input_of(entities[mark_peer(last.peer_id) or 0])


def describe(entity: Any, account: int) -> Dialog:
    """Return an entity as a dialog. Raises NoAccess when the account was shut out of it."""
    if isinstance(entity, (tl.ChannelForbidden, tl.ChatForbidden)):
        raise NoAccess(f"This account may not read {entity.title}.", hint="Join the chat first.")
    marked = mark_entity(entity)
    if marked == account:
        return Dialog(marked, 0, "saved", SAVED_TITLE, "")
    hash_ = getattr(entity, "access_hash", None) or 0
    return Dialog(marked, hash_, entity_kind(entity), entity_name(entity), entity_username(entity))


def _is_there(entity: Any) -> bool:
    shut = (tl.ChannelForbidden, tl.ChatForbidden, tl.ChatEmpty, tl.UserEmpty)
    return entity is not None and not isinstance(entity, shut)


def _find_last(dialogs: list[Any], messages: list[Any]) -> Any:
    """Return the top message of the last dialog that has one: the next page starts behind it."""
    tops = {
        (mark_peer(each.peer_id), each.id): each for each in messages if not isinstance(each, tl.MessageEmpty)
    }
    for dialog in reversed(dialogs):
        if top := tops.get((mark_peer(dialog.peer), dialog.top_message)):
            return top
    return None


def _input_of(entity: Any) -> Any:
    return input_peer(mark_entity(entity), getattr(entity, "access_hash", None) or 0)


def _match_title(title: str, dialogs: list[Dialog]) -> list[Dialog]:
    exact = [each for each in dialogs if each.title == title]
    return exact or [each for each in dialogs if each.title.casefold() == title.casefold()]


def _nearest(title: str, dialogs: list[Dialog]) -> str:
    if near := list_nearest(title, [each.title for each in dialogs]):
        return f"The nearest titles are: {', '.join(near)}."
    return "`tobs chats` lists all of them; a username needs an @ in front."


def _id_key(marked: int) -> str:
    return f"id:{marked}"


def _name_key(name: ChatName) -> str:
    # Titles as typed: another case may be another chat. A username may be some other chat's title.
    return f"title:{name.value}" if name.kind is NameKind.TITLE else f"name:{name.value.casefold()}"
