"""What goes wrong with chats and folders ends in one clear sentence and its exit code."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from telethon import functions

from e2e.changes import chat_called, refusing
from e2e.stage import Finished, open_stage, read_tree
from tobs.archive.lock import lock_folder
from tobs.core.events import Failed
from tobs.errors import SettingError
from tobs.simulator.dispatch import RpcError
from tobs.simulator.world import WORLDS, World
from tobs.telegram.session import AccountFolder

CLUB, NEWS, CLOSED = "@rowing_club_demo", "@harbour_news_demo", "@members_only_demo"


def make_world() -> World:
    return WORLDS["small"](1, 0)


def assert_clear(done: Finished, code: int, *words: str) -> None:
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    assert "bug" not in done.err
    for each in words:
        assert each in done.out + done.err


async def test_an_unknown_chat_is_told_with_the_nearest_titles(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        done = await stage.tobs("export", "Rowing Clib", "-o", "out")
        assert_clear(done, 4, "This account has no chat 'Rowing Clib'.", "Rowing Club")
        assert done.events[-1]["exit_code"] == 4
        assert (await stage.export("@nobody_at_all", output=tmp_path / "two")).exit_code == 4


async def test_an_ambiguous_title_names_the_ids_to_choose_from(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        report = await stage.export("Book club", output=tmp_path / "out")
        [failed] = [each for each in stage.events if isinstance(each, Failed)]
        twins = [chat.marked for chat in stage.world.chats if chat.title == "Book club"]
        assert report.exit_code == 4
        assert failed.text == "2 chats are called 'Book club'."
        assert all(str(marked) in failed.hint for marked in twins)


async def test_a_title_that_differs_in_case_alone_names_one_chat(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        loud = chat_called(stage.world, "BOOK CLUB")
        report = await stage.export("BOOK CLUB", output=tmp_path / "out")
        assert [each.id for each in report.chats] == [loud.marked]
        assert (await stage.export("Book club", output=tmp_path / "out")).exit_code == 4


async def test_a_title_is_never_taken_for_a_username(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        other = chat_called(stage.world, "BOOK CLUB")
        other.entity.title = "harbour_news_demo"
        stage.world._views.clear()
        titled = await stage.export("harbour_news_demo", output=tmp_path / "out")
        named = await stage.export(NEWS, output=tmp_path / "out")
        assert [each.id for each in titled.chats] == [other.marked]
        assert [each.title for each in named.chats] == ["Harbour News"]


async def test_a_private_channel_says_why_it_cannot_be_read(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        done = await stage.tobs("export", CLOSED, "-o", "out")
        assert_clear(done, 4, "This account may not read Members only.", "Join the chat first")


async def test_chats_that_cannot_be_found_never_touch_the_others(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        report = await stage.export(NEWS, "Nobody here", CLOSED, CLUB, output=tmp_path / "mixed")
        assert report.exit_code == 3
        assert [bool(each.error) for each in report.chats] == [False, True, True, False, False]
        assert (await stage.export(NEWS, CLUB, output=tmp_path / "whole")).exit_code == 0
        assert read_tree(tmp_path / "mixed") == read_tree(tmp_path / "whole")


async def test_a_chat_that_fails_in_its_middle_keeps_its_pages_and_leaves_the_others_whole(
    tmp_path: Path,
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        with refusing(
            functions.messages.GetHistoryRequest, None, None, None, RpcError(400, "CHANNEL_PRIVATE")
        ):
            report = await stage.export(CLUB, NEWS, output=tmp_path / "out")
        _, club, news = report.chats
        assert report.exit_code == 3
        assert (club.exit_code, club.error) == (4, "This account may not read messages of Rowing Club.")
        assert (club.tally.stored, club.tally.unknown > 0) == (100, True)
        assert news.tally.is_complete
        assert (await stage.export(CLUB, NEWS, output=tmp_path / "out")).exit_code == 0
        await stage.export(CLUB, NEWS, output=tmp_path / "whole")
        assert read_tree(tmp_path / "out") == read_tree(tmp_path / "whole")


async def test_chats_that_all_fail_for_different_reasons_end_with_1(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        with refusing(functions.messages.GetHistoryRequest, *[RpcError(400, "MSG_ID_INVALID")] * 2):
            report = await stage.export(CLUB, CLOSED, output=tmp_path / "out")
        assert report.exit_code == 1


async def test_a_server_that_stumbles_is_asked_again(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        with refusing(functions.messages.GetHistoryRequest, None, RpcError(500, "RPC_CALL_FAIL")):
            assert (await stage.export(CLUB, output=tmp_path / "out")).exit_code == 0


async def test_a_chat_named_three_times_is_exported_once(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        marked = chat_called(stage.world, "Harbour News").marked
        names = (NEWS, str(marked), "https://t.me/harbour_news_demo")
        report = await stage.export(*names, output=tmp_path / "out")
        assert [each.id for each in report.chats] == [marked]
        assert report.requests["messages.getHistory"] == 1


async def test_an_export_folder_in_use_names_who_holds_it(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        with lock_folder(tmp_path / "out"):
            done = await stage.tobs("export", "me", "-o", "out")
        assert_clear(done, 11, "The export folder out is in use by another tobs", f"process {os.getpid()} ")


async def test_an_account_in_use_names_who_holds_it(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        with AccountFolder(stage.account_folder).locked():
            done = await stage.tobs("export", "me", "-o", "out")
            assert_clear(done, 11, "The account", "is in use by another tobs", f"process {os.getpid()} ")
            assert (await stage.tobs("logout")).code == 11
        assert (await stage.export("me", output=tmp_path / "out")).exit_code == 0


def make_file(output: Path) -> None:
    output.write_text("not a folder")


def make_dead_end(output: Path) -> None:
    output.symlink_to("/dev/null/nowhere")


def make_foreign(output: Path) -> None:
    (output / ".tobs").mkdir(parents=True)
    connection = sqlite3.connect(output / ".tobs" / "archive.sqlite")
    connection.executescript("PRAGMA application_id = 7; CREATE TABLE theirs (x);")
    connection.close()


def make_newer(output: Path) -> None:
    connection = sqlite3.connect(output / ".tobs" / "archive.sqlite")
    connection.execute("PRAGMA user_version = 999")
    connection.close()


def make_garbage(output: Path) -> None:
    (output / ".tobs" / "archive.sqlite").write_bytes(b"this was an archive once " * 1000)


def make_short(output: Path) -> None:
    path = output / ".tobs" / "archive.sqlite"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        (make_file, 2, "out is a file, not a folder"),
        (make_dead_end, 2, "out cannot be made or written"),
        (make_foreign, 2, "is a database of another program"),
        (make_newer, 2, "was written by a newer version of tobs"),
        (make_garbage, 12, "cannot be read"),
        (make_short, 12, "cannot be read"),
    ],
)
async def test_a_folder_that_cannot_be_used_is_left_as_it_is(
    tmp_path: Path, spoil: Callable[[Path], None], code: int, words: str
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output = tmp_path / "out"
        if spoil in {make_newer, make_garbage, make_short}:
            await stage.export("me", output=output)
        spoil(output)
        before = read_tree(output) if output.is_dir() else {}
        done = await stage.tobs("export", "me", "-o", "out")
        assert_clear(done, code, words)
        assert before == (read_tree(output) if output.is_dir() else {})


async def test_an_unwritable_folder_is_said_to_be_so(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        # Nobody, not even root, can make a folder there.
        done = await stage.tobs("export", "me", "-o", "/proc/self/fdinfo/out")
        assert_clear(done, 2, "cannot be made or written")


async def test_a_folder_that_stands_where_a_note_goes_is_named_and_left_alone(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export("me", output=tmp_path / "out")
        note = tmp_path / "out" / "Saved Messages" / "Saved Messages.md"
        note.unlink()
        note.mkdir()
        for _ in range(2):
            report = await stage.export("me", output=tmp_path / "out")
            assert report.render.foreign == ["Saved Messages/Saved Messages.md"]
        assert note.is_dir()


async def test_another_timezone_than_the_folder_has_says_how_to_change_it(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export("me", output=tmp_path / "out")
        before = read_tree(tmp_path / "out")
        with pytest.raises(SettingError, match="Europe/Berlin, not in Asia/Tokyo") as caught:
            await stage.export("me", output=tmp_path / "out", timezone="Asia/Tokyo")
        assert caught.value.exit_code == 2
        assert "`tobs render --timezone Asia/Tokyo`" in caught.value.hint
        assert read_tree(tmp_path / "out") == before


async def test_a_run_without_a_timezone_keeps_the_one_of_the_folder(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export("me", output=tmp_path / "out", timezone="Asia/Tokyo")
        before = read_tree(tmp_path / "out")
        assert (await stage.export("me", output=tmp_path / "out", timezone=None)).exit_code == 0
        assert read_tree(tmp_path / "out") == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("me", "--format", "pdf"),
        ("https://t.me/addlist/AbCdEf123",),
        ("https://t.me/harbour_news_demo/5", "--last", "10"),
        ("",),
    ],
)
async def test_what_tobs_cannot_do_yet_is_refused_before_anything_is_made(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        done = await stage.tobs("export", *arguments, "-o", "out")
        assert_clear(done, 2)
        assert done.out == ""
        assert not (tmp_path / "out").exists()


async def test_a_dotenv_in_the_current_folder_is_used_and_named(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        (tmp_path / ".env").write_text("TOBS_EXPORT_PATH=from-dotenv\n")
        done = await stage.tobs("export", "me")
        assert_clear(done, 0, f"Settings are read from {tmp_path / '.env'}.")
        assert (tmp_path / "from-dotenv" / "Chats.md").is_file()


async def test_nobody_logged_in_is_said_before_a_folder_is_made(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        done = await stage.tobs("export", "me", "-o", "out")
        assert_clear(done, 10, "Nobody is logged in.", "`tobs login`")
        assert not (tmp_path / "out").exists()


async def test_an_archive_that_others_could_read_is_private_again_and_that_is_told(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export("me", output=tmp_path / "out")
        archive = tmp_path / "out" / ".tobs" / "archive.sqlite"
        archive.chmod(0o644)
        done = await stage.tobs("export", "me", "-o", "out")
        assert_clear(done, 0, "could be read by others")
        assert archive.stat().st_mode & 0o777 == 0o600


async def test_what_others_could_read_of_an_account_is_private_again_and_that_is_told(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export("me", output=tmp_path / "out")
        config = stage.home / "config.toml"
        config.write_text("api_id = 1\n")
        opened = [config, stage.account_folder, *(each for each in stage.account_folder.rglob("*"))]
        for each in opened:
            each.chmod(0o755 if each.is_dir() else 0o664)
        # Nobody else's files are touched, and no link is followed.
        outside = tmp_path / "outside"
        outside.write_text("mine")
        outside.chmod(0o644)
        (stage.account_folder / "link").symlink_to(outside)
        done = await stage.tobs("export", "me", "-o", "out")
        assert done.code == 0
        for each in opened:
            assert f"{each} could be read by others" in done.out + done.err
            assert each.stat().st_mode & 0o77 == 0
        assert outside.stat().st_mode & 0o777 == 0o644
        quiet = await stage.tobs("export", "me", "-o", "out")
        assert "could be read" not in quiet.out + quiet.err
