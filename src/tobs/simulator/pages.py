"""The paging rules of core.telegram.org/api/offsets, and the answers that carry a page."""

from collections.abc import Iterable
from dataclasses import dataclass

from telethon.tl import types

from tobs.core.ids import is_channel
from tobs.simulator.bends import STRAIGHT, Bend
from tobs.simulator.logs import Log, rank_with
from tobs.simulator.model import Chat, Kind, World
from tobs.simulator.raw import Encoded, joined
from tobs.simulator.strange import make_strange

LARGEST_PAGE = 100
_MASK = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a history is asked for; 0 means that a bound is not given. Dates are UTC seconds."""

    offset_id: int = 0
    offset_date: int = 0
    add_offset: int = 0
    limit: int = LARGEST_PAGE
    max_id: int = 0
    min_id: int = 0


def cut(log: Log, window: Window) -> tuple[int, int]:
    """Return the ranks low…high-1 that a window selects.

    The slice begins at the newest message that is older than `offset_id`, or else than `offset_date`, moved by
    `add_offset` towards older messages; positions beyond an end of the chat stay empty. `max_id` and `min_id`, both
    exclusive, only take away from the slice.
    """
    total = len(log)
    high = total
    if window.offset_id > 0:
        # The date counts only without an id: Telethon sends both, those of its last message, with every further page,
        # and would otherwise lose the older messages of the same second, and everything when it reads upwards.
        high = log.rank_of(window.offset_id)
    elif window.offset_date > 0:
        high = log.rank_of_date(window.offset_date)
    high -= window.add_offset
    low = high - min(max(window.limit, 1), LARGEST_PAGE)
    high, low = min(max(high, 0), total), min(max(low, 0), total)
    if window.max_id > 0:
        high = min(high, log.rank_of(window.max_id))
    if window.min_id > 0:
        low = max(low, log.rank_of(window.min_id + 1))
    return min(low, high), high


def hash_ids(ids: Iterable[int]) -> int:
    """Return the hash of a list of ids as core.telegram.org/api/offsets#hash-generation defines it (unsigned)."""
    value = 0
    for item in ids:
        value ^= value >> 21
        value ^= value << 35 & _MASK
        value ^= value >> 4
        value = value + item & _MASK
    return value


def is_unchanged(log: Log, low: int, high: int, known: int) -> bool:
    """Say whether the client's hash is that of this page, so that `messagesNotModified` answers it."""
    if not known:
        return False
    return hash_ids(log.id_at(rank) for rank in range(high - 1, low - 1, -1)) == known & _MASK


def encode_page(
    world: World,
    user_id: int,
    chat: Chat,
    low: int,
    high: int,
    *,
    log: Log | None = None,
    bend: Bend = STRAIGHT,
) -> bytes:
    """Return the answer that carries these ranks, of the type that the service uses for such a chat.

    They are ranks of `log` if that is given: a part of the chat that has its own count.
    """
    log = chat.log if log is None else log
    messages = joined(log.page(low, high), high - low)
    count = len(log)
    if bend is not STRAIGHT:
        messages, count = _repeated(log, low, high, bend), int(count * bend.count_factor)
    in_group = is_channel(chat.marked)
    wanted = log.peers(low, high) | {chat.marked}
    users, chats = encode_peers(world, user_id, wanted, in_group=in_group, bend=bend)
    topics = _topics(chat, log.topics(low, high))
    if in_group:
        answer = types.messages.ChannelMessages(chat.pts, count, messages, topics, chats=chats, users=users)
    elif len(messages) == count:
        answer = types.messages.Messages(messages, topics, chats=chats, users=users)
    else:
        answer = types.messages.MessagesSlice(count, messages, topics, chats=chats, users=users)
    return bytes(answer)


def _repeated(log: Log, low: int, high: int, bend: Bend) -> list[Encoded]:
    """Return the messages of a page, its oldest twice in a row and its newest again at the end, as the bend says."""
    ranks = sorted([*range(low, high), *range(low, min(low + bend.doubles, high))], reverse=True)
    ranks += range(high - 1, max(high - 1 - bend.returns, low - 1), -1)
    return [Encoded(log.page(rank, rank + 1)) for rank in ranks]


def encode_by_id(
    world: World,
    user_id: int,
    chat: Chat,
    ids: list[int],
    *,
    log: Log | None = None,
    count: int | None = None,
    bend: Bend = STRAIGHT,
) -> bytes:
    """Return the messages with these ids in the order asked for, `messageEmpty` for the holes of a channel."""
    log = chat.log if log is None else log
    messages, peers, topics = [], set[int](), set[int]()
    for message_id in ids:
        rank = rank_with(log, message_id)
        if rank is None:
            messages.append(types.MessageEmpty(message_id, None))
        else:
            messages.append(Encoded(log.page(rank, rank + 1)))
            peers |= log.peers(rank, rank + 1)
            topics |= log.topics(rank, rank + 1)
    users, chats = encode_peers(world, user_id, peers | {chat.marked}, in_group=True, bend=bend)
    total = len(messages) if count is None else count
    answer = types.messages.ChannelMessages(
        chat.pts, total, messages, _topics(chat, topics), chats=chats, users=users
    )
    return bytes(answer)


def _topics(chat: Chat, wanted: set[int]) -> list[types.ForumTopic]:
    if chat.kind is not Kind.FORUM:
        return []
    return [chat.topics[topic] for topic in sorted(wanted) if topic in chat.topics]


def encode_peers(
    world: World, user_id: int, wanted: set[int], *, in_group: bool = False, bend: Bend = STRAIGHT
) -> tuple[list[Encoded], list[Encoded]]:
    """Return the users and the chats among these marked ids, encoded as the account sees them."""
    users: list[Encoded] = []
    chats: list[Encoded] = []
    for marked in sorted(wanted & world.peers.keys()):
        is_min = in_group and world.is_distant(marked, user_id)
        data = world.view(marked, user_id, is_min=is_min)
        shown = Encoded(make_strange(data) if marked in bend.strange_peers else data)
        (users if marked > 0 else chats).append(shown)
    return users, chats
