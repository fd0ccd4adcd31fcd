"""What the answers of a difference come to, among them those that no simulator gives."""

from __future__ import annotations

from typing import Any

import pytest
from telethon import errors
from telethon.tl import types

from tobs.core.ports.source import Difference, State
from tobs.errors import ServerError
from tobs.simulator.raw import Encoded
from tobs.telegram.differences import MOST_SLICES, read_slices, read_state

CHANNEL, ANNA = types.PeerChannel(5), types.PeerUser(7)


def message(number: int, peer: Any = CHANNEL) -> types.Message:
    return types.Message(number, peer, None, "hello")


def told(
    pts: int, *updates: Any, new: tuple[Any, ...] = (), final: bool | None = True
) -> types.updates.ChannelDifference:
    return types.updates.ChannelDifference(pts, [*new], [*updates], [], [], final=final)


def of_account(pts: int, *updates: Any, new: tuple[Any, ...] = (), is_slice: bool = False) -> Any:
    kind = types.updates.DifferenceSlice if is_slice else types.updates.Difference
    return kind([*new], [], [*updates], [], [], types.updates.State(pts, 3, None, 1, 0))


async def read(start: int, *answers: Any) -> tuple[Difference, list[int]]:
    """Return what the answers come to, and the states from which they were asked for."""
    left, asked = list(answers), []

    async def fetch(state: State) -> bytes:
        asked.append(state.pts)
        answer = left.pop(0) if left[1:] else left[0]
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)

    return await read_slices(fetch, State(start)), asked


async def test_new_edited_and_pinned_messages_may_have_changed_and_deleted_ones_are_gone() -> None:
    found, _ = await read(
        10,
        told(
            20,
            types.UpdateEditChannelMessage(message(2), 12, 1),
            types.UpdateDeleteChannelMessages(5, [3, 4], 14, 2),
            types.UpdatePinnedChannelMessages(5, [6], 15, 1),
            types.UpdateChannelMessageViews(5, 7, 100),
            new=(message(1), types.MessageEmpty(8, None)),
        ),
    )
    assert found == Difference(State(20), {1, 2, 6}, {3, 4})


async def test_an_account_never_takes_ids_of_channels_for_its_own() -> None:
    found, _ = await read(
        10,
        of_account(
            20,
            types.UpdateEditMessage(message(2, ANNA), 12, 1),
            types.UpdateDeleteMessages([3], 13, 1),
            types.UpdatePinnedMessages(ANNA, [4], 14, 1),
            types.UpdateNewChannelMessage(message(91), 15, 1),
            types.UpdateEditChannelMessage(message(92), 15, 1),
            types.UpdateDeleteChannelMessages(5, [93], 15, 1),
            new=(message(1, ANNA), message(94)),
        ),
    )
    assert found == Difference(State(20, 3), {1, 2, 4}, {3})


async def test_slices_are_followed_to_the_last() -> None:
    found, asked = await read(
        10, told(15, final=None), types.updates.ChannelDifferenceEmpty(18), told(19, new=(message(1),))
    )
    assert (found, asked) == (Difference(State(19), {1}), [10, 15, 18])
    found, asked = await read(10, of_account(15, is_slice=True), of_account(16))
    assert (found.state, asked) == (State(16, 3), [10, 15])


async def test_an_empty_difference_moves_the_state_on() -> None:
    found, _ = await read(10, types.updates.ChannelDifferenceEmpty(12, final=True, timeout=30))
    assert found == Difference(State(12))
    found, _ = await read(10, types.updates.DifferenceEmpty(None, 1))
    assert found == Difference(State(10))


@pytest.mark.parametrize(
    "answer",
    [
        types.updates.DifferenceTooLong(99),
        types.updates.ChannelDifferenceTooLong(
            types.Dialog(CHANNEL, 9, 9, 9, 0, 0, 0, 0, types.PeerNotifySettings(), pts=99), [], [], []
        ),
        errors.PersistentTimestampInvalidError(None),
        errors.PersistentTimestampEmptyError(None),
        told(9),
        told(10, final=None),
        of_account(9),
    ],
)
async def test_what_leads_nowhere_or_back_is_too_long(answer: Any) -> None:
    found, asked = await read(10, answer)
    assert (found.is_too_long, len(asked)) == (True, 1)


async def test_a_type_that_is_not_known_makes_the_rest_unreadable() -> None:
    strange = message(2)
    strange.media = Encoded(b"\x01\xea\xa7\x7e\x07\0\0\0")
    found, asked = await read(10, told(15, new=(message(1),), final=None), told(20, new=(strange,)))
    assert (found.is_unreadable, found.is_too_long, found.is_lost, asked) == (True, False, True, [10, 15])


async def test_a_difference_without_end_is_too_long() -> None:
    found, asked = await read(10, *(told(11 + each, final=None) for each in range(MOST_SLICES + 1)))
    assert (found.is_too_long, len(asked)) == (True, MOST_SLICES)


@pytest.mark.parametrize("answer", [b"", b"\x01\x02\x03\x04", bytes(message(1))])
async def test_what_is_no_difference_is_an_error_of_the_server(answer: bytes) -> None:
    with pytest.raises(ServerError, match="list of changes cannot be read"):
        await read(10, answer)
    with pytest.raises(ServerError, match="state of the account"):
        read_state(answer)
