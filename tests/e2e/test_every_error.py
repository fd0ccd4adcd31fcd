"""Every class of tobs.errors comes about in real work, and every exit code is reached by a command."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from telethon import functions

from cli.test_exits import all_errors
from e2e.connected import open_client, open_source
from e2e.proxies import open_proxy
from e2e.stage import Finished, Stage, open_stage
from e2e.terminal import in_terminal
from telegram.desk import open_desk
from tobs import errors
from tobs._util.clock import ManualClock
from tobs._util.lock import hold_lock
from tobs._util.pool import Pool
from tobs.app import overview
from tobs.archive.connect import archive_path
from tobs.core.request import Selection
from tobs.media.store import DiskStore
from tobs.simulator.faults import Drop, Fault, FaultScript, Flood, Refusal
from tobs.simulator.process import SimulatorProcess
from tobs.simulator.world import WORLDS, World
from tobs.telegram.flood import FloodGate

LOGIN: dict[str, str | None] = {"PHONE_NUMBER": "+1 555 010 0001", "EXPORT_TG_CODE": "12345"}
DIALOGS = ("messages.getDialogs",)


def make_world() -> World:
    return WORLDS["small"](1, 0)


@dataclass(frozen=True, slots=True)
class Command:
    """What is typed, how the world is, and what was done before."""

    typed: tuple[str, ...]
    variables: dict[str, str | None] | None = None
    fault: Fault | None = None
    is_logged_in: bool = True
    prepare: Callable[[Stage], Awaitable[object]] | None = None


async def _revoke(stage: Stage) -> None:
    stage.simulator.revoke(stage.world.owner)


async def _spoil_session(stage: Stage) -> None:
    (stage.account_folder / "session").write_bytes(b"no session")


async def _write_file(stage: Stage) -> None:
    (stage.folder / "out").write_bytes(b"no folder")


async def _age_archive(stage: Stage) -> None:
    assert (await stage.tobs("export", "me", "-o", "out")).code == 0
    with closing(sqlite3.connect(archive_path(stage.folder / "out"))) as connection:
        connection.execute("PRAGMA user_version = 999")


async def _seal(stage: Stage) -> None:
    sealing: dict[str, str | None] = {
        "TOBS_SESSION_KEY": "passphrase",
        "TOBS_SESSION_PASSPHRASE": "right",
    }
    assert (await stage.tobs("chats", **sealing)).code == 0


CHATS = ("chats", "--debug")
COMMANDS: dict[type[errors.TobsError], Command] = {
    errors.UsageError: Command(("export", "me", "--json", "--debug")),
    errors.SettingError: Command(CHATS, {"TOBS_MAX_THREADS": "many"}),
    errors.ForeignFolder: Command(("export", "me", "-o", "out", "--debug"), prepare=_write_file),
    errors.NewerArchive: Command(("render", "-o", "out", "--debug"), prepare=_age_archive),
    errors.ChatNotFound: Command((*CHATS, "--folder", "Nowhere")),
    errors.LoginError: Command(
        ("login", "--debug"),
        LOGIN,
        Refusal(400, "PHONE_NUMBER_FLOOD", methods=("auth.sendCode",)),
        is_logged_in=False,
    ),
    errors.LoginNeeded: Command(CHATS, is_logged_in=False),
    errors.WrongCode: Command(("login", "--debug"), LOGIN | {"EXPORT_TG_CODE": "99999"}, is_logged_in=False),
    errors.WrongPassphrase: Command(CHATS, {"TOBS_SESSION_PASSPHRASE": "wrong"}, prepare=_seal),
    errors.SessionRevoked: Command(CHATS, prepare=_revoke),
    errors.Damaged: Command(CHATS, prepare=_spoil_session),
    errors.GaveUpWaiting: Command(CHATS, {"TOBS_MAX_FLOOD_WAIT": "1"}, Flood(7200, methods=DIALOGS)),
    errors.Unanswered: Command(CHATS, fault=Drop(methods=DIALOGS)),
    errors.ServerError: Command(CHATS, fault=Refusal(400, "SOMETHING_ELSE", methods=DIALOGS)),
}
"""What a person can bring about by typing a command."""


async def run_command(command: Command, folder: Path) -> Finished:
    faults = FaultScript([command.fault]) if command.fault else None
    async with open_stage(make_world(), folder, login=command.is_logged_in, faults=faults) as stage:
        if command.prepare:
            await command.prepare(stage)
        return await stage.tobs(*command.typed, **command.variables or {})


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
async def test_a_command_ends_with_this_error_and_its_code(
    kind: type[errors.TobsError], tmp_path: Path
) -> None:
    done = await run_command(COMMANDS[kind], tmp_path)
    assert done.code == kind.exit_code
    # --debug shows the class; the last lines are what is said to a person.
    assert f"tobs.errors.{kind.__name__}: " in done.err
    assert "This is a bug" not in done.err


async def _stop_simulator(_folder: Path) -> None:
    with SimulatorProcess("no such world"):
        pass


async def _lack_access(folder: Path) -> None:
    refusal = Refusal(400, "CHANNEL_PRIVATE", methods=("messages.getHistory",))
    async with (
        open_stage(make_world(), folder, faults=FaultScript([refusal])) as stage,
        open_source(stage) as source,
    ):
        await source.fetch_history(await source.find_chat("me"), top=0, low=1)


async def _be_busy(folder: Path) -> None:
    async with open_stage(make_world(), folder) as stage:
        with hold_lock(stage.account_folder / "lock", "The account"):
            await overview.list_chats(stage.settings, Selection(is_all=True))


async def _lose_network(folder: Path) -> None:
    async with open_stage(make_world(), folder, login=False) as stage, open_proxy(refuses=True) as proxy:
        done = await stage.tobs("login", "--debug", **LOGIN, TOBS_PROXY=proxy.url("http"))
        assert done.code == errors.NetworkError.exit_code
        if "tobs.errors.NetworkError: " in done.err:
            raise errors.NetworkError(done.err)


async def _fill_disk(folder: Path) -> None:
    (folder / ".tobs" / "partial").mkdir(parents=True)
    async with Pool(1) as pool:
        store = DiskStore(folder, pool, min_free_bytes=1 << 62)
        try:
            await store.ensure_space(1)
        finally:
            store.close()


async def _miss_file(folder: Path) -> None:
    refusal = Refusal(400, "LOCATION_NOT_AVAILABLE", methods=("upload.getFile",))
    async with open_desk(folder, refusal) as desk:
        await desk.read(await desk.find())


async def _let_address_expire(folder: Path) -> None:
    async with open_desk(folder) as desk:
        located = await desk.find()
        desk.stage.simulator.references.expire(located.key.id)
        await desk.read(located)


async def _skip(_folder: Path) -> None:
    gate = FloodGate(ManualClock(), lambda _event: None, max_wait_seconds=3600)
    gate.note_wait(("updates.getState", False), 60, is_optional=True)


async def _stop(folder: Path) -> None:
    stop = asyncio.Event()
    stop.set()
    async with open_stage(make_world(), folder) as stage, open_client(stage, stop=stop) as client:
        await client.send(functions.updates.GetStateRequest(), "the state")


SITUATIONS: dict[type[errors.TobsError], Callable[[Path], Awaitable[None]]] = {
    errors.TobsError: _stop_simulator,
    errors.NoAccess: _lack_access,
    errors.Busy: _be_busy,
    errors.NetworkError: _lose_network,
    errors.DiskFull: _fill_disk,
    errors.FileUnavailable: _miss_file,
    errors.StaleReference: _let_address_expire,
    errors.Skipped: _skip,
    errors.Stopped: _stop,
}
"""What happens inside of a run, or would take a person too long."""


@pytest.mark.parametrize("kind", SITUATIONS, ids=lambda kind: kind.__name__)
async def test_a_situation_raises_this_very_error(kind: type[errors.TobsError], tmp_path: Path) -> None:
    with pytest.raises(kind) as raised:
        await SITUATIONS[kind](tmp_path)
    assert type(raised.value) is kind
    assert str(raised.value)


def test_no_class_of_errors_is_without_its_occasion() -> None:
    assert {*COMMANDS, *SITUATIONS} == set(all_errors())
    assert not COMMANDS.keys() & SITUATIONS.keys()


async def test_every_exit_code_is_reached_by_a_command(tmp_path: Path) -> None:
    reached = {kind.exit_code for kind in COMMANDS}
    async with open_stage(make_world(), tmp_path) as stage:
        for typed, code in (
            (("export", "me", "-o", "out"), 0),
            (("export", "me", "@nobody_at_all", "-o", "out"), 3),
            (("export", "--all", "-o", "full", "--media", "all"), 15),
        ):
            space = "9999TB" if code == 15 else "0"
            done = await stage.tobs(*typed, TOBS_MIN_FREE_SPACE=space)
            assert done.code == code, done.err + done.out
            reached.add(code)
        with hold_lock(stage.account_folder / "lock", "The account"):
            reached.add((await stage.tobs("chats")).code)
        async with in_terminal(stage, "login", PHONE_NUMBER=LOGIN["PHONE_NUMBER"]) as terminal:
            await terminal.wait_for("Code (")
            reached.add(await terminal.interrupt())
    assert reached == {0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 15, 130}
