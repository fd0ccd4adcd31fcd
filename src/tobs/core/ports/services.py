"""What every layer may be handed: time, worker threads and processes, a small memory, a listener."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from tobs._util.priority import TaskPriority as TaskPriority  # noqa: PLC0414 - also known from here
from tobs.core.events import Event

T = TypeVar("T")


class Clock(Protocol):
    """Time, so that a test can let hours pass in milliseconds."""

    def now(self) -> float:
        """Return UTC seconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Pool(Protocol):
    """The one worker pool: everything that would block the loop goes there."""

    async def run(self, work: Callable[..., T], *args: Any, priority: TaskPriority = ...) -> T:
        """Return what `work(*args)` returns, run in a thread."""
        ...

    @property
    def lanes(self) -> int:
        """How many calls of `run_apart` keep everything busy."""
        ...

    async def run_apart(self, work: Callable[..., T], *args: Any, priority: TaskPriority = ...) -> T:
        """Return what `work(*args)` returns, run where it does not hold us up; everything is pickled."""
        ...

    @property
    def width(self) -> int:
        """How many calls of `run_anywhere` keep everything busy."""
        ...

    async def run_anywhere(self, work: Callable[..., T], *args: Any) -> T:
        """Return what `work(*args)` returns, run wherever there is least to do; everything is pickled."""
        ...


class ChildPool(Pool, Protocol):
    """The pool as those see it who run other programs."""

    def hold_slot(self) -> AbstractAsyncContextManager[None]:
        """Take a thread's place for what runs elsewhere, as a child process does."""
        ...


class KeyValue(Protocol):
    """A cache of plain values that may forget anything at any time, and counts what it saved."""

    def get(self, key: str, *, even_expired: bool = False) -> Any | None:
        """Return the value, or None when it is not there or has expired; with `even_expired` that is a hit, too.

        Lookups count: `get` only what is asked of somebody else when it is not here.
        """
        ...

    def peek(self, key: str) -> Any | None:
        """Return the value even when it has expired; not counted."""
        ...

    def put(self, key: str, value: Any) -> None:
        """Remember the value."""
        ...

    def forget(self, key: str) -> None:
        """Drop the value if it is there."""
        ...

    def note_call(self) -> None:
        """Count a request that was sent for what is not here."""
        ...

    def note_failure(self) -> None:
        """Count such a request that brought nothing."""
        ...


Emit = Callable[[Event], None]
"""Tell whoever looks what happened; never blocks, never fails."""
