"""tobs as a process of its own without the second that a start takes: a process that has imported it all forks.

What is born is a real process with its own arguments, environment, folder and pipes, which `kill -9` and signals meet as
they meet any other. How tobs starts from nothing is shown by tests/cli and by the tests in a terminal.

On the line between the two a line of JSON says what to start, with the files of its two outputs, or of all three when it
is in a terminal. The answers are
`born <pid>` and, some time, `ended <pid> <exit code>`.
"""

from __future__ import annotations

import asyncio
import atexit
import fcntl
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO, NoReturn

BLOCK_BYTES = 1 << 16
MODULES = (
    *(f"tobs.app.{name}" for name in ("accounts", "exporting", "forecasting", "rendering", "verifying")),
    *(f"tobs.cli.{name}" for name in ("certificate", "forecast", "screen", "start", "summary", "tables")),
)


class Child:
    """A process of the nursery; the part of asyncio's Process that tests need."""

    pid = 0

    def __init__(self, stdout: asyncio.StreamReader, stderr: asyncio.StreamReader) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def returncode(self) -> int | None:
        """The exit code, or the signal that ended it below zero; None while it runs."""
        return self._ended.result() if self._ended.done() else None

    def send_signal(self, number: int) -> None:
        if self._ended.done():
            raise ProcessLookupError
        with suppress(ProcessLookupError):  # it has ended, and that is not told yet
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def end(self, code: int) -> None:
        """Note how it ended, if the test still runs."""
        if not self._ended.get_loop().is_closed():
            self._ended.set_result(code)

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    async def communicate(self) -> tuple[bytes, bytes]:
        """Return what else it says on both outputs, once it has ended."""
        out, err = await asyncio.gather(self.stdout.read(), self.stderr.read())
        await self.wait()
        return out, err


class Nursery:
    """The near end of the line; there is one in each process of the tests."""

    def __init__(self) -> None:
        self._line, far = socket.socketpair()
        self._heard = b""
        self._children: dict[int, Child] = {}
        self._newborn: Child
        with far:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(far.fileno())],
                pass_fds=[far.fileno()],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def close(self) -> None:
        """End the line, and with it the process at its other end."""
        self._line.close()
        self._process.wait()

    async def start(self, arguments: tuple[str, ...], environment: dict[str, str], folder: Path) -> Child:
        """Start `tobs` with no input and with pipes for what it says."""
        with open_pipe() as out, open_pipe() as err:
            child = Child(await read_pipe(out[0]), await read_pipe(err[0]))
            self._bear(child, [arguments, environment, str(folder)], [out[1].fileno(), err[1].fileno()])
        return child

    def start_in(
        self, terminal: int, arguments: tuple[str, ...], environment: dict[str, str], folder: Path
    ) -> Child:
        """Start `tobs` in a terminal that is its own: what is typed there reaches it, Ctrl+C as a signal."""
        child = Child(asyncio.StreamReader(), asyncio.StreamReader())
        self._bear(child, [arguments, environment, str(folder)], [terminal] * 3)
        return child

    def _bear(self, child: Child, order: list[object], files: list[int]) -> None:
        self._newborn = child
        line = json.dumps(order).encode() + b"\n"
        sent = socket.send_fds(self._line, [line], files)
        self._line.sendall(line[sent:])
        asyncio.get_running_loop().add_reader(self._line, self._listen)
        while not child.pid:
            self._listen()

    def _listen(self) -> None:
        """Wait for news, and note who was born and who has ended."""
        said = self._line.recv(BLOCK_BYTES)
        if not said:
            raise EOFError("The nursery has died.")
        *news, self._heard = (self._heard + said).split(b"\n")
        for event, *numbers in map(bytes.split, news):
            pid = int(numbers[0])
            if event == b"born":
                self._newborn.pid = pid
                self._children[pid] = self._newborn
            else:
                self._children.pop(pid).end(int(numbers[1]))
        if not self._children:
            asyncio.get_running_loop().remove_reader(self._line)


@cache
def find_nursery() -> Nursery:
    """Return the nursery of this process."""
    nursery = Nursery()
    atexit.register(nursery.close)
    return nursery


@contextmanager
def open_pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Give both ends of a pipe, of which the far one is closed behind the block."""
    near, far = os.pipe()
    with os.fdopen(far, "wb", 0) as end:
        yield os.fdopen(near, "rb", 0), end


async def read_pipe(file: BinaryIO) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    return reader


def serve(line: socket.socket) -> None:
    """Bear a process for each order until the line ends."""
    for name in MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()

    def bury(_number: int, _frame: object) -> None:
        while ended := next_ended():
            line.sendall(b"ended %d %d\n" % ended)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, bury)
    while True:
        order, files, _, _ = socket.recv_fds(line, BLOCK_BYTES, 3)
        if not order:
            return
        while not order.endswith(b"\n"):
            order += line.recv(BLOCK_BYTES)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        if pid := os.fork():
            line.sendall(b"born %d\n" % pid)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        else:
            line.close()
            become_tobs(files, *json.loads(order))
        for each in files:
            os.close(each)


def next_ended() -> tuple[int, int] | None:
    """Return a process that has ended, and how."""
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, os.waitstatus_to_exitcode(status)) if pid else None


def become_tobs(files: list[int], arguments: list[str], environment: dict[str, str], folder: str) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for number, each in enumerate(files, 3 - len(files)):
        os.dup2(each, number)
        os.close(each)
    if len(files) == 3:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["tobs", *arguments]
    from tobs.cli import main

    sys.exit(main())


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
