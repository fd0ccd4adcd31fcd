"""The one worker pool: threads behind a priority heap, and processes for what would hold the GIL.

No other module makes an executor. The threads are also the loop's default ones, so that what libraries
send to threads counts as well and keeps to the same size.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import math
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing import get_context, parent_process
from threading import Event, Lock, Thread
from typing import Any, Self, TypeVar

from tobs._util.garbage import collect_seldom
from tobs._util.priority import TaskPriority

__all__ = ["Pool", "PoolCounters", "TaskPriority", "count_cores", "count_processes", "count_threads"]

T = TypeVar("T")

log = logging.getLogger("tobs.pool")


@dataclass(slots=True)
class PoolCounters:
    """What the pool did so far; latency is from handing work in to its end, waiting included."""

    active: int = 0
    queued: int = 0
    completed: int = 0
    failed: int = 0
    latency_s: float = 0

    @property
    def average_latency_s(self) -> float:
        """Seconds per finished piece of work, 0 when there is none."""
        finished = self.completed + self.failed
        return self.latency_s / finished if finished else 0.0


def count_processes(wanted: str) -> int:
    """Return how many worker processes to use: a number, or with `auto` one for each core if there are several.

    Ours mostly waits for the server, and takes what it needs from them.
    """
    cores = count_cores()
    return (cores if cores > 1 else 0) if wanted == "auto" else int(wanted)


def count_threads(max_threads: int = 0) -> int:
    """Return the size of the pool: `max_threads`, or cores × 1.5 rounded up when it is 0."""
    return max_threads or math.ceil(1.5 * count_cores())


class Pool:
    """Runs blocking work in threads, the most urgent first.

    Made inside a running loop, whose default executor it becomes. `close`, or the end of an
    `async with` block, waits for what runs and drops what waits.
    """

    def __init__(
        self, max_threads: int = 0, *, processes: int = 0, prepare: Callable[[], None] | None = None
    ) -> None:
        """`prepare` is done in each process before any work, and before the modules of that are imported."""
        self.threads = count_threads(max_threads)
        self._apart = _Apart(processes, prepare)
        self._executor = _HeapExecutor(self.threads)
        self._own_turn = asyncio.Lock()
        self._own = self._afar = 0
        self._slots = asyncio.Semaphore(max(1, self.threads - 1))
        asyncio.get_running_loop().set_default_executor(self._executor)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def counters(self) -> PoolCounters:
        """A copy of the counters as they stand."""
        return self._executor.read_counters()

    async def run(
        self, work: Callable[..., T], *args: Any, priority: TaskPriority = TaskPriority.NORMAL
    ) -> T:
        """Return what `work(*args)` returns, run in a thread.

        Cancelled while it waits, the work never runs. Cancelled while it runs, it runs to its end,
        since a thread cannot be stopped, and the result is dropped.
        """
        return await asyncio.wrap_future(self._executor.submit_at(priority, partial(work, *args)))

    @asynccontextmanager
    async def hold_slot(self) -> AsyncIterator[None]:
        """Take a thread's place for what runs elsewhere, as a child process does, behind all work that waits.

        One thread is always left to others; when there is only one, what runs elsewhere takes turns with
        its like alone.
        """
        async with self._slots:
            if self.threads == 1:
                yield
                return
            async with self._occupy_thread():
                yield

    @asynccontextmanager
    async def _occupy_thread(self) -> AsyncIterator[None]:
        loop, release = asyncio.get_running_loop(), Event()
        begun = loop.create_future()

        def stand_in() -> None:
            loop.call_soon_threadsafe(_settle, begun)
            release.wait()

        def end(_held: Future[None]) -> None:
            if not release.is_set():  # the pool is closing
                loop.call_soon_threadsafe(begun.cancel)

        held = self._executor.submit_at(TaskPriority.LOW, stand_in)
        held.add_done_callback(end)
        try:
            await begun
            yield
        finally:
            release.set()
            held.cancel()

    @property
    def lanes(self) -> int:
        """How many calls of `run_apart` keep everything busy: two for each process, so that none waits for us."""
        return max(1, 2 * self._apart.processes)

    async def run_apart(
        self, work: Callable[..., T], *args: Any, priority: TaskPriority = TaskPriority.HIGH
    ) -> T:
        """Return what `work(*args)` returns, run in a process of its own when there is enough to do.

        The first calls run in a thread, with this priority: a process takes half a second to start. Work, arguments
        and result are pickled. When a process dies, the rest runs in threads.
        """
        self._apart.count(1)
        executor = self._apart.take(work)
        if executor is not None:
            try:
                return await asyncio.wrap_future(executor.submit(work, *args))
            except BrokenProcessPool:
                self._apart.lose()
        return await self.run(work, *args, priority=priority)

    @property
    def width(self) -> int:
        """How many calls of `run_anywhere` keep everything busy, also while results wait for their turn."""
        return 2 * (1 + self._apart.processes)

    async def run_anywhere(self, work: Callable[..., T], *args: Any) -> T:
        """Return what `work(*args)` returns, run in a process or in a thread, whichever has less to do.

        For what computes rather than waits: one piece at a time runs in a thread, since two would only
        hold each other up. Otherwise as `run_apart`, but by the time that the work took here.
        """
        executor = self._apart.take(work)
        if executor is None or self._own < self._afar / self._apart.processes:
            return await self._run_own(work, *args)
        self._afar += 1
        try:
            return await asyncio.wrap_future(executor.submit(work, *args))
        except BrokenProcessPool:
            self._apart.lose()
        finally:
            self._afar -= 1
        return await self._run_own(work, *args)

    async def _run_own(self, work: Callable[..., T], *args: Any) -> T:
        self._own += 1
        try:
            async with self._own_turn:
                timed: Callable[[], tuple[T, float]] = partial(_time, partial(work, *args))
                result, cpu_seconds = await self.run(timed)
                self._apart.count(int(cpu_seconds / self._apart.SHORT_S))
                return result
        finally:
            self._own -= 1

    async def close(self) -> None:
        """Drop what waits and return when what runs has ended; closing twice is harmless."""
        loop = asyncio.get_running_loop()
        closed = loop.create_future()
        Thread(target=self._shut_down, args=(loop, closed), name="tobs-pool-close").start()
        await closed

    def _shut_down(self, loop: asyncio.AbstractEventLoop, closed: asyncio.Future[None]) -> None:
        self._executor.drop_waiting()
        self._executor.shutdown(wait=True)
        self._apart.close()
        loop.call_soon_threadsafe(_settle, closed)


class _Apart:
    """Worker processes, started when enough work has come to pay for them."""

    _WORTH_IT = 30
    SHORT_S = 0.01
    """CPU seconds that one page takes, more or less."""

    def __init__(self, processes: int, prepare: Callable[[], None] | None) -> None:
        self.processes = processes
        self._prepare = prepare
        self._pieces = 0
        self._executor: ProcessPoolExecutor | None = None
        self._warm: list[Future[None]] = []

    def take(self, work: Callable[..., Any]) -> ProcessPoolExecutor | None:
        """Return the executor when its workers are up; start them when it is time to."""
        if not self.processes or self._pieces < self._WORTH_IT:
            return None
        if self._executor is None:
            # Spawned, not forked: threads and sockets of ours must not be copied.
            self._executor = ProcessPoolExecutor(
                self.processes, get_context("spawn"), _begin_worker, (self._prepare,)
            )
            self._warm = [self._executor.submit(_warm_up, work) for _ in range(self.processes)]
        return self._executor if all(each.done() for each in self._warm) else None

    def count(self, pieces: int) -> None:
        """Note how much work there was, in pieces of about `SHORT_S`."""
        self._pieces += pieces

    def lose(self) -> None:
        log.warning("A worker process died; going on without.")
        self.processes = 0

    def close(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)


def _begin_worker(prepare: Callable[[], None] | None) -> None:
    """Leave Ctrl+C to the parent, and end when the parent does, also by kill -9."""
    if prepare:
        prepare()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    collect_seldom()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _time(work: Callable[[], T]) -> tuple[T, float]:
    start = time.thread_time()
    result = work()
    return result, time.thread_time() - start


def _warm_up(_work: Callable[..., Any]) -> None:
    """Do nothing: receiving the work has imported what it needs, before the first real piece waits for it."""


class _HeapExecutor(ThreadPoolExecutor):
    """Each free thread takes the most urgent waiting work instead of the oldest.

    The base class's queue only carries how many pieces there are; which one is taken is decided when a
    thread is free.
    """

    def __init__(self, threads: int) -> None:
        super().__init__(max_workers=threads, thread_name_prefix="tobs")
        self._lock = Lock()
        self._order = count()
        self._heap: list[tuple[int, int, float, Callable[[], Any], Future[Any]]] = []
        self._counters = PoolCounters()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        return self.submit_at(TaskPriority.NORMAL, partial(fn, *args, **kwargs))

    def submit_at(self, priority: TaskPriority, work: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        entry = (-priority, next(self._order), time.monotonic(), work, future)
        with self._lock:
            heapq.heappush(self._heap, entry)
            self._counters.queued += 1
        try:
            super().submit(self._take_one)
        except RuntimeError:
            # Closed already: the entry will not be taken by anybody.
            self.drop_waiting()
            raise
        return future

    def read_counters(self) -> PoolCounters:
        with self._lock:
            found = self._counters
            return PoolCounters(found.active, found.queued, found.completed, found.failed, found.latency_s)

    def drop_waiting(self) -> None:
        with self._lock:
            dropped, self._heap = self._heap, []
            self._counters.queued = 0
        for *_, future in dropped:
            future.cancel()
            future.set_running_or_notify_cancel()

    def _take_one(self) -> None:
        with self._lock:
            if not self._heap:  # dropped meanwhile
                return
            _, _, since, work, future = heapq.heappop(self._heap)
            self._counters.queued -= 1
            if not future.set_running_or_notify_cancel():
                return
            self._counters.active += 1
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to who waits for the result
            self._count_end(since, has_failed=True)
            future.set_exception(error)
        else:
            self._count_end(since, has_failed=False)
            future.set_result(result)

    def _count_end(self, since: float, *, has_failed: bool) -> None:
        with self._lock:
            self._counters.active -= 1
            self._counters.failed += has_failed
            self._counters.completed += not has_failed
            self._counters.latency_s += time.monotonic() - since


def count_cores() -> int:
    """Return how many cores this process may use."""
    # A container or taskset may leave us fewer cores than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _settle(closed: asyncio.Future[None]) -> None:
    if not closed.done():
        closed.set_result(None)
