"""Other programs as child processes that may do harm only to themselves: time, memory, file size, process group."""

from __future__ import annotations

import asyncio
import math
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_KEEP_OUT_BYTES = 1 << 20
_KEEP_ERR_BYTES = 1 << 14
_BLOCK_BYTES = 1 << 16

# The limits are set by a shell that then becomes the program: code between fork and exec is not safe in a process with
# threads. Units are KiB, seconds and 512-byte blocks; macOS knows no limit of memory.
_LIMITING_SHELL = """ulimit -c 0
[ "$1" = 0 ] || ulimit -v "$1" 2>/dev/null
[ "$2" = 0 ] || ulimit -t "$2"
[ "$3" = 0 ] || ulimit -f "$3"
shift 3
exec "$@"
"""
_SIGNALS = {
    "SIGXCPU": "it used more processor time than allowed",
    "SIGXFSZ": "its file grew larger than allowed",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use; 0 bytes mean any number. `memory_bytes` is address space."""

    seconds: float
    memory_bytes: int = 0
    file_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its first output, its last words, and why it failed (empty when it did not)."""

    out: str
    err: str
    why: str = ""

    @property
    def last_words(self) -> str:
        """The last line that it wrote to stderr, or why it failed."""
        lines = [line.strip() for line in self.err.splitlines() if line.strip()]
        return lines[-1] if lines else self.why


async def run_child(command: Sequence[str | Path], limits: Limits) -> Ended:
    """Run a program to its end and say how it went; nothing that it does raises.

    Its whole process group is killed when the time is over, and when the caller is cancelled.
    """
    out, err = bytearray(), bytearray()
    try:
        process = await asyncio.create_subprocess_exec(
            *_limit_command([str(part) for part in command], limits),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return Ended("", "", f"{command[0]} cannot be started: {error.strerror}")
    is_over = False
    try:
        async with asyncio.timeout(limits.seconds):
            await _follow(process, out, err)
        is_over = True
    except TimeoutError:
        return Ended(_text(out), _text(err), f"it took longer than {limits.seconds:g} s")
    finally:
        if not is_over:
            await _kill_group(process)
    return Ended(_text(out), _text(err), _say_code(process.returncode or 0))


def _limit_command(command: list[str], limits: Limits) -> list[str]:
    if os.name == "nt":  # no shell and no such limits; the time still holds
        return command
    # The wall clock is ours to watch; the processor's time also ends a child that has outlived us.
    cpu_seconds = math.ceil(limits.seconds) * (os.cpu_count() or 1)
    numbers = (limits.memory_bytes >> 10, cpu_seconds, limits.file_bytes >> 9)
    return ["/bin/sh", "-c", _LIMITING_SHELL, "sh", *map(str, numbers), *command]


async def _follow(process: asyncio.subprocess.Process, out: bytearray, err: bytearray) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.TaskGroup() as group:
        group.create_task(_read_first(process.stdout, out))
        group.create_task(_read_last(process.stderr, err))
    await process.wait()


async def _read_first(stream: asyncio.StreamReader, kept: bytearray) -> None:
    while block := await stream.read(_BLOCK_BYTES):
        kept += block[: _KEEP_OUT_BYTES - len(kept)]


async def _read_last(stream: asyncio.StreamReader, kept: bytearray) -> None:
    while block := await stream.read(_BLOCK_BYTES):
        kept += block
        del kept[:-_KEEP_ERR_BYTES]


async def _kill_group(process: asyncio.subprocess.Process) -> None:
    # Also what the child has started itself; the number cannot belong to another group while one of them lives.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _say_code(code: int) -> str:
    # A shell that could not become the program, or saw it die, says 128 + the signal's number.
    number = -code if code < 0 else code - 128
    if code in {126, 127}:
        return "it cannot be run"
    if code == 0 or number <= 0:
        return f"it ended with exit code {code}" if code else ""
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"it ended with exit code {code}"
    return _SIGNALS.get(name, f"it was ended by {name}")


def _text(content: bytearray) -> str:
    return content.decode("utf-8", "replace")
