"""A state is kept only where it is true: of what it promises, every message stored is as new."""

from __future__ import annotations

from archive.conftest import Query
from archive.rows import ALICE, DAY, commit, row
from archive.test_deletions import look_up
from tobs.archive.store import SqliteArchive
from tobs.core.model import Chat
from tobs.core.ports.chains import Chain
from tobs.core.ports.source import Difference, State
from tobs.core.ranges import Range
from tobs.core.report import KnownFrom

WHOLE = KnownFrom(1)


async def test_a_channel_begins_with_its_state_while_nothing_is_stored(
    archive: SqliteArchive, team: Chat
) -> None:
    chains = archive.chains
    assert not await chains.begin(team, None)
    assert await chains.begin(team, 40)
    assert await chains.read(team) == Chain(40, WHOLE)
    assert not await chains.begin(team, 50)
    await chains.advance(team, 60)
    assert await chains.read(team) == Chain(60, WHOLE)


async def test_what_was_stored_before_any_state_begins_no_chain(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(1), row(2)])
    assert not await archive.chains.begin(team, 40)
    assert await archive.chains.read(team) is None


async def test_a_private_chat_needs_the_state_of_its_account(archive: SqliteArchive) -> None:
    chains = archive.chains
    alice = await archive.add_chat(ALICE)
    assert not await chains.begin(alice, None)
    await chains.renew(alice, None, WHOLE)
    assert await chains.read(alice) is None
    await chains.keep_state(ALICE.account, State(5, 6, 7))
    assert await chains.begin(alice, None)
    assert await chains.read(alice) == Chain(0, WHOLE)
    assert await chains.state(ALICE.account) == State(5, 6, 7)
    assert await chains.state(ALICE.account + 1) is None


async def test_a_sweep_renews_a_chain_only_as_far_down_as_the_chain_goes(
    archive: SqliteArchive, team: Chat
) -> None:
    chains = archive.chains
    await commit(archive, team, [row(each) for each in range(1, 31)])
    for pts, low, expected in (
        (40, 20, Chain(40, KnownFrom(20, 2 * DAY))),
        (50, 25, Chain(40, KnownFrom(20, 2 * DAY))),
        (60, 10, Chain(60, KnownFrom(10, DAY))),
        (70, 1, Chain(70, WHOLE)),
    ):
        await chains.renew(team, pts, KnownFrom(low))
        assert await chains.read(team) == expected
    await chains.tear(team)
    assert await chains.read(team) is None


async def test_an_account_that_lost_its_place_breaks_the_chains_of_its_own_chats_alone(
    archive: SqliteArchive, team: Chat
) -> None:
    chains = archive.chains
    alice = await archive.add_chat(ALICE)
    bob = await archive.add_chat(Chat(ALICE.account + 1, 43, "private", "Bob"))
    for account in (ALICE.account, bob.account):
        await chains.keep_state(account, State(5))
    for chat in (alice, bob, team):
        await chains.begin(chat, 40)
    await chains.keep_state(ALICE.account, State(90), is_torn=True)
    assert [await chains.read(each) for each in (alice, bob, team)] == [
        None,
        Chain(0, WHOLE),
        Chain(40, WHOLE),
    ]
    assert await chains.chats_of(ALICE.account) == [alice]


async def test_only_stored_messages_are_looked_up_and_those_known_to_be_gone_only_when_they_changed(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [row(each) for each in range(1, 7)], covers=Range(1, 6))
    await look_up(archive, team, 2, 3)
    assert query("SELECT id FROM deletions ORDER BY id") == [(2,), (3,)]
    touched = Difference(State(9), changed={1, 2, 99}, gone={3, 4, 98})
    assert await archive.chains.find_touched(team, touched) == [4, 2, 1]
