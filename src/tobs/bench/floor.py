"""The floor: a bare Telethon loop over getHistory that throws every message away.

Run in a process of its own by the runner: `python -m tobs.bench.floor ADDRESS KEY_FILE SESSION CHAT`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from telethon import TelegramClient, functions

from tobs.telegram.connection import Server
from tobs.telegram.session import AccountFolder


async def read_history(server: Server, account: AccountFolder, chat: str) -> int:
    """Return how many messages the loop saw: one request at a time, nothing kept."""
    server.trust_key()
    client = TelegramClient(account.open_session(), 1, "0" * 32, receive_updates=False)
    await client.connect()
    try:
        peer = await client.get_input_entity(chat)
        seen = offset = 0
        while True:
            request = functions.messages.GetHistoryRequest(
                peer, offset_id=offset, offset_date=None, add_offset=0, limit=100, max_id=0, min_id=0, hash=0
            )
            messages = (await client(request)).messages
            if not messages:
                return seen
            seen += len(messages)
            offset = messages[-1].id
    finally:
        await client.disconnect()


def main() -> None:
    """Read the whole chat and print how many messages it had."""
    address, key_file, account, chat = sys.argv[1:]
    server = Server(address, Path(key_file).read_text(encoding="ascii"))
    print(asyncio.run(read_history(server, AccountFolder(Path(account)), chat)))  # noqa: T201  # the runner reads it


if __name__ == "__main__":
    main()
