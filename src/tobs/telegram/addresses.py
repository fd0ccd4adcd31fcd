"""What an account remembers of chats and people: addresses by id, what names mean, and which are shown.

Two caches hold it. A chat is known when both have it; a lookup counts once in the cache of addresses, found or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from tobs.core.chatname import ChatName, NameKind
from tobs.core.ports.services import KeyValue
from tobs.telegram.dialogs import Dialog

_ADDRESS = ("access_hash", "kind", "migrated_to", "migrated_hash")
_SHOWN = ("title", "username")
"""Which fields of a dialog stand in which cache."""

_NOBODY = 0


class AddressBook:
    """The chats and people that one account has met."""

    def __init__(self, peers: KeyValue, names: KeyValue) -> None:
        self._peers = peers
        self._names = names

    def find(self, name: ChatName) -> Dialog | None:
        """Return what goes by a name, however long ago that was learned."""
        is_id = name.kind is NameKind.ID
        # Nobody has the number 0: a name that is not known is an address that is not known.
        marked = int(name.value) if is_id else self._names.get(_name_key(name), even_expired=True) or _NOBODY
        known = self._names.get(_shown_key(marked), even_expired=True) if marked else None
        self._peers.get(_id_key(marked if known else _NOBODY), even_expired=True)
        return self.read(marked)

    def read(self, marked: int) -> Dialog | None:
        """Return what is known of a chat; this is no lookup."""
        address, shown = self._peers.peek(_id_key(marked)), self._names.peek(_shown_key(marked))
        return Dialog(id=marked, **address, **shown) if address and shown else None

    def keep(self, dialog: Dialog, name: ChatName | None = None) -> None:
        """Remember a chat, and what it was named by."""
        self._peers.put(_id_key(dialog.id), {each: getattr(dialog, each) for each in _ADDRESS})
        self._names.put(_shown_key(dialog.id), {each: getattr(dialog, each) for each in _SHOWN})
        if name and name.kind is not NameKind.ID:
            self._names.put(_name_key(name), dialog.id)

    def forget(self, marked: int) -> None:
        """Forget the address of a chat."""
        self._peers.forget(_id_key(marked))

    def forget_name(self, name: ChatName) -> None:
        """Forget what a name means."""
        self._names.forget(_name_key(name))

    def find_people(self, name: str, place: int = 0) -> list[Dialog] | None:
        """Return who went by a name lately, in the list of chats or among the members of a group; None when that is not known.

        It may be nobody. What has expired does not count, since more people may have the name by now.
        """
        marks = self._names.get(_people_key(name, place))
        found = [self.read(each) for each in marks or ()]
        there = [each for each in found if each]
        return there if marks is not None and len(there) == len(marks) else None

    def keep_people(self, name: str, people: list[Dialog], place: int = 0) -> list[Dialog]:
        """Remember and return who goes by a name."""
        self._names.put(_people_key(name, place), [each.id for each in people])
        return people

    def forget_people(self, name: str, places: Iterable[int]) -> None:
        """Forget who went by a name, in the list of chats and in these groups."""
        for place in (0, *places):
            self._names.forget(_people_key(name, place))

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Count the request in the block, which is sent for what is not here."""
        self._peers.note_call()
        try:
            yield
        except Exception:
            self._peers.note_failure()
            raise


def _id_key(marked: int) -> str:
    return f"id:{marked}"


def _shown_key(marked: int) -> str:
    return f"shown:{marked}"


def _people_key(name: str, place: int) -> str:
    return f"people:{place}:{name.casefold()}"


def _name_key(name: ChatName) -> str:
    # Titles as typed: another case may be another chat. A username may be some other chat's title.
    prefixes = {NameKind.TITLE: "title", NameKind.PHONE: "phone", NameKind.INVITE: "invite"}
    if name.kind in prefixes:
        return f"{prefixes[name.kind]}:{name.value}"
    return f"name:{name.value.casefold()}"
