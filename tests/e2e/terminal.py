"""A real terminal (a pty) with `tobs` in it, and somebody who reads and types."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pyte

from e2e.nursery import Child, find_nursery
from e2e.stage import Stage


class Terminal:
    """The screen so far, and the process that writes on it."""

    def __init__(self, process: asyncio.subprocess.Process | Child, handle: int) -> None:
        self.shown = ""
        self._process = process
        self._handle = handle
        self._changed = asyncio.Event()
        self._looked_at = 0
        self.has_ended = False
        self._decoder = getincrementaldecoder("utf-8")()  # a read may end within a character
        asyncio.get_running_loop().add_reader(handle, self._read)

    def _read(self) -> None:
        try:
            block = os.read(self._handle, 4096)
        except OSError:  # Linux tells the end of the other side so.
            block = b""
        self.shown += self._decoder.decode(block)
        if not block:
            self.has_ended = True
            asyncio.get_running_loop().remove_reader(self._handle)
        self._changed.set()

    async def answer(self, prompt: str, line: str) -> None:
        """Wait for a prompt and type a line."""
        while prompt not in self.shown[self._looked_at :]:
            self._changed.clear()
            await self._changed.wait()
        self._looked_at = len(self.shown)
        os.write(self._handle, line.encode() + b"\n")

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._handle, keys.encode())

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

    async def interrupt(self) -> int:
        """Send what Ctrl+C sends (the terminal is not the one that controls the process), and return the exit code.

        It is pressed again as a person would: between the writing of a question and the wait for its answer
        there is a moment in which Python only notes a signal.
        """
        while True:
            self._process.send_signal(signal.SIGINT)
            try:
                return await asyncio.wait_for(self.end(), 2)
            except TimeoutError:
                continue

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


PERSON: dict[str, str | None] = {"TERM": "xterm-256color", "COLUMNS": None}


class _Screen(pyte.Screen):
    """A screen that also answers where its cursor is."""

    def __init__(self, terminal: Terminal, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self._terminal = terminal

    def write_process_input(self, data: str) -> None:
        self._terminal.type(data)


class Person:
    """Somebody who reads the screen and types when it says what they wait for."""

    def __init__(self, terminal: Terminal, columns: int, rows: int) -> None:
        self.terminal = terminal
        self._screen = _Screen(terminal, columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._read = 0

    @property
    def seen(self) -> str:
        """What stands on the screen, as if it had one line: words that its edge cuts are whole."""
        shown = self.terminal.shown
        self._stream.feed(shown[self._read :])
        self._read = len(shown)
        return re.sub(r" +", " ", "".join(self._screen.display))

    async def see(self, words: str) -> None:
        """Wait until words stand on the screen."""
        while words not in self.seen:
            assert not self.terminal.has_ended, f"{words} is not on the screen: {self.seen}"
            await self.terminal.changes()

    async def do(self, *steps: tuple[str, str]) -> None:
        """Wait for the words of each step, then press its keys."""
        for words, keys in steps:
            await self.see(words)
            self.terminal.type(keys)


@asynccontextmanager
async def at_terminal(
    stage: Stage, *arguments: str, columns: Any = 80, rows: Any = 60, **variables: str | None
) -> AsyncIterator[Person]:
    """Run `tobs`, born in the nursery, in a terminal with a person in front of it, until it ends."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = stage.command_environment({**PERSON, **variables})
    process = find_nursery().start_in(theirs, arguments, environment, stage.folder)
    os.close(theirs)
    try:
        yield Person(Terminal(process, ours), columns, rows)
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        asyncio.get_running_loop().remove_reader(ours)
        os.close(ours)
