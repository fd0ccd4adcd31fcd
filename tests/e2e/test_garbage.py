"""A server that sends what no server should: each ends in a sentence, within bounds, and the next run goes on."""

from __future__ import annotations

import asyncio
import resource
import struct
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from telethon import functions
from telethon.tl import types

from e2e.changes import Answer, serving_instead
from e2e.stage import Finished, Stage, open_stage, read_tree
from seeds import often
from tobs.simulator.dispatch import Context
from tobs.simulator.raw import encode_bytes
from tobs.simulator.world import BENCH_CHAT, WORLDS, World
from tobs.telegram.limits import LARGEST_ANSWER

GZIP = struct.pack("<I", 0x3072CFA1)
MESSAGES = struct.pack("<I", types.messages.Messages.CONSTRUCTOR_ID)
VECTOR = struct.pack("<I", 0x1CB5C415)
MOST_MEMORY = 700 << 20
"""Bytes of address space that a command gets here: three times what one takes, a tenth of what the garbage asks for."""


def make_world() -> World:
    return WORLDS["bench"](1, 250)


def pack(body: bytes) -> bytes:
    return GZIP + encode_bytes(zlib.compress(body, level=9, wbits=31))


def make_bomb() -> bytes:
    """Return 5 MB that unpack to 1 GiB."""
    packer = zlib.compressobj(level=1, wbits=31)
    block = bytes(16 << 20)
    packed = b"".join(packer.compress(block) for _ in range(64)) + packer.flush()
    return GZIP + encode_bytes(packed)


def nest(depth: int) -> bytes:
    """Return an answer whose first message would be a bold text in a bold text in a bold text …"""
    return MESSAGES + VECTOR + struct.pack("<i", 1) + struct.pack("<I", types.TextBold.CONSTRUCTOR_ID) * depth


GARBAGE: dict[str, Callable[[], bytes]] = {
    "a bomb of 1 GiB": make_bomb,
    "a compressed answer that is cut": lambda: GZIP + encode_bytes(zlib.compress(b"x" * 9999, wbits=31)[:-9]),
    "no gzip at all": lambda: GZIP + encode_bytes(b"this is no gzip"),
    "a vector of 2,147,483,647": lambda: MESSAGES + VECTOR + struct.pack("<i", 2**31 - 1),
    "a vector of -1": lambda: MESSAGES + VECTOR + struct.pack("<i", -1) + bytes(64),
    "no vector": lambda: MESSAGES + bytes(64),
    "a vector of a million numbers": lambda: pack(
        MESSAGES + VECTOR + struct.pack("<i", 2**31 - 1) + bytes(4 << 20)
    ),
    "texts in texts": lambda: nest(100_000),
    "another type": lambda: bytes(types.help.NoAppUpdate()),
    "nothing": lambda: b"",
    "noise": lambda: bytes(range(256)) * 50,
    "a string that is no UTF-8": lambda: (
        struct.pack("<Iii", types.RpcError.CONSTRUCTOR_ID, 400, 0) + b"\x04\xff\xfe\xfd\xfc\x00\x00\x00"
    ),
}

QUICK = ("a bomb of 1 GiB", "a vector of a million numbers", "texts in texts", "no vector", "noise")
"""One of each kind of harm: memory, time, depth, form, and none of Telegram's types."""


async def run_bounded(stage: Stage, *arguments: str) -> Finished:
    """Run a command that may not take more memory than it needs."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tobs",
        *arguments,
        env=stage.command_environment({"TOBS_DECODE_PROCESSES": "0"}),
        cwd=stage.folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=bound,
    )
    out, err = await process.communicate()
    return Finished(await process.wait(), out.decode(), err.decode())


@pytest.fixture(scope="module")
def calm_tree(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What an export writes when nothing goes wrong."""

    async def export(folder: Path) -> None:
        async with open_stage(make_world(), folder) as stage:
            await stage.export(BENCH_CHAT, output=folder / "out")

    folder = tmp_path_factory.mktemp("calm")
    asyncio.run(export(folder))
    return read_tree(folder / "out")


@pytest.mark.parametrize("name", often(GARBAGE, *QUICK))
async def test_an_answer_that_is_garbage_ends_the_run_and_the_next_one_goes_on(
    tmp_path: Path, calm_tree: dict[str, str], name: str
) -> None:
    garbage = GARBAGE[name]()
    async with open_stage(make_world(), tmp_path) as stage:
        asked = 0

        def answer(_context: Context, _request: Any, usual: Answer) -> Any:
            nonlocal asked
            asked += 1
            return garbage if asked > 1 else usual()

        with serving_instead(functions.messages.GetHistoryRequest, answer):
            done = await run_bounded(stage, "export", BENCH_CHAT, "-o", "out")
        assert asked > 1
        assert done.code in {1, 3, 12, 14}, done.out + done.err
        assert "This is a bug" not in done.out + done.err
        assert "Traceback" not in done.out + done.err
        assert "MemoryError" not in done.out + done.err
        last = done.events[-1]
        assert not last["success"]
        # With 3 the summary names the ids that nobody knows anything of.
        assert done.code == 3 or any(each["type"] == "error" and each["text"] for each in done.events)
        again = await stage.tobs("export", BENCH_CHAT, "-o", "out")
        assert again.code == 0, again.out + again.err
    assert read_tree(tmp_path / "out") == calm_tree


async def test_a_compressed_answer_within_the_bounds_is_read(tmp_path: Path) -> None:
    async with open_stage(make_world(), tmp_path) as stage:

        def answer(_context: Context, _request: Any, usual: Answer) -> Any:
            body = usual()
            return pack(body if isinstance(body, bytes) else bytes(body))

        with serving_instead(functions.messages.GetHistoryRequest, answer):
            report = await stage.export(BENCH_CHAT, output=tmp_path / "out")
        assert (report.exit_code, report.chats[0].new) == (0, 250)
    assert LARGEST_ANSWER > 1 << 20


@asynccontextmanager
async def open_liar(says: bytes) -> AsyncIterator[str]:
    """Serve somebody on the line who answers everything with this, over and over."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(1 << 16)
            writer.write(says)
            # As much as the other side takes.
            while not writer.is_closing() and not reader.at_eof():
                writer.write(bytes(1 << 16))
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield "{}:{}".format(*server.sockets[0].getsockname()[:2])


@pytest.mark.parametrize(
    "says", [struct.pack("<ii", 2**31 - 1, 0), struct.pack("<ii", -1, -1), b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    ids=["a frame of 2 GiB", "a frame of -1", "another protocol"],
)  # fmt: skip
async def test_who_speaks_no_mtproto_is_refused_within_bounds(tmp_path: Path, says: bytes) -> None:
    async with open_stage(make_world(), tmp_path, login=False) as stage, open_liar(says) as address:
        card = next(iter(stage.world.accounts.values()))
        process = await stage.start(
            "login", TOBS_SERVER=address, PHONE_NUMBER=card.phone, EXPORT_TG_CODE=card.code
        )
        out, err = await process.communicate()
        assert await process.wait() == 14, (out + err).decode()
        assert err.decode().splitlines()[0] == f"Cannot reach {address}."
        assert b"Traceback" not in err
