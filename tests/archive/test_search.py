"""The index of words finds what stands in the archive, no more and no less: after edits, kills and in any script."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.rows import ALICE, DAY, LIBRARY, TEAM, commit, row
from attacks import ATTACKS, hostile_texts
from tobs.archive.connect import archive_path
from tobs.archive.search import ArchiveSearch
from tobs.archive.store import SqliteArchive, open_archive
from tobs.core.model import Chat
from tobs.core.searching import Scope, find_spans, fold_case, make_term, parse_query
from tobs.errors import Damaged, UsageError

TEXTS = {
    1: "The harbour master said hello to the Café",
    2: "我爱北京天安门",
    3: "हिन्दी में लिखा",
    4: "hello, hello 😀😀😀 again",
    5: "שלום עולם",
    6: "東京タワーへ行く",
    7: "Ärger mit don't e-mail user@example.org",
    8: "สวัสดีครับ",
}
Find = Callable[..., list[int]]


def search(path: Path, *typed: str, **scope: object) -> list[int]:
    """Return the ids of what is found."""
    query = parse_query(typed)
    with closing(ArchiveSearch(path)) as opened, closing(ArchiveSearch(path, common=0)) as walking:
        found = opened.find(query, Scope(limit=100, **scope))  # type: ignore[arg-type]
        assert found.total == len(found.keys)
        for limit in (1, max(1, len(found.keys)), 100):
            # Terms that are common are looked for in another way, with the same result.
            walked = walking.find(query, Scope(limit=limit, **scope))  # type: ignore[arg-type]
            assert walked.keys == found.keys[:limit]
            assert walked.total in {found.total, None}
        return [each.id for each in found.keys]


@pytest.fixture(params=["waiting", "indexed"])
async def find(request: pytest.FixtureRequest, archive: SqliteArchive, team: Chat) -> Find:
    """Searches texts in every script, as they were just stored and out of the index."""
    await commit(archive, team, [row(number, text) for number, text in TEXTS.items()])
    if request.param == "indexed":
        await archive.rebuild_index()
    return lambda *typed, **scope: search(archive.path, *typed, **scope)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (["HARBOUR"], [1]),
        (["hello"], [4, 1]),
        (["cafe"], [1]),
        (["arger", "DON'T"], [7]),
        (["hello", "master"], [1]),
        (["master hello"], []),
        (["master said"], [1]),
        (["hell"], []),
        (["hell*"], [4, 1]),
        (["*arbou*"], [1]),
        (["*ar*"], [1]),
        (["hello", "NOT", "master"], [4]),
        (["hello -😀"], [1]),
        (["cafe", "OR", "北京"], [2, 1]),
        (["北京", "OR", "東京"], [6, 2]),
        (["hello", "OR", "東京", "again"], [4]),
        (["北"], [2]),
        (["北京天"], [2]),
        (["タワー"], [6]),
        (["ดี"], [8]),
        (["สวัสดี"], [8]),
        (["हिन्दी"], [3]),
        (["हिन*"], [3]),
        (["עולם"], [5]),
        (["😀"], [4]),
        (["😀😀😀"], [4]),
        (["user@example.org"], [7]),
        (["nothing"], []),
    ],
)
async def test_every_script_is_found(find: Find, typed: list[str], found: list[int]) -> None:
    assert find(*typed) == found


async def test_it_is_limited_by_chat_person_date_and_kind(archive: SqliteArchive, team: Chat) -> None:
    alice = await archive.add_chat(ALICE)
    await commit(archive, team, [row(1), row(20, sender_id=7), row(30, kind="photo", sender_id=None)])
    link = '{"entities":[{"kind":"url","offset":0,"length":5}]}'
    await commit(archive, alice, [row(2, content=link, counters='{"is_pinned":true}')])
    path = archive.path
    assert search(path, "hello") == [30, 20, 2, 1]
    assert search(path, "hello", order="oldest") == [1, 2, 20, 30]
    assert search(path, "hello", chats=(alice.key,)) == [2]
    assert search(path, "hello", senders=(7,)) == [20]
    assert search(path, "hello", senders=(7, team.id)) == [30, 20]
    assert search(path, "hello", start=DAY, end=2 * DAY + 1) == [20]
    assert search(path, "hello", kinds=("photo",)) == [30]
    assert search(path, "hello", kinds=("link",)) == search(path, "hello", kinds=("pinned",)) == [2]
    assert search(path, "hello", kinds=("text", "photo", "gif")) == [30, 20, 2, 1]


async def test_the_best_come_first_and_the_limit_counts_the_rest(archive: SqliteArchive, team: Chat) -> None:
    filler = "many other words that make it long "
    await commit(archive, team, [row(1, "bench bench bench"), row(2, f"{filler} bench"), row(3, filler)])
    with closing(ArchiveSearch(archive.path)) as opened:
        best = opened.find(parse_query(["bench"]), Scope(order="best"))
        assert [each.id for each in best.keys] == [1, 2]
        one = opened.find(parse_query(["bench"]), Scope(limit=1))
        assert ([each.id for each in one.keys], one.total) == ([2], 2)
        assert opened.find(parse_query(["nobody"]), Scope()).searched == 3


async def test_what_was_deleted_is_left_out_where_notes_hide_it(archive: SqliteArchive, team: Chat) -> None:
    await commit(archive, team, [row(1), row(2)])
    with closing(sqlite3.connect(archive.path)) as connection, connection:
        connection.execute("INSERT INTO deletions VALUES (?, ?, 1, 5.0, 1)", team.key)
    assert search(archive.path, "hello") == [2, 1]
    assert search(archive.path, "hello", hides_deleted=True) == [2]


def check_index(path: Path) -> None:
    """Ask SQLite whether the index is of exactly these texts."""
    with closing(sqlite3.connect(path)) as connection:
        up_to, top = connection.execute(
            "SELECT up_to, (SELECT max(number) FROM messages) FROM indexed"
        ).fetchone()
        assert up_to == top
        for table in ("message_words", "message_parts"):
            connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")


words = st.sampled_from(
    ["café", "CAFE", "bench", "benches", "北京", "京都", "北", "😀", "ship\u00e9s", "don't", "x"]
)
texts = st.lists(words, max_size=4).map(" ".join)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("page"), st.dictionaries(st.integers(1, 12), texts, min_size=1, max_size=6)),
        st.tuples(st.sampled_from(["close", "kill"]), st.just({})),
    ),
    max_size=8,
)


@settings(max_examples=12)
@given(steps, st.lists(words, min_size=1, max_size=2), st.integers(1, 9))
def test_it_finds_what_reading_everything_finds(
    story: list[tuple[str, dict[int, str]]], typed: list[str], batch: int
) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(play(story, typed, batch, Path(folder)))


async def play(story: list[tuple[str, dict[int, str]]], typed: list[str], batch: int, folder: Path) -> None:
    """Store, edit, close and kill; look after each step, with the index anywhere between."""
    output, texts = folder / "0", dict[int, str]()
    archive = await open_archive(output, library=LIBRARY, index_batch=batch)
    for number, (step, page) in enumerate(story, 1):
        if step == "page":
            chat = await archive.add_chat(TEAM)
            await commit(archive, chat, [row(*each, edit_date=number) for each in page.items()], at=number)
            texts |= page
        else:
            before, output = output, folder / str(number)
            if step == "kill":  # what lies on the disk at this moment is all that is left
                shutil.copytree(before, output)
            await archive.close()
            if step == "close":
                if texts:
                    check_index(archive_path(before))
                shutil.copytree(before, output)
            archive = await open_archive(output, library=LIBRARY, index_batch=batch)
        assert sorted(search(archive.path, *typed)) == read_all(texts, typed)
    await archive.close()
    if texts:
        check_index(archive.path)
        assert sorted(search(archive.path, *typed)) == read_all(texts, typed)


def read_all(texts: dict[int, str], typed: list[str]) -> list[int]:
    """Return which messages hold all words, by looking into each."""
    terms = parse_query(typed).wanted
    return sorted(number for number, text in texts.items() if all(find_spans(text, [each]) for each in terms))


@pytest.fixture(scope="module")
def attacked() -> Iterator[Path]:
    """An archive of attacks, a message each."""

    async def fill(output: Path) -> Path:
        archive = await open_archive(output, library=LIBRARY)
        team = await archive.add_chat(TEAM)
        await commit(archive, team, [row(number, text) for number, text in enumerate(ATTACKS, 1)])
        await archive.close()
        return archive.path

    with TemporaryDirectory() as folder:
        yield asyncio.run(fill(Path(folder)))


@pytest.mark.parametrize("number", range(1, len(ATTACKS) + 1))
def test_an_attack_is_found_by_its_own_words(attacked: Path, number: int) -> None:
    term = make_term(ATTACKS[number - 1])
    if term is None or "\x00" in ATTACKS[number - 1]:
        return
    quoted = '"' + term.text.replace('"', " ") + '"'
    assert number in search(attacked, quoted) or '"' in term.text


@settings(max_examples=30)
@given(st.lists(st.one_of(hostile_texts, st.text(max_size=40)), min_size=1, max_size=3))
def test_anything_typed_has_an_answer_or_a_sentence(attacked: Path, typed: list[str]) -> None:
    try:
        query = parse_query(typed)
    except UsageError:
        return
    with closing(ArchiveSearch(attacked)) as opened:
        found = opened.find(query, Scope(limit=500))
    parts = [group[0] for group in query.groups if len(group) == 1 and group[0].kind == "part"]
    for key in found.keys:
        assert all(fold_case(each.text) in fold_case(ATTACKS[key.id - 1]) for each in parts)


async def test_a_spoilt_index_is_said_and_can_be_made_anew(tmp_path: Path) -> None:
    archive = await open_archive(tmp_path, library=LIBRARY)
    team = await archive.add_chat(TEAM)
    await commit(archive, team, [row(1, "hello")])
    await archive.close()
    with closing(sqlite3.connect(archive.path)) as connection, connection:
        connection.execute("DELETE FROM message_words_data WHERE id > 10")
    with pytest.raises(Damaged):
        search(archive.path, "hello")
    archive = await open_archive(tmp_path, library=LIBRARY)
    assert await archive.rebuild_index() == 1
    await archive.close()
    check_index(archive.path)
    assert search(archive.path, "hello") == [1]
