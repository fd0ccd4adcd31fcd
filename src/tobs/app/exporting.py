"""`tobs export`, wired."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import msgspec

import tobs
from tobs._util.atomic import save
from tobs._util.clock import SystemClock
from tobs.app.caches import MEDIA_HASHES, note_uses
from tobs.app.connection import Connection, connect_account
from tobs.app.converting import process_media
from tobs.app.folder import OpenFolder, choose_projection, open_folder
from tobs.app.identity import find_account, read_identity
from tobs.app.logbook import begin_log, log_end
from tobs.app.measuring import Measuring
from tobs.core.events import ExportFinished, ExportStarted, Failed, Said
from tobs.core.ports.meter import Meter
from tobs.core.ports.services import Clock, Emit
from tobs.core.report import RunReport
from tobs.core.request import ExportRequest
from tobs.errors import EXIT_DONE, EXIT_INTERRUPTED, Stopped, TobsError
from tobs.export.download import Downloader
from tobs.export.engine import Engine
from tobs.export.hashes import HashBook
from tobs.export.lane import MediaLane
from tobs.export.pipeline import Bounds, Pipeline
from tobs.export.throttle import Throttle
from tobs.settings import Settings
from tobs.telegram.decode import decode_page
from tobs.telegram.takeout import TakeoutChoice

REPORT_VERSION = 1


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
    account = find_account(settings)
    read_identity(settings)
    measured = Measuring(settings, clock, report.start_time)
    async with open_folder(request.output, settings, clock) as opened:
        emit = begin_log(settings, "export", emit)
        projection = await choose_projection(opened.archive, settings)
        for warning in opened.archive.warnings:
            emit(Said("warning", warning))
        limits = request.span.locate(projection.zone, clock.now())
        projector = opened.projector(projection, emit, measured.meter)
        measured.start()
        emit(ExportStarted(list(request.chats), str(request.output)))
        try:
            choice = TakeoutChoice(settings.takeout, projection.zone)
            async with connect_account(
                settings, clock, emit, account, choice=choice, stop=stop, meter=measured.meter
            ) as line:
                pipeline = Pipeline(
                    source=line.source,
                    archive=opened.archive,
                    decoder=decode_page,
                    pool=opened.pool,
                    clock=clock,
                    emit=emit,
                    bounds=Bounds(
                        settings.fetch_queue, settings.write_queue, settings.max_requests_in_flight
                    ),
                    meter=measured.meter,
                )
                lane = make_lane(settings, opened, line, clock, emit, measured.meter)
                engine = Engine(pipeline, projector, limits, projection.comments, lane)
                try:
                    await engine.run(request, report, stop)
                finally:
                    note_uses(line.caches, report)
                if report.exit_code == EXIT_DONE:
                    await line.takeout.finish()
                report.takeout = line.takeout.use
                report.requests = dict(line.client.counts + line.centres.counts)
            # Without a connection that would have to be kept alive for hours.
            await process_media(settings, opened, projection, report, emit, stop, clock, measured.meter)
        except Stopped:
            report.exit_code = EXIT_INTERRUPTED
        except TobsError as error:
            emit(Failed(str(error), hint=error.hint, exit_code=error.exit_code))
            report.error, report.exit_code = str(error), error.exit_code
        except asyncio.CancelledError:
            report.error, report.exit_code = "interrupted", EXIT_INTERRUPTED
            raise
        finally:
            await _finish(opened, report, clock, measured, emit)
    emit(_describe_end(report))
    return report


def make_lane(
    settings: Settings, opened: OpenFolder, line: Connection, clock: Clock, emit: Emit, meter: Meter
) -> MediaLane:
    """Return what downloads the files of a folder over a connection."""
    media = opened.archive.media
    hashes = HashBook(line.caches[MEDIA_HASHES], timeout_seconds=settings.hash_api_timeout)
    throttle = Throttle(
        clock, most=settings.max_requests_in_flight, start=8, near=4, meter=meter, what="parts"
    )
    downloader = Downloader(
        media,
        opened.store,
        hashes,
        throttle,
        check=settings.verify_media,
        compares=settings.hash_based_deduplication,
    )
    return MediaLane(line.files, media, downloader, clock, emit, meter)


def start_report(clock: Clock) -> RunReport:
    """Return the report of a run that begins now; it counts as failed until it has ended otherwise."""
    return RunReport(REPORT_VERSION, tobs.__version__, say_moment(clock), exit_code=TobsError.exit_code)


async def _finish(
    opened: OpenFolder, report: RunReport, clock: Clock, measured: Measuring, emit: Emit
) -> None:
    """Write the run into the archive and into a file of its own, however it ended."""
    start = datetime.fromisoformat(report.start_time).timestamp()
    report.duration_s = round(clock.now() - start, 3)
    measured.finish(report, opened.pool.counters)
    log_end(report)
    measured.save(opened.output, report.metrics, emit)
    name = report.start_time.replace(":", "").replace("-", "")
    body = msgspec.json.format(msgspec.json.encode(report), indent=2)
    save(opened.output / ".tobs" / "runs" / f"{name}.json", body + b"\n", mode=0o600)
    await opened.archive.save_run(report)


def _describe_end(report: RunReport) -> ExportFinished:
    return ExportFinished(
        success=report.exit_code == 0,
        exit_code=report.exit_code,
        messages_new=sum(each.new for each in report.chats),
        messages_stored=sum({(each.account, each.id): each.tally.stored for each in report.chats}.values()),
        notes_written=len(report.render.written),
        seconds=report.duration_s,
        kept_notes=[*report.render.kept, *report.render.left],
        processed=report.processed,
    )


def say_moment(clock: Clock) -> str:
    """Return what time it is (UTC), as reports write it."""
    return datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
