"""The one thread that writes: it owns the connection, and takes the work in the order in which it came.

Pieces that wait together go into one transaction, each behind a savepoint of its own: a commit costs as
much as a third of a page. Whoever handed a piece in hears of it only after the commit, so to everybody
outside each piece is a transaction by itself.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from tobs.archive.connect import transaction
from tobs.archive.faults import said_clearly

T = TypeVar("T")

_MAX_WAITING = 16
"""Pieces of work that may wait; whoever brings more waits itself, which is the backpressure."""


@dataclass(slots=True)
class _Job:
    """A piece of work, and what became of it."""

    work: Callable[[sqlite3.Connection], Any]
    is_durable: bool
    done: asyncio.Future[Any]
    result: Any = None
    failure: BaseException | None = None


class WriterThread:
    """Runs functions of the connection, each in one transaction, in the order in which they came."""

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._connect = connect
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._free = asyncio.Semaphore(_MAX_WAITING)
        self._thread: Thread | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether work is taken."""
        return self._thread is not None

    async def start(self) -> None:
        """Open the connection; raises what opening raised."""
        loop = asyncio.get_running_loop()
        opened = _Job(_nothing, is_durable=False, done=loop.create_future())
        self._ended = _Job(_nothing, is_durable=False, done=loop.create_future())
        self._thread = Thread(target=self._work_off, args=(loop, opened), name="tobs-archive", daemon=True)
        self._thread.start()
        try:
            await opened.done
        except BaseException:
            self._thread = None
            self._jobs.put(None)
            raise

    async def run(self, work: Callable[[sqlite3.Connection], T], *, is_durable: bool = False) -> T:
        """Return what `work(connection)` returned, once it is committed.

        Durable work is on the disk itself when this returns, else in the log, where a power cut may
        still take the last few seconds; a killed process takes nothing. Cancelled while it waits, the
        work may be left out; cancelled while it runs, it is committed all the same.
        """
        async with self._free:
            if self._thread is None:
                raise RuntimeError("The archive is not open; this is a bug in tobs.")
            job = _Job(work, is_durable, asyncio.get_running_loop().create_future())
            self._jobs.put(job)
            done: T = await job.done
            return done

    async def close(self) -> None:
        """Finish what waits, fold the log into the file and end the thread; twice is harmless."""
        if self._thread is None:
            return
        thread, self._thread = self._thread, None
        self._jobs.put(None)
        try:
            await asyncio.shield(self._ended.done)
        finally:
            thread.join()

    def _work_off(self, loop: asyncio.AbstractEventLoop, opened: _Job) -> None:
        try:
            connection = self._connect()
        except BaseException as error:  # noqa: BLE001 - it is raised where the archive is opened
            opened.failure = error
            _settle(loop, [opened])
            return
        _settle(loop, [opened])
        is_open = True
        while is_open:
            jobs, is_open = self._take_waiting()
            self._do_all(connection, jobs)
            _settle(loop, jobs)
        self._end(connection)
        _settle(loop, [self._ended])

    def _take_waiting(self) -> tuple[list[_Job], bool]:
        """Wait for work; return all there is then, and whether more may come."""
        found = [self._jobs.get()]
        with suppress(Empty):
            while found[-1] is not None:
                found.append(self._jobs.get_nowait())
        jobs = [each for each in found if each is not None and not each.done.cancelled()]
        return jobs, found[-1] is not None

    def _do_all(self, connection: sqlite3.Connection, jobs: list[_Job]) -> None:
        if not jobs:
            return
        is_durable = any(each.is_durable for each in jobs)
        try:
            with said_clearly(self._path):
                # In a write-ahead log a commit is fsynced only under FULL, and then with all before it.
                connection.execute(f"PRAGMA synchronous = {'FULL' if is_durable else 'NORMAL'}")
                with transaction(connection):
                    for each in jobs:
                        self._do(connection, each)
        except BaseException as error:  # noqa: BLE001 - it is raised where each piece was handed in
            for each in jobs:
                each.failure = each.failure or error

    def _do(self, connection: sqlite3.Connection, job: _Job) -> None:
        connection.execute("SAVEPOINT piece")
        try:
            with said_clearly(self._path):
                job.result = job.work(connection)
        except BaseException as error:
            job.failure = error
            if not connection.in_transaction:  # on a full disk SQLite rolls back all by itself
                raise
            connection.execute("ROLLBACK TO piece")
        connection.execute("RELEASE piece")

    def _end(self, connection: sqlite3.Connection) -> None:
        try:
            with said_clearly(self._path):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                connection.close()
        except BaseException as error:  # noqa: BLE001 - it is raised where the archive is closed
            self._ended.failure = error


def _nothing(_connection: sqlite3.Connection) -> None:
    """Opening and closing are told like work, but are none."""


def _settle(loop: asyncio.AbstractEventLoop, jobs: list[_Job]) -> None:
    # A loop that is closed has nobody left who waits.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(_tell, jobs)


def _tell(jobs: list[_Job]) -> None:
    for each in jobs:
        if each.done.done():  # whoever waited was cancelled
            continue
        if each.failure is not None:
            each.done.set_exception(each.failure)
        else:
            each.done.set_result(each.result)
