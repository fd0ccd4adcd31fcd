"""A Telegram in a box, an account in it, and tobs beside it: what every end-to-end test stands on."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from e2e.nursery import Child, find_nursery
from tobs.app import accounts, exporting
from tobs.core.choice import MediaChoice
from tobs.core.events import Event
from tobs.core.ports.services import Clock
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest, read_refresh
from tobs.core.span import Span
from tobs.settings import SecretStr, Settings
from tobs.simulator.changes import Changes
from tobs.simulator.faults import FaultScript
from tobs.simulator.server import Simulator
from tobs.simulator.world import World

API_HASH = "0" * 32

NO_DOWNLOADS = ("TOBS_DOWNLOAD_PHOTOS", "TOBS_DOWNLOAD_VIDEOS", "TOBS_DOWNLOAD_AUDIO", "TOBS_DOWNLOAD_OTHER")
"""Most tests are about messages; those of media say `--media`."""


@dataclass(slots=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every line of stdout as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def documents(self) -> list[dict[str, Any]]:
        """The entries of the one JSON document that stdout is."""
        entries: list[dict[str, Any]] = json.loads(self.out)
        return entries


@dataclass(slots=True)
class Stage:
    """The simulator in the test's own loop; tobs inside the test or as a process of its own."""

    simulator: Simulator
    folder: Path
    answered: list[Callable[[str, int], None]]
    events: list[Event] = field(default_factory=list)
    account: int = 0
    """Which of the world's accounts is logged in."""

    @property
    def world(self) -> World:
        return self.simulator.world

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def settings(self) -> Settings:
        card = list(self.world.accounts.values())[self.account]
        return Settings(
            home=self.home,
            server=self.simulator.address,
            server_key=self.folder / "server.pem",
            api_id=1,
            api_hash=SecretStr(API_HASH),
            phone_number=card.phone,
            export_tg_code=SecretStr(card.code),
            password=SecretStr(card.password) if card.password else None,
            timezone="Europe/Berlin",
            # Exports inside of the test decode there; those that are processes of their own do as they do for a person.
            decode_processes="0",
        )

    async def login(self) -> None:
        await accounts.login(self.settings, Silent())

    async def export(
        self,
        *chats: str,
        output: Path,
        stop: asyncio.Event | None = None,
        clock: Clock | None = None,
        span: Span | None = None,
        media: MediaChoice | None = None,
        **changed: object,
    ) -> RunReport:
        """Run `tobs export` inside the test, of text alone without `media`; `changed` are settings other than the usual ones."""
        request = ExportRequest(chats, output, span=span or Span())
        return await self.run(
            replace(request, media=media) if media else request, stop=stop, clock=clock, **changed
        )

    async def run(
        self,
        request: ExportRequest,
        *,
        stop: asyncio.Event | None = None,
        clock: Clock | None = None,
        **changed: object,
    ) -> RunReport:
        """Run any export, as `export` does."""
        settings = self.settings.model_copy(update=changed)
        refresh = read_refresh(settings.refresh_window, is_asked="refresh_window" in changed)
        request = replace(request, refresh=refresh)
        stop = stop or asyncio.Event()
        return await exporting.run_export(settings, request, self.events.append, stop, clock=clock)

    @property
    def account_folder(self) -> Path:
        """Where the account that is logged in lives."""
        [session] = self.home.glob("accounts/*/*/session")
        return session.parent

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "TOBS_HOME": str(self.home),
            "TOBS_SERVER": self.simulator.address,
            "TOBS_SERVER_KEY": str(self.folder / "server.pem"),
            "TOBS_API_ID": "1",
            "TOBS_API_HASH": API_HASH,
            "TOBS_TIMEZONE": "Europe/Berlin",
            **dict.fromkeys(NO_DOWNLOADS, "false"),
        }

    def command_environment(self, variables: dict[str, str | None]) -> dict[str, str]:
        """Return the environment of a command with these variables changed; None takes one away."""
        merged = {**self.environment, **variables}
        return {name: value for name, value in merged.items() if value is not None}

    async def start(self, *arguments: str, **variables: str | None) -> Child:
        """Start `tobs` as a process of its own, without a terminal."""
        return await find_nursery().start(arguments, self.command_environment(variables), self.folder)

    async def tobs(self, *arguments: str, **variables: str | None) -> Finished:
        """Run `tobs` as a process of its own and return how it ended."""
        process = await self.start(*arguments, **variables)
        out, err = await process.communicate()
        return Finished(await process.wait(), out.decode(), err.decode())


class Silent:
    """Answers nothing: the settings have everything."""

    can_retry = False

    def phone(self) -> str:
        raise AssertionError

    def code(self, _hint: str) -> str:
        raise AssertionError

    def password(self, _hint: str) -> str:
        raise AssertionError

    def passphrase(self, _hint: str, *, is_new: bool = False) -> str:
        raise AssertionError

    def show_code(self, _url: str) -> None:
        raise AssertionError


@asynccontextmanager
async def open_stage(
    world: World,
    folder: Path,
    *,
    login: bool = True,
    clock: Clock | None = None,
    faults: FaultScript | None = None,
    changes: Changes | None = None,
) -> AsyncIterator[Stage]:
    """Serve the world and log its first account in; `clock` is the server's, `changes` how the world moves."""
    answered: list[Callable[[str, int], None]] = []

    def tell(method: str, total: int) -> None:
        for each in answered:
            each(method, total)

    async with Simulator(world, on_answer=tell, clock=clock, faults=faults, changes=changes) as simulator:
        stage = Stage(simulator, folder, answered)
        (folder / "server.pem").write_text(simulator.public_key_pem)
        if login:
            await stage.login()
        yield stage


def read_tree(output: Path) -> dict[str, str]:
    """Return path → hash of every file that is promised to be crash-exact (DESIGN section 6)."""
    files = (path for path in output.rglob("*") if path.is_file())
    shown = (path for path in files if ".tobs" not in path.parts and path.name != "export_metrics.json")
    return {str(path.relative_to(output)): hashlib.sha256(path.read_bytes()).hexdigest() for path in shown}


def query(output: Path, sql: str, *values: object) -> list[Any]:
    """Return rows of an export folder's archive."""
    connection = sqlite3.connect(f"file:{output / '.tobs' / 'archive.sqlite'}?mode=ro", uri=True)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()
