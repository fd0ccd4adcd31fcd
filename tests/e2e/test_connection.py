"""What goes wrong between tobs and the server while an export runs: everything committed stays."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from telethon import functions

from e2e.changes import chat_called, listed_names, refusing, say, serving_instead
from e2e.stage import Silent, Stage, open_stage, query, read_tree
from tobs._util.clock import ManualClock
from tobs.app import accounts, exporting
from tobs.core.events import Event, Failed, Progressed, Waiting
from tobs.core.ports.services import Clock
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest
from tobs.errors import TobsError
from tobs.settings import SecretStr, Settings
from tobs.simulator.corpus.people import OWNER
from tobs.simulator.dispatch import RpcError
from tobs.simulator.process import SimulatorProcess
from tobs.simulator.world import WORLDS, World

CLUB = "@rowing_club_demo"
LATER = 4_000_000_000.0
HISTORY = functions.messages.GetHistoryRequest


def make_world() -> World:
    return WORLDS["small"](1, 0)


def last_run(output: Path) -> dict[str, Any]:
    """Return the newest run file."""
    path = max((output / ".tobs" / "runs").glob("*.json"))
    return dict(json.loads(path.read_bytes()))


def assert_kept(output: Path, report: RunReport, code: int) -> None:
    """The run ended with a code, and what came before is stored, drawn and reported."""
    assert report.exit_code == code
    assert query(output, "SELECT count(*) FROM messages")[0][0] > 0
    assert list(output.glob("*/2*/*.md"))
    written = last_run(output)
    assert (written["exit_code"], written["error"]) == (code, report.error)


async def assert_completes(stage: Stage, output: Path, *chats: str, clock: Clock | None = None) -> None:
    """The next run ends like one that nothing had interrupted."""
    assert (await stage.export(*chats, output=output, clock=clock)).exit_code == 0
    assert (await stage.export(*chats, output=output.with_name("whole"), clock=clock)).exit_code == 0
    assert read_tree(output) == read_tree(output.with_name("whole"))


async def test_a_session_revoked_in_the_middle_keeps_what_is_there(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        chats, output = listed_names(stage.world), tmp_path / "out"

        def revoke(method: str, _total: int) -> None:
            if method == "messages.getHistory" and stage.simulator.counts[method] == 3:
                stage.simulator.revoke(OWNER)

        stage.answered.append(revoke)
        report = await stage.export(*chats, output=output)
        stage.answered.clear()
        assert_kept(output, report, 10)
        [failed] = [each for each in stage.events if isinstance(each, Failed)]
        assert (failed.text, failed.exit_code) == ("Telegram has ended this session.", 10)
        await accounts.logout(stage.settings)
        await stage.login()
        await assert_completes(stage, output, *chats)


async def test_a_wait_longer_than_allowed_ends_the_run_and_keeps_what_is_there(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        output = tmp_path / "out"
        with refusing(HISTORY, None, RpcError(420, "FLOOD_WAIT_61")):
            report = await stage.export(CLUB, "me", output=output, max_flood_wait=60)
        assert_kept(output, report, 13)
        assert "Telegram asks to wait 61 s before messages.getHistory" in report.error
        await assert_completes(stage, output, CLUB, "me", clock=ManualClock(LATER))


async def test_a_server_that_cannot_be_reached_ends_with_14(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out")
        before = read_tree(tmp_path / "out")
    report = await stage.export(CLUB, output=tmp_path / "out", clock=ManualClock(LATER))
    assert report.exit_code == 14
    assert report.error == f"Cannot reach {stage.simulator.address}."
    assert last_run(tmp_path / "out")["exit_code"] == 14
    assert read_tree(tmp_path / "out") == before


async def test_a_login_at_a_server_that_is_not_there_ends_with_14(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{nobody.getsockname()[1]}"
            done = await stage.tobs(
                "login", TOBS_SERVER=address, PHONE_NUMBER="+15550100001", EXPORT_TG_CODE="12345"
            )
        assert (done.code, done.out) == (14, "")
        assert done.err.splitlines()[-2:] == [
            f"Cannot reach {address}.",
            "Check the network, then try again.",
        ]


async def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        never = asyncio.Event()
        asked = []

        async def hang(_context: object, request: Any, answer: Any) -> Any:
            asked.append(request)
            if len(asked) > 1:
                await never.wait()
            return answer()

        with serving_instead(HISTORY, hang, is_async=True):
            report = await stage.export(
                CLUB, output=tmp_path / "out", request_timeout=0.05, clock=ManualClock()
            )
        assert_kept(tmp_path / "out", report, 14)
        await assert_completes(stage, tmp_path / "out", CLUB)


def settings_for(server: SimulatorProcess, folder: Path) -> Settings:
    (folder / "server.pem").write_text(server.key)
    return Settings(
        home=folder / "home",
        server=server.address,
        server_key=folder / "server.pem",
        api_id=1,
        api_hash=SecretStr("0" * 32),
        phone_number=server.accounts[0].phone,
        export_tg_code=SecretStr(server.accounts[0].code),
        timezone="Europe/Berlin",
    )


@pytest.mark.parametrize("page", [1, 4])
async def test_a_server_process_that_dies_in_the_middle_costs_no_page_that_came(
    tmp_path: Path, page: int
) -> None:
    died = pytest.raises(TobsError, match="died with exit code -9")
    events: list[Event] = []
    with died, SimulatorProcess("bench", messages=20_000) as server:
        settings = settings_for(server, tmp_path)
        await accounts.login(settings, Silent())

        def watch(event: Event) -> None:
            events.append(event)
            if len([each for each in events if isinstance(each, Progressed)]) == page:
                server.kill()

        report = await exporting.run_export(
            settings,
            ExportRequest(("@bench_bulk",), tmp_path / "out"),
            watch,
            asyncio.Event(),
            clock=ManualClock(),
        )
        assert_kept(tmp_path / "out", report, 14)
        [(stored,)] = query(tmp_path / "out", "SELECT count(*) FROM messages")
        assert page * 100 <= stored < 20_000
        assert report.chats[0].tally.stored == stored


async def test_hours_of_waiting_are_obeyed_and_shown(tmp_path: Path) -> None:
    clock = ManualClock()
    async with open_stage(make_world(), tmp_path) as stage:
        asked: list[float] = []
        waits = [None, RpcError(420, "FLOOD_WAIT_3000"), RpcError(420, "FLOOD_PREMIUM_WAIT_7"), None]
        stage.answered.append(
            lambda method, _: asked.append(clock.monotonic()) if "getHistory" in method else None
        )
        with refusing(HISTORY, *waits):
            report = await stage.export(CLUB, "me", output=tmp_path / "out", clock=clock)
        told = [each for each in stage.events if isinstance(each, Waiting)]
        assert report.exit_code == 0
        assert {each.method for each in told} == {"messages.getHistory"}
        assert [told[0].seconds, max(each.seconds for each in told)] == [3000, 3000]
        assert told[-1].seconds <= 7
        assert asked[:3] == [0, 0, 3000]
        assert min(asked[3:]) == 3007


async def test_a_message_that_comes_between_two_runs_is_added(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:
        await stage.export(CLUB, output=tmp_path / "out")
        say(chat_called(stage.world, "Rowing Club"), "New boats have come!", OWNER)
        report = await stage.export(CLUB, output=tmp_path / "out")
        assert [each.new for each in report.chats] == [0, 1]  # the group that the club was has nothing new
        await assert_completes(stage, tmp_path / "out", CLUB)
