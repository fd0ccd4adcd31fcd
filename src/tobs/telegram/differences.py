"""What was touched since a state: Telegram's difference, read as ids of messages to look at again.

A difference speaks of chats that nobody asked for and does not prove what a list of messages proves, so nothing
of it is stored (https://core.telegram.org/api/updates#recovering-gaps).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from telethon import functions, utils
from telethon.errors import TypeNotFoundError
from telethon.tl import types as tl

from tobs.core.ports.source import Difference, State
from tobs.errors import ServerError
from tobs.telegram import faults
from tobs.telegram.answers import read_answer
from tobs.telegram.decode import UNREADABLE
from tobs.telegram.reader import PageReader

LIMIT = 100
"""How many updates of a channel one answer brings; a user may ask for 10 to 100."""

MOST_SLICES = 100
"""How many answers make up one difference at most.

A difference tells new messages too, 100 in an answer, and the pages of the chat bring them once more: after so many
it costs a run that fetches 10,000 messages as much again, and a sweep costs less.
"""

_TOO_LONG = (tl.updates.DifferenceTooLong, tl.updates.ChannelDifferenceTooLong)
_ANSWERS = (
    *_TOO_LONG,
    tl.updates.DifferenceEmpty,
    tl.updates.Difference,
    tl.updates.DifferenceSlice,
    tl.updates.ChannelDifferenceEmpty,
    tl.updates.ChannelDifference,
)
_OF_ACCOUNT = (
    (tl.UpdateNewMessage, tl.UpdateEditMessage),
    tl.UpdatePinnedMessages,
    tl.UpdateDeleteMessages,
)
_OF_CHANNEL = (
    (tl.UpdateNewChannelMessage, tl.UpdateEditChannelMessage),
    tl.UpdatePinnedChannelMessages,
    tl.UpdateDeleteChannelMessages,
)
# An account's difference may speak of channels, whose ids are others: they must not be taken for its own.

Fetch = Callable[[State], Awaitable[bytes]]
"""Asks for one answer from a state on."""


def ask_channel(address: Any, *, pts: int) -> Any:
    """Return the request for the next changes of a channel."""
    return functions.updates.GetChannelDifferenceRequest(
        channel=utils.get_input_channel(address),
        filter=tl.ChannelMessagesFilterEmpty(),
        pts=pts,
        limit=LIMIT,
    )


def ask_account(state: State) -> Any:
    """Return the request for the next changes in an account's private chats and basic groups."""
    return functions.updates.GetDifferenceRequest(pts=state.pts, date=state.date, qts=state.qts)


def read_state(raw: bytes) -> State:
    """Return what an answer of updates.getState says. Raises ServerError."""
    return _take_state(read_answer(raw, tl.updates.State, "state of the account"))


async def read_slices(fetch: Fetch, state: State) -> Difference:
    """Return all that was touched since a state, from as many answers as it takes.

    `timeout`, how long a client that stays connected should wait before it asks again, means nothing here. Raises
    ServerError for what is no difference, and what `fetch` raises. A type that is not known hides all that stands
    behind it, and comes again from the same state: to try that again would be to try it for ever.
    """
    found = Difference(state)
    for _ in range(MOST_SLICES):
        try:
            answer = _read(await fetch(found.state), _ANSWERS)
        except faults.LOST_STATE:
            break
        except TypeNotFoundError:
            found.is_unreadable = True
            return found
        following = None if isinstance(answer, _TOO_LONG) else _follow(answer, found.state)
        if following is None:
            break
        found.state = following
        _note_touched(answer, found)
        if _is_last(answer):
            return found
    found.is_too_long = True
    return found


def _read(raw: bytes, expected: tuple[Any, ...]) -> Any:
    try:
        answer = PageReader(raw).tgread_object()
    except UNREADABLE as error:
        own = int.from_bytes(raw[:4], "little")
        if isinstance(error, TypeNotFoundError) and error.invalid_constructor_id != own:
            raise  # a difference, with something in it of an unknown type
        raise ServerError(f"Telegram's list of changes cannot be read: {error!r}.") from error
    if not isinstance(answer, expected):
        raise ServerError(f"Telegram's list of changes cannot be read: it is a {type(answer).__name__}.")
    return answer


def _follow(answer: Any, state: State) -> State | None:
    """Return the state that an answer leads up to; None when it leads back, or nowhere without being the last."""
    if isinstance(answer, tl.updates.DifferenceEmpty):
        return State(state.pts, state.qts, answer.date)
    if isinstance(answer, tl.updates.Difference):
        following = _take_state(answer.state)
    elif isinstance(answer, tl.updates.DifferenceSlice):
        following = _take_state(answer.intermediate_state)
    else:
        following = State(answer.pts)
    is_stuck = (following.pts, following.qts) == (state.pts, state.qts) and not _is_last(answer)
    return None if is_stuck or following.pts < state.pts else following


def _take_state(state: Any) -> State:
    return State(state.pts, state.qts, state.date)


def _is_last(answer: Any) -> bool:
    if isinstance(answer, (tl.updates.ChannelDifference, tl.updates.ChannelDifferenceEmpty)):
        return bool(answer.final)
    return not isinstance(answer, tl.updates.DifferenceSlice)


def _note_touched(answer: Any, found: Difference) -> None:
    """Take in the ids; a new message may be stored by now and have been edited since."""
    is_channel = isinstance(answer, tl.updates.ChannelDifference)
    whole, listed, deleted = _OF_CHANNEL if is_channel else _OF_ACCOUNT
    for message in getattr(answer, "new_messages", ()):
        if isinstance(getattr(message, "peer_id", None), tl.PeerChannel) == is_channel:
            found.changed.add(message.id)
    for update in getattr(answer, "other_updates", ()):
        if isinstance(update, whole):
            found.changed.add(update.message.id)
        elif isinstance(update, listed):
            found.changed.update(update.messages)
        elif isinstance(update, deleted):
            found.gone.update(update.messages)
