"""TL objects that are bytes already: templates and answers are put together without encoding anything twice."""

from collections.abc import Callable, Iterator
from typing import Any

from telethon.extensions import BinaryReader

from tobs.core.ids import mark_channel, mark_group, mark_user

# Fields that name a user, chat or channel by a bare number, and the sign that makes it a marked id.
_USERS = "user_id via_bot_id via_business_bot_id inviter_id bot_id new_creator_id users winners"
_MARKERS: dict[str, Callable[[int], int]] = {
    **dict.fromkeys(_USERS.split(), mark_user),
    "chat_id": mark_group,
    "channel_id": mark_channel,
    "channels": mark_channel,
}


class Encoded:
    """Stands for any TL object in a vector; Telethon's own encoder takes it as it is."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def _bytes(self) -> bytes:
        return self.data

    def __bytes__(self) -> bytes:
        return self.data


_NOTHING = Encoded(b"")


def encode_bytes(data: bytes, before: bytes = b"") -> bytes:
    """Return the TL encoding of a string of bytes: its length, itself, padding; `before` stands in front of it."""
    head = bytes([len(data)]) if len(data) < 254 else b"\xfe" + len(data).to_bytes(3, "little")
    return b"".join((before, head, data, bytes(-(len(head) + len(data)) % 4)))


def joined(data: bytes, count: int) -> list[Encoded]:
    """Return a vector of `count` objects whose encodings stand one after another in `data`."""
    return [Encoded(data), *[_NOTHING] * (count - 1)] if count else []


def decoded(data: bytes) -> Any:
    """Return the TL object that the bytes encode."""
    with BinaryReader(data) as reader:
        return reader.tgread_object()


def mentioned_peers(thing: Any) -> set[int]:
    """Return the marked ids of all peers that a TL object speaks of, however deep inside."""
    return set(_walk(thing))


def _walk(thing: Any) -> Iterator[int]:
    if isinstance(thing, list):
        for item in thing:
            yield from _walk(item)
        return
    for name, value in getattr(thing, "__dict__", {}).items():
        if value is None or name.startswith("_"):
            continue
        if name in _MARKERS:
            mark = _MARKERS[name]
            # Some names are used for peers as well as for numbers.
            numbers = [
                item for item in (value if isinstance(value, list) else [value]) if isinstance(item, int)
            ]
            yield from map(mark, numbers)
        yield from _walk(value)
