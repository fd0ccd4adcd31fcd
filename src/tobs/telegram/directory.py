"""Which chat a name means: usernames, titles, numbers, links and ids to chats with an address.

Every lookup goes through the caches of the account, so that a second run over the same chats sends no resolve
request: one has addresses by id, the other what names mean and which are shown. What has expired is used all the same;
the first answer that shows the chat refreshes it, and tells when its @username has gone to somebody else. Access
hashes are per account and stay there, never in an archive.
"""

from __future__ import annotations

import logging
from typing import Any

from telethon import functions
from telethon.tl import types as tl

from tobs.core.chatname import ChatName, NameKind, list_nearest, match_title, parse_chat_name
from tobs.core.ids import bare_id, is_group
from tobs.core.model import Chat
from tobs.core.ports.source import Sighting
from tobs.errors import ChatNotFound, NoAccess
from tobs.telegram import faults
from tobs.telegram.addresses import AddressBook
from tobs.telegram.client import Client
from tobs.telegram.decode import UNREADABLE
from tobs.telegram.dialogs import SAVED_TITLE, Dialog, Listed, describe, page_dialogs
from tobs.telegram.peers import input_peer, list_usernames, mark_entity, mark_peer, seen_peer
from tobs.telegram.reader import PageReader

log = logging.getLogger("tobs.telegram")


class Directory:
    """The chats that one account can name; the list of them is read at most once."""

    def __init__(self, client: Client, book: AddressBook, account: int) -> None:
        self.book = book
        self._client = client
        self._account = account
        self._listed: list[Listed] | None = None
        # The cache may be smaller than one run's list of chats.
        self._hashes: dict[int, int] = {}
        self._sightings: dict[int, list[Sighting]] = {}
        # By which name something was recalled that no answer of this run has shown yet.
        self._unseen: dict[int, ChatName] = {}
        self._renamed: dict[int, ChatNotFound] = {}

    async def find(self, name: str) -> Dialog:
        """Return the chat that goes by this name; a basic group that became a supergroup is that one.

        Raises UsageError for a form that tobs does not take, ChatNotFound naming the nearest titles,
        or NoAccess.
        """
        found = await self._find(parse_chat_name(name).chat)
        return await self._follow(found) if found.migrated_to else found

    async def _find(self, parsed: ChatName) -> Dialog:
        own = ChatName(NameKind.ID, str(self._account))
        if parsed.kind is NameKind.SELF or parsed == own:
            return Dialog(self._account, 0, "saved", SAVED_TITLE, "")
        known = self._look_up(parsed) or self._recall(parsed)
        if known and is_group(known.id) and self._listed is None:
            # A basic group may have become a supergroup since, and only its own entity says so.
            fresh = await self._ask_group(known.id)
            known = self._remember(fresh[0], parsed) if fresh else None
        if known:
            return known
        match parsed.kind:
            case NameKind.USERNAME:
                return await self._resolve(parsed)
            case NameKind.PHONE:
                return await self._resolve_phone(parsed)
            case NameKind.INVITE:
                return await self._check_invite(parsed)
        return await self._search(parsed)

    async def read_list(self) -> list[Listed]:
        """Return the list of chats as the server orders them, archived ones last; it is fetched once.

        As in Telegram's apps, a group that became a supergroup of the list is not in it.
        """
        if self._listed is None:
            listed = [each async for each in page_dialogs(self._client, self._account)]
            for each in listed:
                self._remember(each.dialog)
            here = {each.dialog.id for each in listed}
            self._listed = [each for each in listed if each.dialog.migrated_to not in here]
        return self._listed

    def address(self, chat: Chat) -> Any:
        """Return the InputPeer of a chat that `find` gave. Raises ChatNotFound when the cache lost it."""
        if chat.id == self._account:
            return tl.InputPeerSelf()
        if is_group(chat.id):
            return input_peer(chat.id, 0)
        if known := self.book.read(chat.id):
            return input_peer(chat.id, known.access_hash)
        if chat.id in self._hashes:
            return input_peer(chat.id, self._hashes[chat.id])
        if seen := self._sightings.get(chat.id):
            return seen_peer(chat.id, self.address(seen[0].chat), seen[0].message_id)
        raise ChatNotFound(
            f"The address of {chat.title} is not known any more.", hint="Run the command again."
        )

    def note_seen(self, person: Chat, sightings: list[Sighting]) -> None:
        """Remember messages that show somebody, for as long as nothing better is known."""
        self._sightings[person.id] = [*sightings]

    def reject(self, person: Chat, address: Any) -> bool:
        """Drop the address by which somebody was not found, and tell whether a message is left that shows them."""
        number = getattr(address, "msg_id", None)
        if number is None:
            self._hashes.pop(person.id, None)
            self.book.forget(person.id)
        seen = self._sightings.get(person.id, [])
        self._sightings[person.id] = [each for each in seen if each.message_id != number]
        return bool(self._sightings[person.id])

    async def renew(self, person: Chat) -> bool:
        """Look somebody up again whose address came from the cache and was rejected; tell whether there is one now."""
        if self._unseen.pop(person.id, None) is None:
            return False
        try:
            await self.find(_name_of(person))
        except (ChatNotFound, NoAccess):
            return False
        return True

    async def list_called(self, title: str) -> list[Dialog]:
        """Return the chats of the list with this title, in any case."""
        known = self.book.find_people(title) if self._listed is None else None
        if known is not None:
            return known
        seen = [each.dialog for each in await self.read_list()]
        return self.book.keep_people(
            title, [each for each in seen if each.title.casefold() == title.casefold()]
        )

    def recall(self, marked: int) -> Dialog | None:
        """Return a chat whose address is known already; who gets none asks the server."""
        return self._recall(ChatName(NameKind.ID, str(marked)))

    def take(self, entity: Any) -> Dialog:
        """Remember a chat that an answer brought, and return it. Raises NoAccess when it may not be read."""
        return self._remember(describe(entity, self._account))

    async def check(self, marked: int, raw: bytes) -> None:
        """Learn from the first answer that shows a chat what has become of it since it was remembered.

        Raises ChatNotFound, then and for every later answer, when the username that it was named by is another chat's.
        """
        if marked in self._renamed:
            raise self._renamed[marked]
        entity = _find_entity(raw, marked) if marked in self._unseen else None
        if entity is None:
            return
        name, shown = self._unseen.pop(marked), self.take(entity)
        if name.kind is NameKind.TITLE and shown.title.casefold() != name.value.casefold():
            self.book.forget_name(name)
        is_min = getattr(entity, "min", False)
        if (
            name.kind is NameKind.USERNAME
            and not is_min
            and name.value.casefold() not in list_usernames(entity)
        ):
            await self._find_owner(name, shown)

    async def _find_owner(self, name: ChatName, former: Dialog) -> None:
        """Ask whose username it is now. Raises ChatNotFound when it is somebody else's."""
        self.book.forget_name(name)
        try:
            owner = await self._resolve(name)
        except ChatNotFound:
            log.warning("@%s is nobody's name any more; %s is still exported.", name.value, former.title)
            return
        if owner.id != former.id:
            self._renamed[former.id] = ChatNotFound(
                f"@{name.value} was {former.title} ({former.id}), and is {owner.title} ({owner.id}) now.",
                hint=f"For {owner.title} run the command again; for {former.title} use its id.",
            )
            raise self._renamed[former.id]

    def forget(self, chat: Chat) -> None:
        """Drop an address that the server rejected."""
        self._listed = None
        self._unseen.pop(chat.id, None)
        self._hashes.pop(chat.id, None)
        self.book.forget(chat.id)
        if chat.username:
            self.book.forget_name(ChatName(NameKind.USERNAME, chat.username))

    def _recall(self, name: ChatName) -> Dialog | None:
        """Return a chat that is remembered; the first answer that shows it is going to be looked at."""
        if self._listed is not None and name.kind is NameKind.TITLE:
            return None  # the list, which is newer, says it without a request
        found = self.book.find(name)
        if found and (name.kind is not NameKind.ID or found.id not in self._unseen):
            self._unseen[found.id] = name
        return found

    def _look_up(self, name: ChatName) -> Dialog | None:
        """Return the chat when the list, if it was read already, has one of this username, phone number or id."""
        for each in self._listed or ():
            is_meant = {
                NameKind.PHONE: each.phone == name.value,
                NameKind.USERNAME: each.dialog.username.casefold() == name.value.casefold(),
                NameKind.ID: name.kind is NameKind.ID and each.dialog.id == int(name.value),
            }
            if is_meant.get(name.kind):
                return self._remember(each.dialog, name)
        return None

    def _remember(self, dialog: Dialog, name: ChatName | None = None) -> Dialog:
        """Keep a chat and what it was named by; of one that was shown in passing, what is known already."""
        if dialog.is_min:
            return self.book.read(dialog.id) or dialog
        self._hashes[dialog.id] = dialog.access_hash
        self.book.keep(dialog, name)
        return dialog

    async def _ask(self, request: Any, what: str) -> Any:
        """Send a request for one chat that is not remembered."""
        with self.book.asking():
            return await self._client.send(request, what)

    async def _resolve(self, name: ChatName) -> Dialog:
        request = functions.contacts.ResolveUsernameRequest(name.value)
        try:
            answer = await self._ask(request, f"@{name.value}")
        except faults.NO_SUCH_NAME:
            raise ChatNotFound(
                f"Nobody on Telegram is called @{name.value}.", hint="Check the spelling."
            ) from None
        return self._remember(self._describe_resolved(answer), name)

    async def _resolve_phone(self, name: ChatName) -> Dialog:
        """Ask whose number it is; people who hide from strangers are looked for among the contacts."""
        try:
            request = functions.contacts.ResolvePhoneRequest(name.value)
            answer = await self._ask(request, "a phone number")
            return self._remember(self._describe_resolved(answer), name)
        except faults.NO_SUCH_PHONE:
            answer = await self._ask(functions.contacts.GetContactsRequest(hash=0), "the contacts")
        for user in answer.users:
            if user.phone == name.value:
                return self._remember(describe(user, self._account), name)
        raise ChatNotFound(
            f"Telegram finds nobody for you by the phone number +{name.value}.",
            hint="Use the @username, title or id that `tobs chats` shows.",
        )

    async def _check_invite(self, name: ChatName) -> Dialog:
        """Return the chat that an invite link leads to, if the account is in it already."""
        request = functions.messages.CheckChatInviteRequest(name.value)
        try:
            answer = await self._ask(request, "an invite link")
        except faults.NO_SUCH_INVITE:
            raise ChatNotFound(
                "The invite link leads nowhere: it has expired, or was never one.", hint="Ask for a new one."
            ) from None
        if isinstance(answer, tl.ChatInviteAlready):
            return self._remember(describe(answer.chat, self._account), name)
        title = answer.title if isinstance(answer, tl.ChatInvite) else answer.chat.title
        raise NoAccess(
            f"This account is not in {title}, and tobs never joins a chat.",
            hint="Join it in Telegram, then run the command again.",
        )

    def _describe_resolved(self, answer: Any) -> Dialog:
        wanted = mark_peer(answer.peer)
        entity = next(each for each in (*answer.users, *answer.chats) if mark_entity(each) == wanted)
        return describe(entity, self._account)

    async def _search(self, name: ChatName) -> Dialog:
        """Look an id or title up in the list of chats."""
        seen = [each.dialog for each in await self.read_list()]
        if name.kind is NameKind.ID:
            matches = [each for each in seen if each.id == int(name.value)]
        else:
            matches = match_title(name.value, seen)
        if name.kind is NameKind.ID and not matches and is_group(int(name.value)):
            matches = await self._ask_group(int(name.value))
        if len(matches) == 1:
            return self._remember(matches[0], name)
        if matches:
            ids = ", ".join(str(each.id) for each in matches)
            raise ChatNotFound(
                f"{len(matches)} chats are called {name.value!r}.", hint=f"Use one of the ids: {ids}."
            )
        raise ChatNotFound(f"This account has no chat {name.value!r}.", hint=_nearest(name.value, seen))

    async def _ask_group(self, marked: int) -> list[Dialog]:
        """Return a basic group that is not in the list, such as one that became a supergroup."""
        request = functions.messages.GetChatsRequest([bare_id(marked)])
        try:
            answer = await self._ask(request, "a basic group")
            return [describe(each, self._account) for each in answer.chats if isinstance(each, tl.Chat)]
        except faults.BAD_PEER:
            return []

    async def _follow(self, group: Dialog) -> Dialog:
        """Return the supergroup that a group became, or the group itself when only that can be read."""
        if known := self._recall(ChatName(NameKind.ID, str(group.migrated_to))):
            return known
        moved = tl.InputChannel(bare_id(group.migrated_to), group.migrated_hash)
        try:
            answer = await self._ask(functions.channels.GetChannelsRequest([moved]), group.title)
            return self._remember(describe(answer.chats[0], self._account))
        except (NoAccess, *faults.BAD_PEER):
            return group


def _nearest(title: str, dialogs: list[Dialog]) -> str:
    if near := list_nearest(title, [each.title for each in dialogs]):
        return f"The nearest titles are: {', '.join(near)}."
    return "`tobs chats` lists all of them; a username needs an @ in front."


def _find_entity(raw: bytes, marked: int) -> Any | None:
    """Return what an answer says of a chat or a person, or None when it does not show them."""
    try:
        answer = PageReader(raw).tgread_object()
    except UNREADABLE:
        return None
    people = (*(getattr(answer, "users", None) or ()), *(getattr(answer, "chats", None) or ()))
    there = (each for each in people if isinstance(each, (tl.User, tl.Chat, tl.Channel)))
    return next((each for each in there if mark_entity(each) == marked), None)


def _name_of(chat: Chat) -> str:
    return f"@{chat.username}" if chat.username else str(chat.id)
