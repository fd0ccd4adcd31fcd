"""What exists in the world that the embedded server shows: accounts, peers, chats."""

import hashlib
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from telethon.tl import types

from tobs.core.ids import bare_id, is_channel, mark_channel
from tobs.simulator.contents import Contents
from tobs.simulator.living import Living
from tobs.simulator.logs import Log, WrittenLog, message_at, rank_with
from tobs.simulator.marks import marked_of


class Kind(StrEnum):
    """What a chat is."""

    PRIVATE = "private"
    BOT = "bot"
    SELF = "self"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    FORUM = "forum"
    CHANNEL = "channel"


@dataclass(slots=True)
class Account:
    """One account that can log in. `code` is the login code it gets, `password` its second factor, `frozen_until` when it will be deleted."""

    user_id: int
    phone: str
    code: str
    password: str | None
    user: types.User
    frozen_until: int = 0


@dataclass(slots=True)
class Chat:
    """One chat: its TL entity (as the first account sees it), its messages and its place in the dialog list.

    `readers` are the accounts that may read it (None: everybody); `owner` is 0 for channels, else the account whose
    id sequence it shares. `listed` says whether it stands in the dialog list, `protected` whether its content may not
    be saved although its entity does not say so, `pinned_lists` which lists of saved messages are pinned,
    `hidden_to` says up to which id an account sees nothing, `unread` and `mentions` how much of it nobody has looked at, `muted_until` (UTC seconds) until when it makes no sound;
    None means as the account has set it for all chats of its kind.
    """

    kind: Kind
    entity: Any
    log: Log
    owner: int = 0
    readers: frozenset[int] | None = None
    listed: bool = True
    pinned: bool = False
    archived: bool = False
    protected: bool = False
    pts: int = 1
    topics: dict[int, types.ForumTopic] = field(default_factory=dict)
    pinned_lists: frozenset[int] = frozenset()
    unread: int = 0
    mentions: int = 0
    muted_until: int | None = None
    hidden_to: dict[int, int] = field(default_factory=dict)
    full: dict[str, Any] = field(default_factory=dict)

    @property
    def marked(self) -> int:
        """The marked id."""
        return marked_of(self.entity)

    @property
    def title(self) -> str:
        """The title, or a person's full name; empty for a deleted account."""
        if isinstance(self.entity, types.User):
            return " ".join(filter(None, (self.entity.first_name, self.entity.last_name)))
        return str(self.entity.title)

    @property
    def username(self) -> str | None:
        """The public name without @, if there is one."""
        name = getattr(self.entity, "username", None)
        return str(name) if name else None

    @property
    def top(self) -> int:
        """The highest message id, 0 in an empty chat."""
        return self.log.id_at(len(self.log) - 1) if len(self.log) else 0

    @property
    def top_date(self) -> int:
        """The date of the newest message in UTC seconds, 0 in an empty chat."""
        return self.log.date_at(len(self.log) - 1) if len(self.log) else 0

    @property
    def count(self) -> int:
        """How many messages exist, service messages included."""
        return len(self.log)

    def is_open_to(self, user_id: int | None) -> bool:
        """Say whether this account may read the chat."""
        return self.readers is None or user_id in self.readers


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of chats by their marked ids; `flags` are those of `DialogFilter`. A shared one is a chat list."""

    id: int
    title: str
    included: tuple[int, ...] = ()
    pinned: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    flags: dict[str, bool] = field(default_factory=dict)
    is_shared: bool = False


class World(Living):
    """Everything the server knows. The same seed always gives the same world, byte for byte, until it is changed."""

    def __init__(
        self,
        seed: int,
        now: int,
        accounts: Iterable[Account],
        peers: Iterable[Any],
        chats: Iterable[Chat],
    ) -> None:
        """Take the peers (users, groups, channels, as the first account sees them) and the chats among them."""
        super().__init__()
        self.seed = seed
        self.now = now
        self.contents = Contents(seed)
        self.accounts: dict[str, Account] = {account.phone: account for account in accounts}
        self.owner = next(iter(self.accounts.values())).user_id
        self.chats: list[Chat] = list(chats)
        self.folders: list[Folder] = []
        self.invites: dict[str, int] = {}
        self.muted_kinds: set[str] = set()
        self.peers: dict[int, Any] = {marked_of(peer): peer for peer in peers}
        self._index = {(chat.owner, chat.marked): chat for chat in self.chats}
        for chat in self.chats:
            self.peers.setdefault(chat.marked, chat.entity)
        for marked, entity in self.peers.items():
            if hasattr(entity, "access_hash"):
                entity.access_hash = self.access_hash(marked, self.owner)
        self._views: dict[tuple[int, int, bool], bytes] = {}
        for account in self.accounts.values():
            account.user = self.seen(account.user_id, account.user_id)

    def account_of(self, user_id: int) -> Account:
        """The account of a user who can log in."""
        return next(each for each in self.accounts.values() if each.user_id == user_id)

    def chat(self, marked: int, user_id: int | None = None) -> Chat | None:
        """Return a chat as an account has it (the first one, if none is named), or None."""
        viewer = self.owner if user_id is None else user_id
        return self._index.get((0 if is_channel(marked) else viewer, marked))

    def add_chat(self, chat: Chat) -> None:
        """Let a chat begin; what everybody saw of the others may have changed with it."""
        self.chats.append(chat)
        self.peers[chat.marked] = chat.entity
        self._index[chat.owner, chat.marked] = chat
        self._views.clear()

    def chats_of(self, user_id: int) -> list[Chat]:
        """Return the chats that an account may read."""
        return [chat for chat in self.chats if chat.owner in {0, user_id} and chat.is_open_to(user_id)]

    def message(self, marked: int, message_id: int) -> Any:
        """Return a message as the first account has it (`Message` or `MessageService`), or None for a hole."""
        chat = self._known(marked)
        rank = rank_with(chat.log, message_id)
        return None if rank is None else message_at(chat.log, rank)

    def ids(self, marked: int) -> Iterator[int]:
        """Yield the ids of all messages of a chat, ascending."""
        log = self._known(marked).log
        return (log.id_at(rank) for rank in range(len(log)))

    def count(self, marked: int) -> int:
        """Return how many messages a chat has."""
        return self._known(marked).count

    def _known(self, marked: int) -> Chat:
        chat = self.chat(marked)
        if chat is None:
            raise KeyError(f"This world has no chat {marked}.")
        return chat

    def saved(self, user_id: int) -> Chat:
        """Return the saved messages of an account, empty ones if it has none."""
        return self.chat(user_id, user_id) or self.stranger(user_id, user_id)

    def stranger(self, marked: int, user_id: int) -> Chat:
        """Return the empty chat with a known user to whom nobody has written yet."""
        return Chat(Kind.PRIVATE, self.peers[marked], WrittenLog([]), owner=user_id, listed=False)

    def access_hash(self, marked: int, user_id: int) -> int:
        """Return the access hash of a peer, which is another one for each account."""
        text = f"{self.seed}/{user_id}/{marked}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little", signed=True)

    def view(self, marked: int, user_id: int, *, is_min: bool = False) -> bytes:
        """Return the encoded peer as an account sees it, optionally as the `min` object of somebody met in a group."""
        key = (marked, user_id, is_min)
        if key not in self._views:
            self._views[key] = bytes(self.seen(marked, user_id, is_min=is_min))
        return self._views[key]

    def seen(self, marked: int, user_id: int, *, is_min: bool = False) -> Any:
        """Return the same as `view` as an object."""
        peer = copy(self.peers[marked])
        if hasattr(peer, "access_hash"):
            peer.access_hash = self.access_hash(marked, user_id)
        if not isinstance(peer, types.User):
            if getattr(peer, "migrated_to", None) is not None:
                channel = mark_channel(peer.migrated_to.channel_id)
                peer.migrated_to = types.InputChannel(bare_id(channel), self.access_hash(channel, user_id))
            chat = self.chat(marked, user_id)
            hidden = chat is not None and not chat.is_open_to(user_id)
            return _forbidden(peer) if hidden else peer
        peer.is_self = marked == user_id or None
        if user_id != self.owner:
            # Address books are the first account's.
            peer.contact = peer.mutual_contact = None
        if marked != user_id and not peer.contact:
            peer.phone = None
        if is_min:
            # A min user keeps its name, loses what is private, and its hash opens nothing.
            peer.min, peer.phone, peer.status = True, None, None
            peer.access_hash = self.access_hash(marked, 0)
        return peer

    def is_distant(self, marked: int, user_id: int) -> bool:
        """Say whether an account knows this user from groups only, so that it gets `min` objects there."""
        peer = self.peers[marked]
        if not isinstance(peer, types.User) or peer.bot or peer.contact or marked == user_id:
            return False
        return marked % 3 == 0 and self.chat(marked, user_id) is None


def _forbidden(channel: Any) -> types.ChannelForbidden | types.ChatForbidden:
    if isinstance(channel, types.Chat):
        return types.ChatForbidden(channel.id, channel.title)
    return types.ChannelForbidden(
        channel.id,
        channel.access_hash,
        channel.title,
        broadcast=channel.broadcast,
        megagroup=channel.megagroup,
    )


def shares_sequence(chat: Chat) -> bool:
    """Say whether the ids of this chat come from its account's one sequence (private chats and basic groups)."""
    return not is_channel(chat.marked)
