"""One number names any chat or person, and is taken apart again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telethon import types as tl
from telethon import utils

from tobs.core.ids import (
    CHANNEL_BASE,
    archive_account,
    bare_id,
    is_channel,
    is_group,
    is_user,
    mark_channel,
    mark_group,
    mark_user,
)

# Ranges of core.telegram.org/api/bots/ids; channels beyond them are monoforums.
USERS = st.integers(1, 0xFF_FFFF_FFFF)
GROUPS = st.integers(1, 999_999_999_999)
CHANNELS = st.integers(1, 2**42)


@given(USERS)
def test_a_user_is_a_user_and_nothing_else(number: int) -> None:
    marked = mark_user(number)
    assert (is_user(marked), is_group(marked), is_channel(marked)) == (True, False, False)
    assert bare_id(marked) == number
    assert marked == utils.get_peer_id(tl.PeerUser(number))


@given(GROUPS)
def test_a_basic_group_is_a_group_and_nothing_else(number: int) -> None:
    marked = mark_group(number)
    assert (is_user(marked), is_group(marked), is_channel(marked)) == (False, True, False)
    assert bare_id(marked) == number
    assert marked == utils.get_peer_id(tl.PeerChat(number))


@given(CHANNELS)
def test_a_channel_is_a_channel_and_nothing_else(number: int) -> None:
    marked = mark_channel(number)
    assert (is_user(marked), is_group(marked), is_channel(marked)) == (False, False, True)
    assert bare_id(marked) == number
    assert marked == utils.get_peer_id(tl.PeerChannel(number))


@given(USERS, GROUPS, CHANNELS)
def test_no_two_kinds_share_a_number(user: int, group: int, channel: int) -> None:
    assert len({mark_user(user), mark_group(group), mark_channel(channel)}) == 3


@given(CHANNELS, st.integers(1, 2**40), st.integers(1, 2**40))
def test_a_channel_is_kept_once_for_all_accounts(number: int, one: int, other: int) -> None:
    marked = mark_channel(number)
    assert archive_account(marked, one) == archive_account(marked, other) == 0


@given(st.one_of(USERS.map(mark_user), GROUPS.map(mark_group)), st.integers(1, 2**40))
def test_what_is_numbered_by_account_is_kept_by_account(marked: int, account: int) -> None:
    assert archive_account(marked, account) == account


@pytest.mark.parametrize("marked", [0, -CHANNEL_BASE])
def test_a_number_between_the_kinds_is_none_of_them(marked: int) -> None:
    assert [is_user(marked), is_group(marked), is_channel(marked)] == [False] * 3
