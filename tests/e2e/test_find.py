"""`tobs search` as a person uses it: every message that has words is found, with the place that shows it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from archive.rows import LIBRARY, commit, peer, row
from attacks import ATTACKS
from e2e.stage import Stage, open_stage, query
from e2e.terminal import in_terminal
from tobs.archive.connect import archive_path
from tobs.archive.read import ArchiveReader
from tobs.archive.store import open_archive
from tobs.cli import main
from tobs.core.model import Chat
from tobs.core.request import ExportRequest, FormatName, Projection, Selection
from tobs.simulator.world import WORLDS
from tobs.writers.places import Places

WORD = re.compile(r"[^\W\d_]{4,}", re.ASCII)


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with topics, comments, lists and a group that became a supergroup, exported."""
    folder = tmp_path_factory.mktemp("tree")

    async def export() -> None:
        async with open_stage(WORLDS["tree"](1, 0), folder) as stage:
            await stage.run(
                ExportRequest(("me",), folder / "out", selection=Selection(is_all=True)), comments=True
            )

    asyncio.run(export())
    return folder / "out"


def search(capsys: pytest.CaptureFixture[str], output: Path, *arguments: str) -> list[dict[str, object]]:
    """Return what `tobs search --json` prints."""
    capsys.readouterr()
    assert main(["search", *arguments, "-o", str(output), "--json", "--limit", "1000"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def list_worded(output: Path) -> Iterator[tuple[tuple[int, int, int], str]]:
    """Yield messages with one of their words."""
    for account, chat, number, text in query(
        output, "SELECT account, chat_id, id, text FROM messages ORDER BY id"
    ):
        if word := WORD.search(text):
            yield (account, chat, number), word[0]


def check_place(output: Path, found: dict[str, object]) -> None:
    note = (output / str(found["note"])).read_text(encoding="utf-8")
    anchor = str(found["anchor"])
    assert re.search(
        f"{re.escape(anchor)}$" if anchor.startswith("^") else f'id="{anchor}"', note, re.MULTILINE
    )


def test_every_message_is_found_by_a_word_of_its_own_where_its_note_says(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by_word: dict[str, set[tuple[int, int, int]]] = {}
    for key, word in list_worded(output):
        by_word.setdefault(word.lower(), set()).add(key)
    assert len(by_word) > 9
    for word, keys in by_word.items():
        found = search(capsys, output, word)
        assert keys <= {(each["account"], each["chat_id"], each["id"]) for each in found}
        for each in found:
            check_place(output, each)
    assert {each["chat_id"] for word in by_word for each in search(capsys, output, word)} == {
        chat for (_, chat, _), _ in list_worded(output)
    }


@pytest.fixture(scope="session")
def ferry(output: Path) -> tuple[dict[str, object], str]:
    """A message with a word that stands in one only, and that word."""
    for (account, chat, number), word in list_worded(output):
        held = query(output, "SELECT date, sender_id FROM messages WHERE text LIKE ? LIMIT 2", f"%{word}%")
        if len(held) == 1:
            [(date, sender)] = held
            sender = sender or chat
            return {
                "account": account,
                "chat_id": chat,
                "id": number,
                "sender_id": sender,
                "date": date,
            }, word
    raise AssertionError


def test_what_is_asked_for_limits_the_answer(
    output: Path, ferry: tuple[dict[str, object], str], capsys: pytest.CaptureFixture[str]
) -> None:
    message, word = ferry
    [found] = search(capsys, output, word)
    assert {name: found[name] for name in ("account", "chat_id", "id", "sender_id")} == {
        name: message[name] for name in ("account", "chat_id", "id", "sender_id")
    }
    chat, sender, day = str(found["chat_id"]), str(found["sender"]), str(found["moment"])[:10]
    assert search(capsys, output, word, "--chat", chat, "--from", sender, "--since", day, "--until", day) == [
        found
    ]
    assert search(
        capsys, output, word, "--from", str(message["sender_id"]), "--only", str(found["kind"])
    ) == [found]
    assert (
        search(capsys, output, word, "--until", "1999")
        == search(capsys, output, word, "--only", "poll")
        == []
    )
    assert main(["search", "qqqqq", "--chat", chat, "-o", str(output)]) == 0
    assert re.fullmatch(
        r"Nothing found: \d+ messages of \d chats? were searched\.\n", capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "There is no word to look for."),
        (["NOT", "x"], 2, "There is only what to leave out."),
        (["x", "--from", "Nobody of this name"], 4, "The archive knows nobody called 'Nobody of this name'."),
        (["x", "--chat", "nowhere"], 4, "The archive has no chat 'nowhere'."),
        (["x", "--sort", "age"], 2, "--sort does not know 'age'."),
        (["x", "--only", "cats"], 2, "There is no kind 'cats' of message."),
        (["x", "-o", "nothing-here"], 2, "nothing-here holds no archive."),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(
    output: Path, arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", "-o", str(output), *arguments]) == code
    printed = capsys.readouterr()
    assert (printed.out, printed.err.splitlines()[0]) == ("", said)


async def test_on_a_terminal_words_are_marked_and_notes_are_links(
    output: Path, ferry: tuple[dict[str, object], str], tmp_path: Path
) -> None:
    _, word = ferry
    async with open_stage(WORLDS["small"](1, 0), tmp_path, login=False) as stage:
        plain = await show(stage, "search", word, "-o", str(output), NO_COLOR="1", TERM="xterm-256color")
        marked = await show(stage, "search", word, "-o", str(output), TERM="xterm-256color", NO_COLOR=None)
        piped = await stage.tobs("search", word, "-o", str(output))
        (output / ".obsidian").mkdir()
        in_vault = await show(stage, "search", word, "-o", str(output), TERM="xterm-256color", NO_COLOR=None)
        (output / ".obsidian").rmdir()
    assert f"\x1b[1m{word}\x1b[0m" in marked
    assert re.search(r"\x1b\]8;id=\d+;file:///\S+\.md#%5E[gm]\d+\x1b\\", marked)
    assert re.search(r"\x1b\]8;id=\d+;obsidian://open\?vault=out&file=\S+\.md%23%5E[gm]\d+\x1b\\", in_vault)
    assert "\x1b" not in plain + piped.out
    assert re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", marked) == plain
    assert plain.replace("\r", "") == piped.out
    assert re.search(r"/out/.*\.md#\^[gm]\d+$", piped.out.splitlines()[2])


async def show(stage: Stage, *arguments: str, **variables: str | None) -> str:
    """Return all that a terminal got."""
    async with in_terminal(stage, *arguments, columns=200, **variables) as terminal:
        assert await terminal.end() == 0
    return terminal.shown


@pytest.mark.parametrize(
    ("format_", "place"),
    [("html", r"html/\S+\.html"), ("json", r"result\.json"), ("jsonl", r"messages\.jsonl")],
)
def test_other_formats_have_places_too(
    output: Path, ferry: tuple[dict[str, object], str], format_: FormatName, place: str
) -> None:
    message, _ = ferry
    with closing(ArchiveReader(archive_path(output))) as reader:
        [chat] = [each for each in reader.chats() if each.id == message["chat_id"]]
        spot = Places(reader, Projection(formats=(format_,))).find(chat, int(str(message["id"])))
    assert spot is not None
    assert re.search(f"/{place}$", spot.path)
    assert bool(re.fullmatch(r"[gm]\d+", spot.anchor)) == (format_ == "html")


async def test_strangers_command_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = await open_archive(tmp_path, library=LIBRARY)
    for number, attack in enumerate(ATTACKS[:20], 1):
        chat = await archive.add_chat(Chat(0, -1_000_000_000_000 - number, "supergroup", attack))
        texts = [row(at, f"found {each}", sender_id=number) for at, each in enumerate(ATTACKS, 1)]
        await commit(archive, chat, texts, peers=[peer(number, attack)])
    await archive.close()
    for arguments in (
        ["found"],
        ["found", "--json"],
        ["*\x1b*", "--sort", "best"],
        ["found", "--from", ATTACKS[0]],
    ):
        assert main(["search", *arguments, "-o", str(tmp_path), "--limit", "200"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("\n") > 1000
    assert re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown) is None
