"""Run a simulator in a process of its own, so that its work is not counted as the client's."""

import subprocess
import sys
from types import TracebackType
from typing import Self

import msgspec

from tobs.errors import TobsError

_STOP_SECONDS = 30  # more than enough to print a line; a server that hangs is killed


class AccountCard(msgspec.Struct, frozen=True):
    """What somebody needs to log in to an account of the world."""

    phone: str
    code: str
    password: str | None


class Greeting(msgspec.Struct, frozen=True):
    """The line that the process prints when it listens; `key` is the PEM text of its public key."""

    address: str
    key: str
    accounts: list[AccountCard]


class Statistics(msgspec.Struct, frozen=True):
    """The line that the process prints when it stops; CPU seconds are counted from when it listened.

    `file_bytes` is how much of files was given.
    """

    counts: dict[str, int]
    file_bytes: int
    cpu_seconds: float
    peak_rss_bytes: int


class SimulatorProcess:
    """Serves a named world in another process while its `with` block runs.

    `latency_ms` is added to every answer, `rate` limits the messages a second of each account and `line_rate` the bytes
    a second of each connection (0: no limit); `file_bytes` and `reposts` are for the world `media`. `faults`
    names a script of `tobs.simulator.presets`. Inside, `address`, `key` (PEM text) and `accounts` say how to log in; after it, `statistics` what the server did.
    """

    statistics: Statistics

    def __init__(
        self,
        world: str,
        *,
        seed: int = 1,
        messages: int = 10_000,
        port: int = 0,
        latency_ms: float = 0.0,
        rate: float = 0.0,
        line_rate: float = 0.0,
        faults: str = "calm",
        file_bytes: int = 0,
        reposts: float = 0.0,
    ) -> None:
        options = {"--world": world, "--seed": seed, "--messages": messages, "--port": port}
        options |= {"--latency-ms": latency_ms, "--rate": rate, "--line-rate": line_rate, "--faults": faults}
        options |= {"--file-bytes": file_bytes, "--reposts": reposts}
        arguments = [str(part) for option in options.items() for part in option]
        self._command = [sys.executable, "-m", "tobs.simulator", *arguments]

    def __enter__(self) -> Self:
        # In a process group of its own, so that Ctrl+C reaches the client, which may want to end in good order.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, this package
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )
        line = self._read_line()
        if not line:
            self._process.communicate()
            raise TobsError(f"The simulator stopped before it listened: {' '.join(self._command)}")
        greeting = msgspec.json.decode(line, type=Greeting)
        self.address = greeting.address
        self.key = greeting.key
        self.accounts = greeting.accounts
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server; TobsError if it had died and the block did not fail for another reason."""
        try:
            line, _ = self._process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            line, _ = self._process.communicate()
        if line:
            self.statistics = msgspec.json.decode(line, type=Statistics)
        elif error is None:
            raise TobsError(f"The simulator died with exit code {self._process.returncode}")

    def kill(self) -> None:
        """End the server as a crash would, to see what a client makes of it."""
        self._process.kill()

    def _read_line(self) -> bytes:
        assert self._process.stdout is not None
        return self._process.stdout.readline()
