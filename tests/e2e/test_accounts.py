"""Several accounts on one computer: each works by itself, and none by accident."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from e2e.stage import Stage, open_stage, query
from tobs._util.lock import hold_lock
from tobs.simulator.corpus.people import OWNER, SECOND
from tobs.simulator.world import WORLDS, World

FIRST_LOGIN = {"PHONE_NUMBER": "+1 555 010 0001", "EXPORT_TG_CODE": "12345"}
SECOND_LOGIN = {
    "PHONE_NUMBER": "+15550100002",
    "EXPORT_TG_CODE": "54321",
    "TOBS_PASSWORD": "correct horse battery staple",
}
BOTH = f"Mira Lindqvist ({OWNER}) and Otto Brandt ({SECOND})"


def make_world() -> World:
    return WORLDS["small"](1, 0)


async def log_second_in(stage: Stage) -> None:
    done = await stage.tobs("login", **SECOND_LOGIN)
    assert (done.code, done.err) == (0, ""), done.err


async def test_a_second_account_logs_in_beside_the_first_and_is_named_by_id_phone_or_name(
    tmp_path: Path,
) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await log_second_in(stage)
        listed = (await stage.tobs("accounts")).out
        assert "Mira Lindqvist" in listed
        assert "Otto Brandt" in listed
        of_first = (await stage.tobs("chats", "--account", str(OWNER))).out
        of_second = (await stage.tobs("chats", "--account", str(SECOND))).out
        assert of_first != of_second
        for name in ("+1 555 010 0002", "otto brandt", "15550100002"):
            assert (await stage.tobs("chats", "--account", name)).out == of_second
        assert (await stage.tobs("chats", TOBS_ACCOUNT="Mira Lindqvist")).out == of_first


async def test_with_two_accounts_none_works_unnamed_and_a_stranger_is_refused(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await log_second_in(stage)
        for command in (("chats",), ("export", "me"), ("logout",)):
            done = await stage.tobs(*command)
            assert done.code == 2
            assert "export_start" not in done.out
            assert done.err.splitlines()[0] == f"Several accounts are meant: {BOTH}."
            assert "--account" in done.err
        done = await stage.tobs("chats", "--account", "Nobody")
        assert (done.code, done.out) == (10, "")
        assert done.err.splitlines()[0] == f"No account 'Nobody' is logged in, only {BOTH}."
        assert not (tmp_path / "export").exists()


async def test_both_export_at_once_and_one_folder_keeps_their_chats_apart(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await log_second_in(stage)
        one, other = await asyncio.gather(
            stage.tobs("export", "me", "-o", "one", "--account", str(OWNER)),
            stage.tobs("export", "me", "-o", "other", "--account", str(SECOND)),
        )
        assert (one.code, other.code) == (0, 0), one.err + other.err
        assert (await stage.tobs("export", "me", "-o", "one", "--account", str(SECOND))).code == 0
        keys = query(tmp_path / "one", "SELECT account, id FROM chats ORDER BY account")
        assert sorted(keys) == sorted([(OWNER, OWNER), (SECOND, SECOND)])
        assert (await stage.tobs("verify", "-o", "one")).code == 0
        asked = await stage.tobs("verify", "--online", "-o", "one", "--account", str(SECOND))
        assert asked.code == 0
        assert f"belongs to the account {OWNER}. `--account {OWNER}` asks about it" in asked.err


async def test_a_logout_is_of_one_account_and_the_other_needs_no_name_any_more(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await log_second_in(stage)
        done = await stage.tobs("logout", "--account", "Otto Brandt")
        assert (done.code, done.out) == (0, "Logged out Otto Brandt.\n")
        assert (await stage.tobs("chats")).code == 0
        assert "Otto" not in (await stage.tobs("accounts")).out


async def test_logging_in_again_replaces_the_session_and_ends_the_old_one(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        old = tmp_path / "old"
        shutil.copytree(stage.home, old)
        assert (await stage.tobs("login", **FIRST_LOGIN)).code == 0
        assert (await stage.tobs("chats")).code == 0
        ended = await stage.tobs("chats", TOBS_HOME=str(old))
        assert (ended.code, ended.err.splitlines()[0]) == (10, "Telegram has ended this session.")


async def test_a_login_into_an_account_at_work_leaves_no_second_device_behind(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        before = (stage.account_folder / "session").read_bytes()
        with hold_lock(stage.account_folder / "lock", "The account"):
            done = await stage.tobs("login", **FIRST_LOGIN)
        assert (done.code, done.out) == (11, "")
        assert stage.simulator.counts["auth.logOut"] == 1
        assert (stage.account_folder / "session").read_bytes() == before
        assert (await stage.tobs("chats")).code == 0
