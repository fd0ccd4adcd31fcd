"""One copy in a process of its own: `python -m tobs.bench.copying WAY SOURCE TARGET`, WAY as in `WAYS`."""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from pathlib import Path

import msgspec

from tobs._util.pool import Pool
from tobs.app.processing import make_transfer
from tobs.media.transfer import copy_blocks
from tobs.settings import read_settings

KIB = 1024
WAYS = {
    "tobs": 0,
    "aiofiles 1 MiB": 1024 * KIB,
    "aiofiles 64 KiB": 64 * KIB,
    "aiofiles 256 KiB": 256 * KIB,
    "aiofiles 8 MiB": 8192 * KIB,
    "plain 1 MiB": 1024 * KIB,
}
"""What is compared, with the size of a block in bytes."""


class Copied(msgspec.Struct):
    """How one copy went: from its begin to its end, without the start of Python."""

    seconds: float
    cpu_seconds: float
    way: str


def copy_plainly(source: Path, target: Path, block_bytes: int) -> None:
    """Copy block by block, without a loop or threads around it."""
    with source.open("rb", buffering=0) as reader, target.open("wb", buffering=0) as writer:
        while block := reader.read(block_bytes):
            writer.write(block)


async def copy_once(name: str, source: Path, target: Path) -> Copied:
    """Copy in the way of that name; nothing is synced in any."""
    async with Pool() as pool:
        transfer = make_transfer(read_settings().settings, pool)
        start, cpu_start = time.perf_counter(), _read_cpu()
        way = name
        if name == "tobs":
            way = await transfer.place(source, target, is_durable=False)
        elif name.startswith("plain"):
            copy_plainly(source, target, WAYS[name])
        else:
            await copy_blocks(source, target, WAYS[name])
        return Copied(time.perf_counter() - start, _read_cpu() - cpu_start, way)


def _read_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    done = asyncio.run(copy_once(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
    print(msgspec.json.encode(done).decode())  # noqa: T201  # the runner reads it
