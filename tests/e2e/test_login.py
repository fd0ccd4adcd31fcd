"""`tobs login`, `logout` and `accounts`, against a real server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from telethon import functions

from e2e.changes import refusing
from e2e.stage import Finished, Stage, open_stage
from e2e.terminal import in_terminal
from tobs._util.clock import ManualClock
from tobs.simulator.corpus.people import OWNER, SECOND
from tobs.simulator.dispatch import RpcError
from tobs.simulator.world import WORLDS, World

PLAIN: dict[str, str | None] = {"PHONE_NUMBER": "+1 555 010 0001", "EXPORT_TG_CODE": "12345"}
PASSWORD = "correct horse battery staple"
TWO_STEPS: dict[str, str | None] = {
    "PHONE_NUMBER": "+15550100002",
    "EXPORT_TG_CODE": "54321",
    "TOBS_PASSWORD": PASSWORD,
}


def make_world() -> World:
    return WORLDS["small"](1, 0)


def assert_refused(stage: Stage, done: Finished, code: int = 10) -> None:
    """One sentence and what to do, and nobody is logged in."""
    assert (done.code, done.out) == (code, "")
    assert 1 <= len(done.err.splitlines()) <= 2, done.err
    assert "Traceback" not in done.err
    assert "bug" not in done.err
    assert not list(stage.home.glob("accounts/*/*/session"))


async def test_a_login_without_a_terminal_takes_everything_from_the_environment(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        done = await stage.tobs("login", **PLAIN)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("Logged in as Mira Lindqvist.")
        assert (await stage.tobs("chats")).code == 0


async def test_an_account_with_a_password_logs_in_by_it(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        done = await stage.tobs("login", **TWO_STEPS)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("Logged in as Otto Brandt.")
        assert stage.account_folder.name == str(SECOND)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (PLAIN | {"EXPORT_TG_CODE": "99999"}, "Telegram did not accept the code."),
        (TWO_STEPS | {"TOBS_PASSWORD": "wrong"}, "Telegram did not accept the password."),
        (
            PLAIN | {"PHONE_NUMBER": "+4915100000000"},
            "Telegram does not know the phone number +4915100000000.",
        ),
        ({}, "There is no terminal to ask at, and PHONE_NUMBER is not set."),
        (PLAIN | {"EXPORT_TG_CODE": None}, "There is no terminal to ask at, and EXPORT_TG_CODE is not set."),
        (
            TWO_STEPS | {"TOBS_PASSWORD": None},
            "There is no terminal to ask at, and TOBS_PASSWORD is not set.",
        ),
        (PLAIN | {"TOBS_API_ID": None}, "API_ID and API_HASH are not set."),
        (PLAIN | {"TOBS_API_HASH": None}, "API_ID and API_HASH are not set."),
    ],
)
async def test_what_a_login_lacks_is_said_in_one_sentence(
    tmp_path: Path, settings: dict[str, str | None], sentence: str
) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        done = await stage.tobs("login", **settings)
        assert done.err.splitlines()[0] == sentence
        assert_refused(stage, done)
        if "API_ID" in sentence:
            assert "https://my.telegram.org" in done.err


async def test_a_code_that_came_too_late_is_called_expired(tmp_path: Path) -> None:
    clock = ManualClock()
    async with open_stage(make_world(), tmp_path, login=False, clock=clock) as stage:
        stage.answered.append(lambda method, _: clock.advance(301) if method == "auth.sendCode" else None)
        done = await stage.tobs("login", **PLAIN)
        assert done.err.splitlines()[0] == "The code has expired."
        assert_refused(stage, done)


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (RpcError(420, "FLOOD_WAIT_3600"), 13, "Telegram allows no login for the next 3600 s."),
        (RpcError(400, "API_ID_INVALID"), 10, "Telegram does not know this API_ID and API_HASH."),
        (RpcError(400, "PHONE_NUMBER_BANNED"), 10, "Telegram has banned or deleted this account."),
        (RpcError(420, "FROZEN_METHOD_INVALID"), 10, "Telegram has frozen this account."),
        (RpcError(400, "PHONE_NUMBER_FLOOD"), 10, "Telegram refused the login: "),
    ],
)
async def test_what_telegram_says_against_a_login_is_passed_on(
    tmp_path: Path, error: RpcError, code: int, sentence: str
) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        with refusing(functions.auth.SendCodeRequest, error):
            done = await stage.tobs("login", **PLAIN)
        assert done.err.startswith(sentence)
        assert_refused(stage, done, code)


async def test_a_frozen_account_logs_in_and_is_told_until_when_it_lives(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        stage.world.account_of(OWNER).frozen_until = 1_798_761_600
        done = await stage.tobs("login", **PLAIN)
        assert (done.code, done.out.split(".")[0]) == (0, "Logged in as Mira Lindqvist")
        assert "has frozen this account and will delete it on 2027-01-01: export soon" in done.err
        with refusing(functions.messages.GetDialogsRequest, RpcError(420, "FROZEN_METHOD_INVALID")):
            refused = await stage.tobs("chats")
        assert (refused.code, refused.err.splitlines()[0]) == (10, "Telegram has frozen this account.")


async def test_a_login_in_a_terminal_asks_and_never_shows_the_password(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with in_terminal(stage, "login") as terminal:
            await terminal.answer("Phone number", "+15550100002")
            await terminal.answer("Code (", "54321")
            await terminal.answer("Password", PASSWORD)
            assert await terminal.end() == 0
        assert "Logged in as Otto Brandt." in terminal.shown
        assert PASSWORD not in terminal.shown


async def test_a_mistyped_code_and_password_may_be_typed_again(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with in_terminal(stage, "login", PHONE_NUMBER=TWO_STEPS["PHONE_NUMBER"]) as terminal:
            await terminal.answer("Code (sent to your other devices", "11111")
            await terminal.answer("Code (that code was wrong, 2 tries left)", "54321")
            await terminal.answer("Password", "wrong")
            await terminal.answer("Password (that password was wrong, 2 tries left)", PASSWORD)
            assert await terminal.end() == 0
        assert "Logged in as Otto Brandt." in terminal.shown


async def test_a_number_that_is_none_is_refused_with_a_sentence(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with in_terminal(stage, "login") as terminal:
            await terminal.answer("Phone number", "call me")
            assert await terminal.end() == 10
        assert "Telegram does not know the phone number call me." in terminal.shown


async def test_enter_alone_has_the_code_sent_another_way_as_long_as_there_is_one(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with in_terminal(stage, "login", PHONE_NUMBER=PLAIN["PHONE_NUMBER"]) as terminal:
            await terminal.answer("in the chat Telegram; Enter alone: by an SMS after 60 s): ", "")
            await terminal.answer("Code (sent by SMS): ", "")
            await terminal.answer("Code (there is no other way to send it, or not yet): ", "12345")
            assert await terminal.end() == 0
        assert "Logged in as Mira Lindqvist." in terminal.shown


async def test_a_code_that_expired_is_sent_anew_to_a_person(tmp_path: Path) -> None:
    clock = ManualClock()
    async with (
        open_stage(make_world(), tmp_path, login=False, clock=clock) as stage,
        in_terminal(stage, "login", PHONE_NUMBER=PLAIN["PHONE_NUMBER"]) as terminal,
    ):
        await terminal.wait_for("Code (")
        clock.advance(301)
        await terminal.answer("Code (", "12345")
        await terminal.answer("Code (that code had expired, a new one was sent to your other", "12345")
        assert await terminal.end() == 0


async def test_three_wrong_codes_are_enough(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with in_terminal(stage, "login", PHONE_NUMBER=PLAIN["PHONE_NUMBER"]) as terminal:
            for code in ("11111", "22222", "33333"):
                await terminal.answer("Code (", code)
            assert await terminal.end() == 10
        assert "Telegram did not accept the code." in terminal.shown


async def test_a_session_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export("me", output=tmp_path / "out")
        folders = [stage.home, *(path for path in stage.home.rglob("*") if path.is_dir())]
        files = [path for path in stage.home.rglob("*") if path.is_file()]
        assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
        assert stage.account_folder == stage.home / "accounts" / stage.simulator.address.replace(
            ":", "_"
        ) / str(OWNER)


async def test_a_logout_ends_the_session_at_the_server_too(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        thief = tmp_path / "thief"
        shutil.copytree(stage.home, thief)
        done = await stage.tobs("logout")
        assert (done.code, done.out) == (0, "Logged out Mira Lindqvist.\n")
        assert (await stage.tobs("accounts")).out == "Nobody is logged in. `tobs login` does it.\n"
        stolen = await stage.tobs("chats", TOBS_HOME=str(thief))
        assert stolen.code == 10
        assert stolen.err.startswith("Telegram has ended this session.\n")


async def test_a_session_that_telegram_ended_can_be_replaced_as_the_hint_says(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        stage.simulator.revoke(OWNER)
        refused = await stage.tobs("chats")
        assert refused.code == 10
        assert "`tobs login`" in refused.err
        assert (await stage.tobs("login", **PLAIN)).code == 0
        assert (await stage.tobs("chats")).code == 0


async def test_accounts_lists_who_is_logged_in_without_the_whole_number(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        done = await stage.tobs("accounts", "--json")
        [account] = json.loads(done.out)
        server = stage.simulator.address.replace(":", "_")
        assert account == {
            "user_id": OWNER,
            "name": "Mira Lindqvist",
            "phone_masked": "…01",
            "server": server,
            "is_encrypted": False,
        }
        shown = (await stage.tobs("accounts")).out
        assert "Mira Lindqvist" in shown
        assert "15550100001" not in shown


async def test_a_damaged_session_file_says_what_to_do(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        (stage.account_folder / "session").write_bytes(b"no session")
        done = await stage.tobs("chats")
        assert done.code == 12
        assert "`tobs login`" in done.err
        assert "bug" not in done.err
