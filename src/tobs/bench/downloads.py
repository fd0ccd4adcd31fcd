"""What media downloads are held against: Telethon's one after the other, and bare requests that keep nothing.

Run in a process of its own by the runner:
`python -m tobs.bench.downloads sequential|raw ADDRESS KEY_FILE SESSION CHAT BYTES`; it fails unless so many bytes came.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from telethon import TelegramClient, functions
from telethon.tl import types as tl

from tobs._util.clock import SystemClock
from tobs.telegram.answers import read_answer
from tobs.telegram.centres import DataCentres
from tobs.telegram.client import Client
from tobs.telegram.connection import Identity, Server
from tobs.telegram.flood import FloodGate
from tobs.telegram.session import AccountFolder

PART_BYTES = 512 << 10
IN_FLIGHT = 16
_API_HASH = "0" * 32


async def download_one_by_one(server: Server, account: AccountFolder, chat: str) -> int:
    """Return how many bytes Telethon's `download_media` wrote to files, one file after the other."""
    server.trust_key()
    client = TelegramClient(account.open_session(), 1, _API_HASH, receive_updates=False)
    await client.connect()
    total = 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            async for message in client.iter_messages(chat):
                total += _take_away(Path(await client.download_media(message, folder)))
    finally:
        await client.disconnect()
    return total


def _take_away(path: Path) -> int:
    size_bytes = path.stat().st_size
    path.unlink()
    return size_bytes


async def ask_for_parts(server: Server, account: AccountFolder, chat: str) -> int:
    """Return how many bytes of the chat's documents came by bare requests, many at once, and were thrown away."""
    server.trust_key()
    clock = SystemClock()
    identity = Identity(1, _API_HASH)
    gate = FloodGate(clock, lambda _event: None, max_wait_seconds=0)
    client = Client(account.open_session(), identity, gate, clock, timeout_seconds=60)
    async with (
        client,
        DataCentres(client, account.load_keys(), identity, gate, clock, timeout_seconds=60) as centres,
    ):
        parts = iter([*_list_parts(await _list_documents(client, chat))])
        total = 0

        async def work() -> None:
            nonlocal total
            for centre, request in parts:
                answer = await centres.send_raw(centre, request, "a part")
                total += len(read_answer(answer.raw, tl.upload.File, "part of a file").bytes)

        async with asyncio.TaskGroup() as group:
            for _ in range(IN_FLIGHT):
                group.create_task(work())
    return total


async def _list_documents(client: Client, chat: str) -> list[Any]:
    resolve = functions.contacts.ResolveUsernameRequest(chat.removeprefix("@"))
    channel = (await client.send(resolve, chat)).chats[0]
    peer = tl.InputPeerChannel(channel.id, channel.access_hash)
    found: list[Any] = []
    offset = 0
    while True:
        request = functions.messages.GetHistoryRequest(peer, offset, None, 0, 100, 0, 0, 0)
        messages = (await client.send(request, chat)).messages
        if not messages:
            return found
        found += [each.media.document for each in messages]
        offset = messages[-1].id


def _list_parts(documents: list[Any]) -> list[tuple[int, Any]]:
    return [
        (
            each.dc_id,
            functions.upload.GetFileRequest(
                tl.InputDocumentFileLocation(each.id, each.access_hash, each.file_reference, ""),
                offset,
                PART_BYTES,
            ),
        )
        for each in documents
        for offset in range(0, each.size, PART_BYTES)
    ]


def main() -> None:
    """Download everything, print how many bytes that was, and fail when there were to be others."""
    how, address, key_file, account, chat, expected = sys.argv[1:]
    server = Server(address, Path(key_file).read_text(encoding="ascii"))
    work = {"sequential": download_one_by_one, "raw": ask_for_parts}[how]
    total = asyncio.run(work(server, AccountFolder(Path(account)), chat))
    print(f"{total:,} of {int(expected):,} bytes came.")  # noqa: T201  # the runner shows it when that is not all
    sys.exit(total != int(expected))


if __name__ == "__main__":
    main()
