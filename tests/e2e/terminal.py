"""A real terminal (a pty) with `tobs` in it, and somebody who reads and types."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from e2e.stage import Stage


class Terminal:
    """The screen so far, and the process that writes on it."""

    def __init__(self, process: asyncio.subprocess.Process, handle: int) -> None:
        self.shown = ""
        self._process = process
        self._handle = handle
        self._changed = asyncio.Event()
        self._looked_at = 0
        asyncio.get_running_loop().add_reader(handle, self._read)

    def _read(self) -> None:
        try:
            block = os.read(self._handle, 4096)
        except OSError:  # Linux tells the end of the other side so.
            block = b""
        self.shown += block.decode()
        if not block:
            asyncio.get_running_loop().remove_reader(self._handle)
        self._changed.set()

    async def answer(self, prompt: str, line: str) -> None:
        """Wait for a prompt and type a line."""
        while prompt not in self.shown[self._looked_at :]:
            self._changed.clear()
            await self._changed.wait()
        self._looked_at = len(self.shown)
        os.write(self._handle, line.encode() + b"\n")

    async def wait_for(self, text: str) -> None:
        """Wait until something has been written."""
        while text not in self.shown:
            self._changed.clear()
            await self._changed.wait()

    async def changes(self) -> None:
        """Wait until something more is written, or all was."""
        self._changed.clear()
        await self._changed.wait()

    def resize(self, columns: int, rows: int = 24) -> int:
        """Make the window another size, and return how much was written before that."""
        fcntl.ioctl(self._handle, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        return len(self.shown)

    def interrupt(self) -> None:
        """Send what Ctrl+C sends: the terminal is not the one that controls the process."""
        self._process.send_signal(signal.SIGINT)

    async def end(self) -> int:
        """Return the exit code."""
        return await self._process.wait()


@asynccontextmanager
async def in_terminal(
    stage: Stage, *arguments: str, columns: Any = 80, rows: Any = 24, **variables: str | None
) -> AsyncIterator[Terminal]:
    """Run `tobs` in a terminal of its own; its size is given in whole numbers (not typed so: `**variables` might hold it too)."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tobs",
        *arguments,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=stage.command_environment(variables),
        cwd=stage.folder,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        asyncio.get_running_loop().remove_reader(ours)
        os.close(ours)
