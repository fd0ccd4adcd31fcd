"""Sessions that only a passphrase opens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgpack
import pytest

from e2e.stage import Stage, open_stage
from e2e.terminal import in_terminal
from tobs.simulator.world import WORLDS, World
from tobs.telegram.session import AccountFolder

SECRET = "a passphrase with é and blanks "
LOGIN: dict[str, str | None] = {"PHONE_NUMBER": "+1 555 010 0001", "EXPORT_TG_CODE": "12345"}
SEALING: dict[str, str | None] = {"TOBS_SESSION_KEY": "passphrase", "TOBS_SESSION_PASSPHRASE": SECRET}
OPENING: dict[str, str | None] = {"TOBS_SESSION_PASSPHRASE": SECRET}


def make_world() -> World:
    return WORLDS["small"](1, 0)


def open_with(stage: Stage, passphrase: str) -> AccountFolder:
    folder = AccountFolder(stage.account_folder)
    folder.unlock(passphrase)
    return folder


def assert_closed(stage: Stage, folder: AccountFolder) -> None:
    """Nothing of the login stands readable in any file of the account."""
    login = folder.load()
    for path in stage.account_folder.rglob("*"):
        body = path.read_bytes() if path.is_file() else b""
        for secret in (login.auth_key, login.auth_key[:16], login.phone.encode(), b"Mira"):
            assert secret not in body, path
        assert not path.is_file() or path.stat().st_mode & 0o777 == 0o600


async def test_a_sealed_login_works_with_its_passphrase_and_not_without(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        assert (await stage.tobs("login", **LOGIN, **SEALING)).code == 0
        folder = open_with(stage, SECRET)
        assert_closed(stage, folder)
        assert (await stage.tobs("export", "me", "-o", "out", **OPENING)).code == 0
        for command in (
            ("chats",),
            ("export", "me", "-o", "out"),
            ("logout",),
            ("verify", "--online", "-o", "out"),
        ):
            done = await stage.tobs(*command)
            assert done.code == 10
            assert done.err.startswith(
                "There is no terminal to ask at, and TOBS_SESSION_PASSPHRASE is not set.\n"
            )
            wrong = await stage.tobs(*command, TOBS_SESSION_PASSPHRASE="wrong")
            assert wrong.code == 10
            assert "export_start" not in done.out + wrong.out
            assert wrong.err.startswith("The passphrase does not open the session.\n")
            assert "bug" not in done.err + wrong.err
        assert (await stage.tobs("verify", "-o", "out")).code == 0


async def test_the_keys_of_other_data_centres_are_sealed_too(tmp_path: Path) -> None:
    async with open_stage(WORLDS["media"](1, 20), tmp_path, login=False) as stage:
        card = next(iter(stage.world.accounts.values()))
        login = {"PHONE_NUMBER": card.phone, "EXPORT_TG_CODE": card.code}
        password = {"TOBS_PASSWORD": card.password} if card.password else {}
        assert (await stage.tobs("login", **login, **password, **SEALING)).code == 0
        run = await stage.tobs("export", "--all", "-o", "out", "--media", "all", **OPENING)
        assert run.code == 0, run.err
        body = (stage.account_folder / "centres").read_bytes()
        keys = open_with(stage, SECRET).load_keys()
        found = [key for centre in range(1, 6) if (key := keys.find(centre))]
        assert found
        assert not any(key.key in body for key in found)


async def test_accounts_shows_a_sealed_one_by_its_id_and_asks_nothing(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        assert (await stage.tobs("login", **LOGIN, **SEALING)).code == 0
        shown = (await stage.tobs("accounts")).out
        assert "(encrypted)" in shown
        assert stage.account_folder.name in shown
        assert "Mira" not in shown
        assert "Mira" in (await stage.tobs("accounts", **OPENING)).out


async def test_a_person_is_asked_and_may_mistype_it_twice(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with in_terminal(stage, "login", **LOGIN, TOBS_SESSION_KEY="passphrase") as terminal:
            await terminal.answer("New passphrase for the session: ", "one")
            await terminal.answer("The same again: ", "two")
            await terminal.answer("(those were two different ones): ", "")
            await terminal.answer("(an empty one is none): ", SECRET)
            await terminal.answer("The same again: ", SECRET)
            assert await terminal.end() == 0
        async with in_terminal(stage, "chats") as terminal:
            await terminal.answer("Passphrase of the session: ", "wrong")
            await terminal.answer("(that one was wrong, 2 tries left): ", "wrong")
            await terminal.answer("(that one was wrong, one try left): ", SECRET)
            assert await terminal.end() == 0
        assert "Harbour" in terminal.shown or "Saved" in terminal.shown
        async with in_terminal(stage, "chats") as terminal:
            for _ in range(3):
                await terminal.answer("Passphrase of the session", "wrong")
            assert await terminal.end() == 10
        assert SECRET not in terminal.shown


async def test_session_key_seals_what_was_open_and_opens_what_was_sealed(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        plain = AccountFolder(stage.account_folder).load()
        assert (await stage.tobs("chats", **SEALING)).code == 0
        folder = open_with(stage, SECRET)
        assert folder.load() == plain
        assert_closed(stage, folder)
        assert (await stage.tobs("chats", **OPENING)).code == 0
        assert folder.is_sealed
        assert (await stage.tobs("chats", **OPENING, TOBS_SESSION_KEY="none")).code == 0
        assert AccountFolder(stage.account_folder).load() == plain
        assert (await stage.tobs("chats")).code == 0
        done = await stage.tobs("chats", TOBS_SESSION_KEY="passphrase")
        assert (done.code, done.err.splitlines()[0]) == (
            10,
            "There is no terminal to ask at, and TOBS_SESSION_PASSPHRASE is not set.",
        )


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts[:-1],
        lambda parts: [*parts[:5], parts[5][:-8]],
        lambda parts: [*parts[:2], 2**40, *parts[3:]],
        lambda parts: [*parts[:2], 3, *parts[3:]],
        lambda parts: ["something else", *parts[1:]],
    ],
    ids=["short", "token", "costly", "no power of two", "mark"],
)
async def test_a_sealed_file_that_is_damaged_costs_neither_memory_nor_a_traceback(
    tmp_path: Path, change: Any
) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        assert (await stage.tobs("login", **LOGIN, **SEALING)).code == 0
        path = stage.account_folder / "session"
        path.write_bytes(msgpack.packb(change(msgpack.unpackb(path.read_bytes()))))
        done = await stage.tobs("chats", **OPENING)
        assert done.code in {10, 12}
        assert "bug" not in done.err
        assert "`tobs login`" in done.err or "passphrase" in done.err
        assert (await stage.tobs("login", **LOGIN, **SEALING)).code == 0
        assert (await stage.tobs("chats", **OPENING)).code == 0
