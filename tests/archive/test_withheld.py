"""The same message with its file and without: in whichever order they come, the file stays, and no version is made."""

from __future__ import annotations

import pytest

from archive.conftest import Query
from archive.rows import ALICE, commit, peer, row
from tobs.archive.store import SqliteArchive
from tobs.core.model import Chat, MessageRow, WantRow

PHOTO = '{"media":{"kind":"photo","file":{"id":9,"kind":"photo"}},"reply":{"to_id":4}}'
BARE = '{"reply":{"to_id":4}}'
WANT = WantRow(5, "photo", 9, "photo", 3, "image/jpeg", "")

WHOLE = row(5, "caption", kind="photo", content=PHOTO)
STRIPPED = row(5, "caption", content=BARE)


async def states(query: Query) -> tuple[list[tuple[object, ...]], int, int]:
    rows = query("SELECT kind, text, content FROM messages")
    [(versions,)], [(wants,)] = query("SELECT count(*) FROM versions"), query("SELECT count(*) FROM wants")
    return rows, versions, wants


@pytest.mark.parametrize("first_at", [1000.0, 3000.0])
async def test_a_file_that_was_withheld_is_completed_in_place(
    archive: SqliteArchive, team: Chat, query: Query, first_at: float
) -> None:
    await commit(archive, team, [STRIPPED], at=first_at)
    result = await commit(archive, team, [WHOLE], wants=[WANT], at=2000.0)
    assert (result.new, result.changed, result.counted, result.same) == (0, 0, 1, 0)
    assert await states(query) == ([("photo", "caption", PHOTO)], 0, 1)
    # The row's answer is the one that has the file: `verify` compares the two.
    assert query("SELECT received_at FROM responses JOIN messages ON response = responses.id") == [(2000.0,)]


@pytest.mark.parametrize("later", [STRIPPED, STRIPPED._replace(text="other caption", edit_date=9_000_000)])
async def test_a_file_that_is_known_is_not_lost_to_a_read_without_it(
    archive: SqliteArchive, team: Chat, query: Query, later: MessageRow
) -> None:
    await commit(archive, team, [WHOLE], wants=[WANT], at=1000.0)
    result = await commit(archive, team, [later], at=2000.0)
    assert (result.new, result.changed, result.same) == (0, 0, 1)
    assert await states(query) == ([("photo", "caption", PHOTO)], 0, 1)


async def test_an_edit_that_brings_a_file_is_still_an_edit(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [STRIPPED], at=1000.0)
    await commit(archive, team, [WHOLE._replace(edit_date=9_000_000)], wants=[WANT], at=2000.0)
    assert (await states(query))[1:] == (1, 1)


async def test_another_text_without_a_date_of_editing_is_an_edit_too(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    await commit(archive, team, [STRIPPED], at=1000.0)
    await commit(archive, team, [WHOLE._replace(text="other")], wants=[WANT], at=2000.0)
    assert (await states(query))[1:] == (1, 1)


async def test_a_file_that_may_be_saved_elsewhere_is_wanted_and_shown_so(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    state = "SELECT state, reason FROM files"
    protected = peer(team.id, "Team chat", is_protected=True)
    await commit(archive, team, [WHOLE], wants=[WANT], peers=[protected])
    assert query(state) == [("withheld", "withheld by Telegram")]
    other = await archive.add_chat(ALICE)
    (before,) = query("SELECT mark FROM stale")
    await commit(archive, other, [row(8, kind="photo", content=PHOTO)], wants=[WANT._replace(message_id=8)])
    assert query(state) == [("wanted", "")]
    (after,) = query("SELECT mark FROM stale WHERE chat_id = ?", team.id)
    assert after > before
    await commit(archive, team, [row(6, kind="photo", content=PHOTO)], wants=[WANT._replace(message_id=6)])
    assert query(state) == [("wanted", "")]


async def test_a_message_that_is_protected_by_itself_withholds_its_own_file_only(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    sealed = row(5, kind="photo", content='{"media":{"kind":"photo"},"is_protected":true}')
    wants = [WANT, WantRow(6, "photo", 10, "photo", 3, "image/jpeg", "")]
    await commit(archive, team, [sealed, row(6, '"is_protected":true', kind="photo")], wants=wants)
    assert query("SELECT id, state FROM files ORDER BY id") == [(9, "withheld"), (10, "wanted")]


async def test_a_file_that_one_message_of_a_page_protects_and_another_does_not_is_wanted(
    archive: SqliteArchive, team: Chat, query: Query
) -> None:
    sealed = row(5, kind="photo", content='{"media":{"kind":"photo"},"is_protected":true}')
    wants = [WANT, WANT._replace(message_id=6)]
    await commit(archive, team, [sealed, row(6, kind="photo", content=PHOTO)], wants=wants)
    assert query("SELECT id, state FROM files") == [(9, "wanted")]
