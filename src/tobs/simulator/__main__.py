"""`python -m tobs.simulator`: a simulator in a process of its own, for benchmarks and tests that kill clients.

It prints one JSON line when it listens and one with its statistics when it stops, which it does on SIGTERM, on SIGINT or
when its standard input ends. Both lines are described in `tobs.simulator.process`.
"""

import argparse
import asyncio
import json
import os
import resource
import signal
import stat
import sys
import time
from contextlib import suppress

from tobs.simulator.corpus.media_club import build_media
from tobs.simulator.presets import PRESETS, make_script
from tobs.simulator.server import Simulator
from tobs.simulator.world import WORLDS, World


def main() -> None:
    """Serve the world that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m tobs.simulator", description=main.__doc__)
    parser.add_argument("--world", required=True, choices=sorted(WORLDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0.0, help="added to every answer")
    parser.add_argument(
        "--rate", type=float, default=0.0, help="messages a second for each account (0: no limit)"
    )
    parser.add_argument("--faults", choices=sorted(PRESETS), default="calm", help="what goes wrong")
    parser.add_argument("--line-rate", type=float, default=0.0, help="bytes a second of each connection")
    parser.add_argument(
        "--file-bytes", type=int, default=0, help="size of every file (world media; 0: mixed)"
    )
    parser.add_argument("--reposts", type=float, default=0.0, help="share of files shown again (world media)")
    options = parser.parse_args()
    script = make_script(
        options.faults,
        seed=options.seed,
        latency_ms=options.latency_ms,
        rate=options.rate,
        bytes_per_second=options.line_rate,
    )
    world = _make_world(options)
    asyncio.run(_serve(Simulator(world, port=options.port, faults=script)))


def _make_world(options: argparse.Namespace) -> World:
    if options.world == "media":
        return build_media(
            options.seed, options.messages, file_bytes=options.file_bytes, reposts=options.reposts
        )
    return WORLDS[options.world](options.seed, options.messages)


async def _serve(simulator: Simulator) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with simulator:
        started_cpu = time.process_time()
        watched = await _watch_input(stopped)
        _say(_greeting(simulator))
        await stopped.wait()
        if watched is not None:
            watched.close()
    _say(_statistics(simulator, time.process_time() - started_cpu))


class _UntilEnd(asyncio.Protocol):
    """Sets the event when the stream ends; what comes in before is not looked at."""

    def __init__(self, stopped: asyncio.Event) -> None:
        self._stopped = stopped

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._stopped.set()


async def _watch_input(stopped: asyncio.Event) -> asyncio.ReadTransport | None:
    """Set the event at the end of standard input, if that is something that can be waited for."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or sys.stdin.isatty()):
        return None
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: _UntilEnd(stopped), sys.stdin)
    return transport


def _greeting(simulator: Simulator) -> dict[str, object]:
    accounts = [
        {"phone": account.phone, "code": account.code, "password": account.password}
        for account in simulator.world.accounts.values()
    ]
    return {"address": simulator.address, "key": simulator.public_key_pem, "accounts": accounts}


def _statistics(simulator: Simulator, cpu_seconds: float) -> dict[str, object]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "counts": dict(simulator.counts),
        "file_bytes": simulator.downloads.total_bytes,
        "cpu_seconds": cpu_seconds,
        "peak_rss_bytes": peak if sys.platform == "darwin" else peak * 1024,
    }


def _say(line: dict[str, object]) -> None:
    # Whoever started the server may have left without it.
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
