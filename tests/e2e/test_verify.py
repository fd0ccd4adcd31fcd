"""`tobs verify` proves what is fine, and finds and names whatever is not."""

from __future__ import annotations

import asyncio
import copy
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import msgspec
import pytest

from e2e.changes import chat_called, listed_names
from e2e.stage import Stage, open_stage, query, read_tree
from tobs.app import verifying
from tobs.archive.codec import pack_raw
from tobs.cli import main
from tobs.core.certificate import (
    Account,
    Asked,
    Certificate,
    Changes,
    ChatCertificate,
    Checked,
    Findings,
    MediaFound,
    NotesFound,
    ProcessedFound,
)
from tobs.core.fidelity import ChatFidelity, Omissions
from tobs.core.ids import mark_channel
from tobs.core.report import MediaTally, Tally
from tobs.core.request import VerifyRequest
from tobs.simulator.corpus.small import CLUB_ID, FORUM_ID, OLD_GROUP_ID
from tobs.simulator.world import WORLDS

CLUB, FORUM = mark_channel(CLUB_ID), mark_channel(FORUM_ID)
EDITED = 20

Verify = Callable[..., Certificate]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with chats of every kind, in which one message was edited between two runs."""
    folder = tmp_path_factory.mktemp("verify")

    async def export() -> None:
        async with open_stage(WORLDS["small"](1, 200), folder) as stage:
            await stage.export(*listed_names(stage.world), output=folder / "out")
            await edit_and_export(stage, folder / "out")

    asyncio.run(export())
    return folder / "out"


async def edit_and_export(stage: Stage, output: Path) -> None:
    """Let a message be edited, and make the next run see it."""
    stage.world.edit_message(CLUB, EDITED, "Edited, so that there is an earlier version.")
    change(output, "DELETE FROM covered WHERE chat_id = ?", CLUB)
    report = await stage.export("@rowing_club_demo", output=output)
    assert (report.chats[-1].edited, report.exit_code) == (1, 0)


@pytest.fixture
def output(exported: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder, to be damaged."""
    return Path(shutil.copytree(exported, tmp_path / "out"))


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str]) -> Verify:
    """Run `tobs verify --json` where nobody is logged in; its document must be a certificate."""

    def run(output: Path, *arguments: str) -> Certificate:
        capsys.readouterr()
        code = main(["verify", *arguments, "-o", str(output), "--json"])
        found = msgspec.json.decode(capsys.readouterr().out, type=Certificate)
        assert found.exit_code == code
        return found

    return run


def change(output: Path, sql: str, *values: object) -> None:
    """Change an archive behind tobs's back."""
    with closing(sqlite3.connect(output / ".tobs" / "archive.sqlite")) as connection, connection:
        assert connection.execute(sql, values).rowcount > 0


def list_damage(found: Certificate) -> list[str]:
    return [*found.damage.first, *(each for chat in found.chats for each in chat.damage.first)]


def test_an_export_is_proved_whole_without_a_login(output: Path, verify: Verify) -> None:
    found = verify(output)
    assert (found.exit_code, list_damage(found)) == (0, [])
    [(messages, versions, answers, notes)] = query(
        output,
        "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM versions),"
        " (SELECT count(*) FROM responses), (SELECT count(*) FROM rendered)",
    )
    assert versions == 1
    assert sum(chat.checked.messages for chat in found.chats) == messages
    assert sum(chat.checked.versions for chat in found.chats) == versions
    assert sum(chat.checked.answers for chat in found.chats) == answers
    assert sum(chat.notes.intact for chat in found.chats) + found.index.intact == notes
    assert all(chat.account.tally.stored == chat.checked.messages for chat in found.chats)


def test_verifying_changes_nothing(output: Path, verify: Verify) -> None:
    before, rows = read_tree(output), dump(output)
    verify(output)
    assert (read_tree(output), dump(output)) == (before, rows)


def dump(output: Path) -> list[str]:
    with closing(sqlite3.connect(output / ".tobs" / "archive.sqlite")) as connection:
        return list(connection.iterdump())


def test_a_sound_chat_has_one_line_and_one_that_lacks_a_note_all_of_its_own(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "Harbour News", "-o", str(output)]) == 0
    verdict, _, chat, more, by = capsys.readouterr().out.splitlines()
    assert verdict.startswith("COMPLETE: ")
    assert chat.startswith("Harbour News (channel, -1002000000011): 25 messages, ")
    assert chat.endswith(", all sound")
    assert more == "More of each with -v."
    assert by.startswith("Verified by tobs ")
    note = next((output / "Harbour News").rglob("* 20*.md"))
    body = note.read_bytes()
    note.unlink()
    assert main(["verify", "Harbour News", "-o", str(output)]) == 3
    lines = capsys.readouterr().out
    note.write_bytes(body)
    assert f"missing, `tobs render` brings back: {note.relative_to(output).as_posix()}\n" in lines
    assert "  checked   25 messages and 0 earlier versions" in lines


def test_the_certificate_can_be_read_and_handed_on(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "Harbour News", "-v", "-o", str(output)]) == 0
    text = capsys.readouterr().out
    assert text.startswith("COMPLETE: every id is accounted for, and everything stored is intact.\n")
    assert "Harbour News (channel, -1002000000011)" in text
    assert "25 messages and 0 earlier versions against 1 answer of Telegram" in text
    assert "Verified by tobs " in text
    assert str(output) not in text
    assert len(text.splitlines()) < 20


def test_only_the_chats_named_are_verified(output: Path, verify: Verify) -> None:
    change(output, "UPDATE messages SET text = 'other words' WHERE chat_id = ? AND id = 3", FORUM)
    assert [chat.id for chat in verify(output, str(CLUB), "@harbour_news_demo").chats] == [
        -OLD_GROUP_ID,
        CLUB,
        chat_id(output, "Harbour News"),
    ]
    assert verify(output, str(CLUB)).exit_code == 0
    assert verify(output, str(FORUM)).exit_code == 12


def chat_id(output: Path, title: str) -> int:
    return int(query(output, "SELECT id FROM chats WHERE title = ?", title)[0][0])


def test_a_chat_that_is_not_in_the_archive_is_answered_with_the_nearest_title(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "Harbor News", "-o", str(output)]) == 4
    assert "Harbour News" in capsys.readouterr().err


def test_a_folder_without_an_archive_cannot_be_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "-o", str(tmp_path)]) == 2
    assert "holds no archive" in capsys.readouterr().err
    assert list(tmp_path.glob(".tobs")) == []


def test_an_option_that_does_not_exist_is_not_taken_for_a_chat(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--onlin"]) == 2
    assert "There is no option --onlin." in capsys.readouterr().err


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_one_flipped_byte_of_an_answer_is_found(output: Path, verify: Verify, share: float) -> None:
    [(number, packed)] = query(output, "SELECT min(id), raw FROM responses WHERE chat_id = ?", CLUB)
    place = int(len(packed) * share)
    flipped = packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :]
    change(output, "UPDATE responses SET raw = ? WHERE id = ?", flipped, number)
    found = verify(output)
    assert found.exit_code == 12
    [sentence] = list_damage(found)
    assert sentence.startswith(f"answer {number} (ids ")


def test_an_answer_that_unpacks_but_is_no_answer_is_found(output: Path, verify: Verify) -> None:
    [(number,)] = query(output, "SELECT min(id) FROM responses WHERE chat_id = ?", CLUB)
    for raw in (b"xy", b"neither TL nor JSON"):
        values = (pack_raw(raw), len(raw), number)
        change(output, "UPDATE responses SET raw = ?, size_bytes = ? WHERE id = ?", *values)
        found = verify(output)
        assert (found.exit_code, len(list_damage(found))) == (12, 1)


def test_bytes_of_another_answer_are_found(output: Path, verify: Verify) -> None:
    numbers = [each for (each,) in query(output, "SELECT id FROM responses WHERE chat_id = ?", CLUB)]
    [(packed, size)] = query(output, "SELECT raw, size_bytes FROM responses WHERE id = ?", numbers[1])
    values = (packed, size, numbers[0])
    change(output, "UPDATE responses SET raw = ?, size_bytes = ? WHERE id = ?", *values)
    found = verify(output)
    assert found.exit_code == 12
    assert f"answer {numbers[0]} lists other ids than the archive says" in list_damage(found)


@pytest.mark.parametrize(
    ("column", "value"), [("text", "forged"), ("date", 5), ("sender_id", 5), ("content", '{"author":"me"}')]
)
def test_a_changed_message_is_found_and_named(
    output: Path, verify: Verify, column: str, value: object
) -> None:
    change(output, f"UPDATE messages SET {column} = ? WHERE chat_id = ? AND id = 10", value, CLUB)
    found = verify(output)
    assert found.exit_code == 12
    assert next(each for each in list_damage(found) if each.endswith(f" in {column}")).startswith(
        "message 10 differs from answer "
    )


def test_a_changed_earlier_version_is_found_and_named(output: Path, verify: Verify) -> None:
    change(output, "UPDATE versions SET text = 'I never said that'")
    found = verify(output)
    assert found.exit_code == 12
    assert f"an earlier version of message {EDITED} differs from answer" in list_damage(found)[0]


def test_counters_may_move_without_an_answer(output: Path, verify: Verify) -> None:
    change(output, "UPDATE messages SET counters = '{\"views\":12}' WHERE chat_id = ? AND id = 7", FORUM)
    assert list_damage(verify(output)) == []


def test_a_deleted_message_is_not_taken_for_an_empty_id(output: Path, verify: Verify) -> None:
    change(output, "DELETE FROM messages WHERE chat_id = ? AND id = 9", CLUB)
    found = verify(output)
    assert found.exit_code == 12
    assert any(each.startswith("message 9 is in answer ") for each in list_damage(found))


def test_a_message_that_no_answer_has_is_found(output: Path, verify: Verify) -> None:
    [(gap,)] = query(
        output,
        "SELECT id + 1 FROM messages AS one WHERE chat_id = ?1 AND NOT EXISTS"
        " (SELECT 1 FROM messages WHERE chat_id = ?1 AND id = one.id + 1) LIMIT 1",
        CLUB,
    )
    change(output, "UPDATE messages SET id = ? WHERE chat_id = ? AND id = 10", gap, CLUB)
    assert verify(output).exit_code == 12
    change(output, "UPDATE messages SET response = 99999 WHERE chat_id = ? AND id = 11", CLUB)
    damage = list_damage(verify(output))
    assert "message 11 names no answer of Telegram that it could be from" in damage
    assert "1 row of messages without what they need in responses" in damage
    assert any(each.startswith(f"message {gap} is not in answer ") for each in damage)


def test_a_wish_that_was_lost_is_found(output: Path, verify: Verify) -> None:
    [(chat, number)] = query(output, "SELECT chat_id, message_id FROM wants LIMIT 1")
    change(output, "DELETE FROM wants WHERE chat_id = ? AND message_id = ?", chat, number)
    found = verify(output)
    assert f"message {number} wants other files than its answer names" in list_damage(found)


def test_ids_that_are_not_covered_are_named_as_unknown(output: Path, verify: Verify) -> None:
    change(output, "DELETE FROM covered WHERE chat_id = ?", CLUB)
    found = verify(output)
    [club] = [chat for chat in found.chats if chat.id == CLUB]
    assert (found.exit_code, club.damage.count) == (3, 0)
    assert club.account.tally.unknown == sum(hole.size for hole in club.account.holes)
    assert club.account.hole_count == len(club.account.holes)
    assert 120 in {hole.size for hole in club.account.holes}


def test_an_answer_of_another_layer_is_named_and_not_failed(output: Path, verify: Verify) -> None:
    change(output, "INSERT INTO layers VALUES (7, 'telethon 0.0')")
    change(output, "UPDATE responses SET layer = 7 WHERE chat_id = ?", CLUB)
    found = verify(output)
    [club] = [chat for chat in found.chats if chat.id == CLUB]
    assert (found.exit_code, found.other_layers) == (0, {7: "telethon 0.0"})
    assert (club.checked.answers, club.checked.skipped > 0) == (0, True)


def test_a_deleted_note_is_missing_until_it_is_rendered(output: Path, verify: Verify) -> None:
    note = min(output.glob("Rowing Club/2*/*.md"))
    note.unlink()
    found = verify(output)
    [club] = [chat for chat in found.chats if chat.id == CLUB]
    assert (found.exit_code, club.notes.missing) == (3, [note.relative_to(output).as_posix()])
    assert main(["render", "-o", str(output)]) == 0
    assert verify(output).exit_code == 0


def test_an_edited_note_is_named_and_fine(output: Path, verify: Verify) -> None:
    note = min(output.glob("Rowing Club/2*/*.md"))
    note.write_text(note.read_text() + "\nMy own words.\n")
    found = verify(output)
    [club] = [chat for chat in found.chats if chat.id == CLUB]
    assert (found.exit_code, club.notes.changed) == (0, [note.relative_to(output).as_posix()])
    assert main(["render", "-o", str(output)]) == 0
    *_, club = verify(output, str(CLUB)).chats
    assert (len(club.notes.changed), club.notes.outdated, club.notes.missing) == (1, [], [])


def test_a_note_behind_its_archive_is_outdated(output: Path, verify: Verify) -> None:
    change(output, "UPDATE peers SET name = 'Somebody Else' WHERE name LIKE 'Ben%'")
    found = verify(output)
    [club] = [chat for chat in found.chats if chat.id == CLUB]
    assert found.exit_code == 3
    assert len(club.notes.outdated) > 1
    assert main(["render", "-o", str(output)]) == 0
    assert verify(output).exit_code == 0


def test_a_file_that_is_not_ours_is_named(output: Path, verify: Verify) -> None:
    change(output, "DELETE FROM rendered WHERE path = 'Chats.md'")
    assert verify(output).index.foreign == ["Chats.md"]


@pytest.mark.parametrize("left", [0, 100, 60_000])
def test_a_truncated_database_is_damaged(output: Path, verify: Verify, left: int) -> None:
    path = output / ".tobs" / "archive.sqlite"
    path.write_bytes(path.read_bytes()[:left])
    found = verify(output)
    assert found.exit_code == 12
    assert found.damage.count


def test_damage_inside_the_database_file_is_found(output: Path, verify: Verify) -> None:
    path = output / ".tobs" / "archive.sqlite"
    body = bytearray(path.read_bytes())
    body[8192 * 8 : 8192 * 12] = bytes(8192 * 4)
    path.write_bytes(body)
    assert verify(output).exit_code == 12


async def test_probing_a_hole_proves_it(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        await stage.export("@rowing_club_demo", output=tmp_path / "out")
        before = stage.simulator.counts.copy()
        found = await ask(stage, probe_limit=100)
        account, asked = found.chats[-1].account, found.chats[-1].asked_server
        assert asked == Asked(account.tally.stored, probed=100, unprobed=account.tally.empty - 100)
        assert account.empty_looked_up == 100
        assert (stage.simulator.counts - before)["channels.getMessages"] == 1
        found = await ask(stage, probe_limit=1000)
        assert found.chats[-1].account.empty_looked_up == account.tally.empty
        assert found.chats[-1].account.tally == account.tally
        assert found.exit_code == 0
        before = stage.simulator.counts.copy()
        await ask(stage, probe_limit=1000)
        assert (stage.simulator.counts - before)["channels.getMessages"] == 0


async def test_a_message_that_a_list_left_out_is_found_and_stored(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        chat = chat_called(stage.world, "Rowing Club")
        whole = copy.deepcopy(chat.log)
        stage.world.delete_message(CLUB, 50)
        await stage.export("@rowing_club_demo", output=tmp_path / "out")
        chat.log = whole
        done = await stage.tobs("verify", "-o", "out", "--probe")
        assert (done.code, done.err) == (3, "")
        assert "found     50: left out of Telegram's lists, stored now" in done.out
        assert query(tmp_path / "out", "SELECT count(*) FROM messages WHERE id = 50") == [(1,)]
        found = await ask(stage)
        assert (found.exit_code, list_damage(found)) == (0, [])
        assert any("^m50" in note.read_text() for note in (tmp_path / "out").rglob("*.md"))


async def test_in_private_chats_no_id_is_looked_up(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        await stage.export("me", output=tmp_path / "out")
        found = await ask(stage, probe_limit=1000)
        assert found.chats[0].asked_server == Asked(3)
        assert found.chats[0].account.tally.empty > 0


async def test_counts_are_compared_with_those_of_telegram(tmp_path: Path) -> None:
    async with open_stage(WORLDS["small"](1, 0), tmp_path) as stage:
        names = listed_names(stage.world)
        await stage.export(*names, output=tmp_path / "out")
        stage.world.add_message(CLUB, "One more", sender=stage.world.owner)
        found = await ask(stage)
        counts = {each.id: (each.asked_server, each.account.tally.stored) for each in found.chats}
        more = {chat: (asked.server_count or 0) - stored for chat, (asked, stored) in counts.items() if asked}
        assert more == {chat.id: chat.id == CLUB for chat in found.chats}
        assert found.exit_code == 0


async def ask(stage: Stage, *, probe_limit: int = 0) -> Certificate:
    """Verify with questions to Telegram."""
    request = VerifyRequest(stage.folder / "out", (), is_online=True, probe_limit=probe_limit)
    return await verifying.run_verify(stage.settings, request, stage.events.append)


def test_every_field_of_the_certificate_is_explained(request: pytest.FixtureRequest) -> None:
    page = (request.config.rootpath / "docs" / "verify.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page.partition("## JSON")[2]))
    records = (
        Certificate, ChatCertificate, Account, Changes, Checked, Findings, NotesFound, MediaFound, MediaTally,
        Asked, Tally, ChatFidelity, Omissions, ProcessedFound,
    )  # fmt: skip
    assert {field.name for each in records for field in fields(each)} - named == set()
