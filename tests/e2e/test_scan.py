"""`tobs login --qr`: another device of the account scans what the screen shows."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from telethon import TelegramClient, errors, functions, types
from telethon.sessions import MemorySession

from e2e.stage import Stage, open_stage
from e2e.terminal import in_terminal
from tobs._util.clock import ManualClock
from tobs.simulator.corpus.people import OWNER
from tobs.simulator.server import Simulator
from tobs.simulator.world import WORLDS, World
from tobs.telegram.asking import Nobody
from tobs.telegram.connection import Identity, Server
from tobs.telegram.login import log_in
from tobs.telegram.session import AccountFolder

PASSWORD = "correct horse battery staple"


def make_world() -> World:
    return WORLDS["small"](1, 0)


class Screen(Nobody):
    """Whoever looks at the screen: keeps what was shown, and knows the password."""

    can_retry = True

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.changed = asyncio.Event()

    def show_code(self, url: str) -> None:
        self.shown.append(url)
        self.changed.set()

    def password(self, _hint: str) -> str:
        return PASSWORD

    async def read_token(self) -> bytes:
        await self.changed.wait()
        self.changed.clear()
        scheme, _, token = self.shown[-1].partition("?token=")
        assert scheme == "tg://login"
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


async def accept(simulator: Simulator, token: bytes, account: int = 0) -> Any:
    """Be another device that is logged in, and let the one with this token in."""
    card = list(simulator.world.accounts.values())[account]
    Server(simulator.address, simulator.public_key_pem).trust_key()
    session = MemorySession()
    session.set_dc(2, simulator.host, simulator.port)
    phone = TelegramClient(session, 1, "0" * 32, receive_updates=False)
    await phone.connect()
    try:
        await phone.send_code_request(card.phone)
        try:
            await phone.sign_in(card.phone, card.code)
        except errors.SessionPasswordNeededError:
            await phone.sign_in(password=PASSWORD)
        return await phone(functions.auth.AcceptLoginTokenRequest(token))
    finally:
        await phone.disconnect()


async def scan(stage: Stage, screen: Screen, *, account: int) -> Any:
    """Log in with tobs' own routine while another device scans."""
    server = Server(stage.simulator.address, stage.simulator.public_key_pem)
    server.trust_key()
    async with asyncio.TaskGroup() as tasks:
        login = tasks.create_task(log_in(stage.home, server, Identity(1, "0" * 32), screen, by_scan=True))
        await accept(stage.simulator, await screen.read_token(), account)
    return login.result().login


async def test_a_person_scans_the_code_that_the_terminal_shows(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        async with in_terminal(stage, "login", "--qr", rows=40, TERM="xterm-256color") as terminal:
            await terminal.wait_for("Link Desktop Device")
            lines = terminal.shown.splitlines()
            assert sum("▀" in each or "▄" in each or "█" in each for each in lines) > 10
            [token] = stage.simulator.tokens.shown
            await accept(stage.simulator, token)
            assert await terminal.end() == 0
        assert "Logged in as Mira Lindqvist." in terminal.shown
        assert (await stage.tobs("chats")).code == 0


async def test_a_window_that_is_too_small_shows_the_address_instead(tmp_path: Path) -> None:
    async with (
        open_stage(make_world(), tmp_path, login=False) as stage,
        in_terminal(stage, "login", "--qr", columns=30, rows=10) as terminal,
    ):
        await terminal.wait_for("Link Desktop Device")
        assert "tg://login?token=" in terminal.shown
        [token] = stage.simulator.tokens.shown
        await accept(stage.simulator, token)
        assert await terminal.end() == 0


async def test_without_a_terminal_nothing_is_shown_or_waited_for(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        done = await stage.tobs("login", "--qr")
        assert (done.code, done.out) == (10, "")
        assert done.err.splitlines()[0] == "There is no terminal to show a QR code in."


async def test_an_account_with_a_password_is_asked_for_it_after_the_scan(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        login = await scan(stage, Screen(), account=1)
        assert login.name == "Otto Brandt"


@pytest.mark.parametrize("account", [0, 1], ids=["plain", "password"])
async def test_an_account_of_another_data_centre_logs_in_where_it_lives(tmp_path: Path, account: int) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        there = {"TOBS_SERVER": stage.simulator.addresses[4], "TOBS_PASSWORD": PASSWORD}
        async with in_terminal(stage, "login", "--qr", **there) as terminal:
            await terminal.wait_for("Link Desktop Device")
            [token] = stage.simulator.tokens.shown
            await accept(stage.simulator, token, account)
            assert await terminal.end() == 0, terminal.shown
        login = AccountFolder(stage.account_folder).load()
        assert (login.dc_id, f"{login.host}:{login.port}") == (2, stage.simulator.address)
        assert (await stage.tobs("chats", **there)).code == 0


async def test_a_code_that_expired_is_replaced_until_one_is_scanned(tmp_path: Path) -> None:
    # For the client, which looks at its own clock, every token of this server has expired long ago.
    clock = ManualClock()
    async with open_stage(make_world(), tmp_path, login=False, clock=clock) as stage:
        screen = Screen()
        server = Server(stage.simulator.address, stage.simulator.public_key_pem)
        server.trust_key()
        async with asyncio.TaskGroup() as tasks:
            login = tasks.create_task(log_in(stage.home, server, Identity(1, "0" * 32), screen, by_scan=True))
            first = await screen.read_token()
            second = await screen.read_token()
            assert second != first
            with pytest.raises(errors.AuthTokenExpiredError):
                await accept(stage.simulator, first)
            await accept(stage.simulator, second)
        assert login.result().login.user_id == OWNER


def test_telethon_still_has_what_the_scan_builds_on() -> None:
    assert callable(TelegramClient._switch_dc)
    assert types.UpdateLoginToken
