"""The composition root: settings in, wired objects out, closed in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from tzlocal import get_localzone_name

import tobs
from tobs._util.atomic import save
from tobs._util.clock import SystemClock
from tobs._util.pool import Pool, count_processes
from tobs.archive.checks import ArchiveChecks
from tobs.archive.connect import archive_path
from tobs.archive.info import archive_info
from tobs.archive.lock import lock_folder
from tobs.archive.read import ArchiveReader
from tobs.archive.store import SqliteArchive, open_archive
from tobs.cache.store import Cache
from tobs.core.certificate import Asked, Certificate
from tobs.core.chatname import pick_chats
from tobs.core.events import ExportFinished, ExportStarted, Failed, Said
from tobs.core.ports import Clock, Emit
from tobs.core.report import RenderReport, RunReport
from tobs.core.request import ExportRequest, Projection, Selection, VerifyRequest
from tobs.errors import EXIT_INTERRUPTED, Damaged, LoginNeeded, SettingError, TobsError, UsageError
from tobs.export.audit import Auditor
from tobs.export.engine import Bounds, Engine
from tobs.export.notes import Inspector
from tobs.export.probe import Prober
from tobs.export.project import Projector
from tobs.export.verify import Verifier, judge_certificate
from tobs.settings import SecretStr, Settings
from tobs.telegram.client import LIBRARY, Client, Identity, Server
from tobs.telegram.decode import READS_LAYER, decode_page
from tobs.telegram.dialogs import Dialog
from tobs.telegram.directory import Directory
from tobs.telegram.flood import FloodGate
from tobs.telegram.history import TelegramSource
from tobs.telegram.login import API_HINT, Ask, Nobody, PresetAsk, log_in, log_out
from tobs.telegram.session import AccountFolder, account_folder, find_accounts, make_private, server_name
from tobs.writers.registry import make_writer

REPORT_VERSION = 1
CERTIFICATE_VERSION = 1


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """An account that is logged in here; the phone number shows its last two digits only."""

    user_id: int
    name: str
    phone_masked: str
    server: str


async def login(settings: Settings, ask: Ask) -> str:
    """Log an account in and return its name.

    Raises UsageError when somebody is logged in already, and what `log_in` raises.
    """
    if accounts := list_accounts(settings):
        raise UsageError(
            f"{accounts[0].name} is logged in already.",
            hint="Log out first with `tobs logout`; exports stay.",
        )
    done = await log_in(settings.home, _server(settings), _identity(settings), _preset(settings, ask))
    return done.name


async def logout(settings: Settings) -> str:
    """Log the account out, at Telegram and here, and return its name."""
    account = _account(settings)
    stored = account.load()
    await log_out(settings.home, _server(settings), _identity(settings), stored)
    return stored.name


def list_accounts(settings: Settings) -> list[AccountInfo]:
    """Return the accounts logged in at the server that is set."""
    found = []
    for folder in find_accounts(settings.home, settings.server or ""):
        stored = folder.load()
        masked = "…" + stored.phone[-2:] if stored.phone else ""
        found.append(AccountInfo(stored.user_id, stored.name, masked, server_name(settings.server or "")))
    return found


def account_path(settings: Settings, user_id: int) -> Path:
    """Return the folder of an account."""
    return account_folder(settings.home, settings.server or "", user_id).path


async def list_chats(settings: Settings, selection: Selection) -> list[Dialog]:
    """Return the chats of the account that are meant, as the server orders them.

    Raises ChatNotFound when it has no such folder.
    """

    def ignore(_event: object) -> None:
        """Waits are short here, and nobody watches."""

    async with _connected(settings, SystemClock(), ignore) as (_, _directory, source):
        found = await source.select(selection)
    if found.missing:
        raise found.missing[0]
    return found.dialogs


async def run_export(
    settings: Settings,
    request: ExportRequest,
    emit: Emit,
    stop: asyncio.Event,
    *,
    clock: Clock | None = None,
) -> RunReport:
    """Export the chats asked for into their folder and return what was done.

    The report's `exit_code` says how it went; it stands in the run file also when the run failed or was
    interrupted. Raises a TobsError for what ends the run before it begins.
    """
    clock = clock or SystemClock()
    report = start_report(clock)
    account = _account(settings)
    _identity(settings)
    async with _opened(request.output, settings) as opened:
        for warning in opened.archive.warnings:
            emit(Said("warning", warning))
        projection = await _choose_projection(opened.archive, settings)
        limits = request.span.locate(projection.zone, clock.now())
        projector = opened.projector(projection, emit)
        emit(ExportStarted(list(request.chats), str(request.output)))
        try:
            async with _connected(settings, clock, emit, account) as (client, _, source):
                engine = Engine(
                    source=source,
                    archive=opened.archive,
                    decoder=decode_page,
                    projector=projector,
                    pool=opened.pool,
                    clock=clock,
                    emit=emit,
                    bounds=Bounds(
                        settings.fetch_queue, settings.write_queue, settings.max_requests_in_flight
                    ),
                    limits=limits,
                )
                await engine.run(request, report, stop)
                report.requests = dict(client.counts)
        except TobsError as error:
            emit(Failed(str(error), hint=error.hint, exit_code=error.exit_code))
            report.error, report.exit_code = str(error), error.exit_code
        except asyncio.CancelledError:
            report.error, report.exit_code = "interrupted", EXIT_INTERRUPTED
            raise
        finally:
            await _finish(opened, report, clock)
    emit(_describe_end(report))
    return report


async def run_render(
    settings: Settings, output: Path, *, timezone: str | None, overwrite: bool, emit: Emit
) -> RenderReport:
    """Make the notes of an export folder again from its archive.

    `timezone` is kept in the archive from now on. Raises UsageError when there is no archive.
    """
    _require_archive(output)
    async with _opened(output, settings) as opened:
        projection = await _choose_projection(opened.archive, settings, zone=timezone)
        return await opened.projector(projection, emit).draw_stale(overwrite=overwrite, redraw=True)


async def run_verify(settings: Settings, request: VerifyRequest, emit: Emit) -> Certificate:
    """Prove what an export folder holds; its `exit_code` says how that went.

    Nothing is written and nobody asked, unless the request says so. Raises UsageError when there is no
    archive, ChatNotFound, or Busy; damage is in the certificate.
    """
    _require_archive(request.output)
    asked = await _ask_telegram(settings, request, emit) if request.is_online else {}
    found = Certificate(CERTIFICATE_VERSION, tobs.__version__, _say_moment(SystemClock()))
    async with AsyncExitStack() as stack:
        stack.enter_context(lock_folder(request.output))
        pool = Pool(settings.max_threads, processes=count_processes(settings.decode_processes))
        stack.push_async_callback(pool.close)
        try:
            path = archive_path(request.output)
            checks = stack.enter_context(closing(ArchiveChecks(path)))
            reader = stack.enter_context(closing(ArchiveReader(path)))
            # Once more, to be closed first: after Ctrl+C its threads may still be reading.
            stack.push_async_callback(pool.close)
            writer = make_writer("markdown", reader, checks.projection() or _wanted_projection(settings))
            auditor = Auditor(checks, decode_page, pool, emit, layer=READS_LAYER)
            inspector = Inspector(request.output, reader, writer, pool)
            found.last_run = checks.last_run()
            await Verifier(checks, auditor, inspector, pool).verify(request.chats, found, asked)
        except Damaged as error:
            found.damage.add(str(error))
    found.exit_code = judge_certificate(found)
    return found


async def _ask_telegram(
    settings: Settings, request: VerifyRequest, emit: Emit
) -> dict[tuple[int, int], Asked]:
    """Return what Telegram says by chat; what it had left out is stored and drawn."""
    async with _opened(request.output, settings) as opened, _connected(settings, SystemClock(), emit) as line:
        chats = pick_chats(request.chats, opened.reader.chats())
        with closing(ArchiveChecks(opened.archive.path)) as checks:
            prober = Prober(line[2], opened.archive, checks, decode_page, opened.pool)
            found = {each.key: await prober.ask_about(each, limit=request.probe_limit) for each in chats}
        if any(each.found for each in found.values()):
            projection = await _choose_projection(opened.archive, settings)
            await opened.projector(projection, emit).draw_stale()
        return found


async def run_demo(settings: Settings, output: Path, emit: Emit, stop: asyncio.Event) -> RunReport:
    """Export three chats of an invented Telegram that runs on this computer.

    Server, login and encryption are the real protocol; the account lives in a throw-away home.
    """
    from tobs.simulator.process import SimulatorProcess
    from tobs.simulator.world import DEMO_CHATS

    _refuse_real_chats(output, DEMO_CHATS)
    with TemporaryDirectory(prefix="tobs-demo-") as folder, SimulatorProcess("demo") as server:
        home = Path(folder)
        key_file = home / "server.pem"
        save(key_file, server.key.encode("ascii"), mode=0o600)
        card = server.accounts[0]
        demo = Settings(
            home=home,
            server=server.address,
            server_key=key_file,
            api_id=1,
            api_hash=SecretStr("0" * 32),
            phone_number=card.phone,
            export_tg_code=SecretStr(card.code),
            password=SecretStr(card.password) if card.password else None,
            timezone=settings.timezone,
        )
        name = await login(demo, Nobody())
        emit(Said("info", f"Logged in as {name} at a Telegram in a box ({server.address}, real MTProto)."))
        return await run_export(demo, ExportRequest(tuple(DEMO_CHATS), output), emit, stop)


def _refuse_real_chats(output: Path, invented: Iterable[str]) -> None:
    """Raise UsageError when a folder holds other chats than the demo's: nothing takes one out again."""
    path = archive_path(output)
    names = {each.removeprefix("@") for each in invented}
    if path.is_file() and not all(
        names & {each.chat.title, each.chat.username} for each in archive_info(path).chats
    ):
        raise UsageError(
            f"{output} holds chats of your own.",
            hint="The demo's would stay among them: choose another folder.",
        )


def start_report(clock: Clock) -> RunReport:
    """Return the report of a run that begins now; it counts as failed until it has ended otherwise."""
    return RunReport(REPORT_VERSION, tobs.__version__, _say_moment(clock), exit_code=TobsError.exit_code)


def _say_moment(clock: Clock) -> str:
    return datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(slots=True)
class _Opened:
    """An export folder under its lock, with everything that reads and writes it."""

    output: Path
    archive: SqliteArchive
    reader: ArchiveReader
    pool: Pool

    def projector(self, projection: Projection, emit: Emit) -> Projector:
        writer = make_writer("markdown", self.reader, projection)
        return Projector(self.output, self.archive.ledger, self.reader, writer, self.pool, emit)


@asynccontextmanager
async def _opened(output: Path, settings: Settings) -> AsyncIterator[_Opened]:
    async with AsyncExitStack() as stack:
        stack.enter_context(lock_folder(output))
        archive = await open_archive(output, library=LIBRARY)
        stack.push_async_callback(archive.close)
        reader = ArchiveReader(archive.path)
        stack.callback(reader.close)
        # Closed first: after a second Ctrl+C its threads may still be reading.
        pool = Pool(settings.max_threads, processes=count_processes(settings.decode_processes))
        stack.push_async_callback(pool.close)
        yield _Opened(output, archive, reader, pool)


@asynccontextmanager
async def _connected(
    settings: Settings, clock: Clock, emit: Emit, account: AccountFolder | None = None
) -> AsyncIterator[tuple[Client, Directory, TelegramSource]]:
    account = account or _account(settings)
    server = _server(settings)
    if server.address:
        server.trust_key()
    with account.locked():
        make_private(account.path / "cache")
        cache = Cache(
            account.path / "cache" / "input_peer_cache.bin",
            clock=clock,
            max_entries=settings.input_peer_cache_size,
            ttl_seconds=settings.input_peer_cache_ttl,
        )
        for warning in cache.load():
            emit(Said("warning", warning))
        gate = FloodGate(
            clock,
            emit,
            max_wait_seconds=settings.max_flood_wait,
            known=account.load_waits(),
            keep=account.store_waits,
        )
        client = Client(
            account.open_session(), _identity(settings), gate, clock, timeout_seconds=settings.request_timeout
        )
        try:
            async with client:
                directory = Directory(client, cache, account.user_id)
                yield client, directory, TelegramSource(client, directory, clock, account.user_id)
        finally:
            for warning in cache.save():
                emit(Said("warning", warning))


async def _choose_projection(
    archive: SqliteArchive, settings: Settings, *, zone: str | None = None
) -> Projection:
    """Return the folder's options; those that are set, and `zone`, are kept from now on.

    Raises SettingError when TIMEZONE names another zone than the folder has, and `zone` none.
    """
    kept = await archive.keep_projection(_wanted_projection(settings))
    if settings.timezone and not zone and kept.zone != settings.timezone:
        raise SettingError(
            f"This folder shows dates in {kept.zone}, not in {settings.timezone}.",
            hint=f"`tobs render --timezone {settings.timezone}` changes it and draws all notes again.",
        )
    wanted = replace(
        kept,
        zone=zone or kept.zone,
        keep_deleted=settings.keep_deleted or kept.keep_deleted,
        show_edits=kept.show_edits if settings.show_edits is None else settings.show_edits,
    )
    return kept if wanted == kept else await archive.set_projection(wanted)


def _wanted_projection(settings: Settings) -> Projection:
    local = get_localzone_name() or "UTC"
    return Projection(
        zone=settings.timezone or ("UTC" if local == "Etc/UTC" else local),
        keep_deleted=settings.keep_deleted or "mark",
        show_edits=bool(settings.show_edits),
    )


async def _finish(opened: _Opened, report: RunReport, clock: Clock) -> None:
    """Write the run into the archive and into a file of its own, however it ended."""
    start = datetime.fromisoformat(report.start_time).timestamp()
    report.duration_s = round(clock.now() - start, 3)
    name = report.start_time.replace(":", "").replace("-", "")
    body = msgspec.json.format(msgspec.json.encode(report), indent=2)
    save(opened.output / ".tobs" / "runs" / f"{name}.json", body + b"\n", mode=0o600)
    await opened.archive.save_run(report)


def _describe_end(report: RunReport) -> ExportFinished:
    return ExportFinished(
        success=report.exit_code == 0,
        exit_code=report.exit_code,
        messages_new=sum(each.new for each in report.chats),
        messages_stored=sum(each.tally.stored for each in report.chats),
        notes_written=len(report.render.written),
        seconds=report.duration_s,
        kept_notes=report.render.kept,
    )


def _require_archive(output: Path) -> None:
    if not (output / ".tobs" / "archive.sqlite").is_file():
        raise UsageError(f"{output} holds no archive.", hint="`tobs export <chat>` makes one.")


def _preset(settings: Settings, ask: Ask) -> PresetAsk:
    """Return who answers a login: the settings, and the person for the rest."""
    secrets = (settings.export_tg_code, settings.password)
    code, password = (each.get_secret_value() if each else "" for each in secrets)
    return PresetAsk(ask, settings.phone_number or "", code, password)


def _account(settings: Settings) -> AccountFolder:
    """Return the account that is logged in. Raises LoginNeeded."""
    accounts = find_accounts(settings.home, settings.server or "")
    if not accounts:
        raise LoginNeeded("Nobody is logged in.", hint="Run `tobs login` first.")
    return accounts[0]


def _identity(settings: Settings) -> Identity:
    """Return the application's credentials. Raises LoginNeeded, which says where to get them."""
    if not settings.api_id or not settings.api_hash:
        raise LoginNeeded("API_ID and API_HASH are not set.", hint=API_HINT)
    return Identity(settings.api_id, settings.api_hash.get_secret_value())


def _server(settings: Settings) -> Server:
    """Return where to connect. Raises SettingError when the server's key is missing or unreadable."""
    if not settings.server:
        return Server()
    if not settings.server_key:
        raise SettingError(
            "TOBS_SERVER is set, but TOBS_SERVER_KEY is not.", hint="It names that server's public key (PEM)."
        )
    try:
        return Server(settings.server, settings.server_key.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise SettingError(f"TOBS_SERVER_KEY names {settings.server_key}, which cannot be read.") from error
